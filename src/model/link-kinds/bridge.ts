import type { Value } from '../value.ts';
import { bridgePort } from './bridge-port.ts';
import { bridgeVlans } from './bridge-vlans.ts';
import type { LinkKindSpec, OptionSpec } from './spec.ts';

const number = (
  name: string,
  type: number,
  codec: 'u8' | 'u16' | 'u32',
  more: Partial<OptionSpec> = {},
): OptionSpec => ({
  attr: `IFLA_BR_${name}`,
  type,
  codec,
  change: 'inPlace',
  ...more,
});

/** 0 or 1, in a u8. */
const toggle = (name: string, type: number, initial: 0 | 1): OptionSpec =>
  number(name, type, 'u8', { max: 1, default: initial });

/** 0 or 1, in a bit of IFLA_BR_MULTI_BOOLOPT (enum br_boolopt_id, include/uapi/linux/if_bridge.h). */
const boolOption = (bit: number): OptionSpec => ({
  attr: 'IFLA_BR_MULTI_BOOLOPT',
  type: 46,
  codec: { struct: 'maskedBits' },
  bit,
  max: 1,
  change: 'inPlace',
  default: 0,
});

/** A time in hundredths of a second (USER_HZ), as a u64. */
const interval = (name: string, type: number, initial: number, min = 0): OptionSpec => ({
  attr: `IFLA_BR_${name}`,
  type,
  codec: 'u64',
  min,
  change: 'inPlace',
  ticks: true,
  default: initial,
});

const reported = (name: string, type: number, codec: OptionSpec['codec']): OptionSpec => ({
  attr: `IFLA_BR_${name}`,
  type,
  codec,
  change: 'inPlace',
  readOnly: true,
});

type Options = Readonly<Record<string, Value>>;

/** While the topology changes, addresses age faster (br_stp.c __br_set_topology_change); 1 = the kernel runs STP. */
const fastAgeing = ({ stp_state, topology_change, forward_delay }: Options): Value | undefined => {
  if (stp_state !== 1 || topology_change !== 1) return undefined;
  return typeof forward_delay === 'number' ? 2 * forward_delay : null;
};

/** The times of the spanning tree are those of its root (br_stp.c br_record_config_timeout_values). */
const ofRoot =
  (name: string) =>
  (options: Options): Value | undefined =>
    options.stp_state === 1 && options.root_port !== undefined && options.root_port !== 0
      ? (options[name] ?? null)
      : undefined;

/** A time of the spanning tree, in hundredths of a second. */
const treeTime = (name: string, type: number, more: Partial<OptionSpec>): OptionSpec =>
  number(name, type, 'u32', { ticks: true, shownInstead: ofRoot(name.toLowerCase()), ...more });

/**
 * A software switch. Every option changes in place (net/bridge/br_netlink.c br_changelink). Times are in hundredths of a
 * second (USER_HZ), as for `ip`: `ageing_time: 30000` is five minutes. A kernel without VLAN filtering refuses vlan_filtering and
 * acknowledges and ignores the other vlan_ options.
 */
