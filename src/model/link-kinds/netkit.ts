import type { LinkKindSpec, OptionSpec } from './spec.ts';

const POLICIES = { 0: 'forward', 2: 'blackhole' } as const;
const SCRUBS = { 0: 'none', 1: 'default' } as const;

const policy = (attr: string, type: number): OptionSpec => ({
  attr,
  type,
  codec: 'u32',
  words: POLICIES,
  change: 'inPlace',
  ofPrimary: true,
  default: 'forward',
});
// kernel 6.13 on
const scrub = (attr: string, type: number): OptionSpec => ({
  attr,
  type,
  codec: 'u32',
  words: SCRUBS,
  change: 'recreate',
  ofPrimary: true,
  default: 'default',
});

/**
 * A pair of links for containers, whose BPF programs run at both ends (drivers/net/netkit.c, Linux 6.7 on). The options are
 * those of the primary end, the one that is made with them; the other end has none and changes none (EACCES), so it becomes
 * the primary one of a new pair where the file gives it any.
 */
export const netkit: LinkKindSpec = {
  kind: 'netkit',
  parent: 'none',
  pair: true,
  required: ['peer'],
  options: {
    peer: { attr: 'IFLA_NETKIT_PEER_INFO', type: 1, codec: { struct: 'vethPeer' }, change: 'recreate' },
    mode: {
      attr: 'IFLA_NETKIT_MODE',
      type: 5,
      codec: 'u32',
      words: { 0: 'l2', 1: 'l3' },
      change: 'recreate',
      ofPrimary: true,
      default: 'l3',
    },
    policy: policy('IFLA_NETKIT_POLICY', 3),
    peer_policy: policy('IFLA_NETKIT_PEER_POLICY', 4),
    scrub: scrub('IFLA_NETKIT_SCRUB', 6),
    peer_scrub: scrub('IFLA_NETKIT_PEER_SCRUB', 7),
    primary: {
      attr: 'IFLA_NETKIT_PRIMARY',
      type: 2,
      codec: 'bool8',
      change: 'recreate',
      readOnly: true,
      onlyExact: true,
    },
    // kernel 6.15 on
    headroom: { attr: 'IFLA_NETKIT_HEADROOM', type: 8, codec: 'u16', change: 'recreate', readOnly: true },
    tailroom: { attr: 'IFLA_NETKIT_TAILROOM', type: 9, codec: 'u16', change: 'recreate', readOnly: true },
  },
};
