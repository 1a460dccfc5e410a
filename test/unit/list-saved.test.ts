import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { listContent } from '../../src/cli/read-list.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { countRows } from '../../src/model/prefix-columns.ts';
import type { Route } from '../../src/model/route.ts';
import { routeCodec } from '../../src/netlink/families/route.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';
import { bareRoutes, type Keys, loadRoutes, problemsOf } from './list-support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.LIST_RUNS ?? 300);
const names = createNameTables();

const MAGIC = Buffer.from([0x24, 0x12, 0x31, 0x45]);

/** A dump as `ip route save` writes it; links are called by their numbers. */
const dumpOf = (routes: readonly Route[]): Buffer => {
  const writer = new MessageWriter(65_536);
  const links = { indexOf: Number, nameOf: String };
  for (const object of routes) routeCodec.encode({ kind: 'route', action: 'create', object }, writer, links);
  return Buffer.concat([MAGIC, writer.bytes.subarray(0, writer.length)]);
};

const loadDump = (entry: Keys, dump: Buffer): Promise<Desired> =>
  loadDesired({
    files: ['a.yaml'],
    names,
    readFile: async () => `version: 1\nroutes:\n  - ${JSON.stringify({ to_file: 'l', ...entry })}\n`,
    readList: async () => listContent(dump, names),
    listDirectory: async () => undefined,
  });

const BASE = { table: 254, metric: 0, tos: 0, type: 'unicast', protocol: 4, scope: 0, hops: [] } as const;
const VIA = { via: '10.0.0.2', dev: '3', weight: 1 } as const;

/** Bodies of routes as another program has made them, and the same as keys of an entry. */
const BODIES: readonly (readonly [Omit<Route, 'to'>, Keys])[] = [
  [{ ...BASE, family: 'inet', hops: [VIA] }, { via: '10.0.0.2' }],
  [
    { ...BASE, family: 'inet', hops: [VIA], table: 1000, metric: 5 },
    { via: '10.0.0.2', table: 1000, metric: 5 },
  ],
  [{ ...BASE, family: 'inet', hops: [{ ...VIA, via: '10.0.0.3' }] }, { via: '10.0.0.3' }],
  [{ ...BASE, family: 'inet', type: 'blackhole' }, { type: 'blackhole' }],
  [{ ...BASE, family: 'inet', nhid: 7 }, { nhid: 7 }],
  [
    { ...BASE, family: 'inet', hops: [VIA], src: '10.0.0.1', metrics: { mtu: 1400, lock: ['mtu'] } },
    { via: '10.0.0.2', src: '10.0.0.1', mtu: 1400, lock: ['mtu'] },
  ],
  [
    { ...BASE, family: 'inet', hops: [{ ...VIA, encap: { type: 'mpls', labels: [100, 200] } }] },
    { via: '10.0.0.2', encap: { type: 'mpls', labels: [100, 200] } },
  ],
  [
    { ...BASE, family: 'inet', hops: [VIA, { ...VIA, via: '10.0.0.3', weight: 3 }] },
    { nexthops: [{ via: '10.0.0.2' }, { via: '10.0.0.3', weight: 3 }] },
  ],
  [{ ...BASE, family: 'inet6', metric: 1024, hops: [{ ...VIA, via: '2001:db8::2' }] }, { via: '2001:db8::2' }],
  [
    { ...BASE, family: 'inet6', metric: 9, type: 'unreachable', pref: 'low' },
    { metric: 9, type: 'unreachable', pref: 'low' },
  ],
];

const KERNELS: readonly Omit<Route, 'to'>[] = [
  { ...BASE, family: 'inet', protocol: 2, scope: 253, hops: [{ dev: '3', weight: 1 }] },
  { ...BASE, family: 'inet', table: 255, type: 'local', scope: 254, hops: [{ dev: '1', weight: 1 }] },
];

const prefixOf = ({ family }: Pick<Route, 'family'>, i: number): string =>
  family === 'inet' ? `172.16.${i}.0/24` : `2001:db8:${i + 1}::/48`;

