import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../src/model/ip.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { recover } from '../../src/reconcile/transaction/recover.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { renderPlanText } from '../../src/report/plan-text.ts';
import { assertIdempotent, settledView } from './cases/run-case.ts';
import { type Fault, faultAt, faultyPort, Killed } from './fault-ports.ts';
import { NAMES, openTestHost, sleep, type TestHost } from './harness.ts';
import { entriesOf, PLACES, textsOf } from './route-list-scenes.ts';
import { ipRun, ipTry, withNamespace } from './support.ts';

/** A lab kernel has one slow processor. */
export const IS_SLOW = availableParallelism() === 1;
/** Every so-manieth operation fails in turn. */
const faultStride = Number(process.env.ROUTE_BULK_FAULT_STRIDE ?? (IS_SLOW ? 43 : 7));

const PREFIX_COUNT = 48;

/** 48 of a family, in the order of a dump. */
export const prefixesOf = (family: Family): readonly string[] =>
  Array.from({ length: PREFIX_COUNT }, (_, i) => PLACES[family].prefixAt(i));

/** Routes of ours that a list changes: by the same link, and in every field. */
const OLD = {
  inet: { near: 'via 10.0.0.9 dev u0 proto 110', far: 'via 10.0.1.9 dev u1 proto 110 mtu 1300' },
  inet6: { near: 'via 2001:db8::9 dev u0 proto 110', far: 'via 2001:db8:0:1::9 dev u1 proto 110 mtu 1300' },
} as const;

/** What may stand at a prefix, as `ip route append` takes it. */
const HAVE: Readonly<Record<Family, readonly string[]>> = {
  inet: [
    ...Array.from({ length: 6 }, () => 'via 10.0.0.2 dev u0 proto 110'),
    ...Array.from({ length: 12 }, () => OLD.inet.near),
    ...Array.from({ length: 6 }, () => OLD.inet.far),
    'via 10.0.0.9 dev u0 proto static',
    'via 10.0.0.2 dev u0 proto 110 metric 5',
    'via 10.0.1.2 dev u1 proto 110 table 77',
    'nexthop via 10.0.0.2 dev u0 nexthop via 10.0.1.2 dev u1 proto 110',
  ],
  inet6: [
    ...Array.from({ length: 6 }, () => 'via 2001:db8::2 dev u0 proto 110'),
    ...Array.from({ length: 12 }, () => OLD.inet6.near),
    ...Array.from({ length: 6 }, () => OLD.inet6.far),
    'via 2001:db8::9 dev u0 proto static',
    'via 2001:db8::2 dev u0 proto 110 metric 5',
    'via 2001:db8:0:1::2 dev u1 proto 110 table 77',
    'nexthop via 2001:db8::2 dev u0 nexthop via 2001:db8:0:1::2 dev u1 proto 110',
    // no sibling of those by a gateway
    'dev u1 proto 110',
    'dev u1 proto static',
    'via 2001:db8::2 dev u0 proto 110 pref high',
    'from 2001:db8:f::/48 via 2001:db8::2 dev u0 proto 110',
  ],
};

const some = (prefixes: readonly string[]) =>
  fc.oneof(fc.constant([]), fc.shuffledSubarray([...prefixes]), fc.subarray([...prefixes], { minLength: 30 }));

export const scenesOf = (family: Family) => {
  const prefixes = prefixesOf(family);
  const list = some(prefixes);
  return fc.record({
    have: fc.array(fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...HAVE[family])), {
      minLength: 20,
      maxLength: 60,
    }),
    lists: fc.record({ one: list, open: list, two: list, three: list }),
    extra: fc.constantFrom(
      '',
      '',
      'links: {u0: {mtu: 1400}}\n',
      'rules: [{priority: 1000, from: 10.9.0.0/16, table: 77}]\n',
      // a list leads to the gateway of another by way of what is no neighbor
      family === 'inet'
        ? 'links: {u1: {addresses: [10.0.1.1/24, 172.16.3.1/24]}}\n'
        : 'links: {u1: {addresses: ["2001:db8:0:1::1/64", {address: "2400:3:8000::1/64", nodad: true}]}}\n',
    ),
    rest: fc.constantFrom('', '', 'prune: none\n', 'prune: all\n'),
    sample: fc.integer({ min: 1, max: 4 }),
  });
};
export type Scene = ReturnType<typeof scenesOf> extends fc.Arbitrary<infer T> ? T : never;

const yamlOf = (family: Family, { lists, extra, rest }: Pick<Scene, 'lists' | 'extra' | 'rest'>): string => {
  const routes = entriesOf(lists, PLACES[family])
    .map((entry) => `  - ${entry}\n`)
    .join('');
  return `version: 1\n${extra}${rest}${routes === '' ? '' : `routes:\n${routes}`}`;
};

const fill = (ns: string, family: Family, have: Scene['have']): void => {
  ipRun(ns, ...PLACES[family].ground);
  const ip = family === 'inet' ? 'route' : '-6 route';
  for (const [to, what] of have) ipTry(ns, `${ip} append ${to} ${what}`);
};

export const sendRoutesOf = ({ sendRoutes }: KernelPort): NonNullable<KernelPort['sendRoutes']> => {
  assert.ok(sendRoutes !== undefined);
  return sendRoutes;
};

