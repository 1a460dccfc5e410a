import { cases, type OptionCase } from './option-case.ts';
import { TUNNEL_BASE, TUNNEL_CASES } from './tunnel-option-cases.ts';

const BRIDGE = [
  ...cases([
    ['forward_delay', 1300],
    ['hello_time', 300],
    ['max_age', 3000],
    ['ageing_time', 10001],
    ['stp_state', 1],
    ['priority', 4096],
    ['group_fwd_mask', 8],
    ['group_address', '01:80:c2:00:00:0e'],
    ['mcast_router', 2],
    ['mcast_snooping', 0],
    ['mcast_query_use_ifaddr', 1],
    ['mcast_querier', 1],
    ['mcast_hash_max', 1024],
    ['mcast_last_member_count', 3],
    ['mcast_startup_query_count', 4],
    ['mcast_last_member_interval', 201],
    ['mcast_membership_interval', 20001],
    ['mcast_querier_interval', 20003],
    ['mcast_query_interval', 10001],
    ['mcast_query_response_interval', 1003],
    ['mcast_startup_query_interval', 4001],
    ['mcast_stats_enabled', 1],
    ['mcast_igmp_version', 3],
    ['mcast_mld_version', 2],
    ['nf_call_iptables', 1],
    ['nf_call_ip6tables', 1],
    ['nf_call_arptables', 1],
    ['no_linklocal_learn', 1],
  ]),
  ...cases(
    [
      ['vlan_filtering', 1],
      ['vlan_protocol', '802.1ad'],
      ['vlan_default_pvid', 7],
      ['vlan_stats_enabled', 1],
      ['vlan_stats_per_port', 1],
    ],
    { needs: 'bridge vlan_filtering' },
  ),
  ...cases([['mcast_vlan_snooping', 1]], { needs: 'bridge vlan_filtering', given: { vlan_filtering: 1 } }),
  ...cases([['mst_enabled', 1]], { needs: 'bridge vlan_filtering', given: { vlan_default_pvid: 0 } }),
  ...cases([['fdb_max_learned', 100]], { since: '6.7' }),
  ...cases([['mdb_offload_fail_notification', 1]], { since: '6.16' }),
];

const VXLAN = [
  ...cases(
    [
      ['id', 8],
      ['group', '192.0.2.9'],
      ['group', '2001:db8::9'],
      ['local', '192.0.2.8'],
      ['dev', 'parent0'],
      ['ttl', 5],
      ['ttl', 'inherit'],
      ['tos', 4],
      ['tos', 'inherit'],
      ['learning', false],
      ['ageing', 100],
      ['maxaddress', 10],
      ['srcport', [1000, 2000]],
      ['proxy', true],
      ['rsc', true],
      ['l2miss', true],
      ['l3miss', true],
      ['dstport', 4799],
      ['udpcsum', false],
      ['udp6zerocsumtx', true],
      ['udp6zerocsumrx', true],
      ['remcsumtx', true],
      ['remcsumrx', true],
      ['gbp', true],
      ['external', true],
      ['df', 'set'],
      ['df', 'inherit'],
    ],
    { given: { id: 7, dstport: 4789 } },
  ),
  ...cases(
    [
      ['group', '2001:db8::a'],
      ['local', '2001:db8::b'],
      ['flowlabel', 77],
    ],
    { given: { id: 7, dstport: 4789, group: '2001:db8::9' } },
  ),
  ...cases([['gpe', true]], { given: { dstport: 4790, external: true, learning: false } }),
  ...cases([['vnifilter', true]], { given: { external: true, dstport: 4789 } }),
  ...cases([['localbypass', false]], { given: { id: 7, dstport: 4789 }, since: '6.5' }),
  ...cases([['flowlabel_policy', 'inherit']], {
    given: { id: 7, dstport: 4789, group: '2001:db8::9' },
    since: '6.7',
  }),
];

