import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelPort, RouteSieve } from '../../src/model/kernel-port.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { applyWithFault, FAULTS, IS_SLOW } from './bulk-scenes.ts';
import { assertIdempotent, settledView } from './cases/run-case.ts';
import { openTestHost, type TestHost } from './harness.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

/** Enough to share an object. */
const MANY = 80;
const FIRST = 110_000;

/** What differs between the families. */
interface Scene {
  readonly family: '-4' | '-6';
  readonly prefixes: readonly string[];
  readonly others: readonly string[];
  readonly gateway: (n: number) => string;
}

const INET: Scene = {
  family: '-4',
  prefixes: Array.from({ length: MANY }, (_, i) => `172.16.${i}.0/24`),
  others: Array.from({ length: MANY }, (_, i) => `172.17.${i}.0/24`),
  gateway: (n) => `10.0.0.${n}`,
};
const INET6: Scene = {
  family: '-6',
  prefixes: Array.from({ length: MANY }, (_, i) => `2400:${(i + 1).toString(16)}::/32`),
  others: Array.from({ length: MANY }, (_, i) => `2401:${(i + 1).toString(16)}::/32`),
  gateway: (n) => `2001:db8::${n}`,
};

const GROUND = [
  'link add u0 type veth peer name u1',
  'link set u0 up',
  'link set u1 up',
  'addr add 10.0.0.1/24 dev u0',
  'addr add 2001:db8::1/64 dev u0 nodad',
];

const listsOf = ({ prefixes, others }: Scene) => ({ one: prefixes.join('\n'), two: others.join('\n') });

const state = (mode: 'auto' | 'none', ...routes: readonly string[]): string =>
  `version: 1\nnexthop_objects: ${mode}\nroutes:\n${routes.map((route) => `  - ${route}\n`).join('')}`;

const byList = (scene: Scene, n: number, list: 'one' | 'two' = 'one'): string =>
  `{to_file: ${list}, via: "${scene.gateway(n)}", dev: u0}`;

interface ShownNexthop {
  readonly id: number;
  readonly gateway?: string;
  readonly protocol: string;
}
interface ShownRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly nhid?: number;
  readonly protocol: string;
}

const nexthops = (ns: string) => ipJson(ns, 'nexthop show') as readonly ShownNexthop[];
const routes = (ns: string, { family }: Scene) =>
  (ipJson(ns, `${family} route show`) as readonly ShownRoute[]).filter(({ protocol }) => protocol === '110');

/** Every route of ours goes there, by the object or by itself. */
const assertWay = (ns: string, scene: Scene, gateway: string, nhid: number | undefined, count = MANY): void => {
  const shown = routes(ns, scene);
  assert.equal(shown.length, count);
  for (const route of shown) assert.deepEqual([route.gateway, route.nhid], [gateway, nhid], route.dst);
};

/** @param forcesBulk see openTestHost */
const withHost = (run: (host: TestHost, ns: string) => Promise<void>, forcesBulk?: boolean): Promise<void> =>
  withNamespace(async (ns) => {
    ipRun(ns, ...GROUND);
    const host = openTestHost(ns, undefined, forcesBulk);
    try {
      await run(host, ns);
    } finally {
      host.close();
    }
  });

const opsOf = ({ plan }: Outcome): readonly string[] => [
  ...new Set(plan.steps.map(({ op }) => `${op.action} ${op.kind}`)),
];

