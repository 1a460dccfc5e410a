import type { Declared } from '../model/desired.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { findPrefix, rowsOfPrefix } from '../model/prefix-columns.ts';
import { haveCommonPrefix } from '../model/prefix-merge.ts';
import type { Route } from '../model/route.ts';
import { type ListedRoutes, type RouteList, sharePlace } from '../model/route-list.ts';
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

const isNamed = (lists: readonly RouteList[], { object, absent }: Declared<Route>): boolean => {
  const to = rowsOfPrefix(object.to);
  // what must be absent may be meant by less than its place
  return lists.some(
    (list) =>
      object.family === list.body.family && (absent || sharePlace(list.body, object)) && findPrefix(list, to) >= 0,
  );
};

/** Lists by the place in the kernel that equal prefixes of them have. */
const byPlace = (lists: readonly RouteList[]): readonly (readonly RouteList[])[] => {
  const places: RouteList[][] = [];
  for (const list of lists) {
    const place = places.find(([first]) => first !== undefined && sharePlace(first.body, list.body));
    if (place === undefined) places.push([list]);
    else place.push(list);
  }
  return places;
};

/**
 * Whether lists can stay columns. They cannot where something has to be said of their routes one by one: a route that the
 * files name twice, or whose link they want absent.
 */
export const canStayColumns = ({ single, lists }: ListedRoutes, links: Surroundings['links']): boolean =>
  !lists.some((list) => list.body.hops.some(({ dev }) => dev !== undefined && links.get(dev)?.absent === true)) &&
  (lists.length === 0 || !single.some((declared) => isNamed(lists, declared))) &&
  !byPlace(lists).some(haveCommonPrefix);
