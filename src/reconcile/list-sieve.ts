import type { Declared } from '../model/desired.ts';
import { prefixContains } from '../model/ip.ts';
import type { RouteSieve, TakeRoute } from '../model/kernel-port.ts';
import { ROUTE, type Route } from '../model/route.ts';
import { findPrefix, formatInetPrefix, joinRoutes, type ListedRoutes, type RouteList } from '../model/route-list.ts';
import { compare } from './compare.ts';

/** Whether a route is as a list wants it, if the list names its destination. */
const isAsListed = ({ body }: RouteList, route: Route): boolean => {
  const wanted: Route = { ...body, to: route.to };
  return ROUTE.slot(wanted) === ROUTE.slot(route) && compare('route', wanted, route, 'declared').length === 0;
};

/** The rows of one list that a dump has shown to be as they should. */
class SettledRows {
  readonly list: RouteList;
  readonly rows: Uint8Array;
  count = 0;
  /** the row that the next route of a dump is compared with first */
  #next = 0;

  constructor(list: RouteList) {
    this.list = list;
    this.rows = new Uint8Array(list.to.length);
  }

  restart(): void {
    this.rows.fill(0);
    this.count = 0;
    this.#next = 0;
  }

  /** A route that was there already is another entry in the same place, and not taken. */
  settle(to: number, length: number): boolean {
    const row = findPrefix(this.list, to, length, this.#next);
    this.#next = row < 0 ? -1 - row : row + 1;
    if (row < 0 || this.rows[row] === 1) return false;
    this.rows[row] = 1;
    this.count++;
    return true;
  }
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
    const takers = this.#settled.filter(({ list }) => isAsListed(list, route));
    if (takers.length === 0) return undefined;
    const isPinned = this.#pinTest();
    return (to, length) => !isPinned(to, length) && takers.some((settled) => settled.settle(to, length));
  }

  /** The declared routes that the last dump did not show to be there. */
  missing(): readonly Declared<Route>[] {
    return joinRoutes(this.#listed, (list, row) => this.#settled[list]?.rows[row] === 1);
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
