import type { ChangeAction } from '../../../src/reconcile/plan/plan-types.ts';
import { type Expected, type StateCase, without } from './state-case.ts';

type Shown = Readonly<Record<string, Expected>>;

/** An attribute that every link has: set, and then set back, or to another value. */
interface Attribute {
  readonly first: readonly [yaml: string, shown: Shown];
  readonly second: readonly [yaml: string, shown: Shown];
  /** a created link: what the change takes, where it is not in place */
  readonly recreates?: true;
}

const ATTRIBUTES: readonly Attribute[] = [
  { first: ['mtu: 1400', { mtu: 1400 }], second: ['mtu: 9000', { mtu: 9000 }] },
  // below 1280 there is no IPv6
  { first: ['mtu: 1000', { mtu: 1000 }], second: ['mtu: 1500', { mtu: 1500 }] },
  {
    first: ['lladdr: "02:00:00:00:00:01"', { address: '02:00:00:00:00:01' }],
    second: ['lladdr: "02:00:00:00:00:02"', { address: '02:00:00:00:00:02' }],
  },
  { first: ['txqlen: 77', { txqlen: 77 }], second: ['txqlen: 0', { txqlen: undefined }] },
  {
    first: ['alias: "to the core, unit 3"', { ifalias: 'to the core, unit 3' }],
    second: ['alias: ""', { ifalias: undefined }],
  },
  {
    first: ['altnames: [core-uplink-of-the-second-rack, x1]', { altnames: ['core-uplink-of-the-second-rack', 'x1'] }],
    second: ['altnames: [x2, x1]', { altnames: (names) => JSON.stringify(names) === '["x1","x2"]' }],
  },
  { first: ['altnames: [x1]', { altnames: ['x1'] }], second: ['altnames: []', { altnames: undefined }] },
  { first: ['group: 5', { group: '5' }], second: ['group: default', { group: 'default' }] },
  {
    first: ['promisc: true', { flags: ['PROMISC'], promiscuity: 1 }],
    second: ['promisc: off', { flags: without('PROMISC'), promiscuity: 0 }],
  },
  {
    first: ['allmulticast: true', { flags: ['ALLMULTI'], allmulti: 1 }],
    second: ['allmulticast: false', { flags: without('ALLMULTI'), allmulti: 0 }],
  },
  {
    first: ['multicast: false', { flags: without('MULTICAST') }],
    second: ['multicast: true', { flags: ['MULTICAST'] }],
  },
  { first: ['arp: false', { flags: ['NOARP'] }], second: ['arp: true', { flags: without('NOARP') }] },
  { first: ['gso_max_size: 32768', { gso_max_size: 32768 }], second: ['gso_max_size: 65536', { gso_max_size: 65536 }] },
  { first: ['gso_max_segs: 100', { gso_max_segs: 100 }], second: ['gso_max_segs: 200', { gso_max_segs: 200 }] },
  { first: ['gro_max_size: 30000', { gro_max_size: 30000 }], second: ['gro_max_size: 65536', { gro_max_size: 65536 }] },
  {
    first: ['addrgenmode: none', { inet6_addr_gen_mode: 'none' }],
    second: ['addrgenmode: eui64', { inet6_addr_gen_mode: 'eui64' }],
  },
  {
    first: ['addrgenmode: random', { inet6_addr_gen_mode: 'random' }],
    second: ['addrgenmode: none', { inet6_addr_gen_mode: 'none' }],
  },
  { first: ['state: down', { flags: without('UP') }], second: ['state: up', { flags: ['UP'] }] },
  { first: ['state: up', { flags: ['UP'] }], second: ['state: down', { flags: without('UP') }] },
];

/** Attributes that are fixed when the link is made. */
const FIXED: readonly Attribute[] = [
  {
    first: ['numtxqueues: 4', { num_tx_queues: 4 }],
    second: ['numtxqueues: 3', { num_tx_queues: 3 }],
    recreates: true,
  },
  {
    first: ['numrxqueues: 4', { num_rx_queues: 4 }],
    second: ['numrxqueues: 3', { num_rx_queues: 3 }],
    recreates: true,
  },
];

/** Hardware, for which a veth made by hand stands in: what was set stays when the file no longer names the link. */
export const HARDWARE_CASES: readonly StateCase[] = ATTRIBUTES.map(
  ({ first, second }): StateCase => ({
    name: `hardware: ${first[0]}, then ${second[0]}`,
    // something to change, whatever the first value is
    setup: ['link set v0 down'],
    yaml: `links: {v0: {${first[0]}}}`.replace('{state: down}', '{state: down, alias: x}'),
    shows: { 'link show dev v0': [first[1]] },
    next: {
      yaml: `links: {v0: {${second[0]}}}`,
      shows: { 'link show dev v0': [second[1]] },
      actions: ['update'],
    },
    leaves: { 'link show dev v0': [second[1]] },
  }),
);

