import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { OpResult } from '../../src/model/op.ts';
import type { BulkAnswer } from '../../src/model/route-bulk.ts';
import { openKernel } from '../../src/netlink/open-kernel.ts';
import type { Outcome } from '../../src/reconcile/plan-types.ts';
import { assertIdempotent, settledView } from './cases/run-case.ts';
import { createTestCommand } from './command.ts';
import { type ApplyTestOptions, openTestHost, sleep, type TestHost } from './harness.ts';
import { GROUND, LISTS } from './route-list-scenes.ts';
import { ipJson, ipRun, nsExec, withNamespace } from './support.ts';

/** More than one send. */
const OLD = Array.from({ length: 3000 }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`);
/** Of these some go and others come, in bulk. */
const NEW = [...OLD.slice(0, 2800), ...OLD.slice(0, 300).map((to) => to.replace('20.', '21.'))];

const YAML = `version: 1\nroutes:\n  - {to_file: one, ${LISTS.one}}\n  - {to_file: two, ${LISTS.two}}\n`;
/** Another gateway: each is changed in its place. */
const MOVED = YAML.replace('10.0.0.2', '10.0.0.9');
const listsOf = (one: readonly string[]) => ({ one: one.join('\n'), two: OLD.slice(0, 5).join('\n') });

const ROUTE_SHAPE = {
  family: 'inet',
  to: '20.0.0.0/24',
  table: 254,
  metric: 9,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
} as const;

/** What a test does to the port of a transaction. */
interface Meddling {
  /** once, when the first part of a bulk has been sent */
  readonly behind?: () => void;
  /** changes the answer to the first part of each bulk */
  readonly answer?: (answer: BulkAnswer) => BulkAnswer;
  /** changes the results of single operations */
  readonly results?: (results: readonly OpResult[]) => readonly OpResult[];
  readonly overrun?: true;
}

/** Counts the dumps of a transaction, and meddles with it. */
const meddle = (kernel: KernelPort, meddling: Meddling, dumped: () => void): KernelPort => {
  let behind = meddling.behind;
  return {
    ...kernel,
    dump: (options) => {
      dumped();
      return kernel.dump(options);
    },
    send: async (ops, options) => {
      const results = await kernel.send(ops, options);
      return meddling.results?.(results) ?? results;
    },
    sendRoutes: async (bulk, rows, options) => {
      assert.ok(kernel.sendRoutes !== undefined);
      const answer = await kernel.sendRoutes(bulk, rows, options);
      behind?.();
      behind = undefined;
      return meddling.answer?.(answer) ?? answer;
    },
    subscribe: (kinds, options) => {
      const subscription = kernel.subscribe(kinds, options);
      if (meddling.overrun !== true) return subscription;
      return { ...subscription, drain: () => ({ ...subscription.drain(), overrun: true }) };
    },
  };
};

const apply = async (
  host: TestHost,
  yaml: string,
  list: readonly string[],
  { meddling = {}, ...options }: ApplyTestOptions & { readonly meddling?: Meddling } = {},
): Promise<{ readonly outcome: Outcome; readonly dumps: number }> => {
  let dumps = 0;
  const wrap = (kernel: KernelPort) =>
    meddle(kernel, meddling, () => {
      dumps++;
    });
  const outcome = await host.apply(yaml, { lists: listsOf(list), sample: 2, wrap, ...options });
  return { outcome, dumps };
};

/** Before and after the question; what a proof by echoes spares is the third. */
const UNVERIFIED = 2;

/** The links of GROUND in a namespace in which nothing happens of its own accord any more. */
const makeGround = async (ns: string): Promise<void> => {
  nsExec(ns, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
  ipRun(ns, ...GROUND);
  const isUp = (name: string) => JSON.stringify(ipJson(ns, `link show ${name}`)).includes('"operstate":"UP"');
  for (let polls = 0; polls < 200 && !(isUp('u0') && isUp('u1')); polls++) await sleep(50);
};

/** A namespace in which the old routes are. */
const withOld = (run: (host: TestHost, ns: string) => Promise<void>): Promise<void> =>
  withNamespace(async (ns) => {
    await makeGround(ns);
    const host = openTestHost(ns);
    try {
      const { outcome } = await apply(host, YAML, OLD);
      assert.equal(outcome.status, 'applied', 'failure' in outcome ? outcome.failure.message : '');
      await run(host, ns);
    } finally {
      host.close();
    }
  });

const assertNew = async (host: TestHost, ns: string): Promise<void> => {
  await assertIdempotent(host, YAML, listsOf(NEW));
  const shown = ipJson(ns, 'route show proto 110') as readonly { readonly dst: string; readonly type?: string }[];
  const destinations = shown.flatMap(({ dst, type }) => (type === 'blackhole' ? [] : dst));
  assert.deepEqual(destinations.toSorted(), NEW.toSorted());
};

describe('a change of routes in bulk', () => {
  it('is verified by what the kernel says it has done, without another dump', () =>
    withOld(async (host, ns) => {
      for (const [yaml, list] of [
        [YAML, NEW],
        [MOVED, NEW],
        [MOVED, OLD],
        [YAML, [...OLD, '22.0.0.0/24']],
        [YAML, OLD],
      ] as const) {
        const { outcome, dumps } = await apply(host, yaml, list, { echoUse: 'always' });
        assert.equal(outcome.status, 'applied');
        assert.equal(dumps, UNVERIFIED, `${outcome.plan.steps.length} steps, and ${outcome.plan.rest ?? 0}`);
        const { route } = await host.dump();
        const [, gateway] = /via: ([\d.]+)/.exec(yaml) ?? [];
        const found = route.filter(({ hops: [hop] }) => hop?.via === gateway).map(({ to }) => to);
        assert.deepEqual(found.toSorted(), list.toSorted());
        await assertIdempotent(host, yaml, listsOf(list));
      }
      assert.equal((await settledView(ns)).rule?.length, 3, 'nothing else');
    }));

  it('is so only where that is less work than a dump', () =>
    withOld(async (host) => {
      for (const echoUse of ['never', 'cheaper'] as const) {
        const list = echoUse === 'never' ? NEW : OLD;
        const { outcome, dumps } = await apply(host, YAML, list, { echoUse });
        assert.equal(outcome.status, 'applied');
        assert.equal(dumps, UNVERIFIED + 1, echoUse);
      }
    }));

  const lookAgain = (what: string, meddling: (ns: string) => Meddling): void => {
    it(`is looked at again where ${what}`, () =>
      withOld(async (host, ns) => {
        const { outcome, dumps } = await apply(host, YAML, NEW, { echoUse: 'always', meddling: meddling(ns) });
        assert.equal(outcome.status, 'applied', 'failure' in outcome ? outcome.failure.message : '');
        assert.ok(dumps > UNVERIFIED, `${dumps} dumps`);
        await assertNew(host, ns);
      }));
  };

  lookAgain('another program changes a route of no concern', (ns) => ({
    behind: () => ipRun(ns, 'route add 30.0.0.0/8 via 10.0.1.2 proto static'),
  }));
  lookAgain('another program deletes a route that is as it should be', (ns) => ({
    behind: () => ipRun(ns, `route del ${OLD[1000]}`),
  }));
  lookAgain('a link goes down for a moment, and the kernel says nothing of the routes that go with it', (ns) => ({
    behind: () => ipRun(ns, 'link set u0 down', 'link set u0 up'),
  }));
  lookAgain('an address goes for a moment', (ns) => ({
    behind: () => ipRun(ns, 'addr del 10.0.0.1/24 dev u0', 'addr add 10.0.0.1/24 dev u0'),
  }));
  lookAgain('messages about what others do were lost', () => ({ overrun: true }));
  lookAgain('an echo of a bulk is missing', () => ({
    answer: ({ echoes = [], ...answer }) => ({
      ...answer,
      echoes: echoes.map((echo, i) => (i === 0 ? { ...echo, count: echo.count - 1 } : echo)),
    }),
  }));
  lookAgain('an echo of a bulk says something else', () => ({
    answer: ({ echoes = [], ...answer }) => ({
      ...answer,
      echoes: echoes.map((one) => ({ ...one, echo: { ...one.echo, route: { ...one.echo.route, metric: 77 } } })),
    }),
  }));
  lookAgain('an echo of a single operation is missing', () => ({
    results: (results) => results.map((result, i) => (i === 0 && result.ok ? { ok: true } : result)),
  }));
});

describe('echoes of routes in bulk', () => {
  it('come of every row, whatever is done to it, as fast as the kernel can', () =>
    withNamespace(async (ns) => {
      ipRun(ns, ...GROUND);
      // without a trace: answers come by the hundred
      const kernel = openKernel({ namespace: ns });
      try {
        await kernel.dump({ kinds: ['link'] });
        const hops = [{ via: '10.0.0.2', dev: 'u0', weight: 1 }] as const;
        const route = { ...ROUTE_SHAPE, hops, metrics: { mtu: 1400, lock: ['mtu'] } };
        const moved = { ...route, hops: [{ ...hops[0], via: '10.0.0.9' }], metrics: { cc_algo: 'cubic' } };
        const rows = Uint32Array.from({ length: 20_000 }, (_, i) => i);
        const to = rows.map((row) => 0x14000000 + (row << 8));
        const length = new Uint8Array(rows.length).fill(24);
        for (const like of [
          { kind: 'route', action: 'create', object: route },
          { kind: 'route', action: 'update', object: moved, before: route },
          { kind: 'route', action: 'delete', object: moved },
        ] as const) {
          const answer = await kernel.sendRoutes?.({ like, words: 1, to, length }, rows, { echo: true });
          const action = like.action === 'delete' ? 'delete' : 'new';
          const echo = { action, route: { ...like.object, to: '20.0.0.0/24' } };
          assert.deepEqual(answer, { sent: rows.length, told: [], echoes: [{ at: 0, echo, count: rows.length }] });
        }
      } finally {
        kernel.close();
      }
    }));
});

describe('a small change of a long list', () => {
  const command = createTestCommand();

  it('takes one dump of the routes', () =>
    withNamespace(async (ns) => {
      await makeGround(ns);
      const list = (prefixes: readonly string[]) => command.file('some.txt', prefixes.join('\n'));
      const many = Array.from({ length: 6000 }, (_, i) => `20.${i >> 8}.${i & 255}.0/24`);
      const path = list(many);
      const yaml = command.file('some.yaml', `version: 1\nroutes: [{to_file: ${path}, via: 10.0.0.2}]\n`);
      /** Requests for dumps of routes: two families, and labels. */
      const dumpsOfApply = (): number => {
        const { status, stderr } = command.run(ns, 'apply', '--yes', '-vv', yaml);
        assert.equal(status, 0, stderr.slice(-1000));
        return stderr.match(/^> RTM_GETROUTE seq \d+ DUMP/gm)?.length ?? 0;
      };
      dumpsOfApply();
      const once = dumpsOfApply();
      assert.ok(once > 0);
      list([...many.slice(0, 5990), '21.0.0.0/24', '21.0.1.0/24']);
      assert.equal(dumpsOfApply(), once, 'as many as where there is nothing to do');
      assert.equal(ipJson(ns, 'route show proto 110').length, 5992);
      list(many.slice(0, 3000));
      assert.equal(dumpsOfApply(), 2 * once, 'a large change');
    }));
});