describe('a dump of ip route save', () => {
  test('is the routes in it without those of the kernel, each at its number', async () => {
    const bodies = fc.array(fc.oneof(fc.constantFrom(...BODIES), fc.constantFrom(...KERNELS)), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(bodies, async (written) => {
        const isOfKernel = (body: (typeof written)[number]): body is Omit<Route, 'to'> => !Array.isArray(body);
        const bodyOf = (body: (typeof written)[number]): Omit<Route, 'to'> => (isOfKernel(body) ? body : body[0]);
        const routes = written.map((body, i) => ({ ...bodyOf(body), to: prefixOf(bodyOf(body), i) }));
        const spelled = written.flatMap((body, i) =>
          isOfKernel(body) ? [] : [{ to: prefixOf(body[0], i), ...body[1], adopt: true }],
        );
        fc.pre(spelled.length > 0);
        const listed = await loadDump({ adopt: true }, dumpOf(routes));
        assert.deepEqual(bareRoutes(listed), bareRoutes(await loadRoutes(spelled)));
        for (const { object, source } of listed.objects.route)
          assert.equal(routes[source.line - 1]?.to, object.to, 'each at its number');
      }),
      { seed, numRuns },
    );
  });

  test('is columns, one list for each kind of route, however many kinds there are', async () => {
    const alike = Array.from(
      { length: 60 },
      (_, i): Route => ({ ...(BODIES[i % 2]?.[0] as Route), to: prefixOf({ family: 'inet' }, i) }),
    );
    assert.deepEqual((await loadDump({}, dumpOf(alike))).listed?.lists.map(countRows), [30, 30]);
    const unlike = alike
      .map((route, i) => ({ ...route, metric: i >> 1 }))
      .concat(alike.map((route, i) => ({ ...route, metric: 100 + i })));
    const { objects } = await loadDump({}, dumpOf(unlike));
    assert.deepEqual(
      objects.route.map(({ object: { to, metric, table } }) => `${to} ${metric} ${table}`).toSorted(),
      unlike.map(({ to, metric, table }) => `${to} ${metric} ${table}`).toSorted(),
    );
  });

  test('needs the name of a link that no gateway tells', async () => {
    const to = '172.16.0.0/24';
    const direct: Route = { ...BASE, family: 'inet', scope: 253, hops: [{ dev: '3', weight: 1 }], to };
    const onlink: Route = { ...BASE, family: 'inet', hops: [{ ...VIA, onlink: true }], to };
    const local: Route = {
      ...BASE,
      family: 'inet6',
      metric: 1024,
      hops: [{ ...VIA, via: 'fe80::1' }],
      to: '2001:db8::/32',
    };
    const hint = 'a dump has the numbers of links and not their names (name it: dev in the entry of the list)';
    for (const route of [direct, onlink, local]) {
      assert.deepEqual(await problemsOf(loadDump({}, dumpOf([route]))), [
        `l:1:1 NR_BAD_VALUE the route needs link number 3, and ${hint}`,
      ]);
    }
    const named = await loadDump({ dev: 'e', via: '10.9.9.9' }, dumpOf([direct]));
    assert.deepEqual(
      named.objects.route[0]?.object.hops,
      [{ dev: 'e', weight: 1 }],
      'a gateway of the entry is not meant',
    );
    assert.deepEqual((await loadDump({ dev: 'e' }, dumpOf([onlink]))).objects.route[0]?.object.hops, [
      { via: '10.0.0.2', dev: 'e', weight: 1, onlink: true },
    ]);
    const other = { ...direct, to: '172.17.0.0/24', hops: [{ dev: '4', weight: 1 }] };
    assert.deepEqual(await problemsOf(loadDump({ dev: 'e' }, dumpOf([direct, other]))), [
      'a.yaml:3:26 NR_CONTRADICTION dev is one link, and the routes of l go by several: numbers 3, 4 (save them one by one: ip route save dev NAME)',
    ]);
    const two = { ...onlink, hops: [VIA, { dev: '3', weight: 1 }] };
    assert.match(
      (await problemsOf(loadDump({}, dumpOf([two]))))[0] ?? '',
      /^l:1:1 NR_BAD_VALUE a way of the route needs its link/,
    );
  });

  test('tells what cannot be read of it', async () => {
    const dump = dumpOf([{ ...(BODIES[0]?.[0] as Route), to: '10.0.0.0/8' }]);
    const problem = async (bytes: Buffer) =>
      (await problemsOf(loadDump({}, bytes))).map((text) => text.replace(/ \([0-9a-f]*\)$/, ''));
    assert.deepEqual(await problem(dump.subarray(0, 30)), [
      'a.yaml:3:16 NR_FILE cannot read l: nlmsghdr at byte 0: message of 60 bytes, 26 left in the datagram',
    ]);
    assert.deepEqual(await problem(Buffer.concat([MAGIC.toReversed(), dump.subarray(4)])), [
      'a.yaml:3:16 NR_FILE cannot read l: magic at byte 0: saved on a host of the other byte order',
    ]);
    assert.match((await problem(MAGIC))[0] ?? '', /NR_EMPTY_FILE/);
    const unknown = Buffer.from(dump);
    unknown[4 + 16] = 28;
    assert.match(
      (await problem(unknown))[0] ?? '',
      /NR_FILE cannot read l: rtmsg at byte 0: no route that is known here/,
    );
  });

  test('is read, or refused as a file is, whatever has happened to its bytes', async () => {
    const dump = dumpOf(BODIES.map(([body], i) => ({ ...body, to: prefixOf(body, i) })));
    const change = fc.record({ at: fc.nat(dump.length - 1), put: fc.uint8Array({ maxLength: 4 }), cut: fc.nat(8) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = changes.reduce(
          (bytes, { at, put, cut }) => Buffer.concat([bytes.subarray(0, 4 + at), put, bytes.subarray(4 + at + cut)]),
          dump,
        );
        // anything but a ConfigError is thrown on
        await problemsOf(loadDump({ dev: 'e' }, changed));
      }),
      { seed, numRuns: 3 * numRuns },
    );
  });
});
