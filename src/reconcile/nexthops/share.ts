import type { Declared, Desired } from '../../model/desired.ts';
import { singleObjects } from '../../model/desired.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import type { Route, RouteHop } from '../../model/route.ts';
import { joinRoutes, type ListedRoutes, type RouteList } from '../../model/route-list.ts';
import type { State } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { viewOfEnd } from '../plan/goal-desired.ts';
import { chooseMoves, countUsers, guessMoves, type ListedUsers } from './moves.ts';
import {
  findUnmatched,
  type Inventory,
  type Numbers,
  numberWays,
  type Part,
  takeInventory,
  type Unmatched,
} from './numbers.ts';
import { findWays, type SharedWay, type WayUse } from './ways.ts';

/** The kinds that tell which ways can be objects, and which numbers are free. */
export const SHARING_KINDS = ['link', 'address', 'nexthop'] as const;

/** As much of a state as tells that. */
export type SharingView = Pick<State, (typeof SHARING_KINDS)[number]>;

export interface SharingOptions {
  /** keys of ways that go by themselves whatever else is true of them; default: none */
  readonly barred?: ReadonlySet<string>;
  /** KernelPort.hasNexthops; default true */
  readonly hasNexthops?: boolean;
}

/** The files with the objects that they leave to netrecon. */
export interface Shared {
  /** names nothing that is left to choose */
  readonly desired: Desired;
  /** what was chosen, as plain data: equal for two that are the same */
  readonly numbers: Numbers;
  /** see WayUse */
  readonly unusable: ReadonlySet<string>;
}

const NO_HOPS: readonly RouteHop[] = [];

const byNumber = <T extends Omit<Route, 'to'>>(route: T, nhid: number): T => ({ ...route, hops: NO_HOPS, nhid });

const declare = ({ object, way: { source, fields } }: Part): Declared<Nexthop> => ({
  object,
  absent: false,
  adopt: false,
  source: fields.via ?? fields.hops ?? source,
  fields: Object.fromEntries(
    Object.entries(fields).filter(([name]) => ['via', 'dev', 'onlink', 'encap'].includes(name)),
  ),
  shared: true,
});

/** Lets routes go by the objects of their ways. */
const withNumbers = (desired: Desired, { ofSingle, ofList }: WayUse, parts: ReadonlyMap<string, Part>): Desired => {
  const { nexthopObjects: _, listed, objects, ...rest } = desired;
  const numberOf = (way: SharedWay | undefined): number | undefined =>
    way === undefined ? undefined : parts.get(way.key)?.object.id;
  const single = singleObjects(desired, 'route').map((declared, i): Declared<Route> => {
    const nhid = numberOf(ofSingle[i]);
    return nhid === undefined ? declared : { ...declared, object: byNumber(declared.object, nhid) };
  });
  const { link, address, nexthop: named, mpls, rule, neighbor } = objects;
  const nexthop = parts.size === 0 ? named : [...named, ...Array.from(parts.values(), declare)];
  const others = { link, address, nexthop, mpls, rule, neighbor };
  if (listed === undefined) return { ...rest, objects: { ...others, route: single } };
  const lists = listed.lists.map((list, i): RouteList => {
    const nhid = numberOf(ofList[i]);
    return nhid === undefined ? list : { ...list, body: byNumber(list.body, nhid) };
  });
  const shared: ListedRoutes = { single, lists };
  let all: readonly Declared<Route>[] | undefined;
  return {
    ...rest,
    listed: shared,
    objects: {
      ...others,
      get route() {
        all ??= joinRoutes(shared);
        return all;
      },
    },
  };
};

/**
 * The choice of nexthop objects for files that leave it to netrecon (`nexthop_objects: auto`): which routes share a way,
 * whether the kernel takes an object for it as things are, and which number it has. A function of the files and of what is
 * observed, and of nothing else: what was chosen once is chosen again.
 */
export class Sharing {
  readonly #desired: Desired;
  readonly #uses: WayUse;
  readonly #inventory: Inventory;
  readonly #unmatched: Unmatched;

  constructor(desired: Desired, { link, address, nexthop }: SharingView, options: SharingOptions = {}) {
    const { barred = new Set(), hasNexthops = true } = options;
    this.#desired = desired;
    const view = viewOfEnd(desired, { link, address });
    this.#uses = findWays(desired, hasNexthops ? link : [], view, barred);
    this.#inventory = takeInventory(desired, nexthop);
    const { ways } = this.#uses;
    this.#unmatched = findUnmatched(ways, numberWays(ways, this.#inventory, new Map()), this.#inventory);
  }

  /** Whether routes share a way that could be an object. */
  get isWanted(): boolean {
    return this.#uses.ways.length > 0;
  }

  /** What is most likely right; it certainly is where there is nothing to move. */
  guess(): Shared {
    return this.#with(guessMoves(this.#unmatched, this.#inventory));
  }

  /**
   * What is right. An object becomes another way in its place only where all routes that go by it are to go that way: a
   * single operation then leads them all there, and nobody else elsewhere.
   * @param routes - all that are observed
   * @param listed - those that a sieve took out of them
   */
  settle(routes: readonly Route[], listed: Iterable<ListedUsers> = []): Shared {
    const { ways, objects } = this.#unmatched;
    if (ways.length === 0 || objects.length === 0) return this.#with(new Map());
    const users = countUsers(this.#desired, this.#uses, this.#unmatched, routes, listed);
    return this.#with(chooseMoves(this.#unmatched, this.#inventory, users));
  }

  /** Whether only a look at the routes tells what is right. */
  get isOpen(): boolean {
    return guessMoves(this.#unmatched, this.#inventory).size > 0;
  }

  #with(moves: Numbers): Shared {
    const parts = numberWays(this.#uses.ways, this.#inventory, moves);
    return {
      desired: withNumbers(this.#desired, this.#uses, parts),
      numbers: new Map(Array.from(parts, ([key, { object }]) => [key, object.id])),
      unusable: this.#uses.unusable,
    };
  }
}

export const isSameChoice = (a: Numbers, b: Numbers): boolean => sameValue([...a], [...b]);

/**
 * The files with the nexthop objects that they leave to netrecon, for a state that is known as a whole. Pure.
 * @returns the files themselves where they leave nothing open
 */
export const shareNexthops = (desired: Desired, observed: State, options: SharingOptions = {}): Desired =>
  desired.nexthopObjects === undefined
    ? desired
    : new Sharing(desired, observed, options).settle(observed.route).desired;
