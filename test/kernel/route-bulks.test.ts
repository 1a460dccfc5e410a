import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import { type RouteBulk, routeOpAt } from '../../src/model/route-bulk.ts';
import type { Outcome, Plan } from '../../src/reconcile/plan-types.ts';
import { recover } from '../../src/reconcile/recover.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { renderPlanText } from '../../src/report/plan-text.ts';
import { assertIdempotent, settledView } from './cases/run-case.ts';
import { createTestCommand } from './command.ts';
import { type Fault, faultAt, faultyPort, Killed, refuseTwice } from './fault-ports.ts';
import { NAMES, openTestHost, sleep, type TestHost } from './harness.ts';
import { entriesOf, GROUND, LISTS, textsOf } from './route-list-scenes.ts';
import { ipJson, ipRun, ipTry, nsExec, withNamespace } from './support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_122);
/** A lab kernel has one slow processor. */
const IS_SLOW = availableParallelism() === 1;
const numRuns = Number(process.env.ROUTE_BULK_RUNS ?? (IS_SLOW ? 3 : 25));
/** Every so-manieth operation fails in turn. */
const faultStride = Number(process.env.ROUTE_BULK_FAULT_STRIDE ?? (IS_SLOW ? 43 : 7));

const prefixOf = (i: number): string => `172.16.${i >> 1}.${(i & 1) * 128}/${24 + (i & 1)}`;
const PREFIXES = Array.from({ length: 48 }, (_, i) => prefixOf(i));

/** What may stand at a prefix, as `ip route append` takes it. */
const HAVE = [
  ...Array.from({ length: 6 }, () => 'via 10.0.0.2 dev u0 proto 110'),
  ...Array.from({ length: 12 }, () => 'via 10.0.0.9 dev u0 proto 110'),
  ...Array.from({ length: 6 }, () => 'via 10.0.1.9 dev u1 proto 110 mtu 1300'),
  'via 10.0.0.9 dev u0 proto static',
  'via 10.0.0.2 dev u0 proto 110 metric 5',
  'via 10.0.1.2 dev u1 proto 110 table 77',
  'nexthop via 10.0.0.2 dev u0 nexthop via 10.0.1.2 dev u1 proto 110',
];

const some = fc.oneof(fc.constant([]), fc.shuffledSubarray(PREFIXES), fc.subarray(PREFIXES, { minLength: 30 }));

const scenes = fc.record({
  have: fc.array(fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...HAVE)), { minLength: 20, maxLength: 60 }),
  lists: fc.record({ one: some, open: some, two: some, three: some }),
  extra: fc.constantFrom(
    '',
    '',
    'links: {u0: {mtu: 1400}}\n',
    'rules: [{priority: 1000, from: 10.9.0.0/16, table: 77}]\n',
    // a list leads to the gateway of another by way of what is no neighbor
    'links: {u1: {addresses: [10.0.1.1/24, 172.16.3.1/24]}}\n',
  ),
  rest: fc.constantFrom('', '', 'prune: none\n', 'prune: all\n'),
  sample: fc.integer({ min: 1, max: 4 }),
});
type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never;

const yamlOf = ({ lists, extra, rest }: Pick<Scene, 'lists' | 'extra' | 'rest'>): string => {
  const routes = entriesOf(lists)
    .map((entry) => `  - ${entry}\n`)
    .join('');
  return `version: 1\n${extra}${rest}${routes === '' ? '' : `routes:\n${routes}`}`;
};

const fill = (ns: string, have: Scene['have']): void => {
  ipRun(ns, ...GROUND);
  for (const [to, what] of have) ipTry(ns, `route append ${to} ${what}`);
};

