import type { LinkKindSpec, OptionSpec } from './spec.ts';

const option = (name: string, type: number, codec: OptionSpec['codec'], more: Partial<OptionSpec>): OptionSpec => ({
  attr: `IFLA_HSR_${name}`,
  type,
  codec,
  change: 'recreate',
  ...more,
});

/** Two links as a ring or a pair of networks without loss (IEC 62439-3). net/hsr/hsr_netlink.c has no changelink. */
export const hsr: LinkKindSpec = {
  kind: 'hsr',
  parent: 'none',
  required: ['slave1', 'slave2'],
  options: {
    slave1: option('SLAVE1', 1, 'ifindex', {}),
    slave2: option('SLAVE2', 2, 'ifindex', {}),
    supervision: option('MULTICAST_SPEC', 3, 'u8', {
      default: 0,
      reportedAs: { attr: 'IFLA_HSR_SUPERVISION_ADDR', type: 4, codec: { struct: 'lastOctet' } },
    }),
    seq_nr: option('SEQ_NR', 5, 'u16', { readOnly: true }),
    // never reported
    version: option('VERSION', 6, 'u8', { min: 0, max: 2, writeOnly: true, default: 0 }),
    proto: option('PROTOCOL', 7, 'u8', { words: { 0: 'hsr', 1: 'prp' }, default: 'hsr' }),
    // kernel 6.10 on; not reported (hsr_fill_info)
    interlink: option('INTERLINK', 8, 'ifindex', { writeOnly: true, default: null }),
  },
};
