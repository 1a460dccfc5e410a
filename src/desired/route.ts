import type { Declared } from '../model/desired.ts';
import { type Family, familyOf, parsePrefix } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { INET6_DEFAULT_METRIC, type Route as ModelRoute, TABLE_LOCAL, TABLE_MAIN } from '../model/route.ts';
import { declare, type Entry, type FieldNames, fieldSources, resolveName, type Surroundings } from './entry.ts';
import { normalizeHops } from './route-hops.ts';
import { METRIC_KEYS, normalizeMetrics } from './route-metrics.ts';
import { readAddress, readPrefix } from './scalars.ts';
import type { Route } from './schema.gen.ts';

/** Everything of a route but its destination, for one family. */
export type RouteBody = Omit<ModelRoute, 'to'>;

const FIELD_NAMES: FieldNames = {
  to_file: 'to',
  vrf: 'table',
  via: 'hops',
  dev: 'hops',
  onlink: 'hops',
  encap: 'hops',
  nexthops: 'hops',
  state: null,
  adopt: null,
  ...Object.fromEntries(METRIC_KEYS.map((key) => [key, 'metrics'])),
};

export const routeFields = (entry: Entry<Route>): ReturnType<typeof fieldSources> => fieldSources(entry, FIELD_NAMES);

/**
 * A route as the file writes it, in the kernel's own reading: whole, so that an absent field is a default.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeRoute = (entry: Entry<Route>, surroundings: Surroundings): Declared<ModelRoute> | undefined => {
  const written = entry.value.to;
  if (typeof written !== 'string') {
    entry.problem('NR_BAD_VALUE', `${written} is no prefix`, 'to', 'a route of an MPLS label says family: mpls');
    return undefined;
  }
  const family = written === 'default' ? familyOfDefault(entry.value) : familyOf(written);
  const to = written === 'default' ? defaultPrefix(family) : readPrefix(entry, 'to', written);
  // of what is no prefix at all the family is not known, and without it the rest cannot be judged
  if (to === undefined && parsePrefix(written) === undefined) return undefined;
  const body = normalizeRouteBody(entry, family, surroundings);
  return to === undefined || body === undefined ? undefined : declare(entry, { ...body, to }, routeFields(entry));
};

const defaultPrefix = (family: Family): string => (family === 'inet' ? '0.0.0.0/0' : '::/0');

/** As `ip route` does: an address that is written tells the family of `default`; without one it is IPv4. */
export const familyOfDefault = (route: Route): Family => {
  if (route.family === 'inet' || route.family === 'inet6') return route.family;
  const address = route.src ?? route.from ?? route.via ?? route.nexthops?.find((way) => way.via !== undefined)?.via;
  return address === undefined ? 'inet' : familyOf(address);
};

/** What does not depend on the destination; also the template of a `to_file`. */
export const normalizeRouteBody = (
  entry: Entry<Route>,
  family: Family,
  { names, links }: Surroundings,
): RouteBody | undefined => {
  const { value } = entry;
  const before = entry.problems.count;
  refuseOtherFamily(entry, family);
  const way = normalizeHops(entry, family, names);
  const metrics = normalizeMetrics(entry);
  const src = value.src === undefined ? undefined : readAddress(entry, 'src', value.src);
  if (src !== undefined && familyOf(src) !== family) {
    entry.problem('NR_CONTRADICTION', `src ${src} is of another family than the route`, 'src');
  }
  const from = value.from === undefined || family === 'inet' ? undefined : readPrefix(entry, 'from', value.from);
  const type = value.type ?? 'unicast';
  const table = readTable(entry, { names, links }) ?? defaultTable(type);
  const protocol =
    value.protocol === undefined
      ? NETRECON_PROTOCOL
      : resolveName(entry, 'protocol', names.protocols, { file: 'rt_protos', max: 255 });
  const scope =
    value.scope === undefined ? undefined : resolveName(entry, 'scope', names.scopes, { file: 'rt_scopes', max: 255 });
  const tos = value.tos === undefined ? 0 : resolveName(entry, 'tos', names.dsfields, { file: 'rt_dsfield', max: 255 });
  if (way === undefined || entry.problems.count > before) return undefined;
  const metric = value.metric ?? 0;
  return {
    family,
    ...(from !== undefined && from !== '::/0' && { from }),
    table,
    metric: family === 'inet6' && metric === 0 ? INET6_DEFAULT_METRIC : metric,
    tos: family === 'inet' ? (tos ?? 0) : 0,
    type,
    protocol: protocol ?? NETRECON_PROTOCOL,
    scope: family === 'inet6' ? 0 : (scope ?? defaultScope(value)),
    ...(src !== undefined && { src }),
    hops: way.hops,
    ...(value.nhid !== undefined && { nhid: value.nhid }),
    ...(way.realm !== undefined && { realm: way.realm }),
    ...(value.pref !== undefined && value.pref !== 'medium' && { pref: value.pref }),
    ...(value.expires !== undefined && { expires: value.expires }),
    ...(metrics !== undefined && { metrics }),
  };
};

