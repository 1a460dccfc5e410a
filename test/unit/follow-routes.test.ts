import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ColumnBuilder } from '../../src/model/column-builder.ts';
import type { Family } from '../../src/model/ip.ts';
import type { KernelEvent } from '../../src/model/kernel-port.ts';
import { rowsOfPrefix, wordsOf } from '../../src/model/prefix-columns.ts';
import { ROUTE, type Route } from '../../src/model/route.ts';
import type { ListedRoutes } from '../../src/model/route-list.ts';
import { emptyState } from '../../src/model/state.ts';
import { ListSieve } from '../../src/reconcile/lists/list-sieve.ts';
import { FollowedRoutes } from '../../src/reconcile/watch/follow-routes.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.FOLLOW_RUNS ?? 300);

type Body = Omit<Route, 'to'>;

const hop = (via: string): Route['hops'][number] => ({ via, dev: 'u0', weight: 1 });

/** What the routes of a family are like, and how its kernel treats those in one place. */
interface World {
  readonly listed: Body;
  /** what may stand at a prefix */
  readonly bodies: readonly Body[];
  readonly prefixes: readonly string[];
  /** whether a route in a place becomes one of several ways with another */
  readonly joins: (route: Body) => boolean;
}

const inetBody = (via: string, more: Partial<Route> = {}): Body => ({
  family: 'inet',
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [hop(via)],
  ...more,
});

const inet6Body = (via: string, more: Partial<Route> = {}): Body => ({
  ...inetBody(via),
  family: 'inet6',
  metric: 1024,
  ...more,
});

const [INET, INET6] = [inetBody('10.0.0.2'), inet6Body('2001:db8::2')];

const WORLDS: Readonly<Record<Family, World>> = {
  inet: {
    listed: INET,
    bodies: [INET, INET, inetBody('10.0.0.9'), { ...INET, metric: 7 }, { ...INET, protocol: 4 }],
    prefixes: Array.from({ length: 8 }, (_, i) => `20.0.${i}.0/24`),
    joins: () => false,
  },
  inet6: {
    listed: INET6,
    bodies: [
      ...[INET6, INET6, inet6Body('2001:db8::9'), { ...INET6, metric: 7 }, { ...INET6, protocol: 4 }],
      inet6Body('2001:db8::9', { protocol: 4 }),
      { ...INET6, hops: [{ dev: 'u0', weight: 1 }] },
      { ...INET6, hops: [hop('2001:db8::2'), hop('2001:db8::3')] },
      { ...INET6, from: '2001:db8:f::/48' },
    ],
    prefixes: Array.from({ length: 8 }, (_, i) => `2001:db8:${i + 1}::/48`),
    joins: ({ hops }) => hops.every(({ via }) => via !== undefined),
  },
};

/** The list names the even ones. */
const namedIn = ({ prefixes }: World): readonly string[] => prefixes.filter((_, i) => i % 2 === 0);

/** A list of which the file leaves the link open, or not. */
const listedBy = (world: World, isOpen: boolean): ListedRoutes => {
  const { listed } = world;
  const builder = new ColumnBuilder(wordsOf(listed.family));
  for (const [i, to] of namedIn(world).entries()) builder.add(rowsOfPrefix(to), i + 1);
  const body = isOpen ? { ...listed, hops: listed.hops.map(({ dev: _, ...rest }) => rest) } : listed;
  const list = { ...(builder.finish() ?? assert.fail()), body, adopt: false, fields: {}, file: 'list', at: 0 };
  return { single: [], lists: [list] };
};

/** What a dump through the sieve leaves. */
const dump = (sieve: ListSieve, routes: readonly Route[]): readonly Route[] => {
  for (const family of ['inet', 'inet6'] as const) sieve.restart(family);
  return routes.filter((route) => sieve.takerOf(route)?.(rowsOfPrefix(route.to)) !== true);
};

const changesOf = ({ prefixes, bodies }: World) =>
  fc.record({
    verb: fc.constantFrom('add', 'add', 'replace', 'append', 'delete', 'delete'),
    to: fc.constantFrom(...prefixes),
    body: fc.constantFrom(...bodies),
  });
