import type { LinkKindSpec, OptionSpec } from './spec.ts';

const option = (name: string, type: number, codec: OptionSpec['codec'], more: Partial<OptionSpec>): OptionSpec => ({
  attr: `IFLA_BAREUDP_${name}`,
  type,
  codec,
  change: 'recreate',
  ...more,
});

/** One layer-3 protocol in UDP. drivers/net/bareudp.c has no changelink. */
export const bareudp: LinkKindSpec = {
  kind: 'bareudp',
  parent: 'none',
  required: ['dstport', 'ethertype'],
  options: {
    dstport: option('PORT', 1, 'be16', { min: 1 }),
    ethertype: option('ETHERTYPE', 2, 'be16', { words: { 2048: 'ipv4', 34525: 'ipv6', 34887: 'mpls_uc' } }),
    srcportmin: option('SRCPORT_MIN', 3, 'u16', { default: 0 }),
    multiproto: option('MULTIPROTO_MODE', 4, 'flag', { default: false }),
  },
};
