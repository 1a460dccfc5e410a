import type { LinkKindSpec } from './spec.ts';
import { dev, encap, IFLA_IPTUN, optionsOf, outerInet } from './tunnel-options.ts';

const option = optionsOf('IFLA_IPTUN', IFLA_IPTUN);

/** IPv4 in IPv4 (net/ipv4/ipip.c). */
export const ipip: LinkKindSpec = {
  kind: 'ipip',
  parent: 'none',
  wholeChange: true,
  noLladdr: true,
  derivesMtu: true,
  options: {
    remote: option('REMOTE', 'inet', { default: null, farEnd: 'groupsApart' }),
    local: option('LOCAL', 'inet', { default: null }),
    ...dev(option),
    ...outerInet(option),
    // ip_tunnel_update passes over it: acknowledged, and not changed
    mode: option('PROTO', 'u8', { words: { 0: 'any', 4: 'ipip', 137: 'mplsip' }, change: 'recreate', default: 'ipip' }),
    fwmark: option('FWMARK', 'u32', { default: 0 }),
    external: option('COLLECT_METADATA', 'flag', { change: 'recreate', default: false }),
    ...encap(option),
  },
  fallbackDevices: ['tunl0'],
};
