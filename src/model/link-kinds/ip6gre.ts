import { ip6erspanOptions, ip6greOptions } from './gre-options.ts';
import type { LinkKindSpec } from './spec.ts';

const overInet6 = { parent: 'none', wholeChange: true, derivesMtu: true } as const;

/** GRE over IPv6 (net/ipv6/ip6_gre.c). */
export const ip6gre: LinkKindSpec = {
  kind: 'ip6gre',
  ...overInet6,
  noLladdr: true,
  options: ip6greOptions,
  fallbackDevices: ['ip6gre0'],
};

/** Ethernet frames in GRE over IPv6. */
export const ip6gretap: LinkKindSpec = { kind: 'ip6gretap', ...overInet6, options: ip6greOptions };

/** Mirrored frames in GRE over IPv6; needs what erspan needs. */
export const ip6erspan: LinkKindSpec = {
  kind: 'ip6erspan',
  ...overInet6,
  options: ip6erspanOptions,
  // the session is that of each packet (ip6gre_fill_info)
  idleWith: { flag: 'external', options: ['okey'] },
};
