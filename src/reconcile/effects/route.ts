import type { Family } from '../../model/ip.ts';
import { KINDS } from '../../model/kinds.ts';
import { memberIds, type Nexthop } from '../../model/nexthop.ts';
import type { Route, RouteHop } from '../../model/route.ts';
import type { WorkingState } from '../plan/working-state.ts';
import type { Casualties } from './taken.ts';

const markHops = (state: WorkingState, route: Route, dev: string, dead: boolean): void => {
  if (!route.hops.some((hop) => hop.dev === dev && (hop.dead === true) !== dead)) return;
  const mark = (hop: RouteHop): RouteHop => {
    if (hop.dev !== dev) return hop;
    const { dead: _, ...rest } = hop;
    return dead ? { ...rest, dead } : rest;
  };
  state.replace('route', route, { ...route, hops: route.hops.map(mark) });
};

/**
 * Routes through a link that went down or lost IPv4: one of several ways falls out of use, and with the last way in use
 * the route goes (fib_semantics.c fib_sync_down_dev, route.c fib6_ifdown).
 */
export const dropRoutesOf = (casualties: Casualties, dev: string, families: readonly Family[], why: string): void => {
  for (const route of casualties.state.on('route', dev)) {
    if (!families.includes(route.family)) continue;
    if (route.hops.every((hop) => hop.dev === dev || hop.dead === true)) casualties.remove('route', route, why);
    else markHops(casualties.state, route, dev, true);
  }
};

/** A link that comes up, or gets its first address, has its ways in use again (fib_sync_up, rt6_sync_up). */
export const reviveRoutesOf = (state: WorkingState, dev: string, families: readonly Family[]): void => {
  for (const route of state.on('route', dev)) if (families.includes(route.family)) markHops(state, route, dev, false);
};

/**
 * Routes through a link that ceases to be: an IPv4 multipath route goes whole, an IPv6 one keeps its other ways
 * (fib_semantics.c fib_sync_down_dev with NETDEV_UNREGISTER; route.c fib6_ifdown).
 */
export const dropRoutesOfDeleted = (
  casualties: Casualties,
  dev: string,
  families: readonly Family[],
  why: string,
): void => {
  for (const route of casualties.state.on('route', dev)) {
    if (!families.includes(route.family)) continue;
    const rest = route.hops.filter((hop) => hop.dev !== dev);
    // the weight of an only way is not told (rt6_fill_node)
    const hops = rest.length === 1 ? rest.map((hop) => ({ ...hop, weight: 1 })) : rest;
    if (route.family === 'inet' || hops.length === 0) casualties.remove('route', route, why);
    else casualties.change('route', route, { ...route, hops }, why);
  }
};

const joinsOthers = (route: Route): boolean =>
  route.nhid === undefined && route.hops.length > 0 && route.hops.every(({ via }) => via !== undefined);

/** IPv6 routes of one slot that all go through gateways are one multipath route (ip6_fib.c fib6_add_rt2node). */
export const addRoute = (state: WorkingState, route: Route): void => {
  const other =
    route.family === 'inet6' && joinsOthers(route)
      ? state.inSlot('route', KINDS.route.slot(route)).find(joinsOthers)
      : undefined;
  if (other === undefined) state.add('route', route);
  else state.replace('route', other, { ...other, hops: [...other.hops, ...route.hops] });
};

/**
 * nexthop.c remove_nexthop: routes and forwarding entries (vxlan_core.c vxlan_fdb_nh_flush) by the object go, groups lose
 * the member, and with the last member they go too.
 */
export const dropNexthop = (casualties: Casualties, nexthop: Nexthop, why: string): void => {
  const { state } = casualties;
  for (const route of [...state.all('route')]) if (route.nhid === nexthop.id) casualties.remove('route', route, why);
  for (const entry of [...state.all('neighbor')])
    if (entry.type === 'fdb' && entry.nhid === nexthop.id) casualties.remove('neighbor', entry, why);
  for (const other of [...state.all('nexthop')]) {
    if (!memberIds(other).includes(nexthop.id)) continue;
    const group = other.group?.filter((member) => member.id !== nexthop.id) ?? [];
    if (group.length > 0) casualties.change('nexthop', other, { ...other, group }, why);
    else {
      casualties.remove('nexthop', other, why);
      dropNexthop(casualties, other, why);
    }
  }
};
