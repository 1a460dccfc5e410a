import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fitsColumns } from '../../src/desired/keep-lists.ts';
import { ColumnBuilder } from '../../src/model/column-builder.ts';
import type { Family } from '../../src/model/ip.ts';
import { formatPrefixAt, rowsOfPrefix, wordsOf } from '../../src/model/prefix-columns.ts';
import type { Route } from '../../src/model/route.ts';
import { type RouteList, sharePlace } from '../../src/model/route-list.ts';
import { sameValue } from '../../src/model/value.ts';
import { routeCodec } from '../../src/netlink/families/route.ts';
import { RouteShapes } from '../../src/netlink/families/route-shapes.ts';
import { MessageCursor } from '../../src/netlink/wire/framing.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';
import { ListSieve } from '../../src/reconcile/lists/list-sieve.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);

type Body = Omit<Route, 'to'>;

const LINKS = ['u0', 'u1'];
const names = {
  indexOf: (name: string) => LINKS.indexOf(name) + 1,
  nameOf: (index: number) => LINKS[index - 1],
};

const bodyOf = (family: Family, via: string, more: Partial<Route> = {}): Body => ({
  family,
  table: 254,
  metric: family === 'inet' ? 0 : 1024,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via, dev: 'u0', weight: 1 }],
  ...more,
});

const NEAR = { inet: '10.0.0.2', inet6: '2001:db8::2' } as const;
const FAR = { inet: '10.0.0.9', inet6: '2001:db8::9' } as const;

/** What is told apart by a single attribute, or the value of one. */
const bodiesOf = (family: Family): readonly Body[] => {
  const one = bodyOf(family, NEAR[family]);
  const [hop] = one.hops as [Route['hops'][number]];
  const shared: readonly Body[] = [
    ...[one, one, bodyOf(family, FAR[family]), { ...one, metric: 7 }, { ...one, table: 700 }, { ...one, protocol: 4 }],
    { ...one, hops: [{ ...hop, dev: 'u1' }] },
    { ...one, hops: [hop, { ...hop, via: FAR[family] }] },
    { ...one, metrics: { mtu: 1400 } },
    { ...one, type: 'blackhole', hops: [] },
  ];
  if (family === 'inet') return [...shared, { ...one, tos: 8 }, { ...one, src: '10.0.0.1' }];
  return [
    ...shared,
    { ...one, pref: 'high' },
    { ...one, expires: 300 },
    { ...one, expires: 301 },
    { ...one, from: '2001:db8:f::/48' },
    { ...one, src: '2001:db8::1' },
  ];
};

/** Long and short, one within the other, and those that differ in a single word. */
const PREFIXES: Readonly<Record<Family, readonly string[]>> = {
  inet: ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9', '192.0.2.1/32', '255.255.255.255/32'],
  inet6: [
    ...['::/0', '2400::/32', '2400::/33', '2400:0:8000::/33', '2400::1:0:0:0/128', '2400::1:0:0/128', '2400::1:0/128'],
    ...['2400::1/128', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128', '::ffff:10.0.0.0/104'],
  ],
};

const listOf = (body: Body, prefixes: readonly string[]): RouteList | undefined => {
  const builder = new ColumnBuilder(wordsOf(body.family));
  for (const [i, to] of prefixes.entries()) builder.add(rowsOfPrefix(to), i + 1);
  const columns = builder.finish();
  return columns === undefined || prefixes.length === 0
    ? undefined
    : { ...columns, body, adopt: false, fields: {}, file: 'list', at: 0 };
};

const scenesOf = (family: Family) => {
  const [prefixes, bodies] = [PREFIXES[family], bodiesOf(family)];
  const some = (from: readonly Body[]) =>
    fc.oneof({ weight: 2, arbitrary: fc.constant(from[0] as Body) }, fc.constantFrom(...from));
  return fc.record({
    routes: fc.array(
      fc.tuple(fc.constantFrom(...prefixes), some(bodies)).map(([to, body]): Route => ({ ...body, to })),
      { maxLength: 40 },
    ),
    lists: fc.array(fc.tuple(some(bodies.filter(fitsColumns)), fc.shuffledSubarray([...prefixes])), {
      minLength: 1,
      maxLength: 3,
    }),
  });
};

/** What is left of a dump of routes: their messages go by the shapes first, as those of a dump do. */
const leftOf = (routes: readonly Route[], sieve: ListSieve, family: Family): readonly Route[] => {
  const writer = new MessageWriter();
  for (const object of routes) routeCodec.encode({ kind: 'route', action: 'create', object }, writer, names);
  const shapes = new RouteShapes(sieve);
  shapes.restart(family);
  const message = new MessageCursor(writer.bytes.subarray(0, writer.length));
  const left: Route[] = [];
  while (message.next()) {
    if (shapes.takes(message)) continue;
    const route = routeCodec.decode(message, names) ?? assert.fail();
    if (!shapes.learns(message, route)) left.push(route);
  }
  return left;
};

/** The same one by one. A route to everywhere has no destination in its message, and is always left. */
const leftBySearch = (routes: readonly Route[], lists: readonly RouteList[]): readonly Route[] => {
  const rows = lists.map(
    (list) => new Set(Array.from(list.line, (_, row) => formatPrefixAt(list, row)).filter((to) => !to.endsWith('/0'))),
  );
  return routes.filter(
    ({ to, ...body }) => !lists.some((list, i) => sameValue(list.body as never, body as never) && rows[i]?.delete(to)),
  );
};

describe(`routes taken by the shape of their messages (seed ${seed})`, () => {
  for (const family of ['inet', 'inet6'] as const) {
    it(`are those of ${family} that are as a list has them, and no others`, () => {
      let taken = 0;
      fc.assert(
        fc.property(scenesOf(family), ({ routes, lists: written }) => {
          const lists = written.flatMap(([body, prefixes]) => listOf(body, prefixes) ?? []);
          fc.pre(lists.every((list, i) => lists.slice(i + 1).every(({ body }) => !sharePlace(list.body, body))));
          const left = leftOf(routes, new ListSieve({ single: [], lists }), family);
          assert.deepEqual(left, leftBySearch(routes, lists));
          taken += routes.length - left.length;
        }),
        { seed, numRuns: 1000 },
      );
      assert.ok(taken > 500, `only ${taken} were taken`);
    });
  }
});
