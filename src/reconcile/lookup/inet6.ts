import { formatAddress, prefixContains } from '../../model/ip.ts';
import type { LookupErrno, Path } from '../../model/lookup.ts';
import type { Route } from '../../model/route.ts';
import type { Rule } from '../../model/rule.ts';
import type { State } from '../../model/state.ts';
import { buildInet6Tables, candidateLists, type Inet6Table } from './fib-inet6.ts';
import type { HostView, Way } from './host-view.ts';
import { type Answer, errorOfType, type Flow } from './query.ts';
import { type ReadyRule, readyRules, suppresses, tableOfRule, walkRules } from './rules.ts';
import { selectInet6Source } from './source-inet6.ts';

interface Inet6 {
  readonly view: HostView;
  readonly rules: readonly ReadyRule[];
  readonly tables: ReadonlyMap<number, Inet6Table>;
}

/** The link that a search prefers, or, strict, insists on (RT6_LOOKUP_F_IFACE). */
interface Preference {
  readonly dev: string | undefined;
  readonly strict: boolean;
}

type Found =
  | {
      readonly route: Route;
      readonly prefixlen: number;
      readonly ways: readonly Way[];
      /** what the rules give a packet whose leg was suppressed */
      readonly otherwise?: Found;
    }
  | { readonly error: LookupErrno; readonly route?: Route };

const RULE_ERRORS: Readonly<Partial<Record<Rule['action'], LookupErrno>>> = {
  unreachable: 'ENETUNREACH',
  prohibit: 'EACCES',
  blackhole: 'EINVAL',
};

/** A route that leads nowhere stands on lo. */
const NOWHERE: Way = { dev: 'lo', via: undefined, dead: false, ignored: false };

const waysOf = (view: HostView, route: Route): readonly Way[] =>
  errorOfType(route.type) !== undefined || route.type === 'throw' ? [NOWHERE] : view.ways(route);

const PREFERENCE_SCORES = { low: 1, medium: 2, high: 3 } as const;

/** rt6_score_route (net/ipv6/route.c) on a host that forwards; undefined = not to be used. */
const scoreOf = (route: Route, way: Way, { dev, strict }: Preference): number | undefined => {
  if (way.dead || way.ignored) return undefined;
  const matches = dev === undefined || dev === way.dev;
  if (!matches && strict) return undefined;
  return (matches ? 2 : 0) + 4 * PREFERENCE_SCORES[route.pref ?? 'medium'];
};

/** The best route of a list: the lowest metric that has one, there the highest score, there the first (find_rr_leaf). */
const selectRoute = (view: HostView, routes: readonly Route[], preference: Preference): Route | undefined => {
  let best: { readonly route: Route; readonly score: number } | undefined;
  for (const route of routes) {
    if (best !== undefined && route.metric !== best.route.metric) break;
    // no score is asked of it (__find_rr_leaf)
    if (view.isBlackholeNexthop(route)) return route;
    for (const way of waysOf(view, route)) {
      const score = scoreOf(route, way, preference);
      if (score !== undefined && (best === undefined || score > best.score)) best = { route, score };
    }
  }
  return best?.route;
};

/** One table (fib6_table_lookup); undefined = the next rule. */
const lookUpTable = (inet6: Inet6, table: Inet6Table, flow: Flow, preference: Preference): Found | undefined => {
  const { view } = inet6;
  for (const { routes, prefixlen } of candidateLists(table, flow.to, flow.from)) {
    const route = selectRoute(view, routes, preference);
    if (route === undefined) continue;
    if (route.type === 'throw') return undefined;
    const error = view.isBlackholeNexthop(route) ? 'EINVAL' : errorOfType(route.type);
    if (error !== undefined) return { error, route };
    const ways = view.ways(route).filter((way) => scoreOf(route, way, preference) !== undefined);
    return { route, prefixlen, ways };
  }
  return undefined;
};

