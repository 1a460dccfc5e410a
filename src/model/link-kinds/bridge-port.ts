import { bridgeVlans } from './bridge-vlans.ts';
import type { OptionSpec, OptionTable } from './spec.ts';

const flag = (name: string, type: number, initial: boolean, more: Partial<OptionSpec> = {}): OptionSpec => ({
  attr: `IFLA_BRPORT_${name}`,
  type,
  codec: 'bool8',
  change: 'inPlace',
  default: initial,
  ...more,
});

const reported = (name: string, type: number, codec: OptionSpec['codec']): OptionSpec => ({
  attr: `IFLA_BRPORT_${name}`,
  type,
  codec,
  change: 'inPlace',
  readOnly: true,
});

/** A port of a bridge. Every option changes in place (net/bridge/br_netlink.c br_setport). */
export const bridgePort: OptionTable = {
  // Where it stands, not what it is set to: refused while the kernel runs STP (EBUSY) or the port is down (ENETDOWN);
  // without STP the kernel takes disabled and blocking back to forwarding within the same message (seen on 6.1 to 6.18)
  state: {
    attr: 'IFLA_BRPORT_STATE',
    type: 1,
    codec: 'u8',
    words: { 0: 'disabled', 1: 'listening', 2: 'learning', 3: 'forwarding', 4: 'blocking' },
    change: 'inPlace',
    readOnly: true,
  },
  priority: { attr: 'IFLA_BRPORT_PRIORITY', type: 2, codec: 'u16', max: 63, change: 'inPlace', default: 32 },
  // follows the speed of the link until it is set
  cost: { attr: 'IFLA_BRPORT_COST', type: 3, codec: 'u32', min: 1, max: 65535, change: 'inPlace' },
  hairpin: flag('MODE', 4, false),
  guard: flag('GUARD', 5, false),
  root_block: flag('PROTECT', 6, false),
  fastleave: flag('FAST_LEAVE', 7, false, { aliases: ['mcast_fast_leave'] }),
  learning: flag('LEARNING', 8, true),
  flood: flag('UNICAST_FLOOD', 9, true),
  proxy_arp: flag('PROXYARP', 10, false),
  proxy_arp_wifi: flag('PROXYARP_WIFI', 12, false),
  root_id: reported('ROOT_ID', 13, { struct: 'bridgeId' }),
  bridge_id: reported('BRIDGE_ID', 14, { struct: 'bridgeId' }),
  designated_port: reported('DESIGNATED_PORT', 15, 'u16'),
  designated_cost: reported('DESIGNATED_COST', 16, 'u16'),
  id: reported('ID', 17, 'u16'),
  no: reported('NO', 18, 'u16'),
  topology_change_ack: reported('TOPOLOGY_CHANGE_ACK', 19, 'u8'),
  config_pending: reported('CONFIG_PENDING', 20, 'u8'),
  message_age_timer: reported('MESSAGE_AGE_TIMER', 21, 'u64'),
  forward_delay_timer: reported('FORWARD_DELAY_TIMER', 22, 'u64'),
  hold_timer: reported('HOLD_TIMER', 23, 'u64'),
  // 0 never, 1 as queries tell, 2 always, 3 until a timer ends
  mcast_router: {
    attr: 'IFLA_BRPORT_MULTICAST_ROUTER',
    type: 25,
    codec: 'u8',
    max: 3,
    change: 'inPlace',
    default: 1,
    aliases: ['multicast_router'],
  },
  mcast_flood: flag('MCAST_FLOOD', 27, true),
  mcast_to_unicast: flag('MCAST_TO_UCAST', 28, false),
  vlan_tunnel: flag('VLAN_TUNNEL', 29, false),
  bcast_flood: flag('BCAST_FLOOD', 30, true),
  // bits 0..2 (01:80:c2:00:00:00 to :02) are refused but by a kernel that was built to forward them
  group_fwd_mask: { attr: 'IFLA_BRPORT_GROUP_FWD_MASK', type: 31, codec: 'u16', change: 'inPlace', default: 0 },
  neigh_suppress: flag('NEIGH_SUPPRESS', 32, false),
  isolated: flag('ISOLATED', 33, false),
  // another port of the same bridge
  backup_port: { attr: 'IFLA_BRPORT_BACKUP_PORT', type: 34, codec: 'ifindex', change: 'inPlace', default: null },
  mrp_ring_open: reported('MRP_RING_OPEN', 35, 'u8'),
  mrp_in_open: reported('MRP_IN_OPEN', 36, 'u8'),
  mcast_eht_hosts_limit: {
    attr: 'IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT',
    type: 37,
    codec: 'u32',
    min: 1,
    change: 'inPlace',
    default: 512,
  },
  mcast_eht_hosts_cnt: reported('MCAST_EHT_HOSTS_CNT', 38, 'u32'),
  // kernel 5.18 on; the kernel refuses mab without locked and learning
  locked: flag('LOCKED', 39, false),
  // kernel 6.2 on
  mab: flag('MAB', 40, false),
  mcast_n_groups: reported('MCAST_N_GROUPS', 41, 'u32'),
  // kernel 6.3 on; 0 = no limit
  mcast_max_groups: { attr: 'IFLA_BRPORT_MCAST_MAX_GROUPS', type: 42, codec: 'u32', change: 'inPlace', default: 0 },
  // kernel 6.4 on
  neigh_vlan_suppress: flag('NEIGH_VLAN_SUPPRESS', 43, false),
  // kernel 6.6 on; number of a nexthop object, 0 = none
  backup_nhid: { attr: 'IFLA_BRPORT_BACKUP_NHID', type: 44, codec: 'u32', change: 'inPlace', default: 0 },
  vlans: bridgeVlans,
};
