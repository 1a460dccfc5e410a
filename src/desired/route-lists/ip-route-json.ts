import { ROUTE_TYPES } from '../../model/route.ts';
import type { Place } from '../source-file.ts';
import type { JsonKeys } from './json-route.ts';

type Members = Readonly<Record<string, unknown>>;

/** Members of `ip -j route` (iproute.c print_route) that are keys of a routes entry, by the names of those. */
const SAME: ReadonlyMap<string, string> = new Map([
  ...['type', 'from', 'tos', 'table', 'scope', 'metric', 'nhid', 'pref', 'expires'].map((key) => [key, key] as const),
  ['dst', 'to'],
  ['prefsrc', 'src'],
]);

/** What says where a route goes, and its metrics: read together. */
const COMPOSED: ReadonlySet<string> = new Set(['gateway', 'via', 'dev', 'flags', 'flow', 'metrics', 'nexthops']);

/** What is told of the state of a route, of who made it, or of the object that it goes by. */
const PASSED_OVER: ReadonlySet<string> = new Set(['protocol', 'error', 'users', 'age', 'used', 'nh_info']);

/** Metrics that `ip` calls otherwise. */
const METRICS: ReadonlyMap<string, string> = new Map([['congestion', 'congctl']]);

/** Who makes a route that comes and goes with addresses and router advertisements; `ip -N` prints numbers. */
const KERNELS: ReadonlySet<unknown> = new Set(['kernel', '2', 'redirect', '1', 'ra', '9']);

/** Routes that the kernel makes for itself, and what it remembers of a lookup, are nobody's wish. */
const isLeftOut = ({ protocol, table, cache }: Members): boolean =>
  KERNELS.has(protocol) || table === 'local' || table === '255' || cache !== undefined;

const isMapping = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mappingsIn = (value: unknown): readonly Members[] => (Array.isArray(value) ? value.filter(isMapping) : []);

/** `{"from": "3", "to": "4"}` */
const realmOf = (flow: unknown): Members =>
  isMapping(flow) ? { realm: flow.from === undefined ? String(flow.to) : `${flow.from}/${flow.to}` } : {};

const wayOf = ({ gateway, via, dev, flags, flow }: Members): Members => ({
  ...(gateway !== undefined && { via: gateway }),
  ...(isMapping(via) && { via: via.host }),
  ...(dev !== undefined && { dev }),
  ...(Array.isArray(flags) && flags.includes('onlink') && { onlink: true }),
  ...realmOf(flow),
});

const metricsOf = (metrics: unknown): Members =>
  Object.fromEntries(
    mappingsIn(metrics)
      .flatMap((group) => Object.entries(group))
      // features that have a name are members without a value
      .flatMap(([name, value]) =>
        name === 'ecn' ? [['features', 'ecn']] : value === null ? [] : [[METRICS.get(name) ?? name, value]],
      ),
  );

/** A route by an object is printed together with the way of that object. */
const waysOf = (route: Members): Members => {
  if (route.nhid !== undefined) return {};
  if (!Array.isArray(route.nexthops)) return wayOf(route);
  return { nexthops: mappingsIn(route.nexthops).map((way) => ({ ...wayOf(way), weight: way.weight ?? 1 })) };
};

/** `ip -N` prints numbers in place of names, as text; types have no numbers in an entry. */
const withoutNumbers = (key: string, value: unknown): unknown => {
  if (typeof value !== 'string' || !/^\d+$/.test(value)) return value;
  return key === 'type' ? ROUTE_TYPES[Number(value)] : Number(value);
};

/** Types that would stand in table `local` where a routes entry names none; `ip` leaves out table `main` of every type. */
const LOCAL_TYPES: ReadonlySet<unknown> = new Set(['local', 'broadcast', 'anycast']);

/** What is read from more than one member, or follows from what `ip` leaves out. */
const impliedOf = ({ dst, pref, type, table }: Members): Members => ({
  // only routes of IPv6 have a preference
  ...(dst === 'default' && pref !== undefined && { family: 'inet6' }),
  ...(LOCAL_TYPES.has(type) && table === undefined && { table: 'main' }),
});

/** The members that the keys of a route are made of, where they are called otherwise. */
const ORIGINS: ReadonlyMap<string, readonly string[]> = new Map([
  ['to', ['dst']],
  ['src', ['prefsrc']],
  ['via', ['gateway', 'via']],
  ['onlink', ['flags']],
  ['realm', ['flow']],
]);

/**
 * A route as `ip -j route show` prints it, as keys of a routes entry. Who made it is not taken over: the routes of a list
 * are netrecon's own unless the entry says otherwise.
 * @param problem - takes what is not understood
 * @returns undefined where it is left out, or not understood
 */
export const readIpRoute = (
  route: Members,
  members: ReadonlyMap<string, Place>,
  problem: (key: string, message: string, hint?: string) => void,
): JsonKeys | undefined => {
  if (isLeftOut(route)) return undefined;
  const unknown = Object.keys(route).filter((key) => !SAME.has(key) && !COMPOSED.has(key) && !PASSED_OVER.has(key));
  for (const key of unknown) problem(key, `"${key}" of ip -j is not read`, 'write such a route into the state file');
  if (unknown.length > 0) return undefined;
  const same = Object.entries(route).flatMap(([key, value]) => {
    const name = SAME.get(key);
    return name === undefined ? [] : [[name, withoutNumbers(key, value)] as const];
  });
  const value = { ...Object.fromEntries(same), ...impliedOf(route), ...waysOf(route), ...metricsOf(route.metrics) };
  const placeOf = (key: string): Place | undefined => {
    const origin = [...(ORIGINS.get(key) ?? []), key, 'metrics'].find((name) => members.has(name));
    return origin === undefined ? undefined : members.get(origin);
  };
  const places = Object.keys(value).flatMap((key) => {
    const place = placeOf(key);
    return place === undefined ? [] : [[key, place] as const];
  });
  return { value, members: new Map(places) };
};
