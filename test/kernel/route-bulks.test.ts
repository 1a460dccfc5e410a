import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Family } from '../../src/model/ip.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import { type RouteBulk, routeOpAt } from '../../src/model/route-bulk.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { recover } from '../../src/reconcile/transaction/recover.ts';
import { declareBulkTests, IS_SLOW, prefixesOf, sendRoutesOf, withHost } from './bulk-scenes.ts';
import { settledView } from './cases/run-case.ts';
import { createTestCommand } from './command.ts';
import { faultyPort, refuseTwice } from './fault-ports.ts';
import { sleep, type TestHost } from './harness.ts';
import { GROUND, LISTS, PLACES } from './route-list-scenes.ts';
import { ipJson, ipRun, nsExec, withNamespace } from './support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_122);
const numRuns = Number(process.env.ROUTE_BULK_RUNS ?? (IS_SLOW ? 3 : 25));

const PREFIXES = prefixesOf('inet');

/** So many that it takes more than one send. */
const MANY: Readonly<Record<Family, readonly string[]>> = {
  inet: Array.from({ length: 6000 }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`),
  inet6: Array.from({ length: 6000 }, (_, i) => `2400:${(i + 1).toString(16)}::/32`),
};

describe(`routes in bulk (seed ${seed}, ${numRuns} runs)`, () => {
  declareBulkTests('inet', { seed, numRuns });

  it('are left where the rollback of one is refused as well, and recovered later', async () => {
    const lists = { one: PREFIXES.join('\n') };
    const yaml = `version: 1\nroutes: [{to_file: one, ${LISTS.one}}]\n`;
    await withHost('inet', [[PREFIXES[7] as string, 'via 10.0.0.9 dev u0 proto 110']], async (host, ns) => {
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

  const applyMany = async (family: Family, host: TestHost, wrap: (kernel: KernelPort) => KernelPort) => {
    const lists = { one: `# all of them\n${MANY[family].join('\n')}\n` };
    const outcome = await host.apply(`version: 1\nroutes: [{to_file: one, ${PLACES[family].lists.one}}]\n`, {
      lists,
      wrap,
      sample: 2,
    });
    assert.equal(outcome.status, 'rolledBack');
    return (outcome as Extract<Outcome, { status: 'rolledBack' }>).failure;
  };

  for (const family of ['inet', 'inet6'] as const) {
    const many = MANY[family];
    const route = family === 'inet' ? 'route' : '-6 route';

    it(`fail with the line of the one that the kernel refuses, and the others are undone, of ${family}`, async () => {
      await withHost(family, [], async (host, ns) => {
        const failure = await applyMany(
          family,
          host,
          before((kernel, bulk) => kernel.send([routeOpAt(bulk, 3000)])),
        );
        assert.equal(failure.refusal?.name, 'EEXIST', failure.message);
        // one comment, and two that were planned one by one
        assert.equal(failure.step?.source?.line, 3000 + 1 + 1 + 2);
        assert.match(failure.message, new RegExp(`^create route ${many[3002]?.replaceAll('.', '\\.')}: EEXIST`));
        assert.deepEqual(ipJson(ns, `${route} show proto 110`), []);
      });
    });

    it(`stop where another program puts something in the place of one, which stays, of ${family}`, async () => {
      await withHost(family, [], async (host, ns) => {
        const failure = await applyMany(
          family,
          host,
          before(() => ipRun(ns, `${route} add blackhole ${many[3000]} proto static`)),
        );
        assert.equal(failure.cause, 'foreign', failure.message);
        assert.match(failure.message, new RegExp(`${many[3000]?.replaceAll('.', '\\.')} was changed by`));
        assert.deepEqual(ipJson(ns, `${route} show proto 110`), []);
        assert.equal(ipJson(ns, `${route} show proto static`).length, 1);
      });
    });
  }

  it('are answered one by one, in whatever order they are sent', async () => {
    await withHost('inet', [[PREFIXES[5] as string, 'via 10.0.0.9 dev u0 proto 110']], async (host) => {
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
    await withHost('inet', [], async (host, ns) => {
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
const COUNTS = IS_SLOW ? [20_000, 60_000, 240_000] : [100_000, 300_000, 900_000];

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
