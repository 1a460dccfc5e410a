import type { LinkKindSpec } from './spec.ts';
import { vxlanVnis } from './vxlan-vnis.ts';

/**
 * A VXLAN tunnel end. What changes in place is vxlan_nl2conf's `changelink` argument (drivers/net/vxlan/vxlan_core.c);
 * the rest is EOPNOTSUPP even where the message repeats the present value. The family of `group` and `local` never
 * changes (EOPNOTSUPP); a tunnel made without either is of IPv4.
 */
export const vxlan: LinkKindSpec = {
  kind: 'vxlan',
  parent: 'none',
  goesWithLower: true,
  required: ['id'],
  requiredUnless: 'external',
  options: {
    id: { attr: 'IFLA_VXLAN_ID', type: 1, codec: 'u32', max: 0xffffff, change: 'recreate', default: 0 },
    group: {
      attr: 'IFLA_VXLAN_GROUP',
      type: 2,
      codec: 'inet',
      inet6: { attr: 'IFLA_VXLAN_GROUP6', type: 16 },
      change: 'inPlace',
      default: null,
      aliases: ['remote'],
    },
    dev: { attr: 'IFLA_VXLAN_LINK', type: 3, codec: 'ifindex', change: 'inPlace', default: null },
    local: {
      attr: 'IFLA_VXLAN_LOCAL',
      type: 4,
      codec: 'inet',
      inet6: { attr: 'IFLA_VXLAN_LOCAL6', type: 17 },
      change: 'inPlace',
      default: null,
    },
    // 0 = auto: 1 for a multicast group, else the namespace's default
    ttl: {
      attr: 'IFLA_VXLAN_TTL',
      type: 5,
      codec: 'u8',
      flagWord: { word: 'inherit', attr: 'IFLA_VXLAN_TTL_INHERIT', type: 28 },
      change: 'inPlace',
      recreateFor: ['inherit'],
      default: 0,
    },
    tos: { attr: 'IFLA_VXLAN_TOS', type: 6, codec: 'u8', words: { 1: 'inherit' }, change: 'inPlace', default: 0 },
    learning: { attr: 'IFLA_VXLAN_LEARNING', type: 7, codec: 'bool8', change: 'inPlace', default: true },
    // seconds
    ageing: { attr: 'IFLA_VXLAN_AGEING', type: 8, codec: 'u32', change: 'inPlace', default: 300 },
    maxaddress: { attr: 'IFLA_VXLAN_LIMIT', type: 9, codec: 'u32', change: 'recreate', default: 0 },
    srcport: { attr: 'IFLA_VXLAN_PORT_RANGE', type: 10, codec: 'portRange', change: 'recreate', default: [0, 0] },
    proxy: { attr: 'IFLA_VXLAN_PROXY', type: 11, codec: 'bool8', change: 'recreate', default: false },
    rsc: { attr: 'IFLA_VXLAN_RSC', type: 12, codec: 'bool8', change: 'recreate', default: false },
    l2miss: { attr: 'IFLA_VXLAN_L2MISS', type: 13, codec: 'bool8', change: 'recreate', default: false },
    l3miss: { attr: 'IFLA_VXLAN_L3MISS', type: 14, codec: 'bool8', change: 'recreate', default: false },
    // without it the kernel takes 8472 (4789 came later), 4790 with gpe
    dstport: { attr: 'IFLA_VXLAN_PORT', type: 15, codec: 'be16', change: 'recreate' },
    // checksums of an IPv4 underlay
    udpcsum: { attr: 'IFLA_VXLAN_UDP_CSUM', type: 18, codec: 'bool8', change: 'recreate', default: true },
    udp6zerocsumtx: {
      attr: 'IFLA_VXLAN_UDP_ZERO_CSUM6_TX',
      type: 19,
      codec: 'bool8',
      change: 'recreate',
      default: false,
    },
    udp6zerocsumrx: {
      attr: 'IFLA_VXLAN_UDP_ZERO_CSUM6_RX',
      type: 20,
      codec: 'bool8',
      change: 'recreate',
      default: false,
    },
    remcsumtx: { attr: 'IFLA_VXLAN_REMCSUM_TX', type: 21, codec: 'bool8', change: 'recreate', default: false },
    remcsumrx: { attr: 'IFLA_VXLAN_REMCSUM_RX', type: 22, codec: 'bool8', change: 'recreate', default: false },
    gbp: { attr: 'IFLA_VXLAN_GBP', type: 23, codec: 'flag', change: 'recreate', default: false },
    // iproute2 has no word for it
    remcsum_nopartial: {
      attr: 'IFLA_VXLAN_REMCSUM_NOPARTIAL',
      type: 24,
      codec: 'flag',
      change: 'recreate',
      default: false,
    },
    external: { attr: 'IFLA_VXLAN_COLLECT_METADATA', type: 25, codec: 'bool8', change: 'recreate', default: false },
    // of an IPv6 underlay, the others refuse it
    flowlabel: {
      attr: 'IFLA_VXLAN_LABEL',
      type: 26,
      codec: 'be32',
      max: 0xfffff,
      change: 'inPlace',
      default: 0,
    },
    // kernel 6.7 on
    flowlabel_policy: {
      attr: 'IFLA_VXLAN_LABEL_POLICY',
      type: 32,
      codec: 'u32',
      words: { 0: 'fixed', 1: 'inherit' },
      change: 'inPlace',
      default: 'fixed',
    },
    gpe: { attr: 'IFLA_VXLAN_GPE', type: 27, codec: 'flag', change: 'recreate', default: false },
    df: {
      attr: 'IFLA_VXLAN_DF',
      type: 29,
      codec: 'u8',
      words: { 0: 'unset', 1: 'set', 2: 'inherit' },
      change: 'inPlace',
      default: 'unset',
    },
    // kernel 5.18 on; needs external
    vnifilter: {
      attr: 'IFLA_VXLAN_VNIFILTER',
      type: 30,
      codec: 'bool8',
      change: 'recreate',
      default: false,
      // vxlan_fill_info writes it only where it is on
      missing: false,
    },
    vnis: vxlanVnis,
    // kernel 6.5 on
    localbypass: { attr: 'IFLA_VXLAN_LOCALBYPASS', type: 31, codec: 'bool8', change: 'inPlace', default: true },
    // kernel 6.13 on; follows from gbp, gpe and the remcsum switches unless it is set, for which there is no word here
    reserved_bits: { attr: 'IFLA_VXLAN_RESERVED_BITS', type: 33, codec: 'hex', change: 'recreate', readOnly: true },
  },
};
