import { familyOf, isLinkLocal, prefixContains } from '../../model/ip.ts';
import { memberIds, type Nexthop } from '../../model/nexthop.ts';
import { type Route, TABLE_MAIN } from '../../model/route.ts';
import type { Rule } from '../../model/rule.ts';
import type { WorkingState } from './working-state.ts';

/** A TCP session that comes in from outside: what SSH_CONNECTION says, addresses in canonical text. */
export interface Session {
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly serverPort: number;
  /** of a link-local client: the link that it is on */
  readonly scope?: string;
}

/** Where packets to the client go. */
export interface SessionRoute {
  readonly text: string;
  readonly devs: readonly string[];
}

/** One way of a route, by whatever it is told. */
type Way = Pick<Nexthop, 'via' | 'dev' | 'blackhole'>;

const TCP = 6;

const inRange = (range: readonly [number, number] | undefined, port: number): boolean =>
  range === undefined || (range[0] <= port && port <= range[1]);

/** fib_rule_match for what sshd sends: no mark, no socket bound to a link, user root, so that `iif lo` matches. */
const selects = (rule: Rule, session: Session): boolean => {
  if (rule.oif !== undefined || rule.tun_id !== undefined || rule.l3mdev === true) return false;
  if (rule.fwmark !== undefined && rule.fwmark !== 0) return false;
  if ((rule.tos ?? 0) !== 0 || (rule.dscp ?? 0) !== 0) return false;
  if (rule.iif !== undefined && rule.iif !== 'lo') return false;
  if (rule.uidrange !== undefined && rule.uidrange[0] > 0) return false;
  if (rule.ipproto !== undefined && rule.ipproto !== TCP) return false;
  if (!inRange(rule.sport, session.serverPort) || !inRange(rule.dport, session.clientPort)) return false;
  if (rule.from !== undefined && !prefixContains(rule.from, session.server)) return false;
  return rule.to === undefined || prefixContains(rule.to, session.client);
};

const matches = (rule: Rule, session: Session): boolean => selects(rule, session) !== (rule.not === true);

const lengthOf = (prefix: string): number => Number(prefix.slice(prefix.indexOf('/') + 1));

const isBetter = (route: Route, than: Route | undefined): boolean => {
  if (than === undefined) return true;
  const [length, other] = [lengthOf(route.to), lengthOf(than.to)];
  return length === other ? route.metric < than.metric : length > other;
};

/** The connected network of an address as a route; the model of effects adds none, the kernel does. */
const connectedRoutes = (state: WorkingState, { client }: Session): readonly Route[] => {
  const family = familyOf(client);
  return [...state.all('address')].flatMap((a): Route[] => {
    if (a.family !== family || a.noprefixroute === true || state.link(a.dev)?.state !== 'up') return [];
    const to = `${a.peer ?? a.address}/${a.prefixlen}`;
    const metric = a.metric !== undefined && a.metric !== 0 ? a.metric : family === 'inet' ? 0 : 256;
    const base = { family, to, table: TABLE_MAIN, metric, tos: 0, type: 'unicast', protocol: 2, scope: 0 } as const;
    return [{ ...base, hops: [{ dev: a.dev, weight: 1 }] }];
  });
};

const bestIn = (routes: readonly Route[], table: number): Route | undefined => {
  let best: Route | undefined;
  for (const route of routes) if (route.table === table && isBetter(route, best)) best = route;
  return best;
};

/** The hops of a route; those of a nexthop object are the object's, or those of the members of a group. */
const hopsOf = (state: WorkingState, { nhid, hops }: Route): readonly Way[] => {
  if (nhid === undefined) return hops;
  const by = (id: number): readonly Nexthop[] => state.inSlot('nexthop', `${id}`);
  return by(nhid).flatMap((nexthop) => (nexthop.group === undefined ? [nexthop] : memberIds(nexthop).flatMap(by)));
};

const describe = (state: WorkingState, route: Route): SessionRoute | undefined => {
  if (!['unicast', 'local'].includes(route.type)) return undefined;
  const ways = hopsOf(state, route);
  if (ways.some(({ blackhole }) => blackhole === true)) return undefined;
  const hops = ways.map(({ via, dev }) =>
    [...(via === undefined ? [] : [`via ${via}`]), ...(dev === undefined ? [] : [`dev ${dev}`])].join(' '),
  );
  const text = hops.sort().join(' and ');
  return {
    text: text === '' ? route.type : text,
    devs: ways.flatMap(({ dev }) => (dev === undefined ? [] : [dev])),
  };
};

const DEFAULT_TABLES = [255, TABLE_MAIN, 253] as const;

const rulesOf = (state: WorkingState, session: Session): readonly Rule[] => {
  const family = familyOf(session.client);
  const rules = [...state.all('rule')].filter((rule) => rule.family === family);
  if (rules.length === 0)
    return DEFAULT_TABLES.map((table, i) => ({ family, priority: i, action: 'table', table, protocol: 2 }));
  return rules.sort((a, b) => a.priority - b.priority);
};

/**
 * The way of the session's packets out of this host: the rules in order, in each table the longest prefix. Pure.
 * @returns undefined where there is none
 * @see net/core/fib_rules.c fib_rules_lookup
 */
export const findRoute = (state: WorkingState, session: Session): SessionRoute | undefined => {
  if (isLinkLocal(session.client) && session.scope !== undefined) {
    const isUp = state.link(session.scope)?.state === 'up';
    return isUp ? { text: `dev ${session.scope}`, devs: [session.scope] } : undefined;
  }
  const routes = [...state.all('route'), ...connectedRoutes(state, session)].filter(
    (route) => route.cached !== true && route.tos === 0 && prefixContains(route.to, session.client),
  );
  let from = 0;
  for (const rule of rulesOf(state, session)) {
    if (rule.priority < from || !matches(rule, session)) continue;
    if (rule.action === 'goto') from = rule.goto ?? 0;
    else if (rule.action === 'table') {
      const route = bestIn(routes, rule.table ?? 0);
      if (route === undefined || route.type === 'throw') continue;
      if (rule.suppress_prefixlength !== undefined && lengthOf(route.to) <= rule.suppress_prefixlength) continue;
      return describe(state, route);
    } else if (rule.action !== 'nop') return undefined;
  }
  return undefined;
};
