import type { Declared } from '../model/desired.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { countRows, findPrefix } from '../model/prefix-columns.ts';
import type { Route } from '../model/route.ts';
import { type ListedRoutes, type RouteList, rowOf, sharePlace } from '../model/route-list.ts';
import type { Surroundings } from './entry.ts';

/**
 * Whether routes may be kept as columns: a plan that deals with nothing but routes must not need to look at them. So the
 * kernel has to mark whose they are, no gateway may stand on them, at most the link of the gateway is left open, no
 * encapsulation names another, and none of them expires.
 */
export const fitsColumns = ({ protocol, expires, hops }: Omit<Route, 'to'>): boolean =>
  protocol === NETRECON_PROTOCOL &&
  expires === undefined &&
  hops.every(
    ({ via, dev, encap }) => via !== undefined && encap === undefined && (dev !== undefined || hops.length === 1),
  );

const names = (list: RouteList, { object, absent }: Declared<Route>): boolean =>
  // what must be absent may be meant by less than its place
  object.family === list.body.family && (absent || sharePlace(list.body, object)) && rowOf(list, object) >= 0;

const overlap = (a: RouteList, b: RouteList): boolean => {
  if (!sharePlace(a.body, b.body)) return false;
  let at = 0;
  for (let row = 0; row < countRows(a); row++) {
    const found = findPrefix(b, a, row, at);
    if (found >= 0) return true;
    at = -1 - found;
  }
  return false;
};

/**
 * Whether lists can stay columns. They cannot where something has to be said of their routes one by one: a route that the
 * files name twice, or whose link they want absent.
 */
export const canStayColumns = ({ single, lists }: ListedRoutes, links: Surroundings['links']): boolean =>
  !lists.some(
    (list, i) =>
      list.body.hops.some(({ dev }) => dev !== undefined && links.get(dev)?.absent === true) ||
      single.some((declared) => names(list, declared)) ||
      lists.slice(i + 1).some((other) => overlap(list, other)),
  );