/** Why this kernel has no such attribute; false where it has. */
type LackingAttribute = (attribute: string) => string | false;

/** A link of kind veth that the file makes, by its name and kind for each attribute. */
const madeCases = (kind: string, declared: string, lacking: LackingAttribute): readonly StateCase[] =>
  [...ATTRIBUTES, ...FIXED].map(({ first, second, recreates }): StateCase => {
    const action: ChangeAction = recreates === true ? 'replace' : 'update';
    return {
      name: `${kind}: ${first[0]}, then ${second[0]}`,
      skip: lacking(first[0].split(':')[0] ?? ''),
      yaml: `links: {k0: {kind: ${kind}, ${declared}, ${first[0]}}}`,
      shows: { 'link show dev k0': [first[1]] },
      next: {
        yaml: `links: {k0: {kind: ${kind}, ${declared}, ${second[0]}}}`,
        shows: { 'link show dev k0': [second[1]] },
        actions: [action],
      },
    };
  });

export const madeLinkCases = (lacking: LackingAttribute): readonly StateCase[] => [
  ...madeCases('veth', 'veth: {peer: k1}', lacking),
  ...madeCases('bridge', 'bridge: {}', lacking),
  ...madeCases('vxlan', 'vxlan: {id: 7, dstport: 4789}', lacking),
];

const UP = { flags: ['UP'] };

