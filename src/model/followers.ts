import type { KindName } from './state.ts';

/**
 * What may be gone without a message of its own when something of a kind has changed: the kernel drops the IPv4 routes of
 * a link that goes down, and those of its last address, in silence; nexthop objects go with the carrier (net/ipv4/fib_frontend.c
 * fib_disable_ip, net/ipv4/nexthop.c nexthop_flush_dev).
 */
const FOLLOWERS: Readonly<Record<KindName, readonly KindName[]>> = {
  link: ['address', 'nexthop', 'route', 'mpls', 'neighbor'],
  address: ['route'],
  nexthop: ['route'],
  route: [],
  mpls: [],
  rule: [],
  neighbor: [],
};

/** The kinds of which something may have changed where something of `kind` is known to have. */
export const withFollowers = (kind: KindName): readonly KindName[] => [kind, ...FOLLOWERS[kind]];