export const bridge: LinkKindSpec = {
  kind: 'bridge',
  parent: 'none',
  options: {
    // 200..3000 while STP runs, else anything
    forward_delay: treeTime('FORWARD_DELAY', 1, { default: 1500 }),
    hello_time: treeTime('HELLO_TIME', 2, { min: 100, max: 1000, default: 200 }),
    max_age: treeTime('MAX_AGE', 3, { min: 600, max: 4000, default: 2000 }),
    ageing_time: number('AGEING_TIME', 4, 'u32', { ticks: true, default: 30000, shownInstead: fastAgeing }),
    // 2 = a user-space daemon runs STP; the kernel decides that (/sbin/bridge-stp), one can only ask for 1
    stp_state: number('STP_STATE', 5, 'u32', { max: 1, default: 0 }),
    priority: number('PRIORITY', 6, 'u16', { default: 0x8000 }),
    vlan_filtering: toggle('VLAN_FILTERING', 7, 0),
    vlan_protocol: { attr: 'IFLA_BR_VLAN_PROTOCOL', type: 8, codec: 'ethertype', change: 'inPlace', default: '802.1q' },
    // bits 0..2 (01:80:c2:00:00:00 to :02) are refused
    group_fwd_mask: number('GROUP_FWD_MASK', 9, 'u16', { default: 0 }),
    root_id: reported('ROOT_ID', 10, { struct: 'bridgeId' }),
    bridge_id: reported('BRIDGE_ID', 11, { struct: 'bridgeId' }),
    root_port: reported('ROOT_PORT', 12, 'u16'),
    root_path_cost: reported('ROOT_PATH_COST', 13, 'u32'),
    topology_change: reported('TOPOLOGY_CHANGE', 14, 'u8'),
    topology_change_detected: reported('TOPOLOGY_CHANGE_DETECTED', 15, 'u8'),
    hello_timer: reported('HELLO_TIMER', 16, 'u64'),
    tcn_timer: reported('TCN_TIMER', 17, 'u64'),
    topology_change_timer: reported('TOPOLOGY_CHANGE_TIMER', 18, 'u64'),
    gc_timer: reported('GC_TIMER', 19, 'u64'),
    // 01:80:c2:00:00:0X, X of 0 and 4..f; until it is set it follows vlan_protocol (0 or 8)
    group_address: {
      attr: 'IFLA_BR_GROUP_ADDR',
      type: 20,
      codec: 'lladdr',
      change: 'inPlace',
      default: '01:80:c2:00:00:00',
      aliases: ['group_addr'],
    },
    // 0 never, 1 as queries tell, 2 always
    mcast_router: number('MCAST_ROUTER', 22, 'u8', { max: 2, default: 1 }),
    mcast_snooping: toggle('MCAST_SNOOPING', 23, 1),
    mcast_query_use_ifaddr: toggle('MCAST_QUERY_USE_IFADDR', 24, 0),
    mcast_querier: toggle('MCAST_QUERIER', 25, 0),
    // accepted and ignored since kernel 4.21, always 16
    mcast_hash_elasticity: reported('MCAST_HASH_ELASTICITY', 26, 'u32'),
    // entries, a power of two is no longer required
    mcast_hash_max: number('MCAST_HASH_MAX', 27, 'u32', { default: 4096 }),
    mcast_last_member_count: number('MCAST_LAST_MEMBER_CNT', 28, 'u32', { default: 2 }),
    mcast_startup_query_count: number('MCAST_STARTUP_QUERY_CNT', 29, 'u32', { default: 2 }),
    mcast_last_member_interval: interval('MCAST_LAST_MEMBER_INTVL', 30, 100),
    mcast_membership_interval: interval('MCAST_MEMBERSHIP_INTVL', 31, 26000),
    mcast_querier_interval: interval('MCAST_QUERIER_INTVL', 32, 25500),
    // below a second it is silently a second; so for the startup interval
    mcast_query_interval: interval('MCAST_QUERY_INTVL', 33, 12500, 100),
    mcast_query_response_interval: interval('MCAST_QUERY_RESPONSE_INTVL', 34, 1000),
    mcast_startup_query_interval: interval('MCAST_STARTUP_QUERY_INTVL', 35, 3125, 100),
    // only where br_netfilter is built in or loaded
    nf_call_iptables: toggle('NF_CALL_IPTABLES', 36, 0),
    nf_call_ip6tables: toggle('NF_CALL_IP6TABLES', 37, 0),
    nf_call_arptables: toggle('NF_CALL_ARPTABLES', 38, 0),
    // 0 = none
    vlan_default_pvid: number('VLAN_DEFAULT_PVID', 39, 'u16', { max: 4094, default: 1 }),
    vlan_stats_enabled: toggle('VLAN_STATS_ENABLED', 41, 0),
    mcast_stats_enabled: toggle('MCAST_STATS_ENABLED', 42, 0),
    mcast_igmp_version: number('MCAST_IGMP_VERSION', 43, 'u8', { min: 2, max: 3, default: 2 }),
    mcast_mld_version: number('MCAST_MLD_VERSION', 44, 'u8', { min: 1, max: 2, default: 1 }),
    // EBUSY while a port is a member of a VLAN
    vlan_stats_per_port: toggle('VLAN_STATS_PER_PORT', 45, 0),
    no_linklocal_learn: boolOption(0),
    // needs vlan_filtering
    mcast_vlan_snooping: boolOption(1),
    // kernel 5.18 on; EBUSY while the bridge has VLANs
    mst_enabled: boolOption(2),
    // kernel 6.16 on
    mdb_offload_fail_notification: boolOption(3),
    // kernel 6.18 on
    fdb_local_vlan_0: boolOption(4),
    mcast_querier_state: reported('MCAST_QUERIER_STATE', 47, 'hex'),
    fdb_n_learned: reported('FDB_N_LEARNED', 48, 'u32'),
    // kernel 6.7 on; 0 = no limit
    fdb_max_learned: number('FDB_MAX_LEARNED', 49, 'u32', { default: 0 }),
    // of the bridge as a host: what of its ports' traffic comes up to it. The default is what vlan_default_pvid brings
    vlans: bridgeVlans,
  },
  port: bridgePort,
};
