import { parsePrefix } from '../../model/ip.ts';
import type { LookupErrno } from '../../model/lookup.ts';
import { type Route, TABLE_LOCAL, TABLE_MAIN } from '../../model/route.ts';
import type { State } from '../../model/state.ts';
import type { HostView, Way } from './host-view.ts';
import { PrefixMap } from './prefix-map.ts';
import { errorOfType, type Flow } from './query.ts';
import { IPV4_TOS_MASK } from './rules.ts';

/** What one table gives: a route and its usable ways, or an errno; undefined = ask the next rule (EAGAIN). */
export type InetResult =
  | { readonly route: Route; readonly prefixlen: number; readonly ways: readonly Way[] }
  | { readonly error: LookupErrno; readonly route: Route; readonly prefixlen: number }
  | undefined;

type Trie = PrefixMap<Route[]>;

/** The IPv4 tables of a state. */
export interface InetTables {
  /** undefined: there is no such table */
  get(table: number): Trie | undefined;
  /** local and main as one, which they are until the first rule is added (fib_trie.c fib_trie_unmerge) */
  readonly merged: Trie;
}

/** Order within a prefix: fib_insert_alias and fib_find_alias (net/ipv4/fib_trie.c). */
const compareRoutes = (a: Route, b: Route): number => b.table - a.table || b.tos - a.tos || a.metric - b.metric;

export const buildInetTables = (state: State): InetTables => {
  const tables = new Map<number, Trie>();
  const merged: Trie = new PrefixMap('inet');
  const add = (trie: Trie, route: Route): void => {
    const prefix = parsePrefix(route.to);
    if (prefix !== undefined) trie.at(prefix.bytes, prefix.length, () => []).push(route);
  };
  for (const route of state.route) {
    if (route.family !== 'inet' || route.cached === true) continue;
    let trie = tables.get(route.table);
    if (trie === undefined) {
      trie = new PrefixMap('inet');
      tables.set(route.table, trie);
    }
    add(trie, route);
    if (route.table === TABLE_MAIN || route.table === TABLE_LOCAL) add(merged, route);
  }
  for (const trie of [...tables.values(), merged]) for (const routes of trie.values()) routes.sort(compareRoutes);
  return { get: (table) => tables.get(table), merged };
};

/** fib_lookup_good_nhc (net/ipv4/fib_trie.c). */
const isGood = (way: Way, flow: Flow): boolean =>
  !way.dead && !way.ignored && (flow.oif === undefined || flow.oif === way.dev);

const networkAddress = ({ to }: Route): string => to.slice(0, to.indexOf('/'));

/**
 * One table: the longest prefix that has a usable route (fib_table_lookup, net/ipv4/fib_trie.c). A route of a type that
 * leads nowhere ends the search, whatever its link.
 */
export const lookUpInet = (trie: Trie, flow: Flow, view: HostView): InetResult => {
  let missed: string | undefined;
  for (const { length: prefixlen, value: routes } of trie.matches(flow.to)) {
    for (const route of routes) {
      if (networkAddress(route) === missed) break;
      if (route.tos !== 0 && route.tos !== (flow.tos & IPV4_TOS_MASK)) continue;
      if (route.type === 'throw') return undefined;
      const error = errorOfType(route.type);
      if (error !== undefined) return { error, route, prefixlen };
      if (view.isBlackholeNexthop(route)) return { error: 'EINVAL', route, prefixlen };
      const ways = view.ways(route).filter((way) => isGood(way, flow));
      if (ways.length > 0) return { route, prefixlen, ways };
      // a nexthop object without a good member sends the search on to another leaf of the trie: not to the next route, and to
      // no shorter prefix of the same network address, which stands in the same leaf
      if (route.nhid !== undefined) missed = networkAddress(route);
    }
  }
  return undefined;
};

/** Default routes of one tos and metric among which the kernel chooses by what it knows of their gateways (fib_select_default). */
export const defaultsBeside = (trie: Trie, chosen: Route, flow: Flow): readonly Route[] => {
  const [entry] = [...trie.matches(flow.to)].filter(({ length }) => length === 0);
  return (entry?.value ?? []).filter(
    (route) =>
      route.table === chosen.table &&
      route.type === 'unicast' &&
      route.metric === chosen.metric &&
      route.tos === chosen.tos &&
      route.scope === chosen.scope,
  );
};
