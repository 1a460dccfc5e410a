import { erspanOptions, greOptions, gretapOptions } from './gre-options.ts';
import type { LinkKindSpec } from './spec.ts';

const overInet = { parent: 'none', wholeChange: true, derivesMtu: true } as const;

/** GRE over IPv4 (net/ipv4/ip_gre.c). */
export const gre: LinkKindSpec = {
  kind: 'gre',
  ...overInet,
  noLladdr: true,
  options: greOptions,
  fallbackDevices: ['gre0'],
};

/** Ethernet frames in GRE over IPv4. */
export const gretap: LinkKindSpec = {
  kind: 'gretap',
  ...overInet,
  options: gretapOptions,
  fallbackDevices: ['gretap0'],
};

/**
 * Mirrored frames in GRE over IPv4. Versions 1 and 2 want sequence numbers and a key of at most 1023 both ways
 * (erspan_validate, EINVAL).
 */
export const erspan: LinkKindSpec = {
  kind: 'erspan',
  ...overInet,
  options: erspanOptions,
  fallbackDevices: ['erspan0'],
};
