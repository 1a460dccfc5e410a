import type { Address } from '../model/address.ts';
import type { Declared } from '../model/desired.ts';
import { isLinkLocal, networkOf, parsePrefix, prefixContains } from '../model/ip.ts';
import { ROUTE, type Route, type RouteHop } from '../model/route.ts';
import type { Problems } from './problems.ts';

/** What the end state offers to a gateway: who is directly reachable through which link. */
export interface FinalView {
  readonly addresses: readonly Address[];
  /** routes without a gateway, observed and declared: what is behind them is on-link too */
  readonly onlinkRoutes: readonly Route[];
  readonly links: ReadonlySet<string>;
  /** links that will be down */
  readonly downLinks: ReadonlySet<string>;
}

interface Connected {
  readonly prefix: string;
  readonly length: number;
  readonly dev: string;
}

const connectedOf = (view: FinalView): Connected[] => {
  const out: Connected[] = [];
  for (const a of view.addresses) {
    if (a.noprefixroute === true) continue;
    out.push({ prefix: networkOf(a.peer ?? a.address, a.prefixlen), length: a.prefixlen, dev: a.dev });
  }
  for (const route of view.onlinkRoutes) {
    for (const hop of route.hops) {
      if (hop.dev === undefined || hop.via !== undefined) continue;
      out.push({ prefix: route.to, length: parsePrefix(route.to)?.length ?? 0, dev: hop.dev });
    }
  }
  return out.sort((a, b) => b.length - a.length);
};

/**
 * Answers through which link a gateway is reached, as fib_check_nh does: the longest on-link prefix, on the link asked
 * for where there is one. Remembers answers: a table of routes has few gateways.
 */
const createLookup = (view: FinalView): ((via: string, dev: string | undefined) => string | undefined) => {
  let connected: Connected[] | undefined;
  const known = new Map<string, string | undefined>();
  return (via, dev) => {
    const key = `${via} ${dev ?? ''}`;
    if (!known.has(key)) {
      connected ??= connectedOf(view);
      // every link with IPv6 reaches the link-local addresses behind it
      const found =
        isLinkLocal(via) && dev !== undefined
          ? dev
          : connected.find(
              (c) =>
                (dev === undefined || c.dev === dev) && !view.downLinks.has(c.dev) && prefixContains(c.prefix, via),
            )?.dev;
      known.set(key, found);
    }
    return known.get(key);
  };
};

/**
 * Whether a route that was there could be made again in the end state: its links, its gateways and its source are there.
 */
export const createRouteCheck = (view: FinalView): ((route: Route) => boolean) => {
  const lookup = createLookup(view);
  const local = new Set(view.addresses.map((a) => a.address));
  return (route) =>
    (route.src === undefined || local.has(route.src)) &&
    route.hops.every(
      ({ dev, via, onlink }) =>
        (dev === undefined || (view.links.has(dev) && !view.downLinks.has(dev))) &&
        (via === undefined || onlink === true || lookup(via, dev) !== undefined),
    );
};

/**
 * Fills in the link of every hop that names only a gateway, and refuses routes that the kernel would refuse in the end
 * state: a gateway nobody reaches, a link that will not exist or will be down, a gateway that is our own address.
 * @returns the routes in order, hops completed; those with a problem are left out (the problem is recorded)
 */
export const resolveRoutes = (
  routes: readonly Declared<Route>[],
  view: FinalView,
  problems: Problems,
): Declared<Route>[] => {
  const lookup = createLookup(view);
  const local = new Set(view.addresses.map((a) => a.address));
  const resolveHop = (declared: Declared<Route>, hop: RouteHop): RouteHop | undefined => {
    const { object, fields, source } = declared;
    const at = (field: string) => fields[field] ?? fields.hops ?? source;
    const name = () => ROUTE.describe(object);
    if (hop.dev !== undefined && !view.links.has(hop.dev)) {
      problems.error('NR_NO_LINK', `${name()}: link ${hop.dev} does not exist and is not declared`, at('dev'));
      return undefined;
    }
    if (hop.dev !== undefined && view.downLinks.has(hop.dev)) {
      problems.error(
        'NR_LINK_DOWN',
        `${name()}: link ${hop.dev} will be down, and the kernel takes no route through it`,
        at('dev'),
        `declare ${hop.dev} with state: up`,
      );
      return undefined;
    }
    if (hop.via === undefined) return hop;
    if (local.has(hop.via)) {
      problems.error('NR_UNREACHABLE_GATEWAY', `${name()}: gateway ${hop.via} is an address of this host`, at('via'));
      return undefined;
    }
    if (hop.onlink === true && hop.dev !== undefined) return hop;
    const dev = lookup(hop.via, hop.dev);
    if (dev !== undefined) return hop.dev === undefined ? { ...hop, dev } : hop;
    problems.error(
      'NR_UNREACHABLE_GATEWAY',
      `${name()}: gateway ${hop.via} is not reachable${hop.dev === undefined ? '' : ` through ${hop.dev}`} in the end state`,
      at('via'),
      hop.dev === undefined
        ? 'no address or on-link route of the end state covers it; name its link and say onlink: true if that is meant'
        : `give ${hop.dev} an address in its subnet, or say onlink: true`,
    );
    return undefined;
  };
  // the routes of a list share their hops, and what is true of one is true of all; what is wrong is told of each
  const resolved = new Map<readonly RouteHop[], readonly RouteHop[]>();
  const resolveHops = (declared: Declared<Route>): readonly RouteHop[] | undefined => {
    const { hops } = declared.object;
    const known = resolved.get(hops);
    if (known !== undefined) return known;
    const found = hops.map((hop) => resolveHop(declared, hop));
    if (found.includes(undefined)) return undefined;
    const complete = found.every((hop, i) => hop === hops[i]) ? hops : (found as RouteHop[]);
    resolved.set(hops, complete);
    return complete;
  };
  const out: Declared<Route>[] = [];
  for (const declared of routes) {
    const hops = declared.absent ? declared.object.hops : resolveHops(declared);
    if (hops === declared.object.hops) out.push(declared);
    else if (hops !== undefined) out.push({ ...declared, object: { ...declared.object, hops } });
  }
  return out;
};
