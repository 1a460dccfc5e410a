import type { Declared } from '../model/desired.ts';
import { familyOf, networkOf, prefixContains } from '../model/ip.ts';
import type { RouteSieve, TakeRoute } from '../model/kernel-port.ts';
import { ROUTE, type Route, type RouteHop } from '../model/route.ts';
import {
  findPrefix,
  formatInetPrefix,
  inetNumber,
  joinRoutes,
  type ListedRoutes,
  type PrefixColumns,
  type RouteList,
  rowOf,
  sharePlace,
} from '../model/route-list.ts';
import type { State } from '../model/state.ts';
import { compare } from './compare.ts';
import type { Plan } from './plan-types.ts';

/** Whether a route is as a list wants it, if the list names its destination; the link is the route's where the list says none. */
const isAsListed = ({ body }: RouteList, route: Route): boolean => {
  const hops = body.hops.map((hop, i) => (hop.dev === undefined ? withDev(hop, route.hops[i]?.dev) : hop));
  const wanted: Route = { ...body, hops, to: route.to };
  return ROUTE.slot(wanted) === ROUTE.slot(route) && compare('route', wanted, route, 'declared').length === 0;
};

const withDev = (hop: RouteHop, dev: string | undefined): RouteHop => (dev === undefined ? hop : { ...hop, dev });

/** Rows that something else is in the place of. */
const occupiedRows = (list: RouteList, { route: routes }: State): Set<number> => {
  const rows = new Set<number>();
  for (const route of routes) {
    const row = sharePlace(list.body, route) ? rowOf(list, route) : -1;
    if (row >= 0) rows.add(row);
  }
  return rows;
};

/** Rows whose prefix an address is in. */
const rowsTowards = (list: RouteList, address: string): readonly number[] => {
  const rows: number[] = [];
  for (let length = 0; length <= 32 && familyOf(address) === 'inet'; length++) {
    const row = findPrefix(list, inetNumber(networkOf(address, length)), length);
    if (row >= 0) rows.push(row);
  }
  return rows;
};

/** The rows of one list that a dump has shown to be as they should. */
class SettledRows {
  readonly list: RouteList;
  readonly rows: Uint8Array;
  /**
   * Where the list leaves the link of its gateway open, only a plan tells which it is: of one row, which is never settled and
   * goes through it for all of them.
   */
  readonly witness: number | undefined;
  /** link of the rows that are settled, where the list leaves it open */
  dev: string | undefined;
  count = 0;
  /** the row that the next route of a dump is compared with first */
  #next = 0;

  constructor(list: RouteList) {
    this.list = list;
    this.rows = new Uint8Array(list.to.length);
    this.witness = list.body.hops.some(({ dev }) => dev === undefined) ? 0 : undefined;
  }

  restart(): void {
    this.rows.fill(0);
    this.count = 0;
    this.#next = 0;
    this.dev = undefined;
  }

  /** Whether rows that are like this route may be settled. */
  accepts(route: Route): boolean {
    if (!isAsListed(this.list, route)) return false;
    const dev = route.hops[0]?.dev;
    if (this.witness !== undefined && this.dev !== undefined) return this.dev === dev;
    this.dev = dev;
    return true;
  }

  /** A route that was there already is another entry in the same place, and not taken. */
  settle(to: number, length: number): boolean {
    const row = findPrefix(this.list, to, length, this.#next);
    this.#next = row < 0 ? -1 - row : row + 1;
    if (row < 0 || row === this.witness || this.rows[row] === 1) return false;
    this.rows[row] = 1;
    this.count++;
    return true;
  }

  /** Marks the rows that are not settled: the witness, those that are special, and of the others every so-manieth. */
  choose(stride: number, special: ReadonlySet<number>): Uint8Array {
    const chosen = new Uint8Array(this.rows.length);
    let others = 0;
    for (let row = 0; row < chosen.length; row++) {
      if (this.rows[row] === 1) continue;
      if (row === this.witness || special.has(row) || others++ % stride === 0) chosen[row] = 1;
    }
    return chosen;
  }

  /** The rows that are settled, or are not, without some. */
  columns(settled: boolean, without: ReadonlySet<number>): PrefixColumns {
    const { to, length, line } = this.list;
    const keep = (_: number, row: number) => (this.rows[row] === 1) === settled && !without.has(row);
    return { to: to.filter(keep), length: length.filter(keep), line: line.filter(keep) };
  }

  /** Whether a plan and what it starts from show that the settled rows have the link that they should have. */
  isConfirmed(plan: Plan, observed: State): boolean {
    const { list, witness, dev, count } = this;
    if (witness === undefined || count === 0) return true;
    const to = formatInetPrefix(list.to[witness] as number, list.length[witness] as number);
    const slot = ROUTE.slot({ ...list.body, to });
    const holdsPlace = (route: Route): boolean => route.to === to && ROUTE.slot(route) === slot;
    const routes = plan.steps.flatMap(({ op }) => (op.kind === 'route' && op.action !== 'delete' ? op.object : []));
    const asPlanned = routes.find(holdsPlace) ?? observed.route.find(holdsPlace);
    return asPlanned?.hops[0]?.dev === dev;
  }
}

/** What is to be made of lists. */
export interface Missing {
  readonly routes: readonly Declared<Route>[];
  /** how many more there are */
  readonly rest: number;
}

/**
 * Takes the routes that are as a list of the files wants them out of a dump, so that neither side needs an object of them.
 * What is left of both sides is what they differ in, and all that is not of a list.
 */
export class ListSieve implements RouteSieve {
  readonly #listed: ListedRoutes;
  readonly #settled: readonly SettledRows[];
  readonly #pins: readonly string[];

