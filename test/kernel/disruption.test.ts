import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { openTestHost, sleep, type TestHost } from './harness.ts';
import { ipRun, withNamespace } from './support.ts';

const PROBE = fileURLToPath(new URL('./udp-probe.js', import.meta.url));
const PORT = 7;

/** A probe inside the namespace, once it says that it is ready. */
const startProbe = async (ns: string, ...args: readonly string[]): Promise<ChildProcess> => {
  const child = spawn('ip', ['netns', 'exec', ns, process.execPath, PROBE, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  assert.match(`${first}`, /^ready/, 'the probe runs');
  return child;
};

/** A datagram every 10 ms from one namespace to the other and back. */
const startTraffic = async (ns: string, from: string, to: string) => {
  const sender = await startProbe(ns, 'send', from, to, `${PORT}`);
  await sleep(200);
  return {
    stop: async (): Promise<{ readonly sent: number; readonly lost: number }> => {
      await sleep(300);
      const output = once(sender.stdout as Readable, 'data');
      sender.kill('SIGINT');
      return JSON.parse(`${(await output)[0]}`) as { sent: number; lost: number };
    },
    kill: () => sender.kill('SIGKILL'),
  };
};

/** Runs with an echo in the namespace. */
const withEcho = async (ns: string, run: () => Promise<void>): Promise<void> => {
  const echo = await startProbe(ns, 'echo', `${PORT}`);
  try {
    await run();
  } finally {
    echo.kill('SIGKILL');
    await once(echo, 'exit');
  }
};

/** With one processor the whole change may fit between two datagrams. */
const SEES_GAPS = availableParallelism() > 1;

const disruptionsOf = (plan: Plan): readonly string[] => plan.changes.flatMap(({ disruptive }) => disruptive);

const titlesOf = (plan: Plan): readonly string[] => plan.steps.map(({ title }) => title);

/** Where the traffic goes from and to: addresses that no change is about. */
const ENDS = { inet: ['198.51.100.1', '192.0.2.1'], inet6: ['2001:db8:5::1', '2001:db8:f::1'] } as const;

/** `near` reaches the far end through the gateways 10.0.0.253 and .254, or 2001:db8::fd and ::fe. */
const withPath = (run: (near: string, host: TestHost) => Promise<void>): Promise<void> =>
  withNamespace((far) =>
    withNamespace(async (near) => {
      ipRun(near, `link add v0 address 02:00:00:00:00:01 type veth peer name v1 netns ${far}`, 'link set v0 up');
      for (const [address] of Object.values(ENDS)) ipRun(near, `address add ${address} dev lo`);
      ipRun(far, 'address add 10.0.0.253/24 dev v1', 'address add 10.0.0.254/24 dev v1', 'link set v1 up');
      ipRun(far, 'address add 192.0.2.1/32 dev lo', 'route add 198.51.100.1 dev v1');
      for (const host of ['fd', 'fe']) ipRun(far, `address add 2001:db8::${host}/64 dev v1 nodad`);
      ipRun(far, 'address add 2001:db8:f::1/128 dev lo', 'route add 2001:db8:5::1 dev v1');
      // nobody answers for an IPv6 address of another link
      ipRun(far, 'neigh add 2001:db8:5::1 lladdr 02:00:00:00:00:01 dev v1');
      const host = openTestHost(near);
      try {
        await withEcho(far, () => run(near, host));
      } finally {
        host.close();
      }
    }),
  );

const applied = async (host: TestHost, state: object): Promise<Plan> => {
  const outcome = await host.apply(JSON.stringify({ version: 1, ...state }));
  assert.equal(outcome.status, 'applied', JSON.stringify(outcome).slice(0, 2000));
  return outcome.plan;
};

const link = (rest: object = {}, ...addresses: readonly (string | object)[]) => ({
  links: { v0: { state: 'up', mtu: 1500, addresses: addresses.length === 0 ? ['10.0.0.1/24'] : addresses, ...rest } },
});

const defaultRoute = (rest: object) => ({ routes: [{ to: 'default', ...rest }] });

const BEFORE = { ...link(), ...defaultRoute({ via: '10.0.0.254' }) };

/** Applies `after` while the traffic runs. */
const changeUnderTraffic = async (
  near: string,
  host: TestHost,
  after: object,
  [from, to]: readonly [string, string] = ENDS.inet,
) => {
  const traffic = await startTraffic(near, from, to);
  try {
    const plan = await applied(host, after);
    return { plan, ...(await traffic.stop()) };
  } finally {
    traffic.kill();
  }
};

const MACVLAN = { kind: 'macvlan', link: 'v0', macvlan: { mode: 'bridge' } };

interface SmoothCase {
  readonly name: string;
  /** default: BEFORE */
  readonly before?: object;
  readonly after: object;
  readonly promote?: '0' | '1';
  /** default: inet */
  readonly family?: keyof typeof ENDS;
}

/** The link and the default route of IPv6. */
const inet6 = (host: number, rest: object = {}): object => ({
  ...link({}, { address: `2001:db8::${host}/64`, nodad: true }),
  ...defaultRoute({ to: '::/0', via: '2001:db8::fe', ...rest }),
});

const CASES: readonly SmoothCase[] = [
  ...[
    { name: 'another IPv6 gateway', after: inet6(1, { via: '2001:db8::fd' }) },
    { name: 'another IPv6 metric', after: inet6(1, { metric: 50 }) },
    { name: 'another IPv6 address of the subnet', after: inet6(2) },
  ].map((change) => ({ ...change, before: inet6(1), family: 'inet6' as const })),
  { name: 'another gateway', after: { ...link(), ...defaultRoute({ via: '10.0.0.253' }) } },
  { name: 'another metric', after: { ...link(), ...defaultRoute({ via: '10.0.0.254', metric: 50 }) } },
  { name: 'another gateway and metric', after: { ...link(), ...defaultRoute({ via: '10.0.0.253', metric: 50 }) } },
  { name: 'another MTU', after: { ...link({ mtu: 1400 }), ...defaultRoute({ via: '10.0.0.254' }) } },
  {
    name: 'another MTU of a link below a macvlan that says none',
    before: { links: { ...link().links, mv0: MACVLAN }, ...defaultRoute({ via: '10.0.0.254' }) },
    after: { links: { ...link({ mtu: 1400 }).links, mv0: MACVLAN }, ...defaultRoute({ via: '10.0.0.254' }) },
  },
  ...(['0', '1'] as const).flatMap((promote) => [
    {
      name: `another address of the subnet, promote_secondaries ${promote}`,
      after: { ...link({}, '10.0.0.2/24'), ...defaultRoute({ via: '10.0.0.254' }) },
      promote,
    },
    {
      name: `another address and gateway, promote_secondaries ${promote}`,
      after: { ...link({}, '10.0.0.2/24'), ...defaultRoute({ via: '10.0.0.253' }) },
      promote,
    },
    {
      name: `another broadcast address, promote_secondaries ${promote}`,
      after: {
        links: { v0: { state: 'up', addresses: [{ address: '10.0.0.1/24', broadcast: '10.0.0.255' }] } },
        ...defaultRoute({ via: '10.0.0.254' }),
      },
      promote,
    },
  ]),
];

/** br0 with an address and the port v0, and v1 as a port of a bridge of that name; the MAC address of v1 is the lowest. */
const bridges = (master: string, rest: object = {}) => ({
  links: {
    br0: { kind: 'bridge', lladdr: '02:00:00:00:00:0b', addresses: ['10.0.0.1/24'], ...rest },
    br1: { kind: 'bridge', addresses: [] },
    v0: { lladdr: '02:00:00:00:00:02', master: 'br0' },
    v1: { lladdr: '02:00:00:00:00:01', master },
  },
});

/** 10.0.0.2 answers behind v0. */
const withBridges = (run: (host: TestHost, near: string) => Promise<void>): Promise<void> =>
  withNamespace((far) =>
    withNamespace(async (near) => {
      for (const n of [0, 1]) ipRun(near, `link add v${n} type veth peer name w${n} netns ${far}`);
      ipRun(far, 'address add 10.0.0.2/24 dev w0', 'link set w0 up', 'link set w1 arp off up');
      const host = openTestHost(near);
      try {
        await withEcho(far, () => run(host, near));
      } finally {
        host.close();
      }
    }),
  );

describe('changes without an interruption', () => {
  for (const { name, before = BEFORE, after, promote = '0', family = 'inet' } of CASES) {
    it(`${name}: nothing is lost, and the plan says so`, async () => {
      await withPath(async (near, host) => {
        host.kernel.inNamespace(() => writeFileSync('/proc/sys/net/ipv4/conf/all/promote_secondaries', promote));
        await applied(host, before);
        const { plan, sent, lost } = await changeUnderTraffic(near, host, after, ENDS[family]);
        assert.deepEqual(disruptionsOf(plan), [], titlesOf(plan).join('\n'));
        assert.equal(lost, 0, `${lost} of ${sent} lost:\n${titlesOf(plan).join('\n')}`);
        // nothing stays of what stood in for a moment, and all of it can be taken back without a loss, too
        assert.deepEqual((await host.plan(JSON.stringify({ version: 1, ...after }))).steps, []);
        const back = await changeUnderTraffic(near, host, before, ENDS[family]);
        assert.equal(back.lost, 0, `${back.lost} of ${back.sent} lost on the way back`);
      });
    });
  }

  it('a port moves from one bridge to another in one step, and the other ports go on', () =>
    withBridges(async (host, near) => {
      await applied(host, bridges('br0'));
      const { plan, sent, lost } = await changeUnderTraffic(near, host, bridges('br1'), ['10.0.0.1', '10.0.0.2']);
      assert.deepEqual(titlesOf(plan), ['set link v1 master']);
      assert.deepEqual(disruptionsOf(plan), []);
      assert.equal(lost, 0, `${lost} of ${sent} lost`);
    }));
});

interface Disruption {
  readonly name: string;
  readonly before: object;
  readonly after: object;
  readonly marked: RegExp;
  /** what a neighbor remembers may carry the traffic over it */
  readonly mayHold?: true;
}

const DISRUPTIONS: readonly Disruption[] = [
  {
    name: 'a bridge that must be made anew',
    before: bridges('br0', { numtxqueues: 1 }),
    after: bridges('br0', { numtxqueues: 2 }),
    marked: /^link br0 is made anew; what uses it is interrupted$/,
  },
  {
    name: 'a port whose MAC address is that of the bridge',
    before: bridges('br0', { lladdr: undefined }),
    after: bridges('br1', { lladdr: undefined }),
    marked: /^bridge br0 loses the MAC address that it has from it, and takes another$/,
    mayHold: true,
  },
  {
    name: 'another MAC address',
    before: bridges('br0'),
    after: bridges('br0', { lladdr: '02:00:00:00:00:99' }),
    marked: /^its MAC address changes; others reach it again once they have learned the new one$/,
    mayHold: true,
  },
  {
    name: 'a link with an address that becomes a port',
    before: { links: { v0: { state: 'up', addresses: ['10.0.0.1/24'] }, br0: { kind: 'bridge', addresses: [] } } },
    after: { links: { v0: { state: 'up', master: 'br0', addresses: ['10.0.0.1/24'] }, br0: { kind: 'bridge' } } },
    marked: /^its addresses are no longer reached, as it becomes a port of bridge br0$/,
    mayHold: true,
  },
];

describe('changes that interrupt', () => {
  for (const { name, before, after, marked, mayHold } of DISRUPTIONS) {
    it(`${name}: the plan says what and why`, () =>
      withBridges(async (host, near) => {
        // where others have the processor the whole change may fit between two datagrams
        for (let tries = 0; ; tries++) {
          await applied(host, before);
          const { plan, lost } = await changeUnderTraffic(near, host, after, ['10.0.0.1', '10.0.0.2']);
          assert.ok(
            disruptionsOf(plan).some((sentence) => marked.test(sentence)),
            disruptionsOf(plan).join('\n'),
          );
          if (lost > 0 || mayHold === true || !SEES_GAPS) break;
          assert.ok(tries < 20, `nothing is ever lost:\n${titlesOf(plan).join('\n')}`);
        }
      }));
  }
});
