import type { Link } from '../../model/link.ts';
import { peerNameOf } from '../../model/link-kinds/index.ts';
import type { WorkingState } from '../plan/working-state.ts';
import { dropNexthopsOn, isVlanOn, stopProtocols } from './link-protocols.ts';
import { reviveRoutesOf } from './route.ts';
import type { Casualties } from './taken.ts';

/** Everything an admin down takes along, the VLANs above included (vlan.c vlan_device_event NETDEV_DOWN). */
export const takeDown = (casualties: Casualties, name: string, why: string): void => {
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

/** The other end of a pair, where it is in this namespace. */
export const peerOf = (state: WorkingState, link: Link): Link | undefined => {
  const peer = peerNameOf(link);
  return peer === undefined ? undefined : state.link(peer);
};

/** IPv4 routes come back with the link, IPv6 routes with its carrier: a veth pair has it once both ends are up. */
const reviveRoutes = (state: WorkingState, name: string): void => {
  reviveRoutesOf(state, name, ['inet']);
  const link = state.link(name);
  const peer = link === undefined ? undefined : peerOf(state, link);
  if (peer === undefined) reviveRoutesOf(state, name, ['inet6']);
  else if (peer.state === 'up') for (const end of [name, peer.name]) reviveRoutesOf(state, end, ['inet6']);
};

export const afterUp = (casualties: Casualties, name: string): void => {
  const { state } = casualties;
  reviveRoutes(state, name);
  for (const upper of state.on('link', name)) {
    if (!isVlanOn(upper, name) || upper.options?.loose_binding === true || upper.state === 'up') continue;
    casualties.change('link', upper, { ...upper, state: 'up' }, `link ${name} comes up`);
    afterUp(casualties, upper.name);
  }
};

/** `ip link set DEV up`: VLANs above come up too, unless their binding is loose. */
export const setUp = (casualties: Casualties, link: Link): void => {
  casualties.state.replace('link', link, { ...link, state: 'up' });
  if (link.state !== 'up') afterUp(casualties, link.name);
};