/** So many that it takes more than one send. */
const MANY = Array.from({ length: 6000 }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`);

const sendRoutesOf = ({ sendRoutes }: KernelPort): NonNullable<KernelPort['sendRoutes']> => {
  assert.ok(sendRoutes !== undefined);
  return sendRoutes;
};

/** Counts what goes in bulk. */
const counting = (kernel: KernelPort, count: (routes: number) => void): KernelPort => ({
  ...kernel,
  sendRoutes: async (bulk, rows) => {
    count(rows.length);
    return sendRoutesOf(kernel)(bulk, rows);
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

const isSorted = (list: readonly string[]): boolean =>
  list.every((to, i) => i === 0 || PREFIXES.indexOf(list[i - 1] as string) < PREFIXES.indexOf(to));

const withHost = <T>(have: Scene['have'], run: (host: TestHost, ns: string) => Promise<T>): Promise<T> =>
  withNamespace(async (ns) => {
    fill(ns, have);
    const host = openTestHost(ns);
    try {
      return await run(host, ns);
    } finally {
      host.close();
    }
  });

const FAULTS: readonly Fault[] = ['refused', 'ackLost', 'killedBefore', 'killedAfter', 'aborted'];

/** Applies with a fault at operation `k`, and recovers where that ends the process. */
const applyWithFault = async (
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

describe(`routes in bulk (seed ${seed}, ${numRuns} runs)`, () => {
  it('come to what the same routes one by one come to, and are told in the same words', async () => {
    let inBulk = 0;
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const yaml = yamlOf(scene);
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
        const small = await withHost(scene.have, (host, ns) => after(host, ns, {}));
        const bulk = await withHost(scene.have, async (host, ns) => {
          const found = await after(host, ns, { wrap, sample });
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
      ...PREFIXES.slice(0, 20).map((to): [string, string] => [to, 'via 10.0.0.9 dev u0 proto 110']),
      ...PREFIXES.slice(20, 30).map((to): [string, string] => [to, 'via 10.0.1.9 dev u1 proto 110 mtu 1300']),
    ];
    const lists = { one: PREFIXES.slice(10).join('\n'), two: PREFIXES.join('\n') };
    const yaml = `version: 1\nroutes:\n  - {to_file: one, ${LISTS.one}}\n  - {to_file: two, ${LISTS.two}}\n`;
    for (const [n, fault] of FAULTS.entries()) {
      await withHost(have, async (host, ns) => {
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

  it('are left where the rollback of one is refused as well, and recovered later', async () => {
    const lists = { one: PREFIXES.join('\n') };
    const yaml = `version: 1\nroutes: [{to_file: one, ${LISTS.one}}]\n`;
    await withHost([[PREFIXES[7] as string, 'via 10.0.0.9 dev u0 proto 110']], async (host, ns) => {
      const view = await settledView(ns);
      for (const [k, j] of [
        [40, 20],
        [25, 1],
      ] as const) {
        const wrap = (kernel: KernelPort) => faultyPort(kernel, refuseTwice(k, j));
        const outcome = await host.apply(yaml, { lists, wrap, sample: 2 });
        assert.equal(outcome.status, 'incomplete', `${k} and ${j}`);
        assert.equal((outcome as Extract<Outcome, { status: 'incomplete' }>).remaining.steps.length, 1);
        assert.equal(ipJson(ns, 'route show proto 110').length, 2, 'the old one, and one that could not be undone');
        const { kernel, records } = host;
        const { status } = await recover({ kernel, records, approve: async () => true, sleep, now: Date.now });
        assert.equal(status, 'applied');
        assert.deepEqual(await settledView(ns), view, `${k} and ${j}`);
      }
    });
  });

  /** Does something before the first of them are sent. */
  const before =
    (act: (kernel: KernelPort, bulk: RouteBulk) => unknown) =>
    (kernel: KernelPort): KernelPort => {
      let isDone = false;
      return {
        ...kernel,
        sendRoutes: async (bulk, rows) => {
          if (!isDone) await act(kernel, bulk);
          isDone = true;
          return sendRoutesOf(kernel)(bulk, rows);
        },
      };
    };

  const applyMany = async (host: TestHost, wrap: (kernel: KernelPort) => KernelPort) => {
    const lists = { one: `# all of them\n${MANY.join('\n')}\n` };
    const outcome = await host.apply(`version: 1\nroutes: [{to_file: one, ${LISTS.one}}]\n`, {
      lists,
      wrap,
      sample: 2,
    });
    assert.equal(outcome.status, 'rolledBack');
    return (outcome as Extract<Outcome, { status: 'rolledBack' }>).failure;
  };

  it('fail with the line of the one that the kernel refuses, and the others are undone', async () => {
    await withHost([], async (host, ns) => {
      const failure = await applyMany(
        host,
        before((kernel, bulk) => kernel.send([routeOpAt(bulk, 3000)])),
      );
      assert.equal(failure.refusal?.name, 'EEXIST', failure.message);
      // one comment, and two that were planned one by one
      assert.equal(failure.step?.source?.line, 3000 + 1 + 1 + 2);
      assert.match(failure.message, new RegExp(`^create route ${MANY[3002]?.replaceAll('.', '\\.')}: EEXIST`));
      assert.deepEqual(ipJson(ns, 'route show proto 110'), []);
    });
  });

  it('stop where another program puts something in the place of one, which stays', async () => {
    await withHost([], async (host, ns) => {
      const failure = await applyMany(
        host,
        before(() => ipRun(ns, `route add blackhole ${MANY[3000]} proto static`)),
      );
      assert.equal(failure.cause, 'foreign', failure.message);
      assert.match(failure.message, new RegExp(`${MANY[3000]?.replaceAll('.', '\\.')} was changed by`));
      assert.deepEqual(ipJson(ns, 'route show proto 110'), []);
      assert.equal(ipJson(ns, 'route show proto static').length, 1);
    });
  });

  it('are answered one by one, in whatever order they are sent', async () => {
    await withHost([[PREFIXES[5] as string, 'via 10.0.0.9 dev u0 proto 110']], async (host) => {
      const { kernel } = host;
      const sendRoutes = sendRoutesOf(kernel);
      const like = {
        kind: 'route',
        action: 'create',
        object: {
          family: 'inet',
          to: '192.0.2.0/24',
          table: 254,
          metric: 0,
          tos: 0,
          type: 'unicast',
          protocol: 110,
          scope: 0,
          hops: [{ via: '10.0.0.2', dev: 'u0', weight: 1 }],
        },
      } as const;
      const to = Uint32Array.from(
        PREFIXES,
        (_, i) => (((172 << 24) | (16 << 16) | ((i >> 1) << 8)) >>> 0) + (i & 1) * 128,
      );
      const bulk = { words: 1 as const, like, to, length: Uint8Array.from(PREFIXES, (_, i) => 24 + (i & 1)) };
      assert.deepEqual(
        PREFIXES.map((_, row) => routeOpAt(bulk, row).object.to),
        PREFIXES,
      );
      const rows = Uint32Array.from([7, 5, 3, 40, 5]);
      await kernel.dump({ kinds: ['link'] });
      const { sent, told } = await sendRoutes(bulk, rows);
      assert.equal(sent, 5);
      assert.deepEqual(
        told.map(({ at, result }) => [at, result.ok ? '' : result.error.name]),
        [
          [1, 'EEXIST'],
          [4, 'EEXIST'],
        ],
      );
      const routes = (await kernel.dump({ kinds: ['route'] })).route.filter(({ protocol }) => protocol === 110);
      assert.deepEqual(
        routes.map((route) => route.to),
        [3, 5, 7, 40].map((i) => PREFIXES[i]),
      );
      assert.deepEqual(routes[0], { ...like.object, to: PREFIXES[3] });
      const gone = {
        ...bulk,
        like: { ...like, object: { ...like.object, hops: [{ ...like.object.hops[0], dev: 'no' }] } },
      };
      assert.deepEqual((await sendRoutes(gone, rows)).told[0]?.result.ok, false, 'a link that is not there');
    });
  });

  it('that lead to their own gateway go last', async () => {
    await withHost([], async (host, ns) => {
      const gateway = '10.0.0.2/32';
      const list = [...PREFIXES.slice(0, 20), gateway, ...PREFIXES.slice(20)];
      const outcome = await host.apply(`version: 1\nroutes: [{to_file: one, ${LISTS.one}}]\n`, {
        lists: { one: list.join('\n') },
        sample: 2,
      });
      // the kernel takes no gateway that is behind a gateway
      assert.equal(outcome.status, 'applied', 'failure' in outcome ? outcome.failure.message : '');
      assert.equal(ipJson(ns, 'route show proto 110').length, list.length);
    });
  });
});

