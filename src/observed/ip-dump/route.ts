import type { Family } from '../../model/ip.ts';
import {
  ROUTE_TYPES,
  type Route,
  type RouteHop,
  type RouteMetrics,
  type RouteType,
  TABLE_MAIN,
} from '../../model/route.ts';
import {
  type IpObject,
  type IpReading,
  numberIn,
  objectIn,
  objectsIn,
  readPrefix,
  requireAddress,
  requireNumber,
  requireText,
  textIn,
  unreadable,
  wordsIn,
} from './ip-json.ts';

/** RTA_FLOW: `{"from": "3", "to": "4"}`. */
const readRealm = (object: IpObject): number | undefined => {
  const flow = objectIn(object.flow);
  return flow === undefined ? undefined : ((numberIn(flow.from) ?? 0) << 16) | (numberIn(flow.to) ?? 0);
};

const readHop = (object: IpObject, file: string, inList: boolean): RouteHop => {
  const gateway = textIn(object.gateway) ?? textIn(objectIn(object.via)?.host);
  const dev = textIn(object.dev);
  const flags = wordsIn(object.flags);
  const realm = inList ? readRealm(object) : undefined;
  return {
    weight: numberIn(object.weight) ?? 1,
    ...(gateway === undefined ? {} : { via: requireAddress(gateway, file) }),
    ...(dev === undefined ? {} : { dev }),
    ...(flags.includes('onlink') ? { onlink: true } : {}),
    ...(realm === undefined ? {} : { realm }),
    ...(inList && flags.includes('dead') ? { dead: true } : {}),
  };
};

const readHops = (object: IpObject, type: RouteType, file: string): readonly RouteHop[] => {
  if (object.nexthops !== undefined) return objectsIn(object.nexthops).map((hop) => readHop(hop, file, true));
  if (object.nhid !== undefined || ['blackhole', 'unreachable', 'prohibit', 'throw'].includes(type)) return [];
  return [readHop(object, file, false)];
};

/** iproute2's members of `metrics` that are not called as the model calls them. */
const METRIC_NAMES: Readonly<Record<string, string>> = { congestion: 'cc_algo' };
/** RTAX_FEATURE_ECN, the only one with a name of its own in ip's JSON */
const ECN = 1;

const readMetrics = (object: IpObject): RouteMetrics | undefined => {
  const metrics: Record<string, unknown> = {};
  for (const group of objectsIn(object.metrics)) {
    for (const [name, value] of Object.entries(group)) {
      if (name === 'ecn') metrics.features = ECN;
      else if (value !== null) metrics[METRIC_NAMES[name] ?? name] = value;
    }
  }
  return Object.keys(metrics).length === 0 ? undefined : metrics;
};

/** A word, or with `ip -N` the number. */
const readType = (text: string, file: string): RouteType => {
  const type = ROUTE_TYPES.find((word, number) => text === word || text === String(number));
  if (type === undefined) throw unreadable(file, `has a route of type ${text}`);
  return type;
};

const readRoute = (object: IpObject, family: Family, file: string, { names, gaps }: IpReading): Route => {
  const type = readType(textIn(object.type) ?? 'unicast', file);
  const to = readPrefix(requireText(object, 'dst', file), family, file);
  if (JSON.stringify(object).includes('"encap"')) gaps.add('encapsulations of routes: they count as having none');
  const metrics = readMetrics(object);
  if (metrics !== undefined) gaps.add('which metrics of routes are locked: they count as not locked');
  const from = textIn(object.from);
  const src = textIn(object.prefsrc);
  const realm = object.nexthops === undefined ? readRealm(object) : undefined;
  const nhid = numberIn(object.nhid);
  const expires = numberIn(object.expires);
  const tos = textIn(object.tos);
  return {
    family,
    to,
    ...(from === undefined ? {} : { from: readPrefix(from, family, file) }),
    table:
      object.table === undefined ? TABLE_MAIN : requireNumber(requireText(object, 'table', file), names.table, file),
    metric: numberIn(object.metric) ?? 0,
    tos: tos === undefined ? 0 : requireNumber(tos, names.dsfield, file),
    type,
    protocol: requireNumber(textIn(object.protocol) ?? '0', names.protocol, file),
    scope: family === 'inet6' ? 0 : requireNumber(textIn(object.scope) ?? '0', names.scope, file),
    ...(src === undefined ? {} : { src: requireAddress(src, file) }),
    hops: readHops(object, type, file),
    ...(nhid === undefined ? {} : { nhid }),
    ...(realm === undefined ? {} : { realm }),
    ...(object.pref === 'low' || object.pref === 'high' ? { pref: object.pref } : {}),
    ...(expires === undefined ? {} : { expires }),
    ...(metrics === undefined ? {} : { metrics }),
  };
};

/** What `ip -d -j -4 (or -6) route show table all` says. */
export const readRoutes = (
  objects: readonly IpObject[],
  family: Family,
  file: string,
  reading: IpReading,
): readonly Route[] => objects.map((object) => readRoute(object, family, file, reading));
