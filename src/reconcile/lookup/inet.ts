import { formatAddress, parseAddress, prefixContains } from '../../model/ip.ts';
import type { LookupErrno, Path } from '../../model/lookup.ts';
import type { Rule } from '../../model/rule.ts';
import type { State } from '../../model/state.ts';
import { buildInetTables, defaultsBeside, type InetResult, type InetTables, lookUpInet } from './fib-inet.ts';
import type { HostView, Way } from './host-view.ts';
import type { Answer, Flow } from './query.ts';
import { areDefaultRules, type ReadyRule, readyRules, suppresses, tableOfRule, walkRules } from './rules.ts';
import { selectInetSource } from './source-inet.ts';

const SCOPE_LINK = 253;
const TABLE_DEFAULT = 253;

interface Inet {
  readonly view: HostView;
  readonly rules: readonly ReadyRule[];
  readonly tables: InetTables;
  readonly plain: boolean;
}

const isMulticast = (address: string): boolean => prefixContains('224.0.0.0/4', address);
const isZeronet = (address: string): boolean => prefixContains('0.0.0.0/8', address);
const isLoopback = (address: string): boolean => prefixContains('127.0.0.0/8', address);
const LIMITED_BROADCAST = '255.255.255.255';

const RULE_ERRORS: Readonly<Partial<Record<Rule['action'], LookupErrno>>> = {
  unreachable: 'ENETUNREACH',
  prohibit: 'EACCES',
  blackhole: 'EINVAL',
};

/** What the rules give; undefined where none of them ends the search. */
type Found = Exclude<InetResult, undefined> | { readonly error: LookupErrno; readonly route?: undefined };

/** fib_lookup (include/net/ip_fib.h): the shorter way while nobody has touched the rules. */
const lookUp = ({ view, rules, tables, plain }: Inet, flow: Flow): Found => {
  if (plain) {
    const first = lookUpInet(tables.merged, flow, view);
    if (first !== undefined && !('error' in first)) return first;
    const trie = tables.get(TABLE_DEFAULT);
    // an error of main does not end the search here, as it would between rules
    const second = trie === undefined ? first : lookUpInet(trie, flow, view);
    return second ?? { error: 'ENETUNREACH' };
  }
  const result = walkRules<Found>(rules, flow, (rule) => {
    const error = RULE_ERRORS[rule.action];
    if (error !== undefined) return { end: { error } };
    const trie = tables.get(tableOfRule(rule, flow));
    const found = trie === undefined ? undefined : lookUpInet(trie, flow, view);
    if (found === undefined) return undefined;
    if ('error' in found) return { end: found };
    const group = view.link(view.ways(found.route)[0]?.dev)?.group;
    return suppresses(rule, found.prefixlen, group) ? undefined : { end: found };
  });
  return result?.end ?? { error: 'ENETUNREACH' };
};

const makePath = (dev: string | undefined, via: string | undefined, src: string | undefined): Path => ({
  ...(dev === undefined ? {} : { dev }),
  ...(via === undefined ? {} : { via }),
  ...(src === undefined ? {} : { src }),
});

const errorOf = (found: Extract<Found, { error: unknown }>): Answer => ({
  error: found.error,
  ...(found.route === undefined ? {} : { table: found.route.table, prefix: found.route.to }),
});

const loopbackOf = (view: HostView, dev: string | undefined): string => view.vrfOf(dev) ?? 'lo';

/** Every way that the kernel may take of what a table gave; with oif, the first. */
const choices = (
  inet: Inet,
  found: Extract<Found, { ways: unknown }>,
  flow: Flow,
): readonly { readonly way: Way; readonly route: typeof found.route }[] => {
  const { route } = found;
  if (flow.oif !== undefined) return found.ways.slice(0, 1).map((way) => ({ way, route }));
  if (found.ways.length > 1 || found.prefixlen > 0 || route.type !== 'unicast') {
    return found.ways.map((way) => ({ way, route }));
  }
  const trie = inet.plain ? inet.tables.merged : inet.tables.get(route.table);
  const all = trie === undefined ? [route] : defaultsBeside(trie, route, flow);
  return all.flatMap((beside) =>
    inet.view
      .ways(beside)
      .filter(({ dead, ignored }) => !dead && !ignored)
      .map((way) => ({ way, route: beside })),
  );
};

/** Through a given link, a packet to a group takes its source from the link before any table is asked. */
const withMulticastSource = (view: HostView, flow: Flow, bound: string | undefined): Flow => {
  if (bound === undefined || flow.hasFrom || !isMulticast(formatAddress(flow.to)) || view.link(bound)?.state !== 'up') {
    return flow;
  }
  const scope = prefixContains('224.0.0.0/24', formatAddress(flow.to)) ? SCOPE_LINK : 0;
  const source = selectInetSource(view, bound, undefined, scope);
  const bytes = source === undefined ? undefined : parseAddress(source);
  return bytes === undefined ? flow : { ...flow, from: bytes, hasFrom: true };
};

