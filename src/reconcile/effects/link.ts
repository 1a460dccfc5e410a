import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import { afterAddressGone } from './address.ts';
import { dropNexthop, dropRoutesOf, dropRoutesOfDeleted, reviveRoutesOf } from './route.ts';
import type { Casualties } from './taken.ts';

/** RFC 8200: below this the kernel takes IPv6 off the link (addrconf.c addrconf_notify, NETDEV_CHANGEMTU). */
const INET6_MIN_MTU = 1280;

const isVlanOn = (upper: Link, parent: string): boolean => upper.kind === 'vlan' && upper.link === parent;

/** IPv6 off: addresses, routes and neighbors of the family go, and what the link was told of addresses to generate. */
const dropInet6 = (casualties: Casualties, dev: string, why: string): void => {
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
    if (neighbor.type !== 'fdb' && neighbor.family === 'inet6') casualties.remove('neighbor', neighbor, why);
  }
};

const dropNexthopsOn = (casualties: Casualties, dev: string, why: string): void => {
  for (const nexthop of casualties.state.on('nexthop', dev)) {
    casualties.remove('nexthop', nexthop, why);
    dropNexthop(casualties, nexthop, why);
  }
};

/** neigh_ifdown flushes proxy entries too, neigh_changeaddr (another MAC address, no more ARP) leaves them (neighbour.c). */
const dropNeighborTable = (
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

/** IPv4 and IPv6 stop on the link (fib_frontend.c fib_disable_ip, addrconf.c addrconf_ifdown). */
const stopProtocols = (casualties: Casualties, name: string, why: string): void => {
  const { state } = casualties;
  const keep = state.link(name)?.conf?.keep_addr_on_down === true;
  for (const address of state.on('address', name)) {
    if (address.family !== 'inet6' || (keep && address.dynamic !== true)) continue;
    casualties.remove('address', address, why);
    afterAddressGone(casualties, address, true);
  }
  dropRoutesOf(casualties, name, ['inet', 'inet6'], why);
  dropNeighborTable(casualties, name, 'proxies', why);
};

/** Everything an admin down takes along, the VLANs above included (vlan.c vlan_device_event NETDEV_DOWN). */
const takeDown = (casualties: Casualties, name: string, why: string): void => {
  const { state } = casualties;
  stopProtocols(casualties, name, why);
  dropNexthopsOn(casualties, name, why);
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
  casualties.state.replace('link', link, { ...link, state: 'up' });
  if (link.state !== 'up') afterUp(casualties, link.name);
};

const afterUp = (casualties: Casualties, name: string): void => {
  const { state } = casualties;
  reviveRoutesOf(state, name, ['inet', 'inet6']);
  for (const upper of state.on('link', name)) {
    if (!isVlanOn(upper, name) || upper.options?.loose_binding === true || upper.state === 'up') continue;
    casualties.change('link', upper, { ...upper, state: 'up' }, `link ${name} comes up`);
    afterUp(casualties, upper.name);
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
    afterAddressGone(casualties, address, true);
  }
  // it is closed before it is unregistered
  if (link.state === 'up') dropRoutesOf(casualties, name, ['inet6'], why);
  dropRoutesOfDeleted(casualties, name, ['inet', 'inet6'], why);
  dropNexthopsOn(casualties, name, why);
  for (const neighbor of state.on('neighbor', name)) casualties.remove('neighbor', neighbor, why);
};

const releasePort = (casualties: Casualties, port: Link, master: Link, why: string): void => {
  const after: Link = { ...port, master: null, port: undefined, rawPort: undefined };
  casualties.change('link', port, after, why);
  leaveMaster(casualties, after, master);
};

/**
 * Joining and leaving a VRF stops IP on the link even if it is down (NETDEV_CHANGEUPPER in fib_frontend.c and addrconf.c),
 * and takes it down and up again if it is not (vrf.c cycle_netdev).
 */
const cycle = (casualties: Casualties, port: Link, vrf: Link): void => {
  const why = `link ${port.name} is cycled by VRF ${vrf.name}`;
  if (port.state === 'up') {
    takeDown(casualties, port.name, why);
    afterUp(casualties, port.name);
  } else stopProtocols(casualties, port.name, why);
};

/** Bonds and teams may give the port their MAC address, and open it (bond_enslave, team_port_add). */
const joinBond = (casualties: Casualties, port: Link, bond: Link): void => {
  const { state } = casualties;
  const why = `link ${port.name} joins ${bond.name}`;
  dropNeighborTable(casualties, port.name, 'no proxies', why);
  for (const upper of state.on('link', port.name))
    if (isVlanOn(upper, port.name)) dropNeighborTable(casualties, upper.name, 'no proxies', why);
  const given = LINK_KINDS[bond.kind ?? '']?.givesLladdr?.(bond.options ?? {}) === true ? bond.lladdr : undefined;
  const joined: Link = given === undefined ? port : { ...port, lladdr: given };
  if (joined !== port) state.replace('link', port, joined);
  setUp(casualties, joined);
};

/**
 * Leaving a bridge takes the port's forwarding entries (br_if.c del_nbp), leaving a VRF cycles the link (vrf.c
 * cycle_netdev), leaving a bond or a team closes it (__bond_release_one, team_port_del).
 */
const leaveMaster = (casualties: Casualties, port: Link, master: Link | undefined): void => {
  if (master?.kind === 'bridge') {
    for (const entry of casualties.state.on('neighbor', port.name)) {
      if (entry.type === 'fdb' && entry.where === 'master' && entry.dev === port.name)
        casualties.remove('neighbor', entry, `${port.name} leaves bridge ${master.name}`);
    }
  }
  if (port.state !== 'up') return;
  if (master?.kind === 'vrf') cycle(casualties, port, master);
  if (LINK_KINDS[master?.kind ?? '']?.attachDown === true && master !== undefined) {
    casualties.state.replace('link', port, { ...port, state: 'down' });
    takeDown(casualties, port.name, `link ${port.name} goes down as it leaves ${master.kind} ${master.name}`);
  }
};

/** Masters that say something of their ports (rtnl_link_ops.fill_slave_info). */
const PORT_KINDS: ReadonlySet<string> = new Set(['bridge', 'bond', 'vrf']);

/** `ip link set DEV master M`. */
export const setMaster = (casualties: Casualties, link: Link, master: string | null): void => {
  const { state } = casualties;
  // nothing happens to a port that stays where it is (rtnetlink.c do_set_master)
  if ((link.master ?? null) === master) return;
  const old = typeof link.master === 'string' ? state.link(link.master) : undefined;
  const next = master === null ? undefined : state.link(master);
  let after: Link = { ...link, master, port: undefined, rawPort: undefined };
  if (next?.kind !== undefined && PORT_KINDS.has(next.kind)) {
    after = { ...after, port: { kind: next.kind, options: {} } };
  }
  state.replace('link', link, after);
  leaveMaster(casualties, after, old);
  const now = state.link(link.name) ?? after;
  if (next?.kind === 'vrf') cycle(casualties, now, next);
  if (next !== undefined && LINK_KINDS[next.kind ?? '']?.attachDown === true) joinBond(casualties, now, next);
};

/** Fields of `base` that take something along: the MAC address flushes neighbors, the MTU may take IPv6. */
export const setBase = (casualties: Casualties, link: Link, after: Link): void => {
  const { state } = casualties;
  state.replace('link', link, after);
  if (after.lladdr !== undefined && after.lladdr !== link.lladdr) {
    const why = `the MAC address of ${link.name} changes`;
    dropNeighborTable(casualties, link.name, 'no proxies', why);
    // a VLAN that is up follows if it was given no address of its own (vlan_dev_inherit_address), which no dump tells
    for (const upper of state.on('link', link.name)) {
      if (isVlanOn(upper, link.name) && upper.state === 'up' && upper.lladdr === link.lladdr)
        dropNeighborTable(casualties, upper.name, 'no proxies', why);
    }
  }
  // arp_netdev_event and ndisc_netdev_event on NETDEV_CHANGE, which is told of links that are up only
  if (after.arp !== undefined && after.arp !== link.arp && link.state === 'up') {
    dropNeighborTable(casualties, link.name, 'no proxies', `ARP of ${link.name} is switched`);
  }
  if (after.mtu !== undefined && after.mtu !== link.mtu) clampMtu(casualties, after.name, after.mtu);
};

/** Kinds that clamp their MTU to that of the parent and never raise it back (vlan.c, macvlan.c NETDEV_CHANGEMTU). */
const CLAMPED: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap']);

/** What follows a new MTU: IPv6 goes from a link that has become too small, and is as new on one that no longer is. */
const clampMtu = (casualties: Casualties, name: string, mtu: number): void => {
  const { state } = casualties;
  const link = state.link(name);
  if (mtu < INET6_MIN_MTU) dropInet6(casualties, name, `MTU ${mtu} of ${name} is below the ${INET6_MIN_MTU} of IPv6`);
  else if (link !== undefined && link.index !== 0 && link.addrgenmode === undefined) {
    state.replace('link', link, { ...link, addrgenmode: 'eui64' });
  }
  for (const upper of state.on('link', name)) {
    if (upper.link !== name || !CLAMPED.has(upper.kind ?? '') || (upper.mtu ?? 0) <= mtu) continue;
    casualties.change('link', upper, { ...upper, mtu }, `the MTU of ${name} is lowered`);
    clampMtu(casualties, upper.name, mtu);
  }
};
