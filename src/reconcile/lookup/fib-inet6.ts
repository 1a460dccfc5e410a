import { parsePrefix } from '../../model/ip.ts';
import type { Route } from '../../model/route.ts';
import type { State } from '../../model/state.ts';
import { PrefixMap } from './prefix-map.ts';

/** The routes of one destination prefix: those without a source prefix, and those with one. */
export interface Inet6Node {
  readonly routes: Route[];
  /** absent: no route of this destination has a source prefix */
  subtree: PrefixMap<Route[]> | undefined;
}

export type Inet6Table = PrefixMap<Inet6Node>;

export const buildInet6Tables = (state: State): ReadonlyMap<number, Inet6Table> => {
  const tables = new Map<number, Inet6Table>();
  const lists = new Set<Route[]>();
  for (const route of state.route) {
    if (route.family !== 'inet6' || route.cached === true) continue;
    let table = tables.get(route.table);
    if (table === undefined) {
      table = new PrefixMap('inet6');
      tables.set(route.table, table);
    }
    const to = parsePrefix(route.to);
    const from = route.from === undefined ? undefined : parsePrefix(route.from);
    if (to === undefined) continue;
    const node = table.at(to.bytes, to.length, () => ({ routes: [], subtree: undefined }));
    if (from !== undefined && from.length > 0) node.subtree ??= new PrefixMap('inet6');
    const list =
      from === undefined ? node.routes : (node.subtree?.at(from.bytes, from.length, () => []) ?? node.routes);
    list.push(route);
    lists.add(list);
  }
  for (const list of lists) list.sort((a, b) => a.metric - b.metric);
  return tables;
};

/**
 * The lists of routes in the order in which the kernel tries them: longest destination first, and within one destination
 * longest source first (fib6_node_lookup_1, fib6_backtrack, net/ipv6/ip6_fib.c).
 *
 * While it still looks for the first list, the kernel passes over a destination that has routes with source prefixes, none of
 * which matches, and with it over its routes without one (but for the default route, where every search ends).
 *
 * Not yet exact: with routes that have a source prefix the kernel now and then finds none where this finds one.
 */
export const candidateLists = function* (
  table: Inet6Table,
  to: Uint8Array,
  from: Uint8Array,
): Generator<{ readonly routes: readonly Route[]; readonly prefixlen: number }> {
  let searching = true;
  for (const { length: prefixlen, value: node } of table.matches(to)) {
    let matched = false;
    for (const { value: routes } of node.subtree?.matches(from) ?? []) {
      matched = true;
      searching = false;
      yield { routes, prefixlen };
    }
    if (searching && node.subtree !== undefined && !matched && prefixlen > 0) continue;
    if (node.routes.length === 0) continue;
    searching = false;
    yield { routes: node.routes, prefixlen };
  }
};
