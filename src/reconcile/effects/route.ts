import type { Family } from '../../model/ip.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import type { Route } from '../../model/route.ts';
import type { Casualties } from './taken.ts';

/** Whether every way of the route goes through `dev` or another link that is down. */
const losesEveryHop = (casualties: Casualties, route: Route, dev: string): boolean =>
  route.hops.every(
    (hop) => hop.dev === dev || (hop.dev !== undefined && casualties.state.link(hop.dev)?.state === 'down'),
  );

/** Routes through a link that went down or lost IPv4; a multipath route stays while one way is left (fib_sync_down_dev). */
export const dropRoutesOf = (casualties: Casualties, dev: string, families: readonly Family[], why: string): void => {
  for (const route of casualties.state.on('route', dev)) {
    if (families.includes(route.family) && losesEveryHop(casualties, route, dev))
      casualties.remove('route', route, why);
  }
};

/**
 * Routes through a link that ceases to be: an IPv4 multipath route goes whole, an IPv6 one keeps its other ways
 * (fib_semantics.c fib_sync_down_dev with NETDEV_UNREGISTER; route.c fib6_ifdown).
 */
export const dropRoutesOfDeleted = (casualties: Casualties, dev: string, why: string): void => {
  for (const route of casualties.state.on('route', dev)) {
    const hops = route.hops.filter((hop) => hop.dev !== dev);
    if (route.family === 'inet' || hops.length === 0) casualties.remove('route', route, why);
    else casualties.change('route', route, { ...route, hops }, why);
  }
};

/** nexthop.c remove_nexthop: routes by the object go, groups lose the member, and with the last member they go too. */
export const dropNexthop = (casualties: Casualties, nexthop: Nexthop, why: string): void => {
  const { state } = casualties;
  for (const route of [...state.all('route')]) if (route.nhid === nexthop.id) casualties.remove('route', route, why);
  for (const other of [...state.all('nexthop')]) {
    if (other.group?.some((member) => member.id === nexthop.id) !== true) continue;
    const group = other.group.filter((member) => member.id !== nexthop.id);
    if (group.length > 0) casualties.change('nexthop', other, { ...other, group }, why);
    else {
      casualties.remove('nexthop', other, why);
      dropNexthop(casualties, other, why);
    }
  }
};
