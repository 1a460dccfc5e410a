import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import { afterAddressGone } from './address.ts';
import { dropShadowed } from './forwarding.ts';
import { releasePort } from './link-master.ts';
import { dropInet6, dropNeighborTable, dropNexthopsOn, flushNeighbors } from './link-protocols.ts';
import { peerOf } from './link-state.ts';
import { dropMplsRoutesOf } from './mpls-route.ts';
import { dropRoutesOf, dropRoutesOfDeleted } from './route.ts';
import type { Casualties } from './taken.ts';

/** Deletes a link with all that stands on it: upper links, its veth peer, addresses, routes, neighbors. */
export const deleteLink = (casualties: Casualties, link: Link): void => {
  const { state } = casualties;
  const { name } = link;
  const why = `goes with link ${name}`;
  if (!state.remove('link', link)) return;
  for (const other of state.on('link', name)) {
    if (other.master === name) releasePort(casualties, other, link, why);
    else {
      casualties.taken.push({ kind: 'link', object: other, why });
      deleteLink(casualties, other);
    }
  }
  const peer = peerOf(state, link);
  if (peer !== undefined) {
    casualties.taken.push({ kind: 'link', object: peer, why });
    deleteLink(casualties, peer);
  }
  dropConfiguration(casualties, link, why);
};

/**
 * Moves a link to another namespace (dev_change_net_namespace): it is closed, its master and its protocols let go of it as if it
 * were deleted. What stands on it, and the other end of a veth, stays behind and goes on through it.
 */
export const moveLink = (casualties: Casualties, link: Link): void => {
  const { state } = casualties;
  const { name } = link;
  if (!state.remove('link', link)) return;
  const away = { link: null, linkNetnsid: 0 } as const;
  for (const other of state.on('link', name)) {
    if (other.master === name) releasePort(casualties, other, link, `link ${name} leaves`);
    else state.replace('link', other, { ...other, ...away });
  }
  const peer = peerOf(state, link);
  if (peer !== undefined) {
    const { peer: _, ...options } = peer.options ?? {};
    state.replace('link', peer, { ...peer, ...away, options });
  }
  dropConfiguration(casualties, link, `link ${name} leaves`);
};

/** The addresses, routes, nexthop objects and neighbors of a link that is no more. */
const dropConfiguration = (casualties: Casualties, link: Link, why: string): void => {
  const { state } = casualties;
  const { name } = link;
  for (const address of state.on('address', name)) {
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address, true);
  }
  // it is closed before it is unregistered
  if (link.state === 'up') dropRoutesOf(casualties, name, ['inet6'], why);
  dropRoutesOfDeleted(casualties, name, ['inet', 'inet6'], why);
  dropMplsRoutesOf(casualties, name, why);
  dropNexthopsOn(casualties, name, why);
  for (const neighbor of state.on('neighbor', name)) casualties.remove('neighbor', neighbor, why);
};

/** Fields of `base` that take something along: the MAC address flushes neighbors, the MTU may take IPv6. */
export const setBase = (casualties: Casualties, link: Link, after: Link): void => {
  const { state } = casualties;
  state.replace('link', link, after);
  if (after.lladdr !== undefined && after.lladdr !== link.lladdr) {
    const why = `the MAC address of ${link.name} changes`;
    flushNeighbors(casualties, link, why);
    // a bond gives its address to its ports (bond_set_mac_address), unless it goes by theirs
    const gives = LINK_KINDS[link.kind ?? '']?.givesLladdr?.(link.options ?? {}) === true;
    for (const port of gives ? state.on('link', link.name) : []) {
      if (port.master !== link.name || port.lladdr === after.lladdr) continue;
      flushNeighbors(casualties, port, why);
      state.replace('link', port, { ...port, lladdr: after.lladdr });
    }
    const bridge = after.kind === 'bridge' ? after.name : after.port?.kind === 'bridge' ? after.master : undefined;
    if (typeof bridge === 'string') dropShadowed(casualties, bridge, after);
  }
  // arp_netdev_event and ndisc_netdev_event on NETDEV_CHANGE, which is told of links that are up only
  if (after.arp !== undefined && after.arp !== link.arp && link.state === 'up') {
    dropNeighborTable(casualties, link.name, 'no proxies', `ARP of ${link.name} is switched`);
  }
  if (after.mtu !== undefined && after.mtu !== link.mtu) clampMtu(casualties, after.name, after.mtu);
};

/** RFC 8200: below this the kernel takes IPv6 off the link (addrconf.c addrconf_notify, NETDEV_CHANGEMTU). */
const INET6_MIN_MTU = 1280;

/** What follows a new MTU: IPv6 goes from a link that has become too small, and is as new on one that no longer is. */
const clampMtu = (casualties: Casualties, name: string, mtu: number): void => {
  const { state } = casualties;
  const link = state.link(name);
  if (mtu < INET6_MIN_MTU) dropInet6(casualties, name, `MTU ${mtu} of ${name} is below the ${INET6_MIN_MTU} of IPv6`);
  else if (link !== undefined && link.index !== 0 && link.addrgenmode === undefined) {
    state.replace('link', link, { ...link, addrgenmode: 'eui64' });
  }
  for (const upper of state.on('link', name)) {
    if (upper.link !== name || LINK_KINDS[upper.kind ?? '']?.clampsMtu !== true || (upper.mtu ?? 0) <= mtu) continue;
    casualties.change('link', upper, { ...upper, mtu }, `the MTU of ${name} is lowered`);
    clampMtu(casualties, upper.name, mtu);
  }
};