/** iproute_modify of `ip`: without a table these types go to `local`. */
const STANDS_IN_LOCAL: ReadonlySet<string> = new Set(['local', 'broadcast', 'anycast', 'nat']);

/** The table of a route that names none. */
export const defaultTable = (type: string): number => (STANDS_IN_LOCAL.has(type) ? TABLE_LOCAL : TABLE_MAIN);

const RT_SCOPE_LINK = 253;
const RT_SCOPE_HOST = 254;

/** iproute_modify of `ip`: the scope of an IPv4 route that says none follows from its type and gateway. */
export const defaultScope = (route: Pick<Route, 'type' | 'via' | 'nexthops' | 'nhid'>): number => {
  const type = route.type ?? 'unicast';
  if (type === 'local') return RT_SCOPE_HOST;
  const [first, second] = route.nexthops ?? [];
  const gateway =
    route.via !== undefined || route.nhid !== undefined || first?.via !== undefined || second !== undefined;
  return !gateway && ['unicast', 'broadcast', 'multicast', 'anycast'].includes(type) ? RT_SCOPE_LINK : 0;
};

const readTable = (entry: Entry<Route>, { names, links }: Surroundings): number | undefined => {
  const { table, vrf } = entry.value;
  if (vrf === undefined) {
    return table === undefined
      ? undefined
      : resolveName(entry, 'table', names.tables, { file: 'rt_tables', max: 0xffffffff });
  }
  const outline = links.get(vrf);
  if (table !== undefined) entry.problem('NR_CONTRADICTION', 'vrf and table both name the table', 'table');
  else if (outline?.kind !== 'vrf') {
    const hint = 'declare it under links with kind: vrf, or write its table';
    entry.problem('NR_CONTRADICTION', `"${vrf}" is not declared as a VRF in these files`, 'vrf', hint);
  }
  return outline?.table;
};

const INET_ONLY = ['tos', 'realm', 'scope'] as const;
const INET6_ONLY = ['from', 'pref', 'expires'] as const;
const MPLS_ONLY = ['as', 'ttl_propagate'] as const;

const refuseOtherFamily = (entry: Entry<Route>, family: Family): void => {
  const { value } = entry;
  if (value.family !== undefined && value.family !== family) {
    entry.problem('NR_CONTRADICTION', `family ${value.family} does not fit the ${family} prefix`, 'family');
  }
  for (const key of MPLS_ONLY) {
    if (value[key] !== undefined) entry.problem('NR_CONTRADICTION', `${key} belongs to a route of family mpls`, key);
  }
  const neutral = (key: (typeof INET_ONLY)[number]) => value[key] === 0 || (key === 'scope' && value[key] === 'global');
  for (const key of family === 'inet' ? INET6_ONLY : INET_ONLY) {
    if (value[key] === undefined || (family === 'inet6' && neutral(key as (typeof INET_ONLY)[number]))) continue;
    entry.problem('NR_CONTRADICTION', `an ${family === 'inet' ? 'IPv4' : 'IPv6'} route has no ${key}`, key);
  }
};