const MACVLAN = [
  ...cases([
    ['mode', 'private'],
    ['mode', 'bridge'],
    ['mode', 'source'],
    ['mode', 'passthru'],
    ['bcqueuelen', 2000],
  ]),
  ...cases([['mode', 'vepa']], { given: { mode: 'passthru' } }),
  ...cases([['nopromisc', true]], { given: { mode: 'passthru' } }),
  ...cases(
    [
      ['nodst', true],
      ['macaddr', ['02:00:00:00:00:01', '02:00:00:00:00:02']],
    ],
    { given: { mode: 'source' } },
  ),
  ...cases([['bclim', 5]], { since: '6.4' }),
];

const VLAN = [
  ...cases(
    [
      ['id', 6],
      ['protocol', '802.1ad'],
      ['reorder_hdr', false],
      ['gvrp', true],
      ['mvrp', true],
      ['loose_binding', true],
      ['bridge_binding', true],
      ['ingress_qos_map', ['1:2', '3:4']],
      ['egress_qos_map', ['0:5', '4:7']],
    ],
    { given: { id: 5 } },
  ),
  ...cases(
    [
      ['ingress_qos_map', ['3:5']],
      ['egress_qos_map', ['1:2', '3:6']],
    ],
    { given: { id: 5, ingress_qos_map: ['1:2', '3:4'], egress_qos_map: ['3:4', '5:6'] } },
  ),
];

const BOND = [
  ...cases([
    ['mode', 'active-backup'],
    ['miimon', 100],
    ['use_carrier', 0],
    ['arp_interval', 200],
    ['arp_ip_target', ['192.0.2.1', '192.0.2.2']],
    ['arp_validate', 'all'],
    ['arp_all_targets', 'all'],
    ['ns_ip6_target', ['2001:db8::1']],
    ['primary_reselect', 'better'],
    ['fail_over_mac', 'active'],
    ['xmit_hash_policy', 'layer3+4'],
    ['xmit_hash_policy', 'vlan+srcmac'],
    ['resend_igmp', 5],
    ['num_grat_arp', 3],
    ['all_slaves_active', 1],
    ['min_links', 2],
    ['lp_interval', 5],
    ['packets_per_slave', 7],
    ['ad_select', 'bandwidth'],
    ['arp_missed_max', 5],
  ]),
  ...cases([['arp_ip_target', ['192.0.2.3']]], { given: { arp_ip_target: ['192.0.2.1', '192.0.2.2'] } }),
  ...cases(
    [
      ['updelay', 200],
      ['downdelay', 200],
      ['peer_notify_delay', 200],
    ],
    { given: { miimon: 100 } },
  ),
  ...cases(
    [
      ['lacp_rate', 'fast'],
      ['lacp_active', 'off'],
      ['ad_actor_sys_prio', 100],
      ['ad_user_port_key', 7],
      ['ad_actor_system', '02:00:00:00:00:09'],
    ],
    { given: { mode: '802.3ad' } },
  ),
  ...cases([['coupled_control', 'off']], { given: { mode: '802.3ad' }, since: '6.8' }),
  ...cases([['broadcast_neighbor', 'on']], { given: { mode: '802.3ad' }, since: '6.17' }),
  ...cases([['tlb_dynamic_lb', 0]], { given: { mode: 'balance-tlb' } }),
];

const IPVLAN = cases([
  ['mode', 'l2'],
  ['mode', 'l3s'],
  ['flag', 'private'],
  ['flag', 'vepa'],
]);

const MACSEC = [
  ...cases([
    ['sci', '0200000000010007'],
    ['port', 7],
    ['icvlen', 12],
    ['cipher', 'gcm-aes-256'],
    ['encodingsa', 2],
    ['encrypt', true],
    ['protect', false],
    ['send_sci', false],
    ['replay', true],
    ['validate', 'check'],
    ['validate', 'disabled'],
  ]),
  ...cases(
    [
      ['end_station', true],
      ['scb', true],
    ],
    { given: { send_sci: false } },
  ),
  ...cases([['window', 64]], { given: { replay: true, window: 32 } }),
  ...cases([['replay', false]], { given: { replay: true, window: 32 }, alone: true }),
];

