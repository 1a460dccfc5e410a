import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KernelEvent } from '../../src/model/kernel-port.ts';
import { rowsOfPrefix } from '../../src/model/prefix-columns.ts';
import { ROUTE, type Route } from '../../src/model/route.ts';
import type { ListedRoutes } from '../../src/model/route-list.ts';
import { emptyState } from '../../src/model/state.ts';
import { ListSieve } from '../../src/reconcile/list-sieve.ts';
import { FollowedRoutes } from '../../src/reconcile/watch/follow-routes.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.FOLLOW_RUNS ?? 300);

const bodyVia = (via: string, more: Partial<Route> = {}): Omit<Route, 'to'> => ({
  family: 'inet',
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via, dev: 'u0', weight: 1 }],
  ...more,
});

const LISTED = bodyVia('10.0.0.2');
/** What may stand at a prefix. */
const BODIES = [
  LISTED,
  LISTED,
  bodyVia('10.0.0.9'),
  bodyVia('10.0.0.2', { metric: 7 }),
  bodyVia('10.0.0.2', { protocol: 4 }),
];

const PREFIXES = Array.from({ length: 8 }, (_, i) => `20.0.${i}.0/24`);
/** The list names the even ones. */
const NAMED = PREFIXES.filter((_, i) => i % 2 === 0);

/** A list of which the file leaves the link open, or not. */
const listedBy = (isOpen: boolean): ListedRoutes => ({
  single: [],
  lists: [
    {
      words: 1,
      to: Uint32Array.from(NAMED, (prefix) => rowsOfPrefix(prefix).to[0] as number),
      length: new Uint8Array(NAMED.length).fill(24),
      line: Uint32Array.from(NAMED, (_, i) => i + 1),
      body: isOpen ? { ...LISTED, hops: [{ via: '10.0.0.2', weight: 1 }] } : LISTED,
      adopt: false,
      fields: {},
      file: 'list',
      at: 0,
    },
  ],
});

/** What a dump through the sieve leaves. */
const dump = (sieve: ListSieve, routes: readonly Route[]): readonly Route[] => {
  sieve.restart('inet');
  return routes.filter((route) => sieve.takerOf(route)?.(rowsOfPrefix(route.to)) !== true);
};

const changes = fc.record({
  verb: fc.constantFrom('add', 'add', 'replace', 'append', 'delete', 'delete'),
  to: fc.constantFrom(...PREFIXES),
  body: fc.constantFrom(...BODIES),
});
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

/** What the kernel does, and tells; undefined where it refuses. */
const change = (
  routes: readonly Route[],
  { verb, to, body }: Change,
): { readonly routes: readonly Route[]; readonly event: KernelEvent } | undefined => {
  const route: Route = { ...body, to };
  const inPlace = routes.filter((other) => ROUTE.slot(other) === ROUTE.slot(route));
  const told = { kind: 'route', portId: 5, sequence: 0 } as const;
  const [first] = inPlace;
  if (verb === 'delete') {
    if (first === undefined) return undefined;
    return { routes: routes.filter((other) => other !== first), event: { ...told, action: 'delete', object: first } };
  }
  if (verb === 'add' && first !== undefined) return undefined;
  // RTM_NEWROUTE with NLM_F_REPLACE and NLM_F_CREATE makes what is not there, and then replaces nothing
  const isReplaced = verb === 'replace' && first !== undefined;
  return {
    routes: [...routes.filter((other) => !isReplaced || other !== first), route],
    event: { ...told, action: 'new', object: route, ...(verb === 'replace' ? { replaces: isReplaced } : {}) },
  };
};

const sorted = (routes: readonly Route[]): readonly string[] => routes.map(ROUTE.identity).sort();

/** What a plan is asked for, with the link that a file may leave open. */
const missing = (sieve: ListSieve): readonly string[] =>
  sorted(sieve.missing(emptyState(), 100, 'everywhere').routes.map(({ object: { to } }) => ({ ...LISTED, to })));

describe(`routes that are followed (seed ${seed}, ${numRuns} runs)`, () => {
  it('come to what a dump shows', () => {
    let followed = 0;
    fc.assert(
      fc.property(fc.boolean(), fc.array(changes, { minLength: 1, maxLength: 40 }), (isOpen, script) => {
        const sieve = new ListSieve(listedBy(isOpen));
        let routes: readonly Route[] = [];
        let follower = new FollowedRoutes(sieve, dump(sieve, routes));
        for (const step of script) {
          const changed = change(routes, step);
          if (changed === undefined) continue;
          routes = changed.routes;
          if (follower.follow(changed.event)) followed++;
          else {
            const left = dump(sieve, routes);
            follower = new FollowedRoutes(sieve, left);
            if (sieve.separate({ ...emptyState(), route: left }))
              follower = new FollowedRoutes(sieve, dump(sieve, routes));
          }
          const held = NAMED.map((to): Route => ({ ...LISTED, to })).filter((route) => sieve.holds(route));
          assert.deepEqual(sorted([...held, ...follower.routes]), sorted(routes));
          const open = NAMED.filter((to) => !held.some((route) => route.to === to)).map((to) => ({ ...LISTED, to }));
          assert.deepEqual(missing(sieve), sorted(open));
        }
      }),
      { seed, numRuns },
    );
    assert.ok(followed > numRuns, `only ${followed} were followed`);
  });
});
