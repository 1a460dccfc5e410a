import { type Declared, type Desired, type Source, singleObjects } from '../../model/desired.ts';
import { encapKey } from '../../model/encap.ts';
import { familyOf } from '../../model/ip.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import type { Link } from '../../model/link.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import { countRows, formatPrefixAt } from '../../model/prefix-columns.ts';
import type { Route, RouteHop } from '../../model/route.ts';
import { placesAt, type RouteList } from '../../model/route-list.ts';
import { createLookup, type FinalView } from '../plan/reach.ts';

/**
 * So many routes of one way share an object. Fewer are changed in less time than a reader takes to learn what the number
 * means; and what counts is the routes, not whether they are written one by one or as a list.
 */
const SHARED_FROM = 64;

/** One gateway, as a nexthop object has it. */
export interface Gateway {
  readonly key: string;
  readonly body: Omit<Nexthop, 'id' | 'protocol'>;
  readonly weight: number;
}

/** What enough routes share: one gateway, or the same several. */
export interface SharedWay {
  /** equal for ways that are the same */
  readonly key: string;
  readonly gateways: readonly Gateway[];
  /** of the first route that goes this way */
  readonly source: Source;
  readonly fields: Declared<unknown>['fields'];
}

/** Which of the declared routes share what. */
export interface WayUse {
  readonly ways: readonly SharedWay[];
  /** of each route that the files name one by one, its way; undefined: it goes by itself */
  readonly ofSingle: readonly (SharedWay | undefined)[];
  /** the same of lists */
  readonly ofList: readonly (SharedWay | undefined)[];
  /** keys of ways that enough routes share, and that the kernel takes no object for as things are */
  readonly unusable: ReadonlySet<string>;
}

/**
 * Whether a route loses nothing by naming an object instead of its ways: it goes through gateways, which the object has as
 * well. The kernel refuses an object to routes with a source prefix (ip6_route_info_create) and takes no notice of a realm;
 * those without a gateway stay as they are, since gateways may stand on them.
 */
const canShare = ({ type, protocol, family, scope, from, nhid, realm, expires, hops }: Omit<Route, 'to'>): boolean =>
  type === 'unicast' &&
  protocol === NETRECON_PROTOCOL &&
  (family === 'inet6' || scope === 0) &&
  from === undefined &&
  nhid === undefined &&
  realm === undefined &&
  expires === undefined &&
  hops.length > 0 &&
  hops.every((hop) => hop.via !== undefined && hop.realm === undefined && hop.raw === undefined);

/** Links that nexthop objects can be on: nexthop.c nh_check_config refuses one that is down, or has no carrier. */
const readyLinks = (links: readonly Link[], { links: final, downLinks }: FinalView): ReadonlySet<string> =>
  new Set(
    links.flatMap(({ name, state, carrier }) =>
      state === 'up' && carrier === true && final.has(name) && !downLinks.has(name) ? [name] : [],
    ),
  );

/** @returns undefined where nobody can tell by which link the gateway is reached */
const gatewayOf = (hop: RouteHop, linkOf: ReturnType<typeof createLookup>): Gateway | undefined => {
  const { via, onlink, encap, weight } = hop;
  if (via === undefined) return undefined;
  const dev = onlink === true ? hop.dev : linkOf(via, hop.dev);
  if (dev === undefined) return undefined;
  const body = {
    family: familyOf(via),
    via,
    dev,
    ...(onlink === true ? { onlink } : {}),
    ...(encap === undefined ? {} : { encap }),
  };
  return { key: `${via} ${dev} ${onlink === true ? 'onlink' : ''} ${encapKey(encap)}`, body, weight };
};

/** @returns undefined where the hops cannot be one object: the kernel has no member twice in a group */
const gatewaysOf = (hops: readonly RouteHop[], linkOf: ReturnType<typeof createLookup>): Gateway[] | undefined => {
  const gateways = hops.flatMap((hop) => gatewayOf(hop, linkOf) ?? []);
  const isWhole = gateways.length === hops.length && new Set(gateways.map(({ key }) => key)).size === hops.length;
  return isWhole ? gateways : undefined;
};