type Change = ReturnType<typeof changesOf> extends fc.Arbitrary<infer T> ? T : never;

type Changed = { readonly routes: readonly Route[]; readonly event: KernelEvent } | undefined;

const hasWay = (route: Route, via: string | undefined): boolean => route.hops.some((way) => way.via === via);

/** What the kernel does, and tells; undefined where it refuses. */
const change = (routes: readonly Route[], { verb, to, body }: Change, { joins }: World): Changed => {
  const route: Route = { ...body, to };
  const inPlace = routes.filter((other) => ROUTE.slot(other) === ROUTE.slot(route));
  const told = { kind: 'route', portId: 5, sequence: 0 } as const;
  const [first] = inPlace;
  const without = (one: Route | undefined, ...more: readonly Route[]): readonly Route[] => [
    ...routes.filter((other) => other !== one),
    ...more,
  ];
  if (verb === 'delete') {
    if (first === undefined) return undefined;
    const [way, ...rest] = first.hops;
    // one of several ways goes by itself
    const isWay = joins(first) && rest.length > 0 && body.hops.length === 1;
    const gone = isWay ? { ...first, hops: [way as Route['hops'][number]] } : first;
    return {
      routes: isWay ? without(first, { ...first, hops: rest }) : without(first),
      event: { ...told, action: 'delete', object: gone },
    };
  }
  if (verb === 'add' && first !== undefined) return undefined;
  const other = inPlace.find((one) => joins(one) === joins(route));
  if (verb === 'append' && other !== undefined && joins(route)) {
    if (route.hops.some(({ via }) => hasWay(other, via))) return undefined;
    const joined: Route = { ...other, hops: [...other.hops, ...route.hops] };
    return { routes: without(other, joined), event: { ...told, action: 'new', object: joined } };
  }
  // RTM_NEWROUTE with NLM_F_REPLACE and NLM_F_CREATE makes what is not there, and then replaces nothing
  const replaced = verb === 'replace' ? (other ?? first) : undefined;
  return {
    routes: without(replaced, route),
    event: {
      ...told,
      action: 'new',
      object: route,
      ...(verb === 'replace' ? { replaces: replaced !== undefined } : {}),
    },
  };
};

const sorted = (routes: readonly Route[]): readonly string[] => routes.map(ROUTE.identity).sort();

describe(`routes that are followed (seed ${seed}, ${numRuns} runs)`, () => {
  for (const [family, world] of Object.entries(WORLDS)) {
    const { listed } = world;
    const named = namedIn(world).map((to): Route => ({ ...listed, to }));
    /** What a plan is asked for, with the link that a file may leave open. */
    const missing = (sieve: ListSieve): readonly string[] =>
      sorted(sieve.missing(emptyState(), 100, 'everywhere').routes.map(({ object: { to } }) => ({ ...listed, to })));

    it(`come to what a dump shows, of ${family}`, () => {
      let followed = 0;
      const scripts = fc.array(changesOf(world), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(fc.boolean(), scripts, (isOpen, script) => {
          const sieve = new ListSieve(listedBy(world, isOpen));
          let routes: readonly Route[] = [];
          let follower = new FollowedRoutes(sieve, dump(sieve, routes));
          for (const step of script) {
            const changed = change(routes, step, world);
            if (changed === undefined) continue;
            routes = changed.routes;
            if (follower.follow(changed.event)) followed++;
            else {
              const left = dump(sieve, routes);
              follower = new FollowedRoutes(sieve, left);
              if (sieve.separate({ ...emptyState(), route: left }))
                follower = new FollowedRoutes(sieve, dump(sieve, routes));
            }
            const held = named.filter((route) => sieve.heldAt(route) !== undefined);
            assert.deepEqual(sorted([...held, ...follower.routes]), sorted(routes));
            assert.deepEqual(missing(sieve), sorted(named.filter((route) => !held.includes(route))));
          }
        }),
        { seed, numRuns },
      );
      assert.ok(followed > numRuns, `only ${followed} were followed`);
    });
  }
});
