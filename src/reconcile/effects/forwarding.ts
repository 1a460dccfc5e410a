import type { Link } from '../../model/link.ts';
import type { Casualties } from './taken.ts';

/**
 * A bridge and its ports have entries of their own in its forwarding table, which take the place of what was there for
 * the same MAC address (br_fdb.c fdb_add_local). Entries of one VLAN stay unless the bridge is in it, which no dump of
 * links tells.
 * @param owner - the bridge or the port, with its MAC address
 */
export const dropShadowed = (casualties: Casualties, bridge: string, owner: Link): void => {
  const { state } = casualties;
  for (const port of state.on('link', bridge)) {
    if (port.master !== bridge) continue;
    for (const entry of state.on('neighbor', port.name)) {
      if (entry.type !== 'fdb' || entry.where !== 'master' || entry.state === 'permanent') continue;
      if (entry.vlan === undefined && entry.lladdr === owner.lladdr)
        casualties.remove('neighbor', entry, `${owner.lladdr} is the address of ${owner.name} itself`);
    }
  }
};