const keyOf = (gateways: readonly Gateway[]): string =>
  gateways.length === 1
    ? (gateways[0] as Gateway).key
    : gateways
        .map(({ key, weight }) => `${key} ${weight}`)
        .sort()
        .join(', ');

/** Where the first route of a list stands in its file. */
const firstPlace = (list: RouteList): Pick<SharedWay, 'source' | 'fields'> => {
  const { line } = list;
  let first = 0;
  for (let row = 1; row < line.length; row++) if ((line[row] as number) < (line[first] as number)) first = row;
  return placesAt(list, line[first] as number, formatPrefixAt(list, first).length);
};

/** Ways while they are counted. */
class Ways {
  readonly #linkOf: ReturnType<typeof createLookup>;
  /** routes of a list, and most of those that are read one after the other, share their hops */
  readonly #known = new Map<readonly RouteHop[], SharedWay | undefined>();
  readonly #byKey = new Map<string, SharedWay>();
  readonly #counts = new Map<SharedWay, number>();

  constructor(view: FinalView) {
    this.#linkOf = createLookup(view);
  }

  count(body: Omit<Route, 'to'>, routes: number, place: () => Pick<SharedWay, 'source' | 'fields'>) {
    if (!canShare(body)) return undefined;
    const way = this.#known.has(body.hops) ? this.#known.get(body.hops) : this.#find(body.hops, place);
    this.#known.set(body.hops, way);
    if (way !== undefined) this.#counts.set(way, (this.#counts.get(way) ?? 0) + routes);
    return way;
  }

  /** Those that enough routes go, in the order of the files. */
  shared(): readonly SharedWay[] {
    return [...this.#counts].flatMap(([way, routes]) => (routes < SHARED_FROM ? [] : way));
  }

  #find(hops: readonly RouteHop[], place: () => Pick<SharedWay, 'source' | 'fields'>): SharedWay | undefined {
    const gateways = gatewaysOf(hops, this.#linkOf);
    if (gateways === undefined) return undefined;
    const key = keyOf(gateways);
    const way = this.#byKey.get(key) ?? { key, gateways, ...place() };
    this.#byKey.set(key, way);
    return way;
  }
}

/**
 * Finds what the declared routes share. Pure.
 * @param links - as they are
 * @param view - the end state: who is reached by which link
 * @param barred - keys of ways that are not to be shared
 */
export const findWays = (
  desired: Desired,
  links: readonly Link[],
  view: FinalView,
  barred: ReadonlySet<string>,
): WayUse => {
  const counted = new Ways(view);
  const singles: (SharedWay | undefined)[] = [];
  const lists: (SharedWay | undefined)[] = [];
  const single = singleObjects(desired, 'route');
  const countSingles = (end: number): void => {
    for (const { object, absent, source, fields } of single.slice(singles.length, end))
      singles.push(absent ? undefined : counted.count(object, 1, () => ({ source, fields })));
  };
  // in the order of the files: whose way it is first, its object names as the reason
  for (const list of desired.listed?.lists ?? []) {
    countSingles(list.at);
    lists.push(counted.count(list.body, countRows(list), () => firstPlace(list)));
  }
  countSingles(single.length);
  const shared = counted.shared();
  const ready = readyLinks(links, view);
  const isUsable = ({ key, gateways }: SharedWay): boolean =>
    !barred.has(key) && gateways.every(({ body: { dev } }) => dev !== undefined && ready.has(dev));
  const ways = shared.filter(isUsable);
  const usable = new Set(ways);
  const ifUsable = (way: SharedWay | undefined): SharedWay | undefined =>
    way !== undefined && usable.has(way) ? way : undefined;
  return {
    ways,
    ofSingle: singles.map(ifUsable),
    ofList: lists.map(ifUsable),
    unusable: new Set(shared.flatMap((way) => (usable.has(way) ? [] : way.key))),
  };
};
