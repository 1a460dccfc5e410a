import type { Declared } from '../model/desired.ts';
import type { Family } from '../model/ip.ts';
import type { Route as ModelRoute, RouteHop } from '../model/route.ts';
import { normalizeEncap } from './encap.ts';
import { type Entry, innerEntry, isOn } from './entry.ts';
import type { NameTables } from './names.ts';
import { readAddress, readRealm } from './scalars.ts';
import type { Encap, Route } from './schema.gen.ts';

/** Types that send nowhere, so they have no hop. */
const DEAD_ENDS: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

export const isDeadEnd = (type: string | undefined): boolean => type !== undefined && DEAD_ENDS.has(type);

interface Way {
  readonly as?: unknown;
  readonly via?: string;
  readonly dev?: string;
  readonly weight?: number;
  readonly onlink?: unknown;
  readonly encap?: Encap;
  readonly realm?: number | string;
}

/**
 * The ways of a route. A list of one is the plain form, as the kernel reads it back: no weight, and the realm belongs to
 * the route.
 * @returns undefined where they cannot be read
 */
export const normalizeHops = (
  entry: Entry<Route>,
  family: Family,
  names: NameTables,
): { readonly hops: readonly RouteHop[]; readonly realm?: number } | undefined => {
  const { value } = entry;
  const before = entry.problems.count;
  refuseMixtures(entry);
  if (entry.problems.count > before) return undefined;
  const realm = value.realm === undefined ? undefined : readRealm(entry, 'realm', value.realm);
  const ways: readonly Way[] = value.nexthops ?? [value];
  const hops: RouteHop[] = [];
  let hopRealm: number | undefined;
  if (value.nhid === undefined && !isDeadEnd(value.type) && (value.nexthops ?? value.via ?? value.dev) !== undefined) {
    for (const [i, way] of ways.entries()) {
      const inner = value.nexthops === undefined ? entry : innerEntry<Way>(entry, way, 'nexthops', i);
      const hop = normalizeHop(inner, family, value.nexthops !== undefined, names);
      if (hop === undefined) continue;
      const { realm: own, ...plain } = hop;
      if (ways.length === 1) hopRealm = own;
      hops.push(ways.length === 1 ? { ...plain, weight: 1 } : hop);
    }
  }
  if (entry.problems.count > before) return undefined;
  const whole = realm ?? hopRealm ?? 0;
  return { hops, ...(whole !== 0 && { realm: whole }) };
};

/** Routes that go the same way get the very same hops: what is found out of one is known of all. */
export const shareHops = (routes: readonly Declared<ModelRoute>[]): Declared<ModelRoute>[] => {
  const known = new Map<string, readonly RouteHop[]>();
  return routes.map((declared) => {
    const { hops } = declared.object;
    const key = JSON.stringify(hops);
    const shared = known.get(key);
    if (shared === undefined) known.set(key, hops);
    return shared === undefined ? declared : { ...declared, object: { ...declared.object, hops: shared } };
  });
};

const refuseMixtures = (entry: Entry<Route>): void => {
  const { value } = entry;
  const refuse = (key: keyof Route & string, because: string, hint?: string) => {
    if (value[key] !== undefined && value[key] !== false)
      entry.problem('NR_CONTRADICTION', `${key} does not go with ${because}`, key, hint);
  };
  if (isDeadEnd(value.type)) {
    // IPv6 keeps such routes on lo, and `ip` prints that
    for (const key of ['via', 'nexthops', 'onlink', 'encap', 'nhid'] as const)
      refuse(key, `type ${value.type}`, 'such a route sends nowhere');
    if (value.dev !== 'lo') refuse('dev', `type ${value.type}`, 'such a route sends nowhere');
  } else if (value.nhid !== undefined) {
    for (const key of ['via', 'dev', 'nexthops', 'onlink', 'encap'] as const)
      refuse(key, 'nhid', 'the nexthop object says where to send');
  } else if (value.nexthops !== undefined) {
    for (const key of ['via', 'dev', 'onlink', 'encap'] as const) refuse(key, 'nexthops', 'move it into the list');
    if (value.nexthops.length > 1) refuse('realm', 'nexthops', 'give each way its realm');
  } else if (value.via === undefined && value.dev === undefined && value.state !== 'absent') {
    entry.problem(
      'NR_CONTRADICTION',
      `route ${value.to ?? value.to_file} leads nowhere`,
      undefined,
      'write via, dev, nexthops or nhid, or a type such as blackhole',
    );
  }
};

const normalizeHop = (entry: Entry<Way>, family: Family, listed: boolean, names: NameTables): RouteHop | undefined => {
  const { value } = entry;
  const via = value.via === undefined ? undefined : readAddress(entry, 'via', value.via);
  if (value.via !== undefined && via === undefined) return undefined;
  if (via === '0.0.0.0' || via === '::') {
    entry.problem(
      'NR_BAD_VALUE',
      `${via} is the address of no gateway`,
      'via',
      'leave via out for a directly reachable network',
    );
    return undefined;
  }
  if (family === 'inet6' && via !== undefined && !via.includes(':')) {
    entry.problem('NR_CONTRADICTION', `an IPv6 route cannot go by the IPv4 gateway ${via}`, 'via');
    return undefined;
  }
  if (listed && value.as !== undefined) {
    entry.problem('NR_CONTRADICTION', 'as belongs to a route of family mpls', 'as');
    return undefined;
  }
  if (listed && via === undefined && value.dev === undefined) {
    entry.problem('NR_CONTRADICTION', 'a way needs via or dev');
    return undefined;
  }
  const onlink = isOn(value.onlink);
  if (onlink && (via === undefined || value.dev === undefined)) {
    entry.problem('NR_CONTRADICTION', 'onlink needs both via and dev', 'onlink');
    return undefined;
  }
  const encap = normalizeEncap(entry, names);
  const realm = listed && value.realm !== undefined ? readRealm(entry, 'realm', value.realm) : undefined;
  return {
    ...(via !== undefined && { via }),
    ...(value.dev !== undefined && { dev: value.dev }),
    weight: value.weight ?? 1,
    ...(onlink && { onlink }),
    ...(encap !== undefined && { encap }),
    ...(realm !== undefined && realm !== 0 && { realm }),
  };
};
