import type { LinkKindSpec } from './spec.ts';
import { dev, encap, IFLA_IPTUN, optionsOf, outerInet } from './tunnel-options.ts';

const option = optionsOf('IFLA_IPTUN', IFLA_IPTUN);

/** IPv6 in IPv4 (net/ipv6/sit.c). */
export const sit: LinkKindSpec = {
  kind: 'sit',
  parent: 'none',
  wholeChange: true,
  noLladdr: true,
  derivesMtu: true,
  options: {
    remote: option('REMOTE', 'inet', { default: null, farEnd: 'groupsToo' }),
    local: option('LOCAL', 'inet', { default: null }),
    ...dev(option),
    ...outerInet(option),
    ttl: option('TTL', 'u8', { words: { 0: 'inherit' }, default: 64 }),
    // ipip6_tunnel_update passes over both on some kernels: acknowledged, and not changed
    pmtudisc: option('PMTUDISC', 'bool8', { change: 'recreate', default: true }),
    mode: option('PROTO', 'u8', {
      words: { 0: 'any', 4: 'ipip', 41: 'ip6ip', 137: 'mplsip' },
      change: 'recreate',
      default: 'ip6ip',
    }),
    fwmark: option('FWMARK', 'u32', { default: 0 }),
    isatap: option('FLAGS', 'u16', { bit: 0, change: 'recreate', default: false }),
    // the lengths go along with their prefixes: bits of the relay prefix are no part of the address (ipip6_tunnel_update_6rd)
    '6rd_prefix': option('6RD_PREFIX', 'inet6', { default: '2002::', missing: '2002::', aliases: ['6rd-prefix'] }),
    // 16 on a new link, and sent all the same: a message with a prefix alone means length 0
    '6rd_prefixlen': option('6RD_PREFIXLEN', 'u16', { max: 64 }),
    '6rd_relay_prefix': option('6RD_RELAY_PREFIX', 'inet', { default: null, aliases: ['6rd-relay_prefix'] }),
    '6rd_relay_prefixlen': option('6RD_RELAY_PREFIXLEN', 'u16', { max: 32, default: 0 }),
    ...encap(option),
  },
  fallbackDevices: ['sit0'],
};
