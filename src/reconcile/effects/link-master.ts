import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import { joinedVlans } from './bridge-vlans.ts';
import { dropShadowed } from './forwarding.ts';
import { flushNeighbors, stopProtocols } from './link-protocols.ts';
import { afterUp, setUp, takeDown } from './link-state.ts';
import type { Casualties } from './taken.ts';

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
  flushNeighbors(casualties, port, `link ${port.name} joins ${bond.name}`);
  const given = LINK_KINDS[bond.kind ?? '']?.givesLladdr?.(bond.options ?? {}) === true ? bond.lladdr : undefined;
  const joined: Link = given === undefined ? port : { ...port, lladdr: given };
  if (joined !== port) casualties.state.replace('link', port, joined);
  setUp(casualties, joined);
};

/**
 * Leaving a bridge takes the port's forwarding entries and groups (br_if.c del_nbp), leaving a VRF cycles the link (vrf.c
 * cycle_netdev), leaving a bond or a team closes it (__bond_release_one, team_port_del).
 */
const leaveMaster = (casualties: Casualties, port: Link, master: Link | undefined): void => {
  if (master?.kind === 'bridge') {
    for (const entry of casualties.state.on('neighbor', port.name)) {
      const isPorts =
        (entry.type === 'fdb' && entry.where === 'master' && entry.dev === port.name) ||
        (entry.type === 'mdb' && entry.port === port.name);
      if (isPorts) casualties.remove('neighbor', entry, `${port.name} leaves bridge ${master.name}`);
    }
  }
  if (master?.kind === 'vrf') cycle(casualties, port, master);
  if (port.state !== 'up') return;
  if (LINK_KINDS[master?.kind ?? '']?.attachDown === true && master !== undefined) {
    casualties.state.replace('link', port, { ...port, state: 'down' });
    takeDown(casualties, port.name, `link ${port.name} goes down as it leaves ${master.kind} ${master.name}`);
  }
};

export const releasePort = (casualties: Casualties, port: Link, master: Link, why: string): void => {
  const after: Link = { ...port, master: null, port: undefined, rawPort: undefined };
  casualties.change('link', port, after, why);
  leaveMaster(casualties, after, master);
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
    after = { ...after, port: { kind: next.kind, options: joinedVlans(next) } };
  }
  state.replace('link', link, after);
  leaveMaster(casualties, after, old);
  const now = state.link(link.name) ?? after;
  if (next?.kind === 'vrf') cycle(casualties, now, next);
  if (next?.kind === 'bridge') dropShadowed(casualties, next.name, link);
  if (next !== undefined && LINK_KINDS[next.kind ?? '']?.attachDown === true) joinBond(casualties, now, next);
};
