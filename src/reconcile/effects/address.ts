import { type Address, addressText } from '../../model/address.ts';
import { networkOf, shareNetwork } from '../../model/ip.ts';
import { TABLE_MAIN } from '../../model/route.ts';
import type { WorkingState } from '../plan/working-state.ts';
import { dropRoutesOf, reviveRoutesOf } from './route.ts';
import type { Casualties } from './taken.ts';

const subnet = (a: Address): string => networkOf(a.peer ?? a.address, a.prefixlen);

/** Whether the kernel keeps two addresses as primary and secondary of one subnet, if they are on one link. */
export const sameSubnet = (a: Address, b: Address): boolean =>
  a.prefixlen === b.prefixlen && shareNetwork(a.peer ?? a.address, b.peer ?? b.address, a.prefixlen);

/** A second IPv4 address of one subnet becomes a secondary (devinet.c __inet_insert_ifa). */
export const addAddress = (state: WorkingState, address: Address): void => {
  if (address.family === 'inet' && state.link(address.dev)?.state === 'up')
    reviveRoutesOf(state, address.dev, ['inet']);
  const secondary =
    address.family === 'inet' && state.on('address', address.dev).some((other) => sameSubnet(other, address));
  state.add('address', secondary ? { ...address, secondary } : address);
};

/** The connected routes that the kernel made for an address go when no other address needs them. */
const dropConnected = (casualties: Casualties, address: Address): void => {
  const { state } = casualties;
  if (state.on('address', address.dev).some((other) => sameSubnet(other, address))) return;
  const network = subnet(address);
  for (const route of state.on('route', address.dev)) {
    if (route.protocol === 2 && route.to === network && route.family === address.family) state.remove('route', route);
  }
};

/**
 * Whether an address stays local by another one: the same on any link (older kernels, 6.1 for one, look at IPv6 addresses
 * link by link), or an IPv4 subnet on lo, all of which is local
 * (fib_frontend.c fib_add_ifaddr).
 */
const keepsLocal = (other: Address, gone: Address): boolean => {
  if (other.family !== gone.family) return false;
  if (other.address === gone.address) return true;
  if (other.family === 'inet6' || other.dev !== 'lo' || other.noprefixroute === true) return false;
  return shareNetwork(gone.address, other.address, other.prefixlen);
};

/**
 * Routes that prefer a vanished address as their source: IPv4 routes of the main table (or the link's VRF table) go,
 * IPv4 routes of other tables stay, IPv6 routes stay and lose the source (fib_sync_down_addr, fib6_remove_prefsrc).
 */
const dropSource = (casualties: Casualties, address: Address): void => {
  const { state } = casualties;
  for (const other of state.all('address')) if (keepsLocal(other, address)) return;
  const master = state.link(address.dev)?.master;
  const vrfTable = typeof master === 'string' ? state.link(master)?.options?.table : undefined;
  const table = typeof vrfTable === 'number' ? vrfTable : TABLE_MAIN;
  const why = `its source ${address.address} is gone`;
  for (const route of [...state.all('route')]) {
    if (route.src !== address.address || route.family !== address.family) continue;
    if (route.family === 'inet6') casualties.change('route', route, { ...route, src: undefined }, why);
    else if (route.table === table) casualties.remove('route', route, why);
  }
};

/**
 * What follows once an address is out of the state (it has been removed already). IPv6 that goes from the link as a whole
 * leaves routes elsewhere their source (addrconf_ifdown calls no rt6_remove_prefsrc).
 */
export const afterAddressGone = (casualties: Casualties, address: Address, whole = false): void => {
  const { state } = casualties;
  dropConnected(casualties, address);
  if (!whole || address.family === 'inet') dropSource(casualties, address);
  if (address.family !== 'inet') return;
  const left = state.on('address', address.dev).filter((other) => other.family === 'inet');
  if (left.length > 0) return;
  // the last one switches IPv4 off on the link: its routes go, and arp_ifdown flushes neighbors, permanent and proxies
  // too (fib_frontend.c fib_inetaddr_event, fib_disable_ip)
  const why = `link ${address.dev} has no IPv4 address left`;
  dropRoutesOf(casualties, address.dev, ['inet'], why);
  for (const neighbor of state.on('neighbor', address.dev)) {
    if ('family' in neighbor && neighbor.family === 'inet') casualties.remove('neighbor', neighbor, why);
  }
};

/** inet_del_ifa: a primary takes the secondaries of its subnet along unless promote_secondaries is set. */
export const deleteAddress = (casualties: Casualties, address: Address): void => {
  const { state } = casualties;
  const current = state.find('address', address);
  if (current === undefined) return;
  state.remove('address', current);
  if (current.family === 'inet' && current.secondary !== true) {
    const secondaries = state.on('address', current.dev).filter((other) => sameSubnet(other, current));
    const promote = state.link(current.dev)?.conf?.promote_secondaries === true;
    const [first] = secondaries;
    if (promote && first !== undefined) {
      // in place in the model: the order of addresses follows the store, and the flag is not compared
      state.replace('address', first, { ...first, secondary: false });
    } else {
      for (const other of secondaries) {
        casualties.remove('address', other, `secondary of ${addressText(current)} (promote_secondaries is 0)`);
        dropSource(casualties, other);
      }
    }
  }
  afterAddressGone(casualties, current);
};
