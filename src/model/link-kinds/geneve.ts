import type { LinkKindSpec, OptionSpec } from './spec.ts';

const option = (name: string, type: number, codec: OptionSpec['codec'], more: Partial<OptionSpec>): OptionSpec => ({
  attr: `IFLA_GENEVE_${name}`,
  type,
  codec,
  change: 'recreate',
  ...more,
});

/** A Geneve tunnel end (drivers/net/geneve.c). With `external` nothing changes in place (EOPNOTSUPP). */
export const geneve: LinkKindSpec = {
  kind: 'geneve',
  parent: 'none',
  required: ['id'],
  requiredUnless: 'external',
  excludesOthers: 'external',
  options: {
    id: option('ID', 1, 'u32', { max: 0xffffff, default: 0 }),
    remote: option('REMOTE', 2, 'inet', {
      inet6: { attr: 'IFLA_GENEVE_REMOTE6', type: 7 },
      change: 'inPlace',
      default: null,
    }),
    // 0 = the route's
    ttl: option('TTL', 3, 'u8', {
      flagWord: { word: 'inherit', attr: 'IFLA_GENEVE_TTL_INHERIT', type: 12, codec: 'bool8' },
      change: 'inPlace',
      default: 0,
    }),
    tos: option('TOS', 4, 'u8', { words: { 1: 'inherit' }, change: 'inPlace', default: 0 }),
    // GENEVE_UDP_PORT; the kernel takes it where nothing is sent
    dstport: option('PORT', 5, 'be16', { default: 6081 }),
    external: option('COLLECT_METADATA', 6, 'flag', { default: false }),
    // checksums of an IPv4 underlay
    udpcsum: option('UDP_CSUM', 8, 'bool8', { default: false }),
    // of an IPv6 underlay
    // a far end of IPv6 turns both off, any other on (geneve_nl2info)
    udp6zerocsumtx: option('UDP_ZERO_CSUM6_TX', 9, 'bool8', {}),
    udp6zerocsumrx: option('UDP_ZERO_CSUM6_RX', 10, 'bool8', {}),
    flowlabel: option('LABEL', 11, 'be32', { max: 0xfffff, change: 'inPlace', default: 0 }),
    df: option('DF', 13, 'u8', {
      words: { 0: 'unset', 1: 'set', 2: 'inherit' },
      change: 'inPlace',
      default: 'unset',
    }),
    // kernel 5.19 on; needs external
    innerprotoinherit: option('INNER_PROTO_INHERIT', 14, 'flag', { default: false }),
    // kernel 6.15 on
    srcport: option('PORT_RANGE', 15, 'portRange', { default: [1, 65535] }),
  },
};
