import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { State } from '../../src/model/state.ts';
import { exportState, renderYaml } from '../../src/report/export.ts';
import { assertExportIsNoChange, assertView, settledView, withQuietNamespace } from './cases/run-case.ts';
import { ADDRESSED_PAIR, PAIR } from './ground.ts';
import { NAMES, openTestHost } from './harness.ts';
import { ipRun, lacksKind, nsExec } from './support.ts';

/** A state made by hand: lines of `ip`, or of `bridge` where they begin with that word. */
interface HandMade {
  readonly name: string;
  readonly lines: readonly string[];
  readonly kinds?: readonly string[];
  /** sections that the exported file must have, and words that it must not have */
  readonly has?: readonly RegExp[];
  readonly lacks?: readonly RegExp[];
}

const STATES: readonly HandMade[] = [
  { name: 'nothing but lo', lines: [], lacks: [/lo:/, /127\.0\.0\.1/] },
  { name: 'a veth pair', lines: PAIR, has: [/v0:\n\s+kind: veth/, /veth: \{ peer: v1 \}/] },
  {
    name: 'a link with every common attribute',
    lines: [
      'link add k0 mtu 1400 txqueuelen 77 address 02:00:00:00:00:01 numtxqueues 3 type bridge',
      'link set k0 alias some-text promisc on allmulticast on arp off multicast off group 5',
      'link set k0 gso_max_size 30000 gso_max_segs 100 addrgenmode none',
      'link property add dev k0 altname first-name altname second-name',
    ],
    has: [/mtu: 1400/, /alias: some-text/, /altnames: \[first-name, second-name\]/, /numtxqueues: 3/, /state: down/],
  },
  {
    name: 'a bridge with ports and options',
    lines: [
      ...PAIR,
      'link add br0 type bridge stp_state 1 forward_delay 400 ageing_time 12345 mcast_snooping 0 priority 4096',
      'link set br0 up',
      'link set v0 master br0',
      'link set v0 type bridge_slave hairpin on cost 77 isolated on',
      'addr add 10.0.0.1/24 dev br0',
    ],
    has: [/stp_state: 1/, /hairpin: true/],
  },
  {
    name: 'a VXLAN with remotes',
    lines: [
      ...ADDRESSED_PAIR,
      'link add vx0 type vxlan id 7 dstport 4789 local 192.0.2.1 dev v0 nolearning ttl 5',
      'link set vx0 up',
      'bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.5',
      'bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.6',
      'bridge fdb add 02:00:00:00:00:07 dev vx0 dst 192.0.2.5 vni 8 port 5000',
    ],
    has: [/dst: 192\.0\.2\.6/, /vni: 8/],
  },
  {
    name: 'macvlans in each mode',
    lines: [
      ...PAIR,
      'link add m0 link v0 type macvlan mode bridge',
      'link add m1 link v0 type macvlan mode private',
      'link add m2 link v0 type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:02',
      'link add m3 link v1 type macvtap mode passthru',
    ],
  },
  {
    name: 'addresses of all sorts',
    lines: [
      ...PAIR,
      'addr add 10.0.0.1/24 brd + dev v0 label v0:web',
      'addr add 10.0.0.2/24 dev v0',
      'addr add 10.1.0.1 peer 10.1.0.2 dev v0 scope link',
      'addr add 10.2.0.1/24 dev v0 metric 50',
      'addr add 10.3.0.1/24 dev v0 noprefixroute',
      'addr add 10.4.0.1/24 dev v0 valid_lft 9999 preferred_lft 5000',
      'addr add 2001:db8:1::1/64 dev v0 nodad home',
      'addr add 2001:db8:2::1/64 dev v0 mngtmpaddr',
      'addr add 2001:db8:3::1 peer 2001:db8:3::2 dev v0',
      'addr add 10.255.0.1/32 dev lo',
    ],
    has: [/label: v0:web/, /peer: 10\.1\.0\.2/, /10\.255\.0\.1/],
    // what DHCP or the kernel keeps
    lacks: [/10\.4\.0\.1/, /fe80/, /127\.0\.0\.1/],
  },
  {
    name: 'IPv4 routes of all sorts',
    lines: [
      ...ADDRESSED_PAIR,
      'route add default via 192.0.2.2 metric 100',
      'route add 10.1.0.0/16 via 192.0.2.2 src 192.0.2.1 mtu lock 1400 advmss 1300 rtt 100ms quickack 1 congctl cubic',
      'route add 10.2.0.0/16 via inet6 fe80::5 dev v0',
      'route add 10.3.0.0/16 nexthop via 192.0.2.2 weight 3 nexthop via 198.51.100.1 dev v0 onlink',
      'route add 10.4.0.0/16 dev v1 scope link table 4000',
      'route add blackhole 10.5.0.0/16',
      'route add unreachable 10.6.0.0/16 metric 9',
      'route add throw 10.7.0.0/16 table 4000',
      'route add 10.8.0.0/16 via 192.0.2.2 tos 0x10 realm 3/7',
      'route add local 10.9.0.1 dev lo table 4000',
      'route add 10.10.0.0/16 via 192.0.2.2 proto static',
      'route add 10.11.0.0/16 via 192.0.2.2 proto bgp',
    ],
    has: [/to: default/, /lock: \[mtu\]/, /protocol: static/],
    lacks: [/10\.11\.0\.0/],
  },
  {
    name: 'IPv6 routes of all sorts',
    lines: [
      ...ADDRESSED_PAIR,
      '-6 route add default via 2001:db8::2 metric 100',
      '-6 route add 2001:db8:1::/48 via fe80::5 dev v0 pref high',
      '-6 route add 2001:db8:2::/48 nexthop via 2001:db8::2 weight 3 nexthop via fe80::3 dev v1',
      '-6 route add 2001:db8:3::/48 from 2001:db8:b::/48 via 2001:db8::2',
      '-6 route add blackhole 2001:db8:4::/48',
      '-6 route add 2001:db8:5::/48 via 2001:db8::2 expires 9999',
      '-6 route add 2001:db8:6::/48 dev v1 table 4000 mtu 1300 hoplimit 9',
      '-6 route add 2001:db8:7::/48 via 2001:db8::2 proto ra',
    ],
    has: [/to: default, via: 2001:db8::2/, /pref: high/, /from: /],
    lacks: [/2001:db8:7::/],
  },
  {
    name: 'rules of all sorts',
    lines: [
      ...PAIR,
      'rule add priority 100 not from 10.0.0.0/8 to 10.1.0.0/16 iif v0 oif v1 fwmark 0x10/0xff lookup 4000',
      'rule add priority 101 tos 0x10 ipproto tcp sport 80-90 dport 443 uidrange 0-100 tun_id 7 lookup main suppress_prefixlength 0',
      'rule add priority 102 goto 103',
      'rule add priority 103 nop',
      'rule add priority 104 blackhole',
      'rule add priority 105 from 10.0.0.0/8 prohibit',
      'rule add priority 106 lookup 4000 realms 3/4 suppress_ifgroup 5',
      '-6 rule add priority 100 from 2001:db8::/32 lookup 4000',
      '-6 rule add priority 101 unreachable',
      'rule add priority 107 lookup 4000 protocol bgp',
    ],
    has: [/not: true/, /goto: 103/, /fwmark: 0x10\/0xff/],
    lacks: [/priority: 107/, /priority: 32766/],
  },
  {
    name: 'neighbors of all sorts',
    lines: [
      ...ADDRESSED_PAIR,
      'neigh add 192.0.2.9 lladdr 02:00:00:00:00:01 dev v0 nud permanent',
      'neigh add 2001:db8::9 lladdr 02:00:00:00:00:01 dev v0 nud permanent router',
      'neigh add 192.0.2.10 lladdr 02:00:00:00:00:02 dev v0 nud reachable',
      'neigh add proxy 192.0.2.11 dev v0',
      'neigh add proxy 2001:db8::11 dev v0',
      'link add br0 type bridge',
      'link set v1 master br0',
      'bridge fdb add 02:00:00:00:00:05 dev v1 master static',
    ],
    has: [/proxy: 192\.0\.2\.11/, /fdb: /, /router: true/],
    lacks: [/192\.0\.2\.10/],
  },
  {
    name: 'a VLAN, a VRF, a bond and a dummy',
    kinds: ['vlan', 'vrf', 'bond', 'dummy'],
    lines: [
      ...PAIR,
      'link add v0.5 link v0 type vlan id 5 protocol 802.1ad gvrp on egress-qos-map 1:2',
      'link set v0.5 up',
      'addr add 10.5.0.1/24 dev v0.5',
      'link add red type vrf table 1001',
      'link set red up',
      'link set v1 master red',
      'addr add 10.6.0.1/24 dev v1',
      'route add 10.7.0.0/16 via 10.6.0.9 vrf red',
      'link add d0 type dummy',
      'link add w0 type veth peer name w1',
      'link add b0 type bond mode active-backup miimon 100',
      'link set w0 master b0',
      'link set b0 up',
    ],
  },
];

