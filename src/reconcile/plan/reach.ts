import type { Address } from '../../model/address.ts';
import type { Declared, Source } from '../../model/desired.ts';
import { type Encap, encapDev } from '../../model/encap.ts';
import { isLinkLocal, shareNetwork } from '../../model/ip.ts';
import { ROUTE, type Route, type RouteHop } from '../../model/route.ts';
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
  /** an address of the network */
  readonly address: string;
  readonly length: number;
  readonly dev: string;
}

const connectedOf = (view: FinalView): Connected[] => {
  const out: Connected[] = [];
  for (const a of view.addresses) {
    if (a.noprefixroute === true) continue;
    out.push({ address: a.peer ?? a.address, length: a.prefixlen, dev: a.dev });
  }
  for (const route of view.onlinkRoutes) {
    const [address, length] = route.to.split('/') as [string, string];
    for (const hop of route.hops) {
      if (hop.dev === undefined || hop.via !== undefined) continue;
      out.push({ address, length: Number(length), dev: hop.dev });
    }
  }
  return out.sort((a, b) => b.length - a.length);
};

/**
 * Answers through which link a gateway is reached, as fib_check_nh does: the longest on-link prefix, on the link asked
 * for where there is one. Remembers answers: a table of routes has few gateways.
 */
export const createLookup = (view: FinalView): ((via: string, dev: string | undefined) => string | undefined) => {
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
                (dev === undefined || c.dev === dev) &&
                !view.downLinks.has(c.dev) &&
                shareNetwork(c.address, via, c.length),
            )?.dev;
      known.set(key, found);
    }
    return known.get(key);
  };
};

/** As much of a hop or a nexthop object as decides whether the kernel takes it. */
interface Way {
  readonly via?: string;
  readonly dev?: string;
  readonly onlink?: boolean;
  readonly encap?: Encap;
}

/** Whether a way that was there could be made again in the end state: its link and its gateway are there. */
export const createWayCheck = (view: FinalView): ((way: Way) => boolean) => {
  const lookup = createLookup(view);
  return ({ dev, via, onlink, encap }) =>
    encapDev(encap).every((one) => view.links.has(one)) &&
    (dev === undefined || (view.links.has(dev) && !view.downLinks.has(dev))) &&
    (via === undefined || onlink === true || lookup(via, dev) !== undefined);
};

/**
 * Whether a route that was there could be made again in the end state: its links, its gateways and its source are there.
 * @param hasNexthop - whether the end state has a nexthop object of that number
 */
export const createRouteCheck = (view: FinalView, hasNexthop: (id: number) => boolean): ((route: Route) => boolean) => {
  const canGo = createWayCheck(view);
  const local = new Set(view.addresses.map((a) => a.address));
  return ({ src, nhid, hops }) =>
    (src === undefined || local.has(src)) && (nhid === undefined || hasNexthop(nhid)) && hops.every(canGo);
};

/** What a problem is told of: the object, and the places of its fields. */
interface Subject {
  readonly name: string;
  readonly at: (field: 'dev' | 'via' | 'encap') => Source;
}

/**
 * Fills in the link of a way that names only a gateway, and refuses what the kernel would refuse in the end state: a gateway
 * nobody reaches, a link that will not exist or will be down, a gateway that is our own address.
 * @returns undefined where there is a problem; it is recorded
 */
export const createWayResolver = (view: FinalView, problems: Problems) => {
  const lookup = createLookup(view);
  const local = new Set(view.addresses.map((a) => a.address));
  return <W extends Way>(way: W, subject: () => Subject): W | undefined => {
    const lacking = way.encap === undefined ? undefined : encapDev(way.encap).find((dev) => !view.links.has(dev));
    if (lacking !== undefined) {
      const { name, at } = subject();
      problems.error('NR_NO_LINK', `${name}: link ${lacking} does not exist and is not declared`, at('encap'));
      return undefined;
    }
    if (way.dev !== undefined && !view.links.has(way.dev)) {
      const { name, at } = subject();
      problems.error('NR_NO_LINK', `${name}: link ${way.dev} does not exist and is not declared`, at('dev'));
      return undefined;
    }
    if (way.dev !== undefined && view.downLinks.has(way.dev)) {
      const { name, at } = subject();
      problems.error(
        'NR_LINK_DOWN',
        `${name}: link ${way.dev} will be down, and the kernel takes nothing through it`,
        at('dev'),
        `declare ${way.dev} with state: up`,
      );
      return undefined;
    }
    if (way.via === undefined) return way;
    if (local.has(way.via)) {
      const { name, at } = subject();
      problems.error('NR_UNREACHABLE_GATEWAY', `${name}: gateway ${way.via} is an address of this host`, at('via'));
      return undefined;
    }
    if (way.onlink === true && way.dev !== undefined) return way;
    const dev = lookup(way.via, way.dev);
    if (dev !== undefined) return way.dev === undefined ? { ...way, dev } : way;
    const { name, at } = subject();
    problems.error(
      'NR_UNREACHABLE_GATEWAY',
      `${name}: gateway ${way.via} is not reachable${way.dev === undefined ? '' : ` through ${way.dev}`} in the end state`,
      at('via'),
      way.dev === undefined
        ? 'no address or on-link route of the end state covers it; name its link and say onlink: true if that is meant'
        : `give ${way.dev} an address in its subnet, or say onlink: true`,
    );
    return undefined;
  };
};

/**
 * Resolves the ways of routes.
 * @returns the routes in order, hops completed; those with a problem are left out (the problem is recorded)
 */
export const resolveRoutes = (
  routes: readonly Declared<Route>[],
  view: FinalView,
  problems: Problems,
): Declared<Route>[] => {
  const resolveWay = createWayResolver(view, problems);
  // the routes of a list share their hops, and what is true of one is true of all; what is wrong is told of each
  const resolved = new Map<readonly RouteHop[], readonly RouteHop[]>();
  const resolveHops = ({ object, fields, source }: Declared<Route>): readonly RouteHop[] | undefined => {
    const { hops } = object;
    const known = resolved.get(hops);
    if (known !== undefined) return known;
    const subject = (): Subject => ({
      name: ROUTE.describe(object),
      at: (field) => fields[field] ?? fields.hops ?? source,
    });
    const found = hops.map((hop) => resolveWay(hop, subject));
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
