import type { LinkKindSpec, OptionTable } from './spec.ts';
import { dev, IFLA_VTI, optionsOf } from './tunnel-options.ts';

const option = optionsOf('IFLA_VTI', IFLA_VTI);

/** Keys match the marks of IPsec policies; 0 is none. */
const keys: OptionTable = {
  ikey: option('IKEY', 'be32', { default: 0 }),
  okey: option('OKEY', 'be32', { default: 0 }),
  fwmark: option('FWMARK', 'u32', { default: 0 }),
};
const common = { parent: 'none', wholeChange: true, noLladdr: true, derivesMtu: true } as const;

/** IPsec as a link, over IPv4 (net/ipv4/ip_vti.c). */
export const vti: LinkKindSpec = {
  kind: 'vti',
  ...common,
  options: {
    remote: option('REMOTE', 'inet', { default: null, farEnd: 'groupsApart' }),
    local: option('LOCAL', 'inet', { default: null }),
    ...dev(option),
    ...keys,
  },
  fallbackDevices: ['ip_vti0'],
};

/** IPsec as a link, over IPv6 (net/ipv6/ip6_vti.c). */
export const vti6: LinkKindSpec = {
  kind: 'vti6',
  ...common,
  options: {
    remote: option('REMOTE', 'inet6', { default: null }),
    local: option('LOCAL', 'inet6', { default: null }),
    ...dev(option),
    ...keys,
  },
  fallbackDevices: ['ip6_vti0'],
};
