import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelPort } from '../../src/model/kernel-port.ts';
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

/** Notes how many routes a dump makes objects of, at most. */
const countRoutes = (most: { routes: number }) => (kernel: KernelPort) => ({
  ...kernel,
  dump: async (options: Parameters<KernelPort['dump']>[0]) => {
    const state = await kernel.dump(options);
    most.routes = Math.max(most.routes, state.route.length);
    return state;
  },
});

/** Lets so many operations through and refuses the next; what comes after it goes through. */
const refuse = (allowed: number) => (kernel: KernelPort) => {
  let left = allowed;
  return {
    ...kernel,
    send: async (ops: Parameters<KernelPort['send']>[0], options: Parameters<KernelPort['send']>[1]) => {
      const isNow = left >= 0 && left < ops.length;
      left -= ops.length;
      if (!isNow) return kernel.send(ops, options);
      left = -1;
      return [{ ok: false as const, error: { errno: 1, name: 'EPERM', message: 'refused by the test' } }];
    },
  };
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
        const outcome = await applyWithEveryFault(ns, host, yaml, lists, true);
        assert.equal(outcome.status, 'applied');
        assert.equal(ipJson(ns, 'route show dev w0 proto 110').length, far.length);
      },
      'link add w0 type veth peer name w1',
      'link set w1 up',
      'link set w0 up',
    ));
});