/** Counts what goes in bulk. */
const counting = (kernel: KernelPort, count: (routes: number) => void): KernelPort => ({
  ...kernel,
  sendRoutes: async (bulk, rows, options) => {
    count(rows.length);
    return sendRoutesOf(kernel)(bulk, rows, options);
  },
});

/** Without the numbers of steps: what goes in bulk has none. */
const planText = (plan: Plan, limit: number): string =>
  renderPlanText(plan, { paint: PLAIN, names: NAMES, limit }).replace(/; steps? [\d, ]+/g, '');

const told = async (apply: () => Promise<Outcome>, limit: number) => {
  try {
    const outcome = await apply();
    return {
      status: outcome.status,
      failure: 'failure' in outcome ? outcome.failure.message : undefined,
      text: planText(outcome.plan, limit),
    };
  } catch (error) {
    return (error as Error).message;
  }
};

/** Runs with a host on which routes of a family stand. */
export const withHost = <T>(
  family: Family,
  have: Scene['have'],
  run: (host: TestHost, ns: string) => Promise<T>,
): Promise<T> =>
  withNamespace(async (ns) => {
    fill(ns, family, have);
    const host = openTestHost(ns);
    try {
      return await run(host, ns);
    } finally {
      host.close();
    }
  });

export const FAULTS: readonly Fault[] = ['refused', 'ackLost', 'killedBefore', 'killedAfter', 'aborted'];

/** Applies with a fault at operation `k`, and recovers where that ends the process. */
export const applyWithFault = async (
  host: TestHost,
  { yaml, lists }: { yaml: string; lists: Readonly<Record<string, string>> },
  k: number,
  fault: Fault,
): Promise<Outcome['status']> => {
  const abort = new AbortController();
  const wrap = (kernel: KernelPort) => faultyPort(kernel, faultAt(k, fault), { abort: () => abort.abort() });
  try {
    return (await host.apply(yaml, { lists, wrap, sample: 2, signal: abort.signal })).status;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    const { kernel, records } = host;
    const { status } = await recover({ kernel, records, approve: async () => true, sleep, now: Date.now });
    assert.ok(status === 'applied' || status === 'unchanged', `recovered: ${status}`);
    return 'rolledBack';
  }
};

/** What holds of routes in bulk whatever their family. */
export const declareBulkTests = (family: Family, { seed, numRuns }: { seed: number; numRuns: number }): void => {
  const prefixes = prefixesOf(family);
  const isSorted = (list: readonly string[]): boolean =>
    list.every((to, i) => i === 0 || prefixes.indexOf(list[i - 1] as string) < prefixes.indexOf(to));

  it('come to what the same routes one by one come to, and are told in the same words', async () => {
    let inBulk = 0;
    await fc.assert(
      fc.asyncProperty(scenesOf(family), async (scene) => {
        const yaml = yamlOf(family, scene);
        const lists = textsOf(scene.lists);
        const { sample } = scene;
        const wrap = (kernel: KernelPort) =>
          counting(kernel, (count) => {
            inBulk += count;
          });
        const after = (host: TestHost, ns: string, options: object) =>
          told(() => host.apply(yaml, { lists, ...options }), sample).then(async (outcome) => ({
            outcome,
            view: await settledView(ns),
          }));
        const small = await withHost(family, scene.have, (host, ns) => after(host, ns, {}));
        const bulk = await withHost(family, scene.have, async (host, ns) => {
          const found = await after(host, ns, { wrap, sample, echoUse: 'always' });
          if (typeof found.outcome !== 'string' && found.outcome.status === 'applied')
            await assertIdempotent(host, yaml, lists);
          return found;
        });
        assert.deepEqual(bulk.view.route, small.view.route);
        assert.deepEqual(bulk.view.rule, small.view.rule);
        if (Object.values(scene.lists).every(isSorted)) assert.deepEqual(bulk.outcome, small.outcome);
        else assert.equal(typeof bulk.outcome, typeof small.outcome);
      }),
      { seed, numRuns },
    );
    assert.ok(inBulk > 10 * numRuns, `only ${inBulk} routes went in bulk: they say nothing`);
  });

  it('are undone after a fault at any of them', async () => {
    const have = [
      ...prefixes.slice(0, 20).map((to): [string, string] => [to, OLD[family].near]),
      ...prefixes.slice(20, 30).map((to): [string, string] => [to, OLD[family].far]),
    ];
    const lists = { one: prefixes.slice(10).join('\n'), two: prefixes.join('\n') };
    const { one, two } = PLACES[family].lists;
    const yaml = `version: 1\nroutes:\n  - {to_file: one, ${one}}\n  - {to_file: two, ${two}}\n`;
    for (const [n, fault] of FAULTS.entries()) {
      await withHost(family, have, async (host, ns) => {
        const before = await settledView(ns);
        let failed = 0;
        for (let k = n; ; k += faultStride) {
          const status = await applyWithFault(host, { yaml, lists }, k, fault);
          if (status === 'applied') break;
          failed++;
          assert.equal(status, 'rolledBack', `${fault} at ${k}`);
          assert.deepEqual(await settledView(ns), before, `${fault} at ${k}`);
        }
        assert.ok(failed * faultStride > 80, `${fault}: only ${failed} faults`);
      });
    }
  });
};
