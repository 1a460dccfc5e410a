import type { Declared } from '../model/desired.ts';
import { prefixContains } from '../model/ip.ts';
import type { RouteSieve, TakeRoute } from '../model/kernel-port.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { ColumnBuilder } from '../model/prefix-columns.ts';
import type { Route } from '../model/route.ts';
import {
  formatInetPrefix,
  inetNumber,
  joinRoutes,
  type ListedRoutes,
  type PrefixColumns,
  type RouteList,
  sharePlace,
} from '../model/route-list.ts';
import type { State } from '../model/state.ts';
import { ListRows, occupiedRows, ROW, rowsTowards } from './list-rows.ts';
import type { Plan } from './plan-types.ts';

export interface SieveOptions {
  /** addresses: routes to them are needed whatever they are like; default none */
  readonly pins?: readonly string[];
  /** so many routes of ours that are not as a list wants them are needed, the others are put off; default all */
  readonly most?: number;
  /** routes of ours that no file names go */
  readonly prunes?: boolean;
}

/** What is to be made of lists. */
export interface Missing {
  readonly routes: readonly Declared<Route>[];
  /** how many more there are */
  readonly rest: number;
}

/** Routes of ours of one shape that a later pass changes or deletes. */
interface PutOff {
  readonly body: Omit<Route, 'to'>;
  readonly columns: ColumnBuilder;
}

/** A prefix as one number. */
const keyOf = (to: number, length: number): number => to * 64 + length;

/** Whether routes that are like this one can be put off: the kernel marks them as ours, and no gateway stands on them. */
const canBePutOff = ({ family, protocol, hops, nhid, expires }: Route): boolean =>
  family === 'inet' &&
  protocol === NETRECON_PROTOCOL &&
  nhid === undefined &&
  expires === undefined &&
  hops.every(({ via }) => via !== undefined);

/**
 * Takes the routes that are as a list of the files wants them out of a dump, so that neither side needs an object of them.
 * What is left of both sides is what they differ in, and all that is not of a list. Where that is too much at once, routes
 * of ours that are to change or to go are put off: taken as well, together with the rows that want their places.
 */
export class ListSieve implements RouteSieve {
  readonly #listed: ListedRoutes;
  readonly #lists: readonly ListRows[];
  readonly #named: ReadonlySet<number>;
  readonly #pins: readonly string[];
  readonly #most: number;
  readonly #prunes: boolean;
  #spare: number;
  #putOff: PutOff[] = [];