for (const [family, scene] of [
  ['IPv4', INET],
  ['IPv6', INET6],
] as const) {
  const lists = listsOf(scene);
  const { gateway } = scene;

  describe(`nexthop_objects: auto, ${family}`, () => {
    it('makes one object for all of a list, and changes it alone for another gateway', () =>
      withHost(async (host, ns) => {
        const cold = state('auto', byList(scene, 2));
        const made = await host.apply(cold, { lists });
        assert.equal(made.status, 'applied');
        assert.deepEqual(opsOf(made), ['create nexthop', 'create route']);
        assert.deepEqual(made.plan.changes[0]?.reason, 'shared');
        assert.deepEqual(
          nexthops(ns).map(({ id, gateway: via, protocol }) => [id, via, protocol]),
          [[FIRST, gateway(2), '110']],
        );
        assertWay(ns, scene, gateway(2), FIRST);
        await assertIdempotent(host, cold, lists);
        const moved = await host.apply(state('auto', byList(scene, 3)), { lists });
        assert.deepEqual(
          moved.plan.steps.map(({ op }) => `${op.action} ${op.kind}`),
          ['update nexthop'],
        );
        assertWay(ns, scene, gateway(3), FIRST);
      }));

    it('is switched off and on in place: no route is ever away', () =>
      withHost(async (host, ns) => {
        await host.apply(state('auto', byList(scene, 2)), { lists });
        const off = await host.apply(state('none', byList(scene, 2)), { lists });
        assert.deepEqual(opsOf(off), ['update route', 'delete nexthop']);
        assert.deepEqual(nexthops(ns), []);
        assertWay(ns, scene, gateway(2), undefined);
        await assertIdempotent(host, state('none', byList(scene, 2)), lists);
        const on = await host.apply(state('auto', byList(scene, 2)), { lists });
        assert.deepEqual(opsOf(on), ['create nexthop', 'update route']);
        assertWay(ns, scene, gateway(2), FIRST);
        const gone = await host.apply('version: 1\n', { lists });
        assert.deepEqual(opsOf(gone), ['delete route', 'delete nexthop']);
        assert.deepEqual(nexthops(ns), []);
      }));

    it('leaves the way in the routes while the link has no carrier', () =>
      withHost(async (host, ns) => {
        ipRun(ns, 'link set u1 down');
        const file = state('auto', byList(scene, 2));
        assert.deepEqual(opsOf(await host.apply(file, { lists })), ['create route']);
        assertWay(ns, scene, gateway(2), undefined);
        await assertIdempotent(host, file, lists);
        ipRun(ns, 'link set u1 up');
        assert.deepEqual(opsOf(await host.apply(file, { lists })), ['create nexthop', 'update route']);
        assertWay(ns, scene, gateway(2), FIRST);
        await assertIdempotent(host, file, lists);
      }));

    it('stays clear of the objects of others, and of numbers that the file names', () =>
      withHost(async (host, ns) => {
        ipRun(ns, `nexthop add id ${FIRST} via ${gateway(9)} dev u0`);
        const named = `nexthops: [{id: ${FIRST + 1}, via: "${gateway(2)}", dev: u0}]\n`;
        const file = state('auto', byList(scene, 2)) + named;
        await host.apply(file, { lists });
        assertWay(ns, scene, gateway(2), FIRST + 2);
        await assertIdempotent(host, file, lists);
        await host.apply('version: 1\n', { lists });
        assert.deepEqual(
          nexthops(ns).map(({ id }) => id),
          [FIRST],
        );
      }));

    it('leads nobody else elsewhere, and takes nobody else along', () =>
      withHost(async (host, ns) => {
        await host.apply(state('auto', byList(scene, 2)), { lists });
        const [foreign] = scene.others;
        ipRun(ns, `${scene.family} route add ${foreign} nhid ${FIRST} proto static`);
        const moved = await host.apply(state('auto', byList(scene, 3)), { lists });
        assert.deepEqual(opsOf(moved), ['create nexthop', 'update route']);
        assert.match(moved.plan.warnings[0]?.message ?? '', /nexthop id 110000 stays/);
        assertWay(ns, scene, gateway(3), FIRST + 1);
        const theirs = ipJson(ns, `${scene.family} route show proto static`) as readonly ShownRoute[];
        assert.deepEqual(
          theirs.map(({ nhid, gateway: via }) => [nhid, via]),
          [[FIRST, gateway(2)]],
        );
      }));

    it('tells which object is whose where several lists change their ways', () =>
      withHost(async (host, ns) => {
        await host.apply(state('auto', byList(scene, 2), byList(scene, 3, 'two')), { lists });
        const [one, two] = nexthops(ns).map(({ id }) => id);
        const moved = await host.apply(state('auto', byList(scene, 5, 'two'), byList(scene, 4)), { lists });
        assert.deepEqual(opsOf(moved), ['update nexthop']);
        const shown = routes(ns, scene);
        const wayOf = (to: string | undefined) => {
          const route = shown.find(({ dst }) => dst === to);
          return [route?.nhid, route?.gateway];
        };
        assert.deepEqual(wayOf(scene.prefixes[7]), [one, gateway(4)]);
        assert.deepEqual(wayOf(scene.others[7]), [two, gateway(5)]);
        const swapped = state('auto', byList(scene, 5), byList(scene, 4, 'two'));
        await host.apply(swapped, { lists });
        await assertIdempotent(host, swapped, lists);
      }));

    it('makes a group of the same several gateways, and changes the group', () =>
      withHost(async (host, ns) => {
        const hops = (...numbers: readonly number[]) =>
          `{to_file: one, nexthops: [${numbers.map((n) => `{via: "${gateway(n)}", dev: u0, weight: ${n}}`).join(', ')}]}`;
        const file = state('auto', hops(2, 3));
        await host.apply(file, { lists });
        assert.ok(routes(ns, scene).every(({ nhid }) => nhid === FIRST + 2));
        await assertIdempotent(host, file, lists);
        const moved = await host.apply(state('auto', hops(2, 4)), { lists });
        assert.deepEqual(opsOf(moved), ['create nexthop', 'update nexthop', 'delete nexthop']);
        assert.ok(routes(ns, scene).every(({ nhid }) => nhid === FIRST + 2));
        await assertIdempotent(host, state('auto', hops(2, 4)), lists);
      }));

    for (const [what, before, after] of [
      ['switched on', state('none', byList(scene, 2)), state('auto', byList(scene, 3))],
      ['switched off', state('auto', byList(scene, 2)), state('none', byList(scene, 3))],
      ['cold', 'version: 1\n', state('auto', byList(scene, 3))],
      ['gone', state('auto', byList(scene, 3)), 'version: 1\n'],
      [
        'another gateway, and more routes',
        state('auto', byList(scene, 2)),
        state('auto', byList(scene, 3), byList(scene, 3, 'two')),
      ],
    ] as const) {
      it(`all is as it was after a fault, and after recovery where that was the end (${what})`, () =>
        withHost(async (host, ns) => {
          await host.apply(before, { lists });
          const was = await settledView(ns);
          for (const fault of FAULTS) {
            for (const k of IS_SLOW ? [MANY >> 1] : [0, 1, MANY >> 1, MANY - 1]) {
              const status = await applyWithFault(host, { yaml: after, lists }, k, fault);
              assert.equal(status, 'rolledBack', `${fault} at ${k}`);
              assert.deepEqual(await settledView(ns), was, `${fault} at ${k}`);
            }
          }
        }));
    }
  });
}

