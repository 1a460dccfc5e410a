import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { peerNameOf } from '../../model/link-kinds/index.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import type { Op, OpOf } from '../../model/op.ts';
import type { AnyObject, KindName } from '../../model/state.ts';
import { freshPeer } from '../plan/fresh-link.ts';
import type { WorkingState } from '../plan/working-state.ts';
import { addAddress, deleteAddress } from './address.ts';
import { setOptions } from './bridge-vlans.ts';
import { deleteLink, moveLink, setBase } from './link.ts';
import { setMaster } from './link-master.ts';
import { setDown, setUp } from './link-state.ts';
import { addRoute, dropNexthop } from './route.ts';
import { deleteRule } from './rule.ts';
import { Casualties, type Taken } from './taken.ts';

export type { Taken } from './taken.ts';

const createLink = (state: WorkingState, link: Link): void => {
  // it is made in another namespace
  if (link.netns !== undefined) return;
  state.add('link', { ...link, state: 'down', master: null, port: undefined, rawPort: undefined });
  const peer = peerNameOf(link);
  if (peer !== undefined && state.link(peer) === undefined) {
    state.add('link', freshPeer(peer, link.name, link.kind));
  }
};

const updateLink = (casualties: Casualties, op: OpOf<'link'>): void => {
  const { state } = casualties;
  const link = state.link(op.object.name);
  if (link === undefined) return;
  switch (op.stage) {
    case 'netns':
      moveLink(casualties, link);
      break;
    case 'down':
      setDown(casualties, link);
      break;
    case 'up':
      setUp(casualties, link);
      break;
    case 'master':
      setMaster(casualties, link, op.object.master ?? null);
      break;
    case 'base':
      setBase(casualties, link, mergeFields(link, op));
      break;
    default:
      setOptions(casualties, link, mergeFields(link, op));
  }
};

/** The link with the fields of the operation taken over from its object. */
const mergeFields = (link: Link, op: OpOf<'link'>): Link => {
  const merged: Record<string, unknown> = { ...link };
  for (const field of op.fields ?? []) {
    const [group, name] = field.split('.', 2) as [string, string | undefined];
    if (name === undefined) merged[group] = op.object[group as keyof Link];
    else if (group === 'options') {
      merged.options = { ...(merged.options as object), [name]: op.object.options?.[name] };
    } else {
      const port = merged.port as Link['port'];
      merged.port = {
        kind: op.object.port?.kind ?? port?.kind,
        options: { ...port?.options, [name]: op.object.port?.options[name] },
      };
    }
  }
  return merged as unknown as Link;
};

/** Replaces what the message replaces: IPv4 the first entry of the slot, IPv6 every entry that can share traffic with it. */
const updateObject = (casualties: Casualties, kind: KindName, op: Op): void => {
  const { state } = casualties;
  const before = op.before === undefined ? undefined : state.find(kind, op.before as never);
  if (op.kind === 'nexthop' && op.object.group !== undefined && before !== undefined) {
    // nexthop.c replace_nexthop_grp takes over the members and nothing else
    const group = before as Nexthop;
    state.replace('nexthop', group, { ...op.object, protocol: group.protocol });
    return;
  }
  if (before === undefined) state.add(kind, op.object as never);
  else state.replace(kind, before as never, op.object as never);
};

/**
 * Applies one operation to a modelled state, with all that the kernel takes along (facts of 6.12 and 6.18, each named at
 * its function). Changes `state`; the operation must be one the kernel accepts. Left out on purpose is what the kernel does
 * at a time of its own (on losing the carrier), and what it goes on deriving by itself: the MAC address of a VLAN without
 * one of its own, the MTU of a bridge without one, MAC address and MTU of a bond's ports.
 * @returns the casualties: objects that were not named by the operation and are gone or changed after it
 */
export const applyOperation = (state: WorkingState, op: Op): readonly Taken[] => {
  const casualties = new Casualties(state);
  if (op.action === 'delete') {
    if (op.kind === 'link') {
      const link = state.link(op.object.name);
      if (link !== undefined) deleteLink(casualties, link);
    } else if (op.kind === 'address') deleteAddress(casualties, op.object);
    else if (op.kind === 'rule') deleteRule(casualties, op.object);
    else {
      const object = state.find(op.kind, op.object as never) as AnyObject | undefined;
      if (object !== undefined) state.remove(op.kind, object as never);
      if (op.kind === 'nexthop') dropNexthop(casualties, op.object, `goes with nexthop id ${op.object.id}`);
    }
  } else if (op.kind === 'link') {
    if (op.action === 'create') createLink(state, op.object);
    else updateLink(casualties, op);
  } else if (op.kind === 'address' && op.action === 'create') addAddress(state, op.object);
  else if (op.kind === 'route' && op.action === 'create') addRoute(state, op.object);
  else if (op.action === 'create') state.add(op.kind, op.object as never);
  else updateObject(casualties, op.kind, op);
  return casualties.taken.filter(({ kind, object }) => !kindOf(kind).isKernels(object));
};
