import type { LinkKindSpec } from './spec.ts';
import { dev, encap, IFLA_IPTUN, optionsOf, outerInet6 } from './tunnel-options.ts';

const option = optionsOf('IFLA_IPTUN', IFLA_IPTUN);

/** IPv4 or IPv6 in IPv6 (net/ipv6/ip6_tunnel.c). */
export const ip6tnl: LinkKindSpec = {
  kind: 'ip6tnl',
  parent: 'none',
  wholeChange: true,
  noLladdr: true,
  derivesMtu: true,
  options: {
    remote: option('REMOTE', 'inet6', { default: null }),
    local: option('LOCAL', 'inet6', { default: null }),
    ...dev(option),
    ...outerInet6(option),
    // iproute2 sends ip6ip6 where nothing is said
    mode: option('PROTO', 'u8', { words: { 0: 'any', 4: 'ipip6', 41: 'ip6ip6' }, default: 'any' }),
    external: option('COLLECT_METADATA', 'flag', { change: 'recreate', default: false }),
    ...encap(option),
  },
  fallbackDevices: ['ip6tnl0'],
};
