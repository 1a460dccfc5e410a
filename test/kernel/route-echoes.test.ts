import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Family } from '../../src/model/ip.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { OpResult } from '../../src/model/op.ts';
import { formatPrefixAt, wordsOf } from '../../src/model/prefix-columns.ts';
import type { BulkAnswer } from '../../src/model/route-bulk.ts';
import type { State } from '../../src/model/state.ts';
import { openKernel } from '../../src/netlink/open-kernel.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { assertIdempotent, settledView } from './cases/run-case.ts';
import { createTestCommand } from './command.ts';
import { type ApplyTestOptions, openTestHost, sleep, type TestHost } from './harness.ts';
import { LISTS, PLACES } from './route-list-scenes.ts';
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
  table: 254,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
} as const;

/** From OLD to NEW: what comes, and what goes. */
const BULKS = 2;

/** What a test does to the port of a transaction. */
interface Meddling {
  /** when the last bulk has been sent */
  readonly behind?: () => void;
  /** changes the answer to the first part of each bulk */
  readonly answer?: (answer: BulkAnswer) => BulkAnswer;
  /** changes the results of single operations */
  readonly results?: (results: readonly OpResult[]) => readonly OpResult[];
  /** changes what is dumped of nexthop objects alone */
  readonly nexthops?: (nexthops: State['nexthop']) => State['nexthop'];
  readonly overrun?: true;
}

