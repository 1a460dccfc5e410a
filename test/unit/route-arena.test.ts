import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressBits, type Family, formatPrefix, maskBytes } from '../../src/model/ip.ts';
import type { OpOf } from '../../src/model/op.ts';
import { rowsOfPrefix, wordsOf } from '../../src/model/prefix-columns.ts';
import type { Route } from '../../src/model/route.ts';
import { type RouteBulk, routeOpAt } from '../../src/model/route-bulk.ts';
import { routeCodec } from '../../src/netlink/families/route.ts';
import { RouteArena } from '../../src/netlink/route-arena.ts';
import { NLM_F } from '../../src/netlink/wire/constants.ts';
import { stampMessage } from '../../src/netlink/wire/framing.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_123);

const LINKS = new Map([
  ['u0', 3],
  ['u1', 70_000],
]);
const names = { indexOf: (name: string) => LINKS.get(name), nameOf: () => undefined };

const hopOf = (family: Family) =>
  fc.record(
    {
      via: fc.constantFrom(...(family === 'inet' ? ['10.0.0.2', '255.255.255.254'] : ['2001:db8::1']), 'fe80::1'),
      dev: fc.constantFrom(...LINKS.keys()),
      weight: fc.integer({ min: 1, max: 256 }),
      onlink: fc.constant(true as const),
    },
    { requiredKeys: ['via', 'dev', 'weight'] },
  );

const bodyOf = (family: Family) =>
  fc.record(
    {
      table: fc.constantFrom(1, 254, 255, 70_000),
      metric: fc.constantFrom(0, 1, 0xffffffff),
      tos: fc.constantFrom(0, 8),
      type: fc.constantFrom('unicast' as const, 'blackhole' as const),
      hops: fc.array(hopOf(family), { maxLength: 3 }),
      src: fc.constant(family === 'inet' ? '10.0.0.1' : '2001:db8::9'),
      nhid: fc.constantFrom(1, 0xffffffff),
      metrics: fc.record({ mtu: fc.constantFrom(1400), lock: fc.constant(['mtu']) }),
      ...(family === 'inet' ? {} : { from: fc.constant('2001:db8:5::/48'), pref: fc.constantFrom('high', 'low') }),
    },
    { requiredKeys: ['table', 'metric', 'tos', 'type', 'hops'] },
  ) as fc.Arbitrary<Omit<Route, 'to' | 'family' | 'protocol' | 'scope'>>;

const likeOf = (family: Family) =>
  fc
    .record({
      action: fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
      append: fc.boolean(),
      body: bodyOf(family),
    })
    .map(
      ({ action, append, body }): OpOf<'route'> => ({
        kind: 'route',
        action,
        object: { ...body, family, to: family === 'inet' ? '10.0.0.0/8' : 'fc00::/7', protocol: 110, scope: 0 },
        ...(append && action === 'create' ? { append } : {}),
      }),
    );

/** Not to everywhere: that has no destination in a message of its own. */
const prefixOf = (family: Family) =>
  fc
    .tuple(
      fc.integer({ min: 1, max: addressBits(family) }),
      fc.uint8Array({ minLength: addressBits(family) / 8, maxLength: addressBits(family) / 8 }),
    )
    .map(([length, bytes]) => formatPrefix(maskBytes(bytes, length), length));

const bulks = fc
  .constantFrom<Family>('inet', 'inet6')
  .chain((family) =>
    fc.record({ like: likeOf(family), prefixes: fc.array(prefixOf(family), { minLength: 1, maxLength: 40 }) }),
  );

/** In the order in which they are given. */
const bulkOf = (like: OpOf<'route'>, prefixes: readonly string[]): RouteBulk => {
  const rows = prefixes.map(rowsOfPrefix);
  return {
    like,
    words: wordsOf(like.object.family),
    to: Uint32Array.from(rows.flatMap(({ to }) => [...to])),
    length: Uint8Array.from(rows.flatMap(({ length }) => [...length])),
  };
};

describe(`an arena of routes (seed ${seed})`, () => {
  it('holds the very bytes that encoding each operation gives', () => {
    fc.assert(
      fc.property(
        bulks,
        fc.integer({ min: 1, max: 0xfffffff0 }),
        fc.integer({ min: 1, max: 16 }),
        ({ like, prefixes }, sequence, most) => {
          const bulk = bulkOf(like, prefixes);
          assert.deepEqual(
            prefixes.map((_, row) => routeOpAt(bulk, row).object.to),
            prefixes,
          );
          const rows = Uint32Array.from(prefixes, (_, i) => prefixes.length - 1 - i);
          const arena = new RouteArena(like, names, { bytes: 65_536, most });
          assert.ok(arena.capacity <= most);
          for (let from = 0; from < rows.length; from += arena.capacity) {
            const until = Math.min(rows.length, from + arena.capacity);
            const filled = Buffer.from(arena.fill(bulk, rows, from, until, sequence));
            const writer = new MessageWriter();
            for (let i = from; i < until; i++) {
              const start = writer.length;
              routeCodec.encode(routeOpAt(bulk, rows[i] as number), writer, names);
              stampMessage(writer.bytes, start, sequence + i - from, NLM_F.ACK);
              assert.deepEqual(
                Buffer.from(arena.message(i - from)),
                Buffer.from(writer.bytes.subarray(start, writer.length)),
              );
            }
            assert.deepEqual(filled, Buffer.from(writer.bytes.subarray(0, writer.length)));
          }
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it('writes a route to everywhere as one with an empty destination', () => {
    const object = {
      family: 'inet',
      table: 254,
      metric: 0,
      tos: 0,
      type: 'blackhole',
      protocol: 110,
      scope: 0,
    } as const;
    const op = { kind: 'route', action: 'create', object: { ...object, to: '0.0.0.0/0', hops: [] } } as const;
    const arena = new RouteArena(op, names, { bytes: 4096, most: 1 });
    const bulk = bulkOf(op, ['0.0.0.0/0']);
    const bytes = arena.fill(bulk, Uint32Array.of(0), 0, 1, 1);
    const route = routeCodec.decode({ type: 24, flags: 0, bytes, start: 0, end: bytes.length }, names);
    assert.equal(route?.to, '0.0.0.0/0');
  });
});
