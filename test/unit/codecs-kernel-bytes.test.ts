import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KindName } from '../../src/model/state.ts';
import { CAPTURED_LINKS, CAPTURES, type Capture } from './codecs-captures.ts';
import { attributesOf, decode, encode, namesOf } from './codecs-support.ts';

const NAMES = namesOf(CAPTURED_LINKS);
const bytesOf = (capture: Capture): Uint8Array => new Uint8Array(Buffer.from(capture.hex, 'hex'));

const HEADER: Record<KindName, number> = {
  link: 16,
  address: 8,
  nexthop: 8,
  route: 12,
  mpls: 12,
  rule: 12,
  neighbor: 12,
};

/** Attributes that stand on one side only, or with other bytes, for a reason. */
const EXEMPT: Record<KindName, readonly number[]> = {
  link: [],
  // IFA_CACHEINFO has stamps, IFA_FLAGS the kernel's own bits; a metric or protocol of 0 is written and not dumped, nor is
  // the IFA_LOCAL of an IPv6 address without a peer
  address: [2, 6, 8, 9, 11],
  // NHA_OP_FLAGS is a report, NHA_GROUP_TYPE 0 the default; NHA_RES_GROUP is written without the time that it is unbalanced
  nexthop: [3, 12, 14],
  // RTA_CACHEINFO counts, RTA_EXPIRES is its request; hops carry flags of the carrier; by nhid the hops are dumped as well
  route: [12, 23, 9, 4, 5, 20],
  mpls: [],
  // the masks of 6.15 on, where they are whole; nothing is suppressed by 0xffffffff; priority 0
  // is written and not dumped
  rule: [6, 13, 14, 28, 29, 30],
  // NDA_CACHEINFO, NDA_PROBES, NDA_MASTER, NDA_FLAGS_EXT of 0, NDA_PROTOCOL of 0
  neighbor: [3, 4, 9, 12, 15],
};