  constructor(listed: ListedRoutes, { pins = [], most = Number.POSITIVE_INFINITY, prunes = false }: SieveOptions = {}) {
    this.#listed = listed;
    this.#lists = listed.lists.map((list) => new ListRows(list));
    this.#named = new Set(
      listed.single.flatMap(({ object: { family, to } }) =>
        family === 'inet' ? keyOf(inetNumber(to), Number(to.slice(to.indexOf('/') + 1))) : [],
      ),
    );
    this.#pins = pins;
    this.#most = most;
    this.#prunes = prunes;
    this.#spare = most;
  }

  /** Routes that the last dump showed to be as they should. */
  get settled(): number {
    return this.#lists.reduce((sum, { settled }) => sum + settled, 0);
  }

  /** Routes that are there and are changed later. */
  get held(): number {
    return this.#lists.reduce((sum, { held }) => sum + held, 0);
  }

  /** Routes that are there and are deleted later. */
  get surplus(): number {
    return this.#putOff.reduce((sum, { columns }) => sum + columns.count, 0) - this.held;
  }

  /** Two routes share a place, and only one of them was put off: this sieve is too coarse for that. */
  get isMixed(): boolean {
    return this.#lists.some((list) => list.isMixed);
  }

  restart(): void {
    for (const list of this.#lists) list.restart();
    this.#putOff = [];
    this.#spare = this.#most;
  }

  takerOf(route: Route): TakeRoute | undefined {
    const takers = this.#lists.filter((list) => list.accepts(route));
    const putOff = this.#putterOff(route);
    if (takers.length === 0 && putOff === undefined) return undefined;
    const isPinned = this.#pinTest();
    return (to, length) =>
      !isPinned(to, length) && (takers.some((list) => list.settle(to, length)) || putOff?.(to, length) === true);
  }

  /**
   * The declared routes that the last dump did not show to be there, and that are in nobody's way.
   * @param observed - the rest of that dump
   * @param most - about how many routes of lists are wanted; those that something else is in the place of, or that lead to a
   * pin, are always among them, and otherwise they are taken from all over each list
   */
  missing(observed: State, most: number): Missing {
    const open = this.#lists.reduce((sum, list) => sum + list.open, 0);
    const stride = Math.max(1, Math.ceil(open / most));
    const chosen = this.#lists.map((rows) => rows.choose(stride, this.#special(rows.list, observed)));
    const routes = joinRoutes(this.#listed, (list, row) => chosen[list]?.[row] !== 1);
    return { routes, rest: open - (routes.length - this.#listed.single.length) };
  }

  /** The routes that `missing` told of and has still to tell of, as far as nothing else is in their place; none is made yet. */
  fresh(observed: State): readonly PrefixColumns[] {
    return this.#lists.map((rows) => rows.openColumns(occupiedRows(rows.list, observed)));
  }

  /** The routes that were put off. */
  old(): readonly { readonly body: Omit<Route, 'to'>; readonly columns: PrefixColumns }[] {
    return this.#putOff.flatMap(({ body, columns: builder }) => {
      const columns = builder.count === 0 ? undefined : builder.finish();
      return columns === undefined ? [] : { body, columns };
    });
  }

  /**
   * What the last dump showed of the n-th list.
   * @returns as many of the rows in that state as are wanted, as routes; `rest`: how many more there are
   */
  rowsOf(
    list: number,
    state: typeof ROW.OPEN | typeof ROW.SETTLED,
    most: number,
    isLeftOut: (route: Route) => boolean,
  ) {
    const rows = this.#lists[list] as ListRows;
    const routes = rows.routes(state, most, isLeftOut);
    return { routes, rest: (state === ROW.OPEN ? rows.open : rows.settled) - routes.length };
  }

  /** Whether what was left open of the routes that were taken is as the plan for the others has it. */
  isConfirmed(plan: Plan, observed: State): boolean {
    return this.#lists.every((list) => list.isConfirmed(plan, observed));
  }

  /** Tells two dumps apart: what was taken. */
  taken(): readonly Uint8Array[] {
    return [
      ...this.#lists.map(({ rows }) => rows.slice()),
      ...this.old().map(({ columns: { to } }) => new Uint8Array(to.buffer)),
    ];
  }

  #special(list: RouteList, observed: State): ReadonlySet<number> {
    const rows = occupiedRows(list, observed);
    for (const pin of this.#pins) for (const row of rowsTowards(list, pin)) rows.add(row);
    return rows;
  }

  /** Puts off routes like this one, once there have been enough; undefined where that cannot be. */
  #putterOff(route: Route): TakeRoute | undefined {
    if (this.#most === Number.POSITIVE_INFINITY || !canBePutOff(route)) return undefined;
    const { to: _, ...body } = route;
    const entry: PutOff = { body, columns: new ColumnBuilder() };
    this.#putOff.push(entry);
    const rivals = this.#lists.filter(({ list }) => sharePlace(list.body, body));
    return (to, length) => {
      if (this.#named.has(keyOf(to, length))) return false;
      const wanted = rivals.filter((list) => list.has(to, length));
      if (wanted.length === 0 ? !this.#prunes : !wanted.every((list) => list.isOpen(to, length))) return false;
      if (this.#spare > 0) {
        this.#spare--;
        return false;
      }
      for (const list of wanted) list.hold(to, length);
      entry.columns.add(to, length, 0);
      return true;
    };
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
