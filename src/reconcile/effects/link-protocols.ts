import { type Address, FOREVER } from '../../model/address.ts';
import type { Link } from '../../model/link.ts';
import { afterAddressGone } from './address.ts';
import { dropNexthop, dropRoutesOf, dropRoutesOfDeleted } from './route.ts';
import type { Casualties } from './taken.ts';

export const isVlanOn = (upper: Link, parent: string): boolean => upper.kind === 'vlan' && upper.link === parent;

/** IPv6 off: addresses, routes and neighbors of the family go, and what the link was told of addresses to generate. */
export const dropInet6 = (casualties: Casualties, dev: string, why: string): void => {
  const { state } = casualties;
  const link = state.link(dev);
  if (link?.addrgenmode !== undefined) state.replace('link', link, { ...link, addrgenmode: undefined });
  for (const address of state.on('address', dev)) {
    if (address.family !== 'inet6') continue;
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address, true);
  }
  dropRoutesOfDeleted(casualties, dev, ['inet6'], why);
  for (const neighbor of state.on('neighbor', dev)) {
    if ('family' in neighbor && neighbor.family === 'inet6') casualties.remove('neighbor', neighbor, why);
  }
};

export const dropNexthopsOn = (casualties: Casualties, dev: string, why: string): void => {
  for (const nexthop of casualties.state.on('nexthop', dev)) {
    casualties.remove('nexthop', nexthop, why);
    dropNexthop(casualties, nexthop, why);
  }
};

/** neigh_ifdown flushes proxy entries too, neigh_changeaddr (another MAC address, no more ARP) leaves them (neighbour.c). */
export const dropNeighborTable = (
  casualties: Casualties,
  dev: string,
  proxies: 'proxies' | 'no proxies',
  why: string,
): void => {
  for (const neighbor of casualties.state.on('neighbor', dev)) {
    if (neighbor.type === 'neighbor' || (neighbor.type === 'proxy' && proxies === 'proxies')) {
      casualties.remove('neighbor', neighbor, why);
    }
  }
};

/**
 * Another MAC address: the neighbors go, and those of the VLANs above that are up and follow, as they were given no address
 * of their own (vlan_dev_inherit_address), which no dump tells.
 */
export const flushNeighbors = (casualties: Casualties, link: Link, why: string): void => {
  dropNeighborTable(casualties, link.name, 'no proxies', why);
  for (const upper of casualties.state.on('link', link.name)) {
    if (isVlanOn(upper, link.name) && upper.state === 'up' && upper.lladdr === link.lladdr)
      flushNeighbors(casualties, upper, why);
  }
};

/** IFA_F_PERMANENT follows from the lifetime; keep_addr_on_down keeps no other address (addrconf.c addrconf_ifdown). */
const isPermanent = ({ valid_lft = FOREVER }: Address): boolean => valid_lft === FOREVER;

/** IPv4 and IPv6 stop on the link (fib_frontend.c fib_disable_ip, addrconf.c addrconf_ifdown). */
export const stopProtocols = (casualties: Casualties, name: string, why: string): void => {
  const { state } = casualties;
  const keep = state.link(name)?.conf?.keep_addr_on_down === true;
  for (const address of state.on('address', name)) {
    if (address.family !== 'inet6' || (keep && isPermanent(address))) continue;
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address, true);
  }
  dropRoutesOf(casualties, name, ['inet', 'inet6'], why);
  dropNeighborTable(casualties, name, 'proxies', why);
};