const RING = { slave1: 'parent0', slave2: 'spare0' };

/** Options that a link of the kind is made with where nothing else is asked. */
export const BASE_OPTIONS: Readonly<Record<string, OptionCase['given']>> = {
  vlan: { id: 5 },
  vxlan: { id: 5 },
  vrf: { table: 10 },
  xfrm: { if_id: 5 },
  tun: { mode: 'tun' },
  netkit: { peer: 'k1' },
  hsr: RING,
  ...TUNNEL_BASE,
};

/** Every option that can be set on the link itself, by kind. */
export const OPTION_CASES: Readonly<Record<string, readonly OptionCase[]>> = {
  bridge: BRIDGE,
  vxlan: VXLAN,
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  vlan: VLAN,
  vrf: cases([['table', 11]], { given: { table: 10 } }),
  bond: BOND,
  ...TUNNEL_CASES,
  xfrm: [
    ...cases(
      [
        ['if_id', 6],
        ['dev', 'parent0'],
      ],
      { given: { if_id: 5 } },
    ),
    ...cases([['external', true]], { given: { if_id: 5 }, alone: true }),
  ],
  netkit: [
    ...cases(
      [
        ['mode', 'l2'],
        ['policy', 'blackhole'],
        ['peer_policy', 'blackhole'],
      ],
      { given: { peer: 'k1' } },
    ),
    ...cases(
      [
        ['scrub', 'none'],
        ['peer_scrub', 'none'],
      ],
      { given: { peer: 'k1' }, since: '6.13' },
    ),
  ],
  tun: cases(
    [
      ['mode', 'tap'],
      ['user', 1001],
      ['group', 1002],
      ['pi', true],
      ['vnet_hdr', true],
      ['multi_queue', true],
    ],
    { given: { mode: 'tun' } },
  ),
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
  macsec: MACSEC,
  hsr: [
    ...cases(
      [
        ['slave1', 'parent1'],
        ['slave2', 'spare1'],
        ['supervision', 9],
        ['version', 1],
        ['proto', 'prp'],
      ],
      { given: RING },
    ),
    ...cases([['interlink', 'parent1']], { given: RING, since: '6.10' }),
  ],
  batadv: cases([['ra', 'BATMAN_V']]),
};

/** Every option of a port, by the kind of its master. `given`: options of the master. */
export const PORT_CASES: Readonly<Record<string, readonly OptionCase[]>> = {
  bridge: [
    ...cases([
      ['priority', 5],
      ['cost', 77],
      ['hairpin', true],
      ['guard', true],
      ['root_block', true],
      ['fastleave', true],
      ['learning', false],
      ['flood', false],
      ['proxy_arp', true],
      ['proxy_arp_wifi', true],
      ['mcast_router', 2],
      ['mcast_flood', false],
      ['mcast_to_unicast', true],
      ['vlan_tunnel', true],
      ['bcast_flood', false],
      ['group_fwd_mask', 8],
      ['neigh_suppress', true],
      ['isolated', true],
      ['mcast_eht_hosts_limit', 100],
      ['locked', true],
      ['backup_port', 'parent1'],
    ]),
    ...cases([['mab', true]], { first: { locked: true }, since: '6.2' }),
    ...cases([['mcast_max_groups', 10]], { since: '6.3' }),
    ...cases([['neigh_vlan_suppress', true]], { since: '6.4' }),
    ...cases([['backup_nhid', 10]], { since: '6.6' }),
  ],
  bond: [
    ...cases([['queue_id', 1]]),
    ...cases([['prio', 5]], { given: { mode: 'active-backup' } }),
    ...cases([['actor_port_prio', 5]], { given: { mode: '802.3ad' }, since: '6.18' }),
  ],
};