/** What this host sends: ip_route_output_key_hash_rcu (net/ipv4/route.c). */
const output = (inet: Inet, asked: Flow, bound: string | undefined): Answer => {
  const { view } = inet;
  const to = formatAddress(asked.to);
  const flow = withMulticastSource(view, asked, bound);
  const from = flow.hasFrom ? formatAddress(flow.from) : undefined;
  const type = to === LIMITED_BROADCAST ? 'broadcast' : isMulticast(to) ? 'multicast' : undefined;
  if (from !== undefined) {
    if (isMulticast(from) || from === LIMITED_BROADCAST || isZeronet(from)) return { error: 'EINVAL' };
    const owner = view.ownerOf(from);
    if (owner === undefined) return { error: 'ENETUNREACH' };
    // sent to many, it goes out by the link that has the source, whatever the tables say
    if (bound === undefined && type !== undefined) {
      return martian(to, from, owner, view) ?? { type, paths: [makePath(owner, undefined, from)] };
    }
  }
  if (bound !== undefined && view.link(bound)?.state !== 'up') {
    return { error: 'ENETUNREACH' };
  }
  if (bound !== undefined && type !== undefined && (type === 'broadcast' || prefixContains('224.0.0.0/24', to))) {
    const src = from ?? selectInetSource(view, bound, undefined, SCOPE_LINK);
    return martian(to, src, bound, view) ?? { type, paths: [makePath(bound, undefined, src)] };
  }
  const found = lookUp(inet, flow);
  if ('error' in found) {
    // with a link given, and nothing known of the destination, it is taken to be on the link
    if (bound === undefined || (flow.vrf !== undefined && type !== 'multicast')) return errorOf(found);
    const src = from ?? selectInetSource(view, bound, undefined, type === 'multicast' ? 0 : SCOPE_LINK);
    return martian(to, src, bound, view) ?? { type: type ?? 'unicast', paths: [makePath(bound, undefined, src)] };
  }
  const { route } = found;
  const decided = { table: route.table, prefix: route.to };
  if (route.type === 'local') {
    const dev = loopbackOf(view, found.ways[0]?.dev);
    return { type: 'local', paths: [makePath(dev, undefined, from ?? route.src ?? to)], ...decided };
  }
  // __mkroute_output forgets the route for what goes to all, and for groups that only a default route covers
  const isDirect = (type ?? route.type) === 'broadcast' || (type === 'multicast' && found.prefixlen < 4);
  const paths = choices(inet, found, flow).map(({ way: { dev, via }, route: { src, scope } }) => {
    const source = from ?? src ?? (dev === undefined ? undefined : selectInetSource(view, dev, via, scope));
    return makePath(dev, isDirect ? undefined : via, source);
  });
  const refusal = martian(to, paths[0]?.src, paths[0]?.dev, view);
  return refusal ?? { type: type ?? (route.type as 'unicast'), paths, ...decided };
};

/** __mkroute_output (net/ipv4/route.c). */
const martian = (to: string, src: string | undefined, dev: string | undefined, view: HostView): Answer | undefined => {
  const isOut = dev !== 'lo' && view.link(dev)?.kind !== 'vrf';
  if (src !== undefined && isLoopback(src) && isOut) return { error: 'EINVAL' };
  return isZeronet(to) ? { error: 'EINVAL' } : undefined;
};

/**
 * The check of the source without rp_filter (fib_validate_source, net/ipv4/fib_frontend.c): a packet from outside must not
 * come from one of our own addresses, nor from where a route leads nowhere.
 */
const isBadSource = (inet: Inet, flow: Flow, out: string): boolean => {
  const from = formatAddress(flow.from);
  const { iif } = flow;
  // a packet that leaves where it came in, which might ask for a redirect, is looked at in full
  if (inet.plain && out !== iif) return inet.view.ownerOf(from) !== undefined;
  const vrf = inet.view.vrfOf(iif);
  const back = lookUp(inet, {
    ...flow,
    to: flow.from,
    from: flow.to,
    hasFrom: true,
    iif: out,
    mark: 0,
    sport: flow.dport,
    dport: flow.sport,
    vrf: vrf === undefined ? undefined : { name: vrf, table: inet.view.tableOfVrf(vrf), by: 'iif' },
  });
  return !('error' in back) && back.route.type !== 'unicast';
};

/** What comes in from a link, on a host that forwards and does not filter by reverse path: ip_route_input_slow. */
const input = (inet: Inet, flow: Flow): Answer => {
  const { view } = inet;
  const to = formatAddress(flow.to);
  const from = formatAddress(flow.from);
  if (isMulticast(to) || isMulticast(from) || from === LIMITED_BROADCAST) return { error: 'EINVAL' };
  if (to === LIMITED_BROADCAST) {
    if (!isZeronet(from) && isBadSource(inet, flow, 'lo')) return { error: 'EINVAL' };
    return { type: 'broadcast', paths: [{ dev: 'lo' }] };
  }
  // a packet without a source is a martian as well
  if (isZeronet(from) || isZeronet(to) || isLoopback(to) || isLoopback(from)) {
    return { error: 'EINVAL' };
  }
  const found = lookUp(inet, flow);
  if ('error' in found) return errorOf(found);
  const decided = { table: found.route.table, prefix: found.route.to };
  const { type } = found.route;
  if (type === 'local' || type === 'broadcast') {
    if (isBadSource(inet, flow, 'lo')) return { error: 'EINVAL', ...decided };
    return { type, paths: [{ dev: loopbackOf(view, found.ways[0]?.dev) }], ...decided };
  }
  if (type !== 'unicast') return { error: 'EINVAL', ...decided };
  const ways = choices(inet, found, flow);
  if (isBadSource(inet, flow, ways[0]?.way.dev ?? 'lo')) return { error: 'EINVAL', ...decided };
  return { type, paths: ways.map(({ way: { dev, via } }) => makePath(dev, via, undefined)), ...decided };
};

/** IPv4 look-ups over a state, as RTM_GETROUTE answers them. */
export const createInetLookup = (state: State, view: HostView): ((flow: Flow, bound?: string) => Answer) => {
  const rules = readyRules(state, 'inet');
  const inet: Inet = { view, rules, tables: buildInetTables(state), plain: areDefaultRules(rules, 'inet') };
  return (flow, bound) => (flow.iif === 'lo' ? output(inet, flow, bound) : input(inet, flow));
};
