import type { Link } from '../../model/link.ts';
import {
  defaultVlans,
  followDefaultPvid,
  vlanChange,
  vlansInBetween,
  withoutTunnels,
} from '../../model/link-kinds/bridge-vlans.ts';
import { sameValue, type Value } from '../../model/value.ts';

/** Where a link has its VLANs: a bridge its own, a port those of the port. A bridge is never a port of another one. */
export const vlansOf = (link: Link): Value | undefined =>
  link.kind === 'bridge' ? link.options?.vlans : link.port?.kind === 'bridge' ? link.port.options.vlans : undefined;

export const withVlans = (link: Link, vlans: Value): Link => {
  if (link.kind === 'bridge') return { ...link, options: { ...link.options, vlans } };
  if (link.port === undefined) return link;
  return { ...link, port: { ...link.port, options: { ...link.port.options, vlans } } };
};

const defaultPvidOf = (bridge: Link | undefined): Value | undefined => bridge?.options?.vlan_default_pvid;

/** What the kernel has by the time that VLANs are set: the port has joined, and all other options are as they shall be. */
const presentVlans = (object: Link, before: Link, bridge: Link | undefined): Value => {
  if (object.kind === 'bridge') {
    const pvid = defaultPvidOf(before);
    return followDefaultPvid(vlansOf(before) ?? defaultVlans(pvid), pvid, defaultPvidOf(object) ?? pvid);
  }
  const joined = object.master !== before.master || before.port?.kind !== 'bridge';
  const present = joined ? defaultVlans(defaultPvidOf(bridge)) : (vlansOf(before) ?? defaultVlans(1));
  return object.port?.options.vlan_tunnel === false ? withoutTunnels(present) : present;
};

/** A change of VLANs that one message makes. */
export interface VlanStep {
  readonly object: Link;
  readonly before: Link;
  readonly field: 'options.vlans' | 'port.vlans';
}

/**
 * The messages that give a link its VLANs: those that come or change, then those that go, so that a new pvid takes over from the
 * old one without a gap.
 * @param bridge the master of the link, as it shall be
 */
export const vlanSteps = (object: Link, before: Link, bridge: Link | undefined): readonly VlanStep[] => {
  const wanted = vlansOf(object);
  if (wanted === undefined) return [];
  const present = presentVlans(object, before, bridge);
  if (sameValue(present, wanted)) return [];
  const field = object.kind === 'bridge' ? 'options.vlans' : 'port.vlans';
  const { unmapped, set, removed } = vlanChange(present, wanted);
  const from = (vlans: Value): Link =>
    withVlans(object.port === undefined ? before : { ...before, port: object.port }, vlans);
  const comes = unmapped.length + set.length > 0;
  const between = comes ? vlansInBetween(present, wanted) : present;
  return [
    ...(comes ? [{ object: withVlans(object, between), before: from(present), field } as const] : []),
    ...(removed.length > 0 ? [{ object, before: from(between), field } as const] : []),
  ];
};
