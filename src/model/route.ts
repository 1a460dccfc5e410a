import { type Encap, encapKey } from './encap.ts';
import { type Family, isDefaultPrefix } from './ip.ts';
import { type Field, type FieldTable, type Kind, NETRECON_PROTOCOL } from './kind.ts';
import { type RawAttribute, sameValue } from './value.ts';

/** rtm_type by iproute2's words, in the kernel's numbering from 0 (include/uapi/linux/rtnetlink.h RTN_*). */
export const ROUTE_TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
] as const;
export type RouteType = (typeof ROUTE_TYPES)[number];

/** Those that a state file names: the kernel makes no route of the others. */
export const NAMED_ROUTE_TYPES: ReadonlySet<string> = new Set(
  ROUTE_TYPES.filter((type) => type !== 'unspec' && type !== 'nat' && type !== 'xresolve'),
);

/** One way of a route. */
export interface RouteHop {
  /** canonical text; may be IPv6 for an IPv4 route (RTA_VIA) */
  readonly via?: string;
  readonly dev?: string;
  /** from 1 (the wire has weight - 1) */
  readonly weight: number;
  readonly onlink?: boolean;
  readonly encap?: Encap;
  /** RTA_FLOW of this hop, FROM << 16 | TO */
  readonly realm?: number;
  /** observed only, one of several ways: out of use until its link comes up or has addresses again (RTNH_F_DEAD) */
  readonly dead?: boolean;
  /** attributes no table names, and encapsulations that the model has no words for */
  readonly raw?: readonly RawAttribute[];
}

/** RTAX_*: milliseconds for rtt, rttvar and rto_min, bytes for mtu and advmss, segments for the windows. */
export interface RouteMetrics {
  readonly mtu?: number;
  readonly window?: number;
  readonly rtt?: number;
  readonly rttvar?: number;
  readonly ssthresh?: number;
  readonly cwnd?: number;
  readonly advmss?: number;
  readonly reordering?: number;
  readonly hoplimit?: number;
  readonly initcwnd?: number;
  /** bit mask RTAX_FEATURE_* (1 = ecn) */
  readonly features?: number;
  readonly rto_min?: number;
  readonly initrwnd?: number;
  readonly quickack?: number;
  readonly cc_algo?: string;
  readonly fastopen_no_cookie?: number;
  /** names of the metrics above that are locked, sorted */
  readonly lock?: readonly string[];
}

/** A route, whole: an absent field is the kernel's default, on both sides. */
export interface Route {
  readonly family: Family;
  /** canonical prefix; the default route is 0.0.0.0/0 or ::/0 */
  readonly to: string;
  /** IPv6 only: canonical source prefix */
  readonly from?: string;
  readonly table: number;
  /** as the kernel reads it back: IPv4 default 0, IPv6 default 1024 */
  readonly metric: number;
  /** IPv4 only; 0 for IPv6 */
  readonly tos: number;
  readonly type: RouteType;
  readonly protocol: number;
  /** RT_SCOPE_*; always 0 (global) for IPv6 */
  readonly scope: number;
  /** canonical preferred source */
  readonly src?: string;
  /** empty for blackhole and its like, and for routes by nhid; IPv6 order as dumped */
  readonly hops: readonly RouteHop[];
  readonly nhid?: number;
  /** RTA_FLOW of the route where it has at most one hop, FROM << 16 | TO */
  readonly realm?: number;
  /** IPv6 router preference; absent = medium */
  readonly pref?: 'low' | 'high';
  /** IPv6 only, seconds left; a desired value is a lifetime from the moment of sending */
  readonly expires?: number;
  readonly metrics?: RouteMetrics;
  /** observed only: RTM_F_CLONED, never managed */
  readonly cached?: boolean;
  readonly raw?: readonly RawAttribute[];
}

/** Default metric of an IPv6 route (IP6_RT_PRIO_USER). */
export const INET6_DEFAULT_METRIC = 1024;

export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;

/** Protocols whose routes come and go with the kernel's own state: redirect 1, kernel 2, ra 9. */
const isKernelProtocol = (protocol: number): boolean => protocol === 1 || protocol === 2 || protocol === 9;

/** One way as text that sorts, so that the order of legs does not count. */
const hopKey = (hop: RouteHop): string =>
  `${hop.via ?? ''} ${hop.dev ?? ''} ${hop.weight} ${hop.onlink === true} ${hop.realm ?? 0} ${encapKey(hop.encap)} ${JSON.stringify(hop.raw ?? [])}`;

const hopsKey = (hops: readonly RouteHop[]): string =>
  hops.length === 1 ? hopKey(hops[0] as RouteHop) : hops.map(hopKey).sort().join('|');