/** Kinds, and how links stand to each other. */
export const TOPOLOGY_CASES: readonly StateCase[] = [
  {
    name: 'a veth pair, both ends declared; then another peer',
    yaml: 'links: {k0: {kind: veth, veth: {peer: k1}}, k1: {kind: veth, veth: {peer: k0}, mtu: 1400}}',
    shows: {
      'link show dev k0': [{ ...UP, link: 'k1', linkinfo: { info_kind: 'veth' } }],
      'link show dev k1': [{ ...UP, link: 'k0', mtu: 1400 }],
    },
    next: {
      yaml: 'links: {k0: {kind: veth, veth: {peer: k2}}, k2: {kind: veth, veth: {peer: k0}}}',
      shows: {
        'link show dev k0': [{ link: 'k2' }],
        'link show type veth': [{ ifname: 'v0' }, { ifname: 'v1' }, { ifname: 'k0' }, { ifname: 'k2' }],
      },
      // the old peer goes with the pair
      actions: ['replace', 'create', 'delete'],
    },
  },
  {
    name: 'another kind',
    yaml: 'links: {k0: {kind: bridge}}',
    shows: { 'link show dev k0': [{ ...UP, linkinfo: { info_kind: 'bridge' } }] },
    next: {
      yaml: 'links: {k0: {kind: ifb}}',
      shows: { 'link show dev k0': [{ ...UP, linkinfo: { info_kind: 'ifb' } }] },
      actions: ['replace'],
    },
  },
  {
    name: 'a macvlan, and on another parent',
    yaml: 'links: {k0: {kind: macvlan, link: v0, macvlan: {mode: bridge}}}',
    shows: {
      'link show dev k0': [{ ...UP, link: 'v0', linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } } }],
    },
    next: {
      yaml: 'links: {k0: {kind: macvlan, link: v1, macvlan: {mode: bridge}}}',
      shows: { 'link show dev k0': [{ ...UP, link: 'v1' }] },
      actions: ['replace'],
    },
  },
  {
    name: 'a macvtap',
    yaml: 'links: {k0: {kind: macvtap, link: v0}}',
    shows: { 'link show dev k0': [{ link: 'v0', linkinfo: { info_kind: 'macvtap', info_data: { mode: 'vepa' } } }] },
  },
  {
    name: 'a port from one bridge to another, and out',
    yaml: 'links: {br0: {kind: bridge, lladdr: "02:00:00:00:00:0a"}, br1: {kind: bridge, lladdr: "02:00:00:00:00:0b"}, v1: {master: br0, bridge_port: {hairpin: true}}}',
    shows: { 'link show dev v1': [{ master: 'br0', linkinfo: { info_slave_data: { hairpin: true } } }] },
    next: {
      yaml: 'links: {br0: {kind: bridge, lladdr: "02:00:00:00:00:0a"}, br1: {kind: bridge, lladdr: "02:00:00:00:00:0b"}, v1: {master: br1, bridge_port: {cost: 9}}}',
      shows: { 'link show dev v1': [{ master: 'br1', linkinfo: { info_slave_data: { hairpin: false, cost: 9 } } }] },
      actions: ['update'],
    },
    leaves: { 'link show type bridge': [], 'link show dev v1': [{ master: undefined }] },
  },
  {
    name: 'a port is set free',
    yaml: 'links: {br0: {kind: bridge}, v1: {master: br0}}',
    shows: { 'link show dev v1': [{ master: 'br0' }] },
    next: {
      yaml: 'links: {br0: {kind: bridge}, v1: {master: null}}',
      shows: { 'link show dev v1': [{ master: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: 'a stack: a macvlan on a veth whose far end is a port of a bridge with an address and a route',
    yaml: `links:
  br0: {kind: bridge, addresses: [10.0.0.1/24]}
  k0: {kind: veth, veth: {peer: k1}}
  k1: {master: br0}
  m0: {kind: macvlan, link: k0, addresses: [10.0.0.2/24, "2001:db8::2/64"]}
routes: [{to: 10.1.0.0/16, via: 10.0.0.9, dev: br0}, {to: "2001:db8:1::/48", via: "2001:db8::9"}]`,
    shows: {
      'link show dev m0': [{ ...UP, link: 'k0' }],
      'link show dev k1': [{ ...UP, master: 'br0' }],
      'route show 10.1.0.0/16': [{ dev: 'br0' }],
      '-6 route show 2001:db8:1::/48': [{ dev: 'm0' }],
    },
    next: {
      yaml: `links:
  br0: {kind: bridge, addresses: [10.0.0.1/24]}
routes: [{to: 10.1.0.0/16, via: 10.0.0.9, dev: br0}]`,
      shows: {
        'link show type veth': [{ ifname: 'v0' }, { ifname: 'v1' }],
        'route show 10.1.0.0/16': [{ dev: 'br0' }],
      },
      actions: ['delete', 'delete', 'delete', 'delete', 'delete', 'delete'],
    },
  },
  {
    name: 'hardware is renamed, with its addresses and routes',
    setup: ['addr add 10.0.0.1/24 dev v0', 'route add 10.1.0.0/16 via 10.0.0.9', 'link set v0 alias first'],
    yaml: 'links: {uplink: {renamed_from: v0}}',
    shows: {
      'link show dev uplink': [{ ...UP, link: 'v1', ifalias: 'first' }],
      'addr show dev uplink': [{ addr_info: [{ local: '10.0.0.1' }, { scope: 'link' }] }],
      'route show 10.1.0.0/16': [{ dev: 'uplink' }],
    },
    next: {
      yaml: 'links: {uplink: {renamed_from: v0, mtu: 1400, addresses: [10.0.0.2/24]}}',
      shows: {
        'link show dev uplink': [{ mtu: 1400 }],
        'addr show dev uplink': [{ addr_info: [{ local: '10.0.0.2' }, { scope: 'link' }] }],
        'route show 10.1.0.0/16': [{ dev: 'uplink', gateway: '10.0.0.9' }],
      },
      actions: ['update', 'create', 'delete', 'delete'],
    },
    leaves: { 'link show dev uplink': [{ mtu: 1400 }], 'addr show dev uplink': [{ addr_info: [{ scope: 'link' }] }] },
  },
  {
    name: 'a link made by hand is absent',
    setup: ['link add br9 type bridge'],
    yaml: 'links: {br9: {state: absent}}',
    shows: { 'link show type bridge': [] },
    leaves: { 'link show type bridge': [] },
  },
  {
    name: 'a link of the right kind made by hand is adopted, and stays',
    setup: ['link add br9 type bridge'],
    yaml: 'links: {br9: {kind: bridge, bridge: {stp_state: 1}}}',
    shows: { 'link show dev br9': [{ ...UP, linkinfo: { info_data: { stp_state: 1 } } }] },
    leaves: { 'link show dev br9': [{ linkinfo: { info_kind: 'bridge' } }] },
  },
];

/** Kinds that some kernels lack; `lacking` tells by kind. */
export const rareKindCases = (lacking: (kind: string) => string | false): readonly StateCase[] => [
  {
    name: 'a dummy',
    skip: lacking('dummy'),
    yaml: 'links: {k0: {kind: dummy, addresses: [10.255.0.1/32]}}',
    shows: { 'link show dev k0': [{ ...UP, linkinfo: { info_kind: 'dummy' } }] },
  },
  {
    name: 'a VLAN, and another number',
    skip: lacking('vlan'),
    yaml: 'links: {k0: {kind: vlan, link: v0, vlan: {id: 5}, addresses: [10.5.0.1/24]}}',
    shows: { 'link show dev k0': [{ ...UP, link: 'v0', linkinfo: { info_data: { protocol: '802.1Q', id: 5 } } }] },
    next: {
      yaml: 'links: {k0: {kind: vlan, link: v0, vlan: {id: 6}, addresses: [10.5.0.1/24]}}',
      shows: {
        'link show dev k0': [{ linkinfo: { info_data: { id: 6 } } }],
        'addr show dev k0': [{ addr_info: [{ local: '10.5.0.1' }, { scope: 'link' }] }],
      },
      actions: ['replace'],
    },
  },
  {
    name: 'a VLAN comes back with its addresses and routes when its bond is made anew',
    skip: lacking('vlan') || lacking('bond'),
    yaml: `links:
  b0: {kind: bond, bond: {mode: active-backup, miimon: 100}}
  v0: {master: b0}
  k0: {kind: vlan, link: b0, vlan: {id: 5}, addresses: [10.5.0.1/24, "2001:db8::1/64"]}
routes: [{to: 10.1.0.0/16, via: 10.5.0.9}]`,
    shows: { 'link show dev v0': [{ master: 'b0' }], 'route show 10.1.0.0/16': [{ dev: 'k0' }] },
    next: {
      yaml: `links:
  b0: {kind: bond, bond: {mode: active-backup, miimon: 100, fail_over_mac: active}}
  v0: {master: b0}
  k0: {kind: vlan, link: b0, vlan: {id: 5}, addresses: [10.5.0.1/24, "2001:db8::1/64"]}
routes: [{to: 10.1.0.0/16, via: 10.5.0.9}]`,
      shows: {
        'link show dev b0': [{ linkinfo: { info_data: { fail_over_mac: 'active' } } }],
        'route show 10.1.0.0/16': [{ dev: 'k0' }],
        'addr show dev k0': [{ addr_info: [{ local: '10.5.0.1' }, { local: '2001:db8::1' }, { scope: 'link' }] }],
      },
      actions: ['replace', 'update'],
    },
    leaves: { 'link show dev v0': [{ master: undefined }] },
  },
  {
    name: 'a VRF with a port, its address and its route; then without the VRF',
    skip: lacking('vrf'),
    yaml: `links:
  red: {kind: vrf, vrf: {table: 1001}}
  v0: {master: red, addresses: [10.0.0.1/24, "2001:db8::1/64"]}
routes: [{to: 10.1.0.0/16, via: 10.0.0.9, vrf: red}, {to: "2001:db8:1::/48", via: "2001:db8::9", dev: v0, vrf: red}]`,
    shows: {
      'link show dev red': [{ ...UP, linkinfo: { info_kind: 'vrf', info_data: { table: 1001 } } }],
      'link show dev v0': [{ master: 'red' }],
      'route show table 1001 10.1.0.0/16': [{ gateway: '10.0.0.9', dev: 'v0' }],
      '-6 route show table 1001 2001:db8:1::/48': [{ gateway: '2001:db8::9' }],
    },
    next: {
      yaml: 'links: {v0: {master: null, addresses: [10.0.0.1/24, "2001:db8::1/64"]}}',
      shows: {
        'link show dev v0': [{ master: undefined }],
        'addr show dev v0': [{ addr_info: [{ local: '10.0.0.1' }, { local: '2001:db8::1' }, { scope: 'link' }] }],
        'route show table 1001': [],
      },
      actions: ['update', 'delete', 'delete', 'delete'],
    },
    // the rule that the kernel makes with the first VRF stays
    leaves: { 'addr show dev v0': [{ addr_info: [{ scope: 'link' }] }] },
  },
  {
    name: 'a bond with two ports, then with one',
    skip: lacking('bond'),
    yaml: `links:
  b0: {kind: bond, bond: {mode: active-backup, miimon: 100, primary: v0}, addresses: [10.0.0.1/24]}
  v0: {master: b0, bond_port: {queue_id: 1}}
  w0: {master: b0}`,
    setup: ['link add w0 type veth peer name w1', 'link set w0 up', 'link set w1 up'],
    shows: {
      'link show dev b0': [{ ...UP, linkinfo: { info_data: { mode: 'active-backup', miimon: 100, primary: 'v0' } } }],
      'link show dev v0': [{ ...UP, master: 'b0', linkinfo: { info_slave_data: { queue_id: 1 } } }],
      'link show dev w0': [{ ...UP, master: 'b0' }],
    },
    next: {
      yaml: `links:
  b0: {kind: bond, bond: {mode: active-backup, miimon: 100}, addresses: [10.0.0.1/24]}
  v0: {master: b0, bond_port: {queue_id: 2}}
  w0: {master: null}`,
      shows: {
        'link show dev v0': [{ ...UP, master: 'b0', linkinfo: { info_slave_data: { queue_id: 2 } } }],
        'link show dev w0': [{ ...UP, master: undefined }],
      },
      actions: ['update', 'update'],
    },
    leaves: { 'link show dev v0': [{ master: undefined }], 'link show dev w0': [{ master: undefined }] },
  },
];