const command = createTestCommand();

/** Where the machine is so fast that the signal comes after the end, more routes take longer. */
const COUNTS = IS_SLOW ? [20_000, 60_000] : [100_000, 300_000, 900_000];

const routesIn = (ns: string): number =>
  nsExec(ns, 'cat', '/proc/net/fib_triestat')
    .stdout.split('Local:')
    .slice(0, 1)
    .reduce((sum, text) => sum + Number(/Prefixes:\s+(\d+)/.exec(text)?.[1] ?? 0), 0);

/** Starts an apply of a long list and sends a signal once routes come into being. */
const interrupt = async (ns: string, count: number, signal: NodeJS.Signals) => {
  const list = Array.from({ length: count }, (_, i) => `${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`);
  command.file('many.txt', list.join('\n'));
  const yaml = command.file('many.yaml', 'version: 1\nroutes: [{to_file: many.txt, via: 10.0.0.2}]\n');
  const running = command.start(ns, 'apply', '--yes', yaml);
  const few = routesIn(ns) + 2000;
  while (running.child.exitCode === null && routesIn(ns) < few) await sleep(5);
  running.child.kill(signal);
  return { status: await running.ended(), text: running.text(), wasInTime: routesIn(ns) < count };
};

describe('an apply of many routes', () => {
  const interrupted = async (
    signal: NodeJS.Signals,
    judge: (ns: string, end: { status: number | null; text: string }) => void,
  ): Promise<void> => {
    for (const count of COUNTS) {
      const wasInTime = await withNamespace(async (ns) => {
        ipRun(ns, ...GROUND);
        const end = await interrupt(ns, count, signal);
        const killedLate = signal === 'SIGKILL' && !end.wasInTime;
        if (end.status === 0 || killedLate) return false;
        judge(ns, end);
        return true;
      });
      if (wasInTime) return;
    }
    assert.fail(`${signal} did not stop an apply of ${COUNTS.at(-1)} routes`);
  };

  it('goes back at SIGTERM', () =>
    interrupted('SIGTERM', (ns, { status, text }) => {
      assert.equal(status, 3, text);
      assert.match(text, /NR_INTERRUPTED[\s\S]*Everything was put back \(verified\)/);
      assert.deepEqual(ipJson(ns, 'route show proto 110'), []);
    }));

  it('is undone by recover after SIGKILL', () =>
    interrupted('SIGKILL', (ns) => {
      assert.ok(routesIn(ns) > 2000, 'it was at work');
      const { status, stdout, stderr } = command.run(ns, 'recover');
      assert.equal(status, 0, stderr);
      assert.match(stdout, /verified/);
      assert.deepEqual(ipJson(ns, 'route show proto 110'), []);
    }));
});
