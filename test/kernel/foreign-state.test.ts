import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyWithEveryFault, withQuietNamespace } from './cases/run-case.ts';
import { openTestHost, restedView } from './harness.ts';
import { ipRun, ipTry, nsExec } from './support.ts';

/** What stands on the host before netrecon comes, as other programs would have left it. */
const FOREIGN = [
  'link add v0 type veth peer name v1',
  'link set v0 up',
  'link set v1 up',
  'link add br9 type bridge',
  'link set br9 up',
  'addr add 192.0.2.1/24 dev v0 valid_lft 9999 preferred_lft 9999',
  'addr add 198.51.100.1/24 dev v1',
  'addr add 2001:db8::1/64 dev v0',
  'addr add 10.9.0.1/24 dev br9 label br9:x',
  'route add default via 192.0.2.2 proto dhcp metric 100',
  'route add 10.1.0.0/16 via 192.0.2.3 proto bgp metric 20',
  'route add 10.2.0.0/16 via 192.0.2.3 proto kernel',
  'route add 10.3.0.0/16 via 192.0.2.3 proto static',
  'route add 10.4.0.0/16 proto ospf nexthop via 192.0.2.3 weight 2 nexthop via 192.0.2.4',
  'route add 10.5.0.0/16 via 192.0.2.3 proto bgp table 500 realm 4 mtu lock 1400',
  'route add blackhole 10.6.0.0/16 proto zebra',
  '-6 route add default via 2001:db8::2 proto ra metric 100 expires 9999',
  '-6 route add 2001:db8:1::/48 via 2001:db8::3 proto bgp',
  '-6 route add 2001:db8:4::/48 proto bird nexthop via 2001:db8::3 nexthop via 2001:db8::4 weight 3',
  'route add 10.8.0.0/16 via 192.0.2.9 encap mpls 100 proto bgp',
  'rule add priority 50 fwmark 0x5 lookup 500 protocol bgp',
  'rule add priority 60 from 10.1.0.0/16 lookup 500',
  'rule add priority 60 from 10.1.0.0/16 fwmark 7 lookup 500',
  '-6 rule add priority 70 to 2001:db8:1::/48 lookup 500 protocol dhcp',
  'neigh add 192.0.2.3 lladdr 02:00:00:00:00:03 dev v0 nud permanent',
  'neigh add 192.0.2.4 lladdr 02:00:00:00:00:04 dev v0 nud permanent protocol zebra extern_learn',
  'neigh add 2001:db8::3 lladdr 02:00:00:00:00:03 dev v0 nud permanent router',
  'neigh add proxy 192.0.2.77 dev v0',
] as const;

/** Kernels without MPLS have no such encapsulation. */
const layForeign = (ns: string): void => {
  for (const line of FOREIGN) {
    if (line.includes('mpls')) ipTry(ns, line);
    else ipRun(ns, line);
  }
};

/** Counters, clocks that run, and what duplicate address detection is still at: byte for byte but for these. */
const withoutClocks = (text: string): string =>
  text
    .replace(/(valid_lft|preferred_lft|expires) \d+sec/g, '$1')
    .replace(/_timer +[\d.]+/g, '')
    .replace(/ tentative\b/g, '')
    .replace(/^.*(FAILED|STALE|REACHABLE|INCOMPLETE).*$/gm, '');

const COMMANDS = [
  'link show',
  'addr show',
  '-4 route show table all',
  '-6 route show table all',
  '-4 rule show',
  '-6 rule show',
  'neigh show nud permanent',
  'neigh show proxy',
  'nexthop show',
];

/** Plain output of iproute2, one string, in the kernel's own order. */
const foreignText = (ns: string): string =>
  withoutClocks(
    [
      ...COMMANDS.map((command) => ipTry(ns, `-d ${command}`).stdout),
      nsExec(ns, 'bridge', '-d', 'fdb', 'show').stdout.replace(/^(33:33|01:00:5e).*\n/gm, ''),
    ].join('\n'),
  );