/** Counts the dumps of a transaction, and meddles with it. */
const meddle = (kernel: KernelPort, meddling: Meddling, dumped: () => void): KernelPort => {
  let bulks = 0;
  return {
    ...kernel,
    dump: async (options) => {
      const state = await kernel.dump(options);
      // of nexthop objects alone it takes no time
      if (options?.kinds?.join() === 'nexthop')
        return { ...state, nexthop: meddling.nexthops?.(state.nexthop) ?? state.nexthop };
      dumped();
      return state;
    },
    send: async (ops, options) => {
      const results = await kernel.send(ops, options);
      return meddling.results?.(results) ?? results;
    },
    sendRoutes: async (bulk, rows, options) => {
      assert.ok(kernel.sendRoutes !== undefined);
      const answer = await kernel.sendRoutes(bulk, rows, options);
      if (++bulks === BULKS) meddling.behind?.();
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

/** Both links and their addresses, in a namespace in which nothing happens of its own accord any more. */
const makeGround = async (ns: string, family: Family = 'inet'): Promise<void> => {
  // no link-local addresses, whose duplicates the kernel would look for
  nsExec(ns, 'sysctl', '-qw', 'net.ipv6.conf.default.addr_gen_mode=1');
  ipRun(ns, ...PLACES[family].ground);
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

  it('is verified so in IPv6, too', () =>
    withNamespace(async (ns) => {
      await makeGround(ns, 'inet6');
      const host = openTestHost(ns);
      const { one } = PLACES.inet6.lists;
      const prefixes = Array.from({ length: 600 }, (_, i) => `2400:${(i + 1).toString(16)}::/32`);
      try {
        for (const [entry, list] of [
          [one, prefixes.slice(0, 400)],
          [one, prefixes.slice(200)],
          [one.replace('::2', '::9'), prefixes.slice(200)],
          [`${one}, mtu: 1400`, prefixes],
        ] as const) {
          const yaml = `version: 1\nroutes: [{to_file: one, ${entry}}]\n`;
          const { outcome, dumps } = await apply(host, yaml, list, { echoUse: 'always' });
          assert.equal(outcome.status, 'applied', 'failure' in outcome ? outcome.failure.message : '');
          assert.equal(dumps, UNVERIFIED, `${entry}: ${outcome.plan.steps.length} steps`);
          await assertIdempotent(host, yaml, listsOf(list));
          const { route } = await host.dump();
          const found = route.filter(({ protocol }) => protocol === 110).map(({ to }) => to);
          assert.deepEqual(found.toSorted(), list.toSorted());
        }
      } finally {
        host.close();
      }
    }));

  it('is verified so where a nexthop object leads elsewhere', () =>
    withNamespace(async (ns) => {
      await makeGround(ns);
      const host = openTestHost(ns);
      const yaml = (via: string, prefix = '') =>
        `version: 1\nnexthops: [{id: 7, via: ${via}, dev: u0}]\nroutes: [{to_file: one, nhid: 7}${prefix}]\n`;
      const shown = () => new Set((ipJson(ns, 'route show proto 110') as { gateway?: string }[]).map((r) => r.gateway));
      try {
        assert.equal((await apply(host, yaml('10.0.0.2'), OLD)).outcome.status, 'applied');
        const moved = await apply(host, yaml('10.0.0.9'), OLD, { echoUse: 'always' });
        assert.deepEqual([moved.outcome.status, moved.dumps], ['applied', UNVERIFIED]);
        assert.deepEqual(
          moved.outcome.plan.steps.map(({ op }) => `${op.action} ${op.kind}`),
          ['update nexthop'],
        );
        assert.deepEqual([...shown()], ['10.0.0.9']);
        await assertIdempotent(host, yaml('10.0.0.9'), listsOf(OLD));
        // and a route besides
        const both = await apply(host, yaml('10.0.0.3', ', {to: 30.0.0.0/8, via: 10.0.1.2}'), OLD, {
          echoUse: 'always',
        });
        assert.deepEqual([both.outcome.status, both.dumps], ['applied', UNVERIFIED]);
        assert.deepEqual([...shown()].toSorted(), ['10.0.0.3', '10.0.1.2']);
        // what the kernel shows is not what was asked for
        const nexthops = (shownNexthops: State['nexthop']) => shownNexthops.map((n) => ({ ...n, via: '10.0.0.77' }));
        const doubted = await apply(host, yaml('10.0.0.4'), OLD, { echoUse: 'always', meddling: { nexthops } });
        assert.ok(doubted.dumps > UNVERIFIED, `${doubted.dumps} dumps`);
        assert.deepEqual([...shown()], ['10.0.0.4']);
      } finally {
        host.close();
      }
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
  const come = (family: Family): Promise<void> =>
    withNamespace(async (ns) => {
      ipRun(ns, ...PLACES[family].ground);
      // without a trace: answers come by the hundred
      const kernel = openKernel({ namespace: ns });
      try {
        await kernel.dump({ kinds: ['link'] });
        const rows = Uint32Array.from({ length: 20_000 }, (_, i) => i);
        const words = wordsOf(family);
        const to = new Uint32Array(rows.length * words);
        for (const row of rows) to[row * words] = 0x24000000 + (row << 8);
        const length = new Uint8Array(rows.length).fill(24);
        const [via, other] = family === 'inet' ? ['10.0.0.2', '10.0.0.9'] : ['2001:db8::2', '2001:db8::9'];
        const hops = [{ via, dev: 'u0', weight: 1 }] as const;
        const first = formatPrefixAt({ words, to, length });
        const shape = { ...ROUTE_SHAPE, family, to: first, metric: 9 };
        const route = { ...shape, hops, metrics: { mtu: 1400, lock: ['mtu'] } };
        const moved = { ...shape, hops: [{ ...hops[0], via: other }], metrics: { cc_algo: 'cubic' } };
        for (const like of [
          { kind: 'route', action: 'create', object: route },
          { kind: 'route', action: 'update', object: moved, before: route },
          { kind: 'route', action: 'delete', object: moved },
        ] as const) {
          const answer = await kernel.sendRoutes?.({ like, words, to, length }, rows, { echo: true });
          const action = like.action === 'delete' ? 'delete' : 'new';
          const echo = { action, route: { ...like.object, to: first } };
          assert.deepEqual(answer, { sent: rows.length, told: [], echoes: [{ at: 0, echo, count: rows.length }] });
        }
      } finally {
        kernel.close();
      }
    });
  it('come of every row, whatever is done to it', () => come('inet'));
  it('come of every row of IPv6, too', () => come('inet6'));
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