describe('nexthop_objects: auto', () => {
  const few = Array.from({ length: 63 }, (_, i) => `{to: 172.20.${i}.0/24, via: 10.0.0.2}`);

  it('is for 64 routes or more, however they are written', () =>
    withHost(async (host, ns) => {
      const small = state('auto', ...few);
      await host.apply(small);
      assert.deepEqual(nexthops(ns), []);
      const file = state('auto', ...few, '{to: 172.20.63.0/24, via: 10.0.0.2, dev: u0, mtu: 1400}');
      const outcome = await host.apply(file);
      assert.deepEqual(opsOf(outcome).toSorted(), ['create nexthop', 'create route', 'update route']);
      assertWay(ns, INET, '10.0.0.2', FIRST, 64);
      await assertIdempotent(host, file);
      await host.apply(small);
      assertWay(ns, INET, '10.0.0.2', undefined, 63);
      // no other routes of the same way beside them
    }, false));

  it('is not for what has no way, or says what an object cannot', () =>
    withHost(async (host, ns) => {
      const odd = [
        '{to: 10.1.0.0/16, type: blackhole}',
        '{to: 10.2.0.0/16, via: 10.0.0.2, dev: u0, realm: 7}',
        '{to: 10.3.0.0/16, dev: u0}',
      ];
      const file = state('auto', byList(INET, 2), ...odd);
      await host.apply(file, { lists: listsOf(INET) });
      assert.equal(routes(ns, INET).filter(({ nhid }) => nhid === undefined).length, odd.length);
      await assertIdempotent(host, file, listsOf(INET));
    }));

  it('leaves the way in the routes where the kernel has no nexthop objects', () =>
    withHost(async (host, ns) => {
      const wrap = (kernel: KernelPort) => ({ ...kernel, hasNexthops: async () => false });
      const outcome = await host.apply(state('auto', byList(INET, 2)), { lists: listsOf(INET), wrap });
      assert.deepEqual(opsOf(outcome), ['create route']);
      assertWay(ns, INET, '10.0.0.2', undefined);
    }));

  it('moves 20,000 routes in bulk, in and out, and no dump makes objects of them', () =>
    withHost(async (host, ns) => {
      const count = 20_000;
      const prefixes = Array.from({ length: count }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`);
      const lists = { one: prefixes.join('\n') };
      const apply = async (file: string) => {
        const dumps: (RouteSieve | undefined)[] = [];
        let bulks = 0;
        const wrap = (kernel: KernelPort): KernelPort => ({
          ...kernel,
          dump: async (options = {}) => {
            if (options.kinds?.includes('route') !== false) dumps.push(options.sieve);
            return kernel.dump(options);
          },
          sendRoutes: async (bulk, rows, options) => {
            bulks += rows.length;
            return (kernel.sendRoutes as NonNullable<KernelPort['sendRoutes']>)(bulk, rows, options);
          },
        });
        const outcome = await host.apply(file, { lists, wrap, sample: 2, plain: true });
        assert.equal(outcome.status, 'applied');
        assert.ok(dumps.length > 0 && dumps.every((sieve) => sieve !== undefined));
        return { summary: outcome.plan.summary, bulks };
      };
      const none = { create: 0, update: 0, replace: 0, delete: 0, restore: 0 };
      const cold = await apply(state('auto', byList(INET, 2)));
      assert.deepEqual(cold.summary, { ...none, create: count + 1 });
      assertWay(ns, INET, '10.0.0.2', FIRST, count);
      assert.deepEqual(await apply(state('auto', byList(INET, 3))), { summary: { ...none, update: 1 }, bulks: 0 });
      assertWay(ns, INET, '10.0.0.3', FIRST, count);
      const off = await apply(state('none', byList(INET, 3)));
      assert.deepEqual(off.summary, { ...none, update: count, delete: 1 });
      assertWay(ns, INET, '10.0.0.3', undefined, count);
      const on = await apply(state('auto', byList(INET, 2)));
      assert.deepEqual(on.summary, { ...none, create: 1, update: count });
      assertWay(ns, INET, '10.0.0.2', FIRST, count);
      const gone = await apply('version: 1\n');
      assert.deepEqual(gone.summary, { ...none, delete: count + 1 });
      for (const { bulks } of [cold, off, on]) assert.ok(bulks > count - 100, `${bulks} in bulk`);
      assert.deepEqual(nexthops(ns), []);
    }));
});