/** Files that have nothing to do with what stands there. */
const UNRELATED: readonly (readonly [name: string, yaml: string])[] = [
  [
    'new links, addresses, routes, rules and neighbors',
    `links:
  k0: {kind: veth, veth: {peer: k1}, addresses: [10.100.0.1/24, "2001:db8:100::1/64"]}
  k1: {kind: veth, veth: {peer: k0}}
routes:
  - {to: 10.101.0.0/16, via: 10.100.0.2}
  - {to: "2001:db8:101::/48", via: "2001:db8:100::2"}
  - {to: 10.102.0.0/16, via: 10.100.0.2, table: 500}
rules:
  - {priority: 1000, from: 10.100.0.0/24, table: 500}
  - {priority: 1000, from: "2001:db8:100::/64", table: 500}
neighbors:
  - {to: 10.100.0.9, lladdr: "02:00:00:00:00:09", dev: k0}`,
  ],
  [
    'other metrics, priorities and addresses beside theirs',
    `addresses: [{address: 192.0.2.200/32, dev: v0}, {address: "2001:db8:5::1/64", dev: v1}]
routes:
  - {to: default, via: 192.0.2.9, dev: v0, metric: 5}
  - {to: 10.1.0.0/16, via: 192.0.2.9}
  - {to: "2001:db8:1::/48", via: "2001:db8::9", metric: 5}
  - {to: 10.5.0.0/16, via: 192.0.2.9, table: 501}
rules:
  - {priority: 50, fwmark: 6, table: 500}
  - {priority: 61, from: 10.1.0.0/16, table: 501}
neighbors:
  - {to: 192.0.2.30, lladdr: "02:00:00:00:00:30", dev: v0}
  - {proxy: 192.0.2.78, dev: v0}`,
  ],
];

describe('what others made', () => {
  for (const [name, yaml] of UNRELATED) {
    it(`is byte for byte the same after ${name} came, were refused at each step, and went`, () =>
      withQuietNamespace(async (ns) => {
        layForeign(ns);
        const host = openTestHost(ns);
        try {
          const before = await restedView(() => foreignText(ns));
          const outcome = await applyWithEveryFault(ns, host, `version: 1\n${yaml}`);
          assert.equal(outcome.status, 'applied');
          const during = foreignText(ns).split('\n');
          const lost = before.split('\n').filter((line) => !/^\d+: /.test(line) && !during.includes(line));
          assert.deepEqual(lost, [], 'lines of others that went while ours were there');
          const gone = await host.apply('version: 1\n');
          assert.equal(gone.status, 'applied');
          assert.equal(foreignText(ns), before);
        } finally {
          host.close();
        }
      }));
  }

  it('is not touched by a file that says nothing', () =>
    withQuietNamespace(async (ns) => {
      layForeign(ns);
      const host = openTestHost(ns);
      try {
        const before = await restedView(() => foreignText(ns));
        host.writes();
        const outcome = await host.apply('version: 1\n');
        assert.equal(outcome.status, 'unchanged');
        assert.equal(host.writes(), 0);
        assert.equal(foreignText(ns), before);
      } finally {
        host.close();
      }
    }));

  it('comes back where a link of the file has to go down under it', () =>
    withQuietNamespace(async (ns) => {
      layForeign(ns);
      const host = openTestHost(ns);
      try {
        const routes = () =>
          withoutClocks(
            `${ipTry(ns, '-d -4 route show table all proto bgp').stdout}\n${ipTry(ns, '-d -6 route show table all proto bgp').stdout}`,
          );
        const before = routes().split('\n').sort();
        const address = '192.0.2.2/24';
        const outcome = await host.apply(
          `version: 1\nlinks: {v0: {lladdr: "02:00:00:00:00:99", addresses: [${address}, "2001:db8::1/64"]}}`,
        );
        assert.equal(outcome.status, 'applied');
        assert.deepEqual(routes().split('\n').sort(), before);
        assert.match(ipTry(ns, 'neigh show 192.0.2.3 dev v0').stdout, /PERMANENT/);
      } finally {
        host.close();
      }
    }));
});
