import type { NameTables } from '../desired/names.ts';
import { defaultScope, defaultTable, familyOfDefault } from '../desired/route.ts';
import { isDeadEnd } from '../desired/route-hops.ts';
import type { Route as RouteEntry } from '../desired/schema.gen.ts';
import { isDefaultPrefix } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import {
  INET6_DEFAULT_METRIC,
  NAMED_ROUTE_TYPES,
  type Route,
  type RouteHop,
  type RouteMetrics,
} from '../model/route.ts';
import { exportEncap } from './export-encap.ts';
import { realmWord } from './export-words.ts';

/** Whether the file has words for all of a route. */
const isExpressible = (route: Route): boolean =>
  NAMED_ROUTE_TYPES.has(route.type) &&
  (route.raw ?? []).length === 0 &&
  route.hops.every((hop) => (hop.raw ?? []).length === 0 && (hop.via ?? hop.dev) !== undefined) &&
  (isDeadEnd(route.type) || route.nhid !== undefined || route.hops.length > 0);

/** A route in as few words as say it; undefined where the file has no words for it. */
export const exportRoute = (route: Route, names: NameTables): RouteEntry | undefined => {
  if (!isExpressible(route)) return undefined;
  const { family, type, table, metric, tos, scope, src, from, nhid, realm, pref, expires, protocol } = route;
  const way: RouteEntry = nhid !== undefined ? { nhid } : exportHops(route.hops, names);
  const ends: RouteEntry = { ...(src !== undefined && { src }), ...(from !== undefined && { from }) };
  const toldFamily = familyOfDefault({ ...way, ...ends });
  const defaultMetric = family === 'inet' ? 0 : INET6_DEFAULT_METRIC;
  return {
    to: isDefaultPrefix(route.to) ? 'default' : route.to,
    ...(isDefaultPrefix(route.to) && toldFamily !== family && { family }),
    ...(type !== 'unicast' && { type: type as NonNullable<RouteEntry['type']> }),
    ...way,
    ...ends,
    ...(metric !== defaultMetric && { metric }),
    ...(table !== defaultTable(type) && { table: tableWord(table, names) }),
    ...(family === 'inet' &&
      scope !== defaultScope({ ...way, type: type as RouteEntry['type'] }) && { scope: names.scopes.toName(scope) }),
    ...(protocol !== NETRECON_PROTOCOL && { protocol: names.protocols.toName(protocol) }),
    ...(tos !== 0 && { tos }),
    ...(pref !== undefined && { pref }),
    ...(realm !== undefined && realm !== 0 && { realm: realmWord(realm) }),
    ...(expires !== undefined && { expires }),
    ...exportMetrics(route.metrics),
  };
};

/** A name, or a plain number where it has none. */
const tableWord = (table: number, names: NameTables): number | string => {
  const name = names.tables.toName(table);
  return name === String(table) ? table : name;
};

const exportHops = (hops: readonly RouteHop[], names: NameTables): RouteEntry => {
  const plain = ({ via, dev, onlink, encap }: RouteHop) => ({
    ...(via !== undefined && { via }),
    ...(dev !== undefined && { dev }),
    ...(onlink === true && { onlink }),
    ...(encap !== undefined && { encap: exportEncap(encap, names) }),
  });
  const [first, ...others] = hops;
  if (first === undefined) return {};
  if (others.length === 0) return plain(first);
  const nexthops = hops.map((hop) => ({
    ...plain(hop),
    ...(hop.weight !== 1 && { weight: hop.weight }),
    ...(hop.realm !== undefined && hop.realm !== 0 && { realm: realmWord(hop.realm) }),
  }));
  return { nexthops: nexthops as NonNullable<RouteEntry['nexthops']> };
};

const exportMetrics = (metrics: RouteMetrics | undefined): RouteEntry => {
  if (metrics === undefined) return {};
  const { features, quickack, fastopen_no_cookie: noCookie, lock, ...numbers } = metrics;
  return {
    ...numbers,
    ...(features !== undefined && { features: features === 1 ? 'ecn' : features }),
    ...(quickack !== undefined && { quickack: true }),
    ...(noCookie !== undefined && { fastopen_no_cookie: true }),
    ...(lock !== undefined && lock.length > 0 && { lock: [...lock] as NonNullable<RouteEntry['lock']> }),
  };
};
