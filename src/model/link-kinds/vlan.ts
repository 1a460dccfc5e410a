import type { LinkKindSpec, OptionSpec } from './spec.ts';

const flag = (bit: number, initial: boolean): OptionSpec => ({
  attr: 'IFLA_VLAN_FLAGS',
  type: 2,
  codec: { struct: 'maskedBits' },
  bit,
  change: 'inPlace',
  default: initial,
  // vlan_fill_info leaves the attribute out while no flag is set
  missing: false,
});

/**
 * An 802.1Q or 802.1ad tag on a parent. A changed id or protocol is acknowledged and ignored (net/8021q/vlan_netlink.c
 * vlan_changelink reads only the flags and the maps).
 */
export const vlan: LinkKindSpec = {
  kind: 'vlan',
  parent: 'required',
  clampsMtu: true,
  required: ['id'],
  options: {
    id: { attr: 'IFLA_VLAN_ID', type: 1, codec: 'u16', max: 4094, change: 'recreate' },
    protocol: { attr: 'IFLA_VLAN_PROTOCOL', type: 5, codec: 'ethertype', change: 'recreate', default: '802.1q' },
    reorder_hdr: flag(0, true),
    gvrp: flag(1, false),
    loose_binding: flag(2, false),
    mvrp: flag(3, false),
    bridge_binding: flag(4, false),
    // FROM is the 802.1p priority of a frame, TO the skb priority
    ingress_qos_map: {
      attr: 'IFLA_VLAN_INGRESS_QOS',
      type: 4,
      codec: { struct: 'qosMap' },
      change: 'inPlace',
      default: [],
      aliases: ['ingress-qos-map'],
    },
    // FROM is the skb priority, TO the 802.1p priority of a frame
    egress_qos_map: {
      attr: 'IFLA_VLAN_EGRESS_QOS',
      type: 3,
      codec: { struct: 'qosMap' },
      change: 'inPlace',
      default: [],
      aliases: ['egress-qos-map'],
    },
  },
};
