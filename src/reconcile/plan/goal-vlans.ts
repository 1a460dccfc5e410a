import type { Link } from '../../model/link.ts';
import { followDefaultPvid, withoutTunnels } from '../../model/link-kinds/bridge-vlans.ts';
import { sameValue, type Value } from '../../model/value.ts';
import type { Wanted } from './goal.ts';
import { vlansOf, withVlans } from './vlan-ops.ts';

/** Bridges by name whose vlan_default_pvid shall be another one. */
export type PvidChanges = ReadonlyMap<string, { readonly from: Value | undefined; readonly to: Value | undefined }>;

export const pvidChanges = (wanted: readonly Wanted<'link'>[]): PvidChanges =>
  new Map(
    wanted.flatMap(({ object, match }) => {
      if (object.kind !== 'bridge' || match?.kind !== 'bridge') return [];
      const [from, to] = [match.options?.vlan_default_pvid, object.options?.vlan_default_pvid];
      return from === to ? [] : [[object.name, { from, to }] as const];
    }),
  );

/**
 * VLANs that nobody asks for go where the kernel takes them: along with vlan_default_pvid of their bridge, and their mappings to
 * tunnels with vlan_tunnel. Left as they were, they would be put back.
 * @param asked the link as the file has it
 */
export const letVlansFollow = (link: Link, asked: Link | undefined, changes: PvidChanges): Link => {
  const vlans = vlansOf(link);
  if (vlans === undefined || asked?.options?.vlans !== undefined || asked?.port?.options.vlans !== undefined)
    return link;
  const change = changes.get(link.kind === 'bridge' ? link.name : (link.master ?? ''));
  const moved = change === undefined ? vlans : followDefaultPvid(vlans, change.from, change.to);
  const next = link.port?.options.vlan_tunnel === false ? withoutTunnels(moved) : moved;
  return sameValue(next, vlans) ? link : withVlans(link, next);
};