/** Decoded by hand from the manual of the command, not by the codec. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'ip link set v0 up promisc on mtu 1400 txqueuelen 77 alias "uplink a" group 5': {
    name: 'v0',
    index: 10,
    kind: 'veth',
    state: 'up',
    promisc: true,
    allmulticast: false,
    mtu: 1400,
    txqlen: 77,
    alias: 'uplink a',
    group: 5,
    lladdr: '02:00:00:00:00:10',
    options: { peer: 'v1' },
    link: null,
    master: null,
    addrgenmode: 'none',
    altnames: [],
    conf: {
      promote_secondaries: true,
      keep_addr_on_down: false,
      disable_ipv6: false,
      ignore_routes_with_linkdown: false,
    },
  },
  'ip link set v1 down; ip link property add dev v1 altname zeta altname alpha; ip link set v1 arp off multicast off allmulticast on':
    { state: 'down', altnames: ['alpha', 'zeta'], arp: false, multicast: false, allmulticast: true, carrier: false },
  'ip link add link v0 name mv0 index 40 address 02:00:00:00:00:40 type macvlan mode source; ip link set mv0 type macvlan macaddr set 02:00:00:00:01:02 02:00:00:00:01:01':
    { kind: 'macvlan', link: 'v0', index: 40 },
  'ip addr add 198.51.100.1/24 brd + dev v0 label v0:x valid_lft 1000 preferred_lft 500 metric 77': {
    dev: 'v0',
    family: 'inet',
    address: '198.51.100.1',
    prefixlen: 24,
    broadcast: '198.51.100.255',
    scope: 0,
    label: 'v0:x',
    valid_lft: 1000,
    preferred_lft: 500,
    metric: 77,
    dynamic: true,
    secondary: false,
  },
  'ip addr add 10.0.0.1 peer 10.0.0.2/32 dev v0': { address: '10.0.0.1', peer: '10.0.0.2', broadcast: null },
  'ip -6 addr add 2001:db8:2::1 peer 2001:db8:2::2/64 dev v0 nodad': {
    address: '2001:db8:2::1',
    peer: '2001:db8:2::2',
    prefixlen: 64,
    nodad: true,
    home: false,
    dynamic: false,
  },
  'ip nexthop add id 2 via 2001:db8::2 dev v0 onlink': { id: 2, family: 'inet6', via: '2001:db8::2', onlink: true },
  'ip nexthop add id 10 group 1,3/4,7 proto 110': {
    family: 'unspec',
    protocol: 110,
    group: [
      { id: 1, weight: 3 },
      { id: 4, weight: 7 },
    ],
  },
  'ip nexthop add id 11 group 1/4 type resilient buckets 32 idle_timer 60': {
    type: 'resilient',
    buckets: 32,
    idle_timer: 60,
    unbalanced_timer: 0,
    raw: undefined,
  },
  'ip route add 198.18.0.0/15 via 192.0.2.2 dev v0 proto static metric 7 tos 4 src 192.0.2.1 realm 3/5': {
    family: 'inet',
    to: '198.18.0.0/15',
    table: 254,
    metric: 7,
    tos: 4,
    type: 'unicast',
    protocol: 4,
    scope: 0,
    src: '192.0.2.1',
    realm: (3 << 16) | 5,
    hops: [{ via: '192.0.2.2', dev: 'v0', weight: 1 }],
  },
  'ip route add 198.18.1.0/24 dev v0 table 100000 mtu lock 1400 advmss 1360 window 1000 rtt 30ms rttvar 20ms ssthresh 9 cwnd 8 reordering 4 hoplimit 9 initcwnd 10 initrwnd 11 quickack 1 congctl reno features ecn rto_min 300ms fastopen_no_cookie 1':
    {
      table: 100000,
      scope: 253,
      metrics: {
        mtu: 1400,
        advmss: 1360,
        window: 1000,
        rtt: 30,
        rttvar: 20,
        ssthresh: 9,
        cwnd: 8,
        reordering: 4,
        hoplimit: 9,
        initcwnd: 10,
        initrwnd: 11,
        quickack: 1,
        cc_algo: 'reno',
        features: 1,
        rto_min: 300,
        fastopen_no_cookie: 1,
        lock: ['mtu', 'rto_min'],
      },
    },
  'ip route add 198.18.2.0/24 proto 110 nexthop via 192.0.2.2 dev v0 weight 3 realm 9 nexthop via 192.0.2.3 dev v0 weight 256 onlink nexthop via inet6 fe80::9 dev v0':
    {
      hops: [
        { via: '192.0.2.2', dev: 'v0', weight: 3, realm: 9 },
        { via: '192.0.2.3', dev: 'v0', weight: 256, onlink: true },
        { via: 'fe80::9', dev: 'v0', weight: 1 },
      ],
    },
  'ip route add 198.18.3.0/24 via inet6 fe80::7 dev v0': { hops: [{ via: 'fe80::7', dev: 'v0', weight: 1 }] },
  'ip route add 198.18.11.0/24 nhid 10': { nhid: 10, hops: [] },
  'ip route add default via 192.0.2.254 metric 4294967295': { to: '0.0.0.0/0', metric: 4294967295 },
  'ip -6 route add 2001:db8:100::/48 via 2001:db8::2 dev v0 metric 50 pref high proto 110': {
    metric: 50,
    pref: 'high',
  },
  'ip -6 route add 2001:db8:101::/48 dev v0 expires 3000 mtu 1300 hoplimit 3': {
    metric: 1024,
    expires: 3000,
    metrics: { mtu: 1300, hoplimit: 3 },
  },
  'ip -6 route add blackhole 2001:db8:103::/48': { type: 'blackhole', hops: [] },
  'ip -6 route add 2001:db8:105::/48 from 2001:db8:1::/64 via 2001:db8::2': { from: '2001:db8:1::/64' },
  'ip rule add pref 101 fwmark 0x10/0xff iif v0 oif v1 blackhole': {
    priority: 101,
    fwmark: 16,
    fwmask: 255,
    iif: 'v0',
    oif: 'v1',
    action: 'blackhole',
  },
  'ip rule add pref 102 not from 10.0.0.1 goto 200': { not: true, from: '10.0.0.1/32', action: 'goto', goto: 200 },
  'ip rule add pref 103 ipproto tcp sport 1000-2000 dport 80 prohibit': {
    ipproto: 6,
    sport: [1000, 2000],
    dport: [80, 80],
    action: 'prohibit',
  },
  'ip rule add pref 104 uidrange 1000-2000 table main suppress_prefixlength 0': {
    uidrange: [1000, 2000],
    table: 254,
    suppress_prefixlength: 0,
  },
  'ip rule add pref 106 l3mdev': { l3mdev: true, action: 'table', table: 0 },
  'ip rule add pref 107 tun_id 99 realms 3/4 table main': { tun_id: '99', realms: (3 << 16) | 4 },
  'ip neigh add 192.0.2.2 lladdr 02:00:00:00:aa:02 dev v0 protocol 110': {
    type: 'neighbor',
    family: 'inet',
    dev: 'v0',
    to: '192.0.2.2',
    lladdr: '02:00:00:00:aa:02',
    state: 'permanent',
    protocol: 110,
  },
  'ip neigh add 2001:db8::3 lladdr 02:00:00:00:aa:04 dev v0 nud stale': { state: 'dynamic' },
  'ip neigh add proxy 192.0.2.77 dev v0 protocol 110': { type: 'proxy', to: '192.0.2.77', dev: 'v0', protocol: 110 },
  'bridge fdb add 02:00:00:00:bb:04 dev v1 master static sticky': { where: 'master', state: 'static', sticky: true },
  'bridge fdb add 02:00:00:00:bb:05 dev br0 self permanent': { where: 'self', dev: 'br0', state: 'permanent' },
  'bridge fdb add 02:00:00:00:bb:07 dev vx0 dst 192.0.2.50 vni 7 port 4444 via v0 self permanent': {
    dst: '192.0.2.50',
    vni: 7,
    port: 4444,
    via: 'v0',
    where: 'self',
  },
};

const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  br0: { priority: 4096, mcast_querier: 1, group_fwd_mask: 8, ageing_time: 1000, no_linklocal_learn: 1, stp_state: 0 },
  vx0: {
    id: 100,
    group: '192.0.2.9',
    local: '192.0.2.1',
    dev: 'v0',
    dstport: 4789,
    ttl: 7,
    tos: 'inherit',
    srcport: [5000, 6000],
    df: 'set',
    learning: false,
    l2miss: true,
    gbp: false,
  },
  vx6: { group: 'ff02::5', local: '2001:db8::1', gbp: true, flowlabel: 0x12345, udp6zerocsumtx: true },
  mv0: { mode: 'source', macaddr: ['02:00:00:00:01:01', '02:00:00:00:01:02'] },
  mt0: { mode: 'bridge', macaddr: [] },
};

describe('messages of the kernel', () => {
  it('decode to what the command asked for', () => {
    for (const [command, expected] of Object.entries(EXPECTED)) {
      const capture = CAPTURES.find((entry) => entry.command === command);
      assert.ok(capture !== undefined, command);
      const object = decode(capture.kind, bytesOf(capture), NAMES) as unknown as Record<string, unknown>;
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(object[field], value, `${command}: ${field}`);
      }
    }
  });

  it('decode the options of each kind of link', () => {
    for (const [name, expected] of Object.entries(OPTIONS)) {
      const found = CAPTURES.filter((capture) => capture.kind === 'link')
        .map((capture) => decode('link', bytesOf(capture), NAMES))
        .find((link) => link?.name === name);
      for (const [option, value] of Object.entries(expected)) {
        assert.deepEqual(found?.options?.[option], value, `${name} ${option}`);
      }
      assert.equal(found?.rawOptions, undefined, `${name}: an attribute that no table names`);
    }
    const port = CAPTURES.filter((capture) => capture.kind === 'link')
      .map((capture) => decode('link', bytesOf(capture), NAMES))
      .find((link) => link?.master === 'br0')?.port;
    assert.equal(port?.kind, 'bridge');
    for (const [option, value] of Object.entries({ hairpin: true, cost: 7, priority: 9, learning: false })) {
      assert.deepEqual(port.options[option], value, `port ${option}`);
    }
  });

  for (const kind of ['address', 'nexthop', 'route', 'rule', 'neighbor'] as const) {
    it(`of kind ${kind} encode to the same attributes, and decode to the same object`, () => {
      const captures = CAPTURES.filter((capture) => capture.kind === kind);
      assert.ok(captures.length > 4);
      for (const capture of captures) {
        const object = decode(kind, bytesOf(capture), NAMES);
        assert.ok(object !== undefined, capture.command);
        const written = encode({ kind, action: 'create', object: object as never }, NAMES);
        const before = attributesOf(bytesOf(capture), HEADER[kind]);
        const after = attributesOf(written, HEADER[kind]);
        const exempt = (type: number): boolean => EXEMPT[kind].includes(type);
        for (const type of new Set([...before.keys(), ...after.keys()])) {
          if (!exempt(type)) assert.equal(after.get(type), before.get(type), `${capture.command}: attribute ${type}`);
        }
        // what the kernel alone decides is not asked for, and so does not come back
        const again = decode(kind, written, NAMES) as unknown as Record<string, unknown>;
        const kernels = ['dynamic', 'scope', 'tentative'];
        for (const [field, value] of Object.entries(object)) {
          if (!kernels.includes(field)) assert.deepEqual(again[field], value, `${capture.command}: ${field}`);
        }
      }
    });
  }

  it('of kind link decode the same after their creation was encoded', () => {
    const fields = ['name', 'index', 'kind', 'mtu', 'lladdr', 'txqlen', 'group', 'link', 'numtxqueues', 'gso_max_size'];
    for (const capture of CAPTURES.filter((entry) => entry.kind === 'link')) {
      const object = decode('link', bytesOf(capture), NAMES);
      if (object?.kind === undefined) continue;
      const again = decode('link', encode({ kind: 'link', action: 'create', object }, NAMES), NAMES);
      for (const field of fields) {
        assert.deepEqual(
          again?.[field as keyof typeof again],
          object[field as keyof typeof object],
          `${capture.command}: ${field}`,
        );
      }
      // an option at the kernel's default is not asked for, so it is either the same or absent
      for (const [option, value] of Object.entries(again?.options ?? {})) {
        if (value !== null && value !== false && !Array.isArray(value)) {
          assert.deepEqual(value, object.options?.[option], `${capture.command}: ${option}`);
        }
      }
    }
  });
});
