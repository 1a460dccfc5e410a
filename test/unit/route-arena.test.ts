import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { OpOf } from '../../src/model/op.ts';
import { routeOpAt } from '../../src/model/route-bulk.ts';
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

const hop = fc.record(
  {
    via: fc.constantFrom('10.0.0.2', '255.255.255.254', 'fe80::1'),
    dev: fc.constantFrom(...LINKS.keys()),
    weight: fc.integer({ min: 1, max: 256 }),
    onlink: fc.constant(true as const),
  },
  { requiredKeys: ['via', 'dev', 'weight'] },
);

const like = fc
  .record({
    action: fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
    append: fc.boolean(),
    body: fc.record(
      {
        table: fc.constantFrom(1, 254, 255, 70_000),
        metric: fc.constantFrom(0, 1, 0xffffffff),
        tos: fc.constantFrom(0, 8),
        type: fc.constantFrom('unicast' as const, 'blackhole' as const),
        hops: fc.array(hop, { maxLength: 3 }),
        src: fc.constant('10.0.0.1'),
        nhid: fc.constantFrom(1, 0xffffffff),
        metrics: fc.record({ mtu: fc.constantFrom(1400), lock: fc.constant(['mtu']) }),
      },
      { requiredKeys: ['table', 'metric', 'tos', 'type', 'hops'] },
    ),
  })
  .map(
    ({ action, append, body }): OpOf<'route'> => ({
      kind: 'route',
      action,
      object: { ...body, family: 'inet', to: '10.0.0.0/8', protocol: 110, scope: 0 },
      ...(append && action === 'create' ? { append } : {}),
    }),
  );

const prefix = fc
  .tuple(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 0, max: 0xffffffff }))
  .map(([length, address]) => ({ to: (address & (0xffffffff << (32 - length))) >>> 0, length }));

describe(`an arena of routes (seed ${seed})`, () => {
  it('holds the very bytes that encoding each operation gives', () => {
    fc.assert(
      fc.property(
        like,
        fc.array(prefix, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 0xfffffff0 }),
        fc.integer({ min: 1, max: 16 }),
        (op, prefixes, sequence, most) => {
          const bulk = {
            like: op,
            to: Uint32Array.from(prefixes, ({ to }) => to),
            length: Uint8Array.from(prefixes, ({ length }) => length),
          };
          const rows = Uint32Array.from(prefixes, (_, i) => prefixes.length - 1 - i);
          const arena = new RouteArena(op, names, { bytes: 65_536, most });
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
    const bulk = { like: op, to: Uint32Array.of(0), length: Uint8Array.of(0) };
    const bytes = arena.fill(bulk, Uint32Array.of(0), 0, 1, 1);
    const route = routeCodec.decode({ type: 24, flags: 0, bytes, start: 0, end: bytes.length }, names);
    assert.equal(route?.to, '0.0.0.0/0');
  });
});
