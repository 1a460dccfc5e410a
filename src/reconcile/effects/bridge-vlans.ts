import type { Link } from '../../model/link.ts';
import { defaultVlans, followDefaultPvid, withoutTunnels } from '../../model/link-kinds/bridge-vlans.ts';
import { vlansOf, withVlans } from '../plan/vlan-ops.ts';
import type { Casualties } from './taken.ts';

/** A port begins with the default VLAN of its bridge (br_vlan.c nbp_vlan_init); what is 1 as ever is taken for granted. */
export const joinedVlans = ({ kind, options }: Link): NonNullable<Link['port']>['options'] => {
  const pvid = options?.vlan_default_pvid;
  return kind !== 'bridge' || pvid === undefined || pvid === 1 ? {} : { vlans: defaultVlans(pvid) };
};

const followed = (link: Link, from: Link, to: Link): Link => {
  const vlans = vlansOf(link);
  if (vlans === undefined) return link;
  const next = followDefaultPvid(vlans, from.options?.vlan_default_pvid, to.options?.vlan_default_pvid);
  return next === vlans ? link : withVlans(link, next);
};

/**
 * Options of a link or a port. A bridge's default VLAN moves with vlan_default_pvid, on the bridge and on its ports; the
 * mappings of VLANs to tunnels go when a port's vlan_tunnel is switched off.
 */
export const setOptions = (casualties: Casualties, link: Link, after: Link): void => {
  const { state } = casualties;
  const vlans = vlansOf(after);
  const unmapped =
    vlans !== undefined && after.port?.options.vlan_tunnel === false ? withVlans(after, withoutTunnels(vlans)) : after;
  state.replace('link', link, followed(unmapped, link, after));
  if (link.kind !== 'bridge') return;
  for (const port of state.on('link', link.name)) {
    const next = port.master === link.name ? followed(port, link, after) : port;
    if (next !== port) casualties.change('link', port, next, `vlan_default_pvid of ${link.name} changes`);
  }
};