const NO_RAW: readonly RawAttribute[] = [];

const sameHop = (a: RouteHop, b: RouteHop): boolean =>
  a.via === b.via &&
  a.dev === b.dev &&
  a.weight === b.weight &&
  (a.onlink === true) === (b.onlink === true) &&
  (a.realm ?? 0) === (b.realm ?? 0) &&
  (a.encap === b.encap || encapKey(a.encap) === encapKey(b.encap)) &&
  sameValue(a.raw ?? NO_RAW, b.raw ?? NO_RAW);

/** The kernel keeps no order among the legs of a route that a reader could rely on. */
const sameHops = (a: readonly RouteHop[], b: readonly RouteHop[]): boolean => {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const [left, right] = [a[0], b[0]];
  if (a.length > 1 || left === undefined || right === undefined) return hopsKey(a) === hopsKey(b);
  return sameHop(left, right);
};

const whole: Field<Route> = { change: 'inPlace', unset: 'default' };

/** Everything below the slot is replaced by one RTM_NEWROUTE with NLM_F_REPLACE (fib_table_insert, fib6_add_rt2node). */
const FIELDS: FieldTable<Route> = {
  type: whole,
  protocol: whole,
  scope: whole,
  src: whole,
  hops: { ...whole, same: (d, o) => sameHops(d as unknown as RouteHop[], o as unknown as RouteHop[]) },
  nhid: whole,
  realm: whole,
  pref: whole,
  // counts down like the lifetime of an address
  expires: { ...whole, same: (d, o) => (d === undefined) === (o === undefined) && Number(o ?? 0) <= Number(d ?? 0) },
  metrics: whole,
};

/**
 * Whether a route is one entry to the kernel. The ways of an IPv6 route are entries of their own, which come and go one by
 * one, and several at once without a message where they are replaced (ip6_fib.c fib6_add_rt2node).
 */
export const isOneEntry = ({ family, hops }: Pick<Route, 'family' | 'hops'>): boolean =>
  family === 'inet' || hops.length <= 1;

const target = (route: Route): string => (isDefaultPrefix(route.to) ? 'default' : route.to);

/** A route in a place (ROUTE.slot), of which nothing else is known. */
export const placeOfSlot = (slot: string): Route => {
  const [family, table, to = '', third = '', metric] = slot.split(' ');
  const isInet = family === 'inet';
  return {
    family: isInet ? 'inet' : 'inet6',
    to,
    ...(isInet || third === '' ? {} : { from: third }),
    table: Number(table),
    metric: Number(metric),
    tos: isInet ? Number(third) : 0,
    type: 'unicast',
    protocol: 0,
    scope: 0,
    hops: [],
  };
};

export const ROUTE: Kind<'route'> = {
  name: 'route',
  section: 'routes',
  // fib_trie.c fib_find_alias: (table, prefix, dscp, metric); IPv6: (table, prefix, source prefix, metric)
  slot: (r) =>
    r.family === 'inet'
      ? `inet ${r.table} ${r.to} ${r.tos} ${r.metric}`
      : `inet6 ${r.table} ${r.to} ${r.from ?? ''} ${r.metric}`,
  identity: (r) =>
    `${ROUTE.slot(r)} ${r.type} ${r.protocol} ${r.scope} ${r.src ?? ''} ${r.nhid ?? ''} ${hopsKey(r.hops)}`,
  describe: (r) =>
    [
      'route',
      r.family === 'inet6' && isDefaultPrefix(r.to) ? '-6 default' : target(r),
      ...(r.from === undefined ? [] : [`from ${r.from}`]),
      ...(r.tos === 0 ? [] : [`tos ${r.tos}`]),
      ...(r.table === TABLE_MAIN ? [] : [`table ${r.table}`]),
      ...(r.metric === (r.family === 'inet' ? 0 : INET6_DEFAULT_METRIC) ? [] : [`metric ${r.metric}`]),
    ].join(' '),
  fields: () => FIELDS,
  devs: (r) => {
    if (r.hops.length === 1) return r.hops[0]?.dev === undefined ? [] : [r.hops[0].dev];
    return [...new Set(r.hops.flatMap((hop) => (hop.dev === undefined ? [] : [hop.dev])))];
  },
  coexists: () => false,
  isKernels: (r) =>
    r.cached === true || isKernelProtocol(r.protocol) || (r.table === TABLE_LOCAL && r.protocol !== NETRECON_PROTOCOL),
  owner: (r) => r.protocol,
  isHandMade: (r) => r.protocol === 0 || r.protocol === 3 || r.protocol === 4,
};

/** The destination of the routes of a slot. */
export const prefixOfSlot = (slot: string): string => slot.split(' ')[2] as string;