/**
 * fib6_rule_lookup (net/ipv6/fib6_rules.c). The shorter way without rules of one's own comes to the same. The leg of a
 * multipath route is picked before the rule's suppressor looks at its link (ip6_pol_route, fib6_rule_suppress), so that
 * one leg may end the search and another go on.
 */
const lookUp = (inet6: Inet6, flow: Flow, preference: Preference): Found => {
  const partly: Extract<Found, { ways: unknown }>[] = [];
  const result = walkRules<Found>(inet6.rules, flow, (rule) => {
    const error = RULE_ERRORS[rule.action];
    if (error !== undefined) return { end: { error } };
    const table = inet6.tables.get(tableOfRule(rule, flow));
    const found = table === undefined ? undefined : lookUpTable(inet6, table, flow, preference);
    if (found === undefined) return undefined;
    if ('error' in found) return { end: found };
    const ways = found.ways.filter(({ dev }) => !suppresses(rule, found.prefixlen, inet6.view.link(dev)?.group));
    if (ways.length === found.ways.length) return { end: found };
    if (ways.length > 0) partly.push({ ...found, ways });
    return undefined;
  });
  const end: Found = result?.end ?? { error: 'ENETUNREACH' };
  return partly.reduceRight<Found>((otherwise, found) => ({ ...found, otherwise }), end);
};

const STRICT_PREFIXES = ['ff00::/8', 'fe80::/10', '::1/128'];
/** rt6_need_strict (net/ipv6/route.c) */
const needsStrict = (to: string): boolean => STRICT_PREFIXES.some((prefix) => prefixContains(prefix, to));

/** ip6_rt_get_dev_rcu (net/ipv6/route.c): what is for this host goes through lo, or through the VRF. */
const deviceOf = (view: HostView, route: Route, way: Way): string | undefined =>
  route.type === 'local' || route.type === 'anycast' ? (view.vrfOf(way.dev) ?? 'lo') : way.dev;

const answerOf = (inet6: Inet6, flow: Flow, found: Found): Answer => {
  const decided = found.route === undefined ? {} : { table: found.route.table, prefix: found.route.to };
  if ('error' in found) return { error: found.error, ...decided };
  const { route, ways } = found;
  const to = formatAddress(flow.to);
  // whichever member of a group is chosen, the source is that of the first (fib6_info_nh_dev, nexthop_fib6_nh)
  const sourceDev = route.nhid === undefined ? undefined : inet6.view.ways(route)[0]?.dev;
  const paths = ways.map((way): Path => {
    const dev = deviceOf(inet6.view, route, way);
    const src = flow.iif === 'lo' ? (route.src ?? selectInet6Source(inet6.view, sourceDev ?? way.dev, to)) : undefined;
    return {
      ...(dev === undefined ? {} : { dev }),
      ...(way.via === undefined ? {} : { via: way.via }),
      ...(src === undefined ? {} : { src }),
    };
  });
  const otherwise = found.otherwise === undefined ? {} : { otherwise: answerOf(inet6, flow, found.otherwise) };
  return { type: route.type as 'unicast', paths, ...decided, ...otherwise };
};

/** IPv6 look-ups over a state, as RTM_GETROUTE answers them on a host that forwards. */
export const createInet6Lookup = (state: State, view: HostView): ((flow: Flow, bound?: string) => Answer) => {
  const inet6: Inet6 = { view, rules: readyRules(state, 'inet6'), tables: buildInet6Tables(state) };
  return (flow, bound) => {
    const strict = needsStrict(formatAddress(flow.to));
    if (flow.iif !== 'lo') {
      return answerOf(inet6, flow, lookUp(inet6, flow, { dev: flow.iif, strict }));
    }
    const preference = { dev: bound, strict: strict || (bound !== undefined && !flow.hasFrom) };
    return answerOf(inet6, flow, lookUp(inet6, flow, preference));
  };
};
