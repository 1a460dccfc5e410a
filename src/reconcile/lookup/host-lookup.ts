import { familyOf, parseAddress } from '../../model/ip.ts';
import type { Query } from '../../model/lookup.ts';
import type { State } from '../../model/state.ts';
import { createHostView, type HostView } from './host-view.ts';
import { createInetLookup } from './inet.ts';
import { createInet6Lookup } from './inet6.ts';
import type { Answer, Flow } from './query.ts';

/** Answers queries over one state. */
export type HostLookup = (query: Query) => Answer;

const IPPROTO_UDP = 17;

/** l3mdev_update_flow (net/l3mdev/l3mdev.c): oif goes before iif. */
const vrfOf = (view: HostView, { iif, oif }: Query): Flow['vrf'] => {
  for (const by of ['oif', 'iif'] as const) {
    const link = by === 'oif' ? oif : iif;
    if (link === undefined) continue;
    const name = view.vrfOf(link);
    if (name !== undefined || by === 'oif') {
      return name === undefined ? undefined : { name, table: view.tableOfVrf(name), by };
    }
  }
  return undefined;
};

const flowOf = (view: HostView, query: Query): Flow => {
  const family = familyOf(query.to);
  const to = parseAddress(query.to) as Uint8Array;
  const from = query.from === undefined ? undefined : parseAddress(query.from);
  const isVrf = query.oif !== undefined && view.vrfOf(query.oif) === query.oif;
  return {
    family,
    to,
    from: from ?? new Uint8Array(to.length),
    hasFrom: from?.some((byte) => byte !== 0) === true,
    iif: query.iif ?? 'lo',
    // a VRF directs the look-up to its table; no route leads through the VRF itself
    oif: isVrf ? undefined : query.iif === undefined ? query.oif : undefined,
    mark: query.mark ?? 0,
    tos: query.tos ?? 0,
    ipproto: query.ipproto ?? (family === 'inet' ? IPPROTO_UDP : 0),
    sport: query.sport ?? 0,
    dport: query.dport ?? 0,
    uid: query.iif === undefined || family === 'inet' ? 0 : undefined,
    vrf: vrfOf(view, query),
  };
};

/**
 * Prepares a state for many look-ups. Pure; O(routes) once, then about one hash probe for each prefix length in use.
 *
 * The model answers as root on a host that forwards, with rp_filter off: none of that is part of a state. It asks no neighbor,
 * so that of several gateways all that may be chosen are in the answer.
 * @param state a dump, a snapshot, or the state that a plan leads to
 * @returns a function from a query (canonical addresses of one family) to what RTM_GETROUTE would answer
 */
export const createHostLookup = (state: State): HostLookup => {
  const view = createHostView(state);
  const families = { inet: createInetLookup(state, view), inet6: createInet6Lookup(state, view) };
  const exists = (link: string | undefined): boolean => link === undefined || view.link(link) !== undefined;
  return (query) => {
    if (!exists(query.iif) || !exists(query.oif)) return { error: 'ENODEV' };
    const flow = flowOf(view, query);
    return families[flow.family](flow, query.oif);
  };
};
