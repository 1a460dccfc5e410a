import type { Link } from '../../model/link.ts';
import { afterAddressGone } from './address.ts';
import { dropNexthop, dropRoutesOf, dropRoutesOfDeleted } from './route.ts';
import type { Casualties } from './taken.ts';

/** RFC 8200: below this the kernel takes IPv6 off the link (addrconf.c addrconf_notify, NETDEV_CHANGEMTU). */
const INET6_MIN_MTU = 1280;

const isVlanOn = (upper: Link, parent: string): boolean => upper.kind === 'vlan' && upper.link === parent;

/** IPv6 off: addresses, routes and neighbors of the family go. */
const dropInet6 = (casualties: Casualties, dev: string, why: string): void => {
  const { state } = casualties;
  for (const address of state.on('address', dev)) {
    if (address.family !== 'inet6') continue;
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address);
  }
  dropRoutesOf(casualties, dev, ['inet6'], why);
  for (const neighbor of state.on('neighbor', dev)) {
    if (neighbor.type !== 'fdb' && neighbor.family === 'inet6') casualties.remove('neighbor', neighbor, why);
  }
};

const dropNexthopsOn = (casualties: Casualties, dev: string, why: string): void => {
  for (const nexthop of casualties.state.on('nexthop', dev)) {
    casualties.remove('nexthop', nexthop, why);
    dropNexthop(casualties, nexthop, why);
  }
};

const dropNeighborTable = (casualties: Casualties, dev: string, why: string): void => {
  for (const neighbor of casualties.state.on('neighbor', dev)) {
    if (neighbor.type !== 'fdb') casualties.remove('neighbor', neighbor, why);
  }
};

/** Everything an admin down takes along, the VLANs above included (vlan.c vlan_device_event NETDEV_DOWN). */
const takeDown = (casualties: Casualties, name: string, why: string): void => {
  const { state } = casualties;
  const keep = state.link(name)?.conf?.keep_addr_on_down === true;
  for (const address of state.on('address', name)) {
    if (address.family !== 'inet6' || (keep && address.dynamic !== true)) continue;
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address);
  }
  dropRoutesOf(casualties, name, ['inet', 'inet6'], why);
  dropNexthopsOn(casualties, name, why);
  dropNeighborTable(casualties, name, why);
  for (const upper of state.on('link', name)) {
    if (!isVlanOn(upper, name) || upper.options?.loose_binding === true || upper.state !== 'up') continue;
    casualties.change('link', upper, { ...upper, state: 'down' }, why);
    takeDown(casualties, upper.name, why);
  }
};

/** `ip link set DEV down`. */
export const setDown = (casualties: Casualties, link: Link): void => {
  casualties.state.replace('link', link, { ...link, state: 'down' });
  if (link.state !== 'down') takeDown(casualties, link.name, `link ${link.name} goes down`);
};

/** `ip link set DEV up`: VLANs above come up too, unless their binding is loose. */
export const setUp = (casualties: Casualties, link: Link): void => {
  const { state } = casualties;
  state.replace('link', link, { ...link, state: 'up' });
  if (link.state === 'up') return;
  for (const upper of state.on('link', link.name)) {
    if (!isVlanOn(upper, link.name) || upper.options?.loose_binding === true || upper.state === 'up') continue;
    const why = `link ${link.name} comes up`;
    casualties.change('link', upper, { ...upper, state: 'up' }, why);
  }
};

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
  const peer =
    link.kind === 'veth' && typeof link.options?.peer === 'string' ? state.link(link.options.peer) : undefined;
  if (peer !== undefined) {
    casualties.taken.push({ kind: 'link', object: peer, why });
    deleteLink(casualties, peer);
  }
  for (const address of state.on('address', name)) {
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address);
  }
  dropRoutesOfDeleted(casualties, name, why);
  dropNexthopsOn(casualties, name, why);
  for (const neighbor of state.on('neighbor', name)) casualties.remove('neighbor', neighbor, why);
};

const releasePort = (casualties: Casualties, port: Link, master: Link, why: string): void => {
  const after: Link = { ...port, master: null, port: undefined, rawPort: undefined };
  casualties.change('link', port, after, why);
  leaveMaster(casualties, after, master);
};

/** Leaving a VRF cycles the link (vrf.c cycle_netdev); leaving a bond closes it (bond_main.c __bond_release_one). */
const leaveMaster = (casualties: Casualties, port: Link, master: Link | undefined): void => {
  if (port.state !== 'up') return;
  if (master?.kind === 'vrf') takeDown(casualties, port.name, `link ${port.name} is cycled by VRF ${master.name}`);
  if (master?.kind === 'bond') {
    casualties.state.replace('link', port, { ...port, state: 'down' });
    takeDown(casualties, port.name, `link ${port.name} goes down as it leaves bond ${master.name}`);
  }
};

/** `ip link set DEV master M`. */
export const setMaster = (casualties: Casualties, link: Link, master: string | null): void => {
  const { state } = casualties;
  const old = typeof link.master === 'string' ? state.link(link.master) : undefined;
  const next = master === null ? undefined : state.link(master);
  let after: Link = { ...link, master, port: undefined, rawPort: undefined };
  if (next?.kind !== undefined && (next.kind === 'bridge' || next.kind === 'bond')) {
    after = { ...after, port: { kind: next.kind, options: {} } };
  }
  state.replace('link', link, after);
  leaveMaster(casualties, after, old);
  const now = state.link(link.name) ?? after;
  if (next?.kind === 'vrf' && now.state === 'up') {
    takeDown(casualties, now.name, `link ${now.name} is cycled by VRF ${next.name}`);
  }
  // bond_enslave opens the port (bond_main.c)
  if (next?.kind === 'bond') state.replace('link', now, { ...now, state: 'up' });
};

/** Fields of `base` that take something along: the MAC address flushes neighbors, the MTU may take IPv6. */
export const setBase = (casualties: Casualties, link: Link, after: Link): void => {
  const { state } = casualties;
  state.replace('link', link, after);
  if (after.lladdr !== link.lladdr) {
    dropNeighborTable(casualties, link.name, `the MAC address of ${link.name} changes`);
  }
  if (after.mtu !== undefined && after.mtu !== link.mtu) clampMtu(casualties, after.name, after.mtu);
};

/** vlan.c NETDEV_CHANGEMTU: VLANs above are clamped down, never raised back. */
const clampMtu = (casualties: Casualties, name: string, mtu: number): void => {
  if (mtu < INET6_MIN_MTU) dropInet6(casualties, name, `MTU ${mtu} of ${name} is below the ${INET6_MIN_MTU} of IPv6`);
  for (const upper of casualties.state.on('link', name)) {
    if (!isVlanOn(upper, name) || (upper.mtu ?? 0) <= mtu) continue;
    casualties.change('link', upper, { ...upper, mtu }, `the MTU of ${name} is lowered`);
    clampMtu(casualties, upper.name, mtu);
  }
};