/** Interfaces and clocks change when a state is made anew, and so does who is on record as the maker. */
const anonymous = (state: State): State => {
  const plain: unknown = JSON.parse(
    JSON.stringify(state, (key, value: unknown) =>
      [
        'index',
        'linkIndex',
        'protocol',
        'expires',
        'valid_lft',
        'preferred_lft',
        'conf',
        'carrier',
        'tentative',
      ].includes(key)
        ? undefined
        : value,
    ),
  );
  return plain as State;
};

const make = (ns: string, lines: readonly string[]): void => {
  for (const line of lines) {
    if (!line.startsWith('bridge ')) ipRun(ns, line);
    else {
      const { status, stderr } = nsExec(ns, 'bridge', ...line.slice('bridge '.length).split(' '));
      assert.equal(status, 0, `${line}: ${stderr}`);
    }
  }
};

const exportOf = async (host: ReturnType<typeof openTestHost>): Promise<string> =>
  renderYaml(exportState(await host.dump(), { all: false, names: NAMES }));

describe('a state made by hand', () => {
  for (const { name, lines, kinds = [], has = [], lacks = [] } of STATES) {
    it(`${name}: the exported file plans nothing, and makes the same state elsewhere`, async (t) => {
      const lacking = await lacksKind(...kinds);
      if (lacking !== false) {
        t.skip(lacking);
        return;
      }
      await withQuietNamespace(async (ns) => {
        make(ns, lines);
        const host = openTestHost(ns);
        try {
          const before = await settledView(ns);
          const yaml = await exportOf(host);
          for (const pattern of has) assert.match(yaml, pattern);
          for (const pattern of lacks) assert.doesNotMatch(yaml, pattern);
          await assertExportIsNoChange(host);
          await assertView(ns, before, 'exported, planned and applied');
          await withQuietNamespace(async (elsewhere) => {
            const copy = openTestHost(elsewhere);
            try {
              const outcome = await copy.apply(yaml);
              assert.match(outcome.status, /applied|unchanged/, 'failure' in outcome ? outcome.failure.message : '');
              assert.equal(await exportOf(copy), yaml, 'what the copy exports');
              assert.deepEqual(
                anonymous(await copy.dump()).rule,
                anonymous(await host.dump()).rule.filter(({ priority }) => priority !== 107),
              );
            } finally {
              copy.close();
            }
          });
        } finally {
          host.close();
        }
      });
    });
  }
});