  /** @param pins - addresses: routes to them are needed whatever they are like */
  constructor(listed: ListedRoutes, pins: readonly string[]) {
    this.#listed = listed;
    this.#settled = listed.lists.map((list) => new SettledRows(list));
    this.#pins = pins;
  }

  /** Routes taken out of the last dump. */
  get count(): number {
    return this.#settled.reduce((sum, { count }) => sum + count, 0);
  }

  restart(): void {
    for (const settled of this.#settled) settled.restart();
  }

  takerOf(route: Route): TakeRoute | undefined {
    const takers = this.#settled.filter((settled) => settled.accepts(route));
    if (takers.length === 0) return undefined;
    const isPinned = this.#pinTest();
    return (to, length) => !isPinned(to, length) && takers.some((settled) => settled.settle(to, length));
  }

  /**
   * The declared routes that the last dump did not show to be there.
   * @param observed - the rest of that dump
   * @param most - about how many routes of lists are wanted; those that something else is in the place of, or that lead to a
   * pin, are always among them, and otherwise they are taken from all over each list
   */
  missing(observed: State, most: number): Missing {
    const open = this.#settled.reduce((sum, { list, count }) => sum + list.to.length - count, 0);
    const stride = Math.max(1, Math.ceil(open / most));
    const chosen = this.#settled.map((settled) => settled.choose(stride, this.#special(settled.list, observed)));
    const routes = joinRoutes(this.#listed, (list, row) => chosen[list]?.[row] !== 1);
    return { routes, rest: open - (routes.length - this.#listed.single.length) };
  }

  /** The routes that `missing` told of and has still to tell of, as far as nothing else is in their place; none is made yet. */
  fresh(observed: State): readonly PrefixColumns[] {
    return this.#settled.map((settled) => settled.columns(false, occupiedRows(settled.list, observed)));
  }

  /** Routes that were taken out of the last dump, at most so many. */
  taken(most: number, isLeftOut: (route: Route) => boolean): readonly Route[] {
    const routes: Route[] = [];
    for (const { list, rows } of this.#settled) {
      for (let row = 0; row < rows.length && routes.length < most; row++) {
        if (rows[row] !== 1) continue;
        const to = formatInetPrefix(list.to[row] as number, list.length[row] as number);
        const route = { ...list.body, to };
        if (!isLeftOut(route)) routes.push(route);
      }
    }
    return routes;
  }

  #special(list: RouteList, observed: State): ReadonlySet<number> {
    const rows = occupiedRows(list, observed);
    for (const pin of this.#pins) for (const row of rowsTowards(list, pin)) rows.add(row);
    return rows;
  }

  /** Whether what was left open of the routes that were taken is as the plan for the others has it. */
  isConfirmed(plan: Plan, observed: State): boolean {
    return this.#settled.every((settled) => settled.isConfirmed(plan, observed));
  }

  /** Tells two dumps apart: which rows were taken, list by list. */
  rows(): readonly Uint8Array[] {
    return this.#settled.map(({ rows }) => rows.slice());
  }

  #pinTest(): (to: number, length: number) => boolean {
    const pins = this.#pins;
    if (pins.length === 0) return () => false;
    return (to, length) => {
      const prefix = formatInetPrefix(to, length);
      return pins.some((pin) => prefixContains(prefix, pin));
    };
  }
}
