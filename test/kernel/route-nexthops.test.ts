import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelPort, RouteSieve } from '../../src/model/kernel-port.ts';
import type { PlanSummary } from '../../src/reconcile/plan/plan-types.ts';
import { assertIdempotent, settledView } from './cases/run-case.ts';
import { faultAt, faultyPort } from './fault-ports.ts';
import { openTestHost, type TestHost } from './harness.ts';
import { GROUND } from './route-list-scenes.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const PREFIXES = Array.from({ length: 48 }, (_, i) => `172.16.${i}.0/24`);
/** So many are there before, by the same object. */
const THERE = 30;

const LISTS = { all: PREFIXES.join('\n') };

/** The object gets another gateway, and the list more routes. */
const WANTED = `version: 1
nexthops: [{id: 5, via: 10.0.0.2, dev: u0}]
routes: [{to_file: all, nhid: 5}]
`;

/** What is there before: routes by the object, or by a gateway and no object yet. */
const BEFORE = {
  object: { first: ['nexthop add id 5 via 10.0.0.9 dev u0 proto 110'], way: 'nhid 5' },
  gateway: { first: [], way: 'via 10.0.0.9 dev u0' },
} as const;

const withHost = (before: keyof typeof BEFORE, run: (host: TestHost, ns: string) => Promise<void>): Promise<void> =>
  withNamespace(async (ns) => {
    const { first, way } = BEFORE[before];
    ipRun(ns, ...GROUND, ...first);
    for (const to of PREFIXES.slice(0, THERE)) ipRun(ns, `route add ${to} ${way} proto 110`);
    const host = openTestHost(ns);
    try {
      await run(host, ns);
    } finally {
      host.close();
    }
  });

/** Tells of each dump without a sieve: there, every route becomes an object. */
const watching = (kernel: KernelPort, dumped: (sieve: RouteSieve | undefined) => void): KernelPort => ({
  ...kernel,
  dump: async (options = {}) => {
    dumped(options.sieve);
    return kernel.dump(options);
  },
});

const applyWatched = async (host: TestHost, ns: string): Promise<PlanSummary> => {
  const dumps: (RouteSieve | undefined)[] = [];
  const wrap = (kernel: KernelPort) => watching(kernel, (sieve) => dumps.push(sieve));
  const outcome = await host.apply(WANTED, { lists: LISTS, wrap, sample: 2 });
  assert.equal(outcome.status, 'applied');
  assert.ok(dumps.length >= 2 && dumps.every((sieve) => sieve !== undefined), 'none was of everything');
  const routes = ipJson(ns, 'route show proto 110') as readonly { readonly gateway: string; readonly nhid: number }[];
  assert.equal(routes.length, PREFIXES.length);
  assert.ok(routes.every(({ gateway, nhid }) => gateway === '10.0.0.2' && nhid === 5));
  await assertIdempotent(host, WANTED, LISTS);
  return outcome.plan.summary;
};

const NEW = PREFIXES.length - THERE;

describe('routes of a list by one nexthop object', () => {
  it('stay columns where the object is changed in its place', () =>
    withHost('object', async (host, ns) => {
      assert.deepEqual(await applyWatched(host, ns), { create: NEW, update: 1, replace: 0, delete: 0, restore: 0 });
    }));

  it('stay columns where the object is made', () =>
    withHost('gateway', async (host, ns) => {
      const summary = await applyWatched(host, ns);
      assert.deepEqual(summary, { create: NEW + 1, update: THERE, replace: 0, delete: 0, restore: 0 });
    }));

  for (const scene of ['object', 'gateway'] as const) {
    it(`are as they were after a fault at any operation (before: ${scene})`, () =>
      withHost(scene, async (host, ns) => {
        const before = await settledView(ns);
        const wrapAt = (k: number) => (kernel: KernelPort) => faultyPort(kernel, faultAt(k, 'refused'));
        let k = 0;
        for (; ; k++) {
          const { status } = await host.apply(WANTED, { lists: LISTS, wrap: wrapAt(k), sample: 2 });
          if (status === 'applied') break;
          assert.equal(status, 'rolledBack', `at ${k}`);
          assert.deepEqual(await settledView(ns), before, `at ${k}`);
        }
        assert.ok(k > NEW, `only ${k} faults`);
      }));
  }
});
