import { bond } from './bond.ts';
import { bridge } from './bridge.ts';
import { dummy } from './dummy.ts';
import { ifb } from './ifb.ts';
import { macvlan, macvtap } from './macvlan.ts';
import type { LinkKindSpec } from './spec.ts';
import { veth } from './veth.ts';
import { vlan } from './vlan.ts';
import { vrf } from './vrf.ts';
import { vxlan } from './vxlan.ts';

/** Every link kind that netrecon makes, by IFLA_INFO_KIND. */
export const LINK_KINDS: Readonly<Record<string, LinkKindSpec>> = {
  veth,
  bridge,
  vxlan,
  macvlan,
  macvtap,
  ifb,
  dummy,
  vlan,
  vrf,
  bond,
};

/**
 * Devices that the kernel makes in every namespace with the first use of a tunnel kind, by IFLA_INFO_KIND. They cannot be
 * deleted. For kinds that are not in LINK_KINDS yet; a kind's own list is its `fallbackDevices`.
 */
const TUNNEL_FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  gre: ['gre0'],
  gretap: ['gretap0'],
  erspan: ['erspan0'],
  ipip: ['tunl0'],
  sit: ['sit0'],
  ip6tnl: ['ip6tnl0'],
  ip6gre: ['ip6gre0'],
  vti: ['ip_vti0'],
  vti6: ['ip6_vti0'],
};

/** Whether a link is one that the kernel makes by itself with the module of its kind. */
export const isFallbackDevice = (kind: string | undefined, name: string): boolean => {
  if (kind === undefined) return false;
  return (LINK_KINDS[kind]?.fallbackDevices ?? TUNNEL_FALLBACKS[kind] ?? []).includes(name);
};
