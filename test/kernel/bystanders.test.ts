import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { Route } from '../../src/model/route.ts';
import { rollbackLast } from '../../src/reconcile/transaction/recover.ts';
import { applyWithEveryFault, assertIdempotent, settledView } from './cases/run-case.ts';
import { openTestHost, sleep, type TestHost } from './harness.ts';
import { GROUND } from './route-list-scenes.ts';
import { ipBatch, ipJson, ipRun, withNamespace } from './support.ts';

const PREFIXES = Array.from({ length: 500 }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`);
const LISTS = { l: PREFIXES.join('\n') };
const ROUTES = 'routes: [{to_file: l, via: 10.0.0.2, dev: u0}]\n';

/** Far fewer than the list has; those of the kernel for its addresses are there as well. */
const FEW = 100;

const routeTo = (to: string): Route => ({
  family: 'inet',
  to,
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via: '10.0.0.2', dev: 'u0', weight: 1 }],
});

/** Notes how many routes a dump makes objects of, at most. */
const countRoutes = (most: { routes: number }) => (kernel: KernelPort) => ({
  ...kernel,
  dump: async (options: Parameters<KernelPort['dump']>[0]) => {
    const state = await kernel.dump(options);
    most.routes = Math.max(most.routes, state.route.length);
    return state;
  },
});

type Send = KernelPort['send'];

/** Lets so many operations through, does something then, and refuses the next; what comes after it goes through. */
const refuse =
  (allowed: number, then: (kernel: KernelPort) => Promise<unknown> = async () => undefined) =>
  (kernel: KernelPort) => {
    let left: number | undefined = allowed;
    const send: Send = async (ops, options) => {
      if (left === undefined || ops.length <= left) {
        if (left !== undefined) left -= ops.length;
        return kernel.send(ops, options);
      }
      const done = left === 0 ? [] : await kernel.send(ops.slice(0, left), options);
      left = undefined;
      await then(kernel);
      return [...done, { ok: false as const, error: { errno: 1, name: 'EPERM', message: 'refused by the test' } }];
    };
    return { ...kernel, send };
  };

const withList = (run: (host: TestHost, ns: string) => Promise<void>, ...more: readonly string[]): Promise<void> =>
  withNamespace(async (ns) => {
    ipRun(ns, ...GROUND, ...more);
    ipBatch(
      ns,
      PREFIXES.map((to) => `route add ${to} via 10.0.0.2 dev u0 proto 110`),
    );
    const host = openTestHost(ns);
    try {
      await run(host, ns);
    } finally {
      host.close();
    }
  });

const CHANGED = `version: 1
links:
  u0: { mtu: 1400, addresses: [10.0.0.1/24, 10.0.8.1/24] }
  u1: { alias: far, addresses: [10.0.7.1/24] }
  w0: { kind: veth, veth: { peer: w1 }, addresses: [10.9.0.1/24] }
neighbors: [{ to: 10.0.0.2, lladdr: "02:00:00:00:00:02", dev: u0 }]
${ROUTES.trimEnd().slice(0, -1)}, {to: 30.0.0.0/8, via: 10.9.0.2}]
`;

describe('a list of routes that is as it should be', () => {
  it('is no object while links, addresses and neighbors change beside it, nor on the way back', () =>
    withList(async (host, ns) => {
      const before = await settledView(ns);
      const most = { routes: 0 };
      for (let allowed = 0; ; allowed++) {
        const wrap = (kernel: KernelPort) => countRoutes(most)(refuse(allowed)(kernel));
        const outcome = await host.apply(CHANGED, { lists: LISTS, wrap, plain: true });
        if (outcome.status === 'applied') {
          assert.ok(allowed > 8, `${allowed} operations`);
          break;
        }
        assert.equal(outcome.status, 'rolledBack', `${allowed}`);
        assert.deepEqual(await settledView(ns), before, `after ${allowed} operations`);
      }
      assert.ok(most.routes < FEW, `${most.routes} routes as objects`);
      assert.equal(ipJson(ns, 'route show proto 110').length, PREFIXES.length + 1);
      await assertIdempotent(host, CHANGED, LISTS);
    }));

  it('comes back with a rollback where the kernel took it along unforeseen', () =>
    withList(async (host, ns) => {
      const before = await settledView(ns);
      for (const gone of [[7], [0, 1, 250, 499], PREFIXES.keys()].map((rows) => [...rows])) {
        // by the transaction's own socket: as little anybody else's doing as what the kernel does
        const wrap = refuse(4, (kernel) =>
          kernel.send(
            gone.map((row) => ({ kind: 'route', action: 'delete', object: routeTo(PREFIXES[row] as string) })),
            { pipeline: true },
          ),
        );
        const outcome = await host.apply(CHANGED, { lists: LISTS, wrap, plain: true });
        assert.equal(outcome.status, 'rolledBack');
        assert.deepEqual(await settledView(ns), before, `${gone.length} gone`);
      }
    }));

  it('is no object where another process reverts the change', () =>
    withList(async (host, ns) => {
      const before = await settledView(ns);
      assert.equal((await host.apply(CHANGED, { lists: LISTS, plain: true })).status, 'applied');
      const most = { routes: 0 };
      const kernel = countRoutes(most)(host.kernel);
      const ports = { kernel, records: host.records, approve: async () => true, sleep, now: Date.now };
      assert.equal((await rollbackLast(ports)).status, 'applied');
      assert.deepEqual(await settledView(ns), before);
      assert.ok(most.routes < FEW, `${most.routes} routes as objects`);
    }));

  it('is looked at where what is made beside it would take it along when it goes again', () =>
    withList(
      async (host, ns) => {
        const far = Array.from({ length: 50 }, (_, i) => `30.0.${i}.0/24`);
        ipBatch(
          ns,
          far.map((to) => `route add ${to} via 10.0.5.2 dev w0 onlink proto 110`),
        );
        const lists = { ...LISTS, far: far.join('\n') };
        const yaml = `version: 1
links: { w0: { addresses: [10.0.5.1/24] } }
${ROUTES.trimEnd().slice(0, -1)}, {to: 40.0.0.0/8, via: 10.0.0.2}, {to_file: far, via: 10.0.5.2, dev: w0, onlink: true}]
`;
        const outcome = await applyWithEveryFault(ns, host, yaml, { lists, every: true });
        assert.equal(outcome.status, 'applied');
        assert.equal(ipJson(ns, 'route show dev w0 proto 110').length, far.length);
      },
      'link add w0 type veth peer name w1',
      'link set w1 up',
      'link set w0 up',
    ));
});
