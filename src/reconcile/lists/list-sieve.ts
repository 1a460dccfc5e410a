import type { Declared } from '../../model/desired.ts';
import type { Family } from '../../model/ip.ts';
import type { LastingSieve, TakeRoute } from '../../model/kernel-port.ts';
import {
  containsAddress,
  countRows,
  filterColumns,
  findPrefix,
  formatPrefixAt,
  type PrefixColumns,
  type PrefixRows,
  rowsOfAddress,
  rowsOfPrefix,
} from '../../model/prefix-columns.ts';
import { PrefixSet } from '../../model/prefix-set.ts';
import type { Route } from '../../model/route.ts';
import {
  findListed,
  joinRoutes,
  type ListedRoutes,
  type RouteList,
  rowOf,
  sharePlace,
} from '../../model/route-list.ts';
import type { State } from '../../model/state.ts';
import type { ListedUsers } from '../nexthops/moves.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { Bystanders } from './bystanders.ts';
import { type BulkPart, isOfShape } from './list-bulks.ts';
import { createRowsTowards, ListRows, occupiedRows, ROW } from './list-rows.ts';
import { PutOff } from './put-off.ts';
import { firstRow } from './thin-lists.ts';

export interface SieveOptions {
  /** addresses: routes to them are needed whatever they are like; default none */
  readonly pins?: readonly string[];
  /** so many routes of ours that are not as a list wants them are needed, the others are put off; default all */
  readonly most?: number;
  /** so many of each sort at least; default 1 */
  readonly sample?: number;
  /** routes of ours that no file names go */
  readonly prunes?: boolean;
}

/** What is to be made of lists. */
export interface Missing {
  readonly routes: readonly Declared<Route>[];
  /** how many more there are */
  readonly rest: number;
}

/** The row in whose place a route is, less than 0 where it is in none. */
const placeOf = (body: Omit<Route, 'to'>, columns: PrefixColumns, route: Route): number =>
  sharePlace(body, route) ? rowOf(columns, route) : -1;

/**
 * Takes the routes that are as a list of the files wants them out of a dump, so that neither side needs an object of them.
 * What is left of both sides is what they differ in, and all that is not of a list. Where that is too much at once, routes
 * of ours that are to change or to go are put off: taken as well, together with the rows that want their places.
 */
export class ListSieve implements LastingSieve {
  readonly #listed: ListedRoutes;
  readonly #lists: readonly ListRows[];
  readonly #named: PrefixSet;
  readonly #pins: readonly string[];
  /** the same as rows */
  readonly #pinned: readonly PrefixRows[];
  readonly #prunes: boolean;
  readonly #putOff: PutOff;
  /** by list, routes that rows may have been settled by, one of each sort */
  readonly #likes = new Map<ListRows, Route[]>();
  /** prefixes at which several routes share a place */
  readonly #together = new PrefixSet();
  /** by list, the rows that `missing` told of */
  #chosen: readonly (readonly number[])[] = [];
  /** rules have changed since the last dump */
  #isOutdated = false;

  constructor(listed: ListedRoutes, options: SieveOptions = {}) {
    const { pins = [], most = Number.POSITIVE_INFINITY, sample = 1, prunes = false } = options;
    this.#listed = listed;
    this.#lists = listed.lists.map((list) => new ListRows(list));
    this.#named = new PrefixSet(listed.single.map(({ object }) => object.to));
    this.#pins = pins;
    this.#pinned = pins.map(rowsOfAddress);
    this.#prunes = prunes;
    this.#putOff = new PutOff(most, sample);
  }

  /** Routes that the last dump showed to be as they should. */
  get settled(): number {
    return this.#lists.reduce((sum, { settled }) => sum + settled, 0);
  }

  /** Routes that it did not show to be so. */
  get open(): number {
    return this.#lists.reduce((sum, { open }) => sum + open, 0);
  }

  /** Routes that are there and are changed later. */
  get held(): number {
    return this.#lists.reduce((sum, { held }) => sum + held, 0);
  }

  /** Routes that are there and are deleted later. */
  get surplus(): number {
    return this.#putOff.count - this.held;
  }

  /**
   * Routes that share a place belong into one plan. Where only some of them were taken, the next dump leaves all of them.
   * @param observed - the rest of the last dump
   * @returns whether there are such: then another dump is needed
   */
  separate(observed: State): boolean {
    const known = this.#together.size;
    const old = this.old();
    for (const route of observed.route) {
      const isShared =
        this.#lists.some(({ list, rows }) => (rows[placeOf(list.body, list, route)] ?? ROW.OPEN) !== ROW.OPEN) ||
        old.some(({ body, columns }) => placeOf(body, columns, route) >= 0);
      if (isShared) this.#together.add(route.to);
    }
    for (const prefix of this.#putOff.clashes()) this.#together.add(prefix);
    this.#isOutdated ||= this.#together.size > known;
    return this.#together.size > known;
  }

  /**
   * Of routes that were put off, the next dump leaves the first of each sort that the files name: it tells where the others
   * belong in a plan.
   * @returns whether there are such: then another dump is needed
   */
  keepFirst(): boolean {
    const known = this.#together.size;
    for (const { columns, list, keptFrom } of this.old()) {
      const first = firstRow(columns);
      if (list !== undefined && (columns.line[first] as number) < keptFrom)
        this.#together.add(formatPrefixAt(columns, first));
    }
    this.#isOutdated ||= this.#together.size > known;
    return this.#together.size > known;
  }

  /** From the next dump on, so many routes of ours are not put off. */
  widen(most: number): void {
    this.#putOff.most = most;
    this.#isOutdated = true;
  }

  get isCurrent(): boolean {
    return !this.#isOutdated && this.#putOff.count === 0;
  }

  get count(): number {
    return this.settled + this.#putOff.count;
  }

  take(route: Route): boolean {
    const to = rowsOfPrefix(route.to);
    if (this.#together.has(to) || this.#pinTest()(to)) return false;
    const taker = this.#lists.find((list) => list.accepts(route) && list.settle(to));
    if (taker !== undefined) this.#note(taker, route);
    return taker !== undefined;
  }

  heldAt(route: Route): Omit<Route, 'to'> | undefined {
    const to = rowsOfPrefix(route.to);
    return this.#lists.find((rows) => sharePlace(rows.list.body, route) && rows.isSettled(to))?.list.body;
  }

  release(route: Route): void {
    const to = rowsOfPrefix(route.to);
    for (const rows of this.#lists) if (sharePlace(rows.list.body, route) && rows.isSettled(to)) rows.reopen(to);
  }

  restart(family: Family): void {
    this.#isOutdated = false;
    for (const rows of this.#lists) {
      if (rows.list.body.family !== family) continue;
      rows.restart();
      this.#likes.delete(rows);
    }
    this.#putOff.restart(family);
  }

  takerOf(route: Route): TakeRoute | undefined {
    const takers = this.#lists.filter((list) => list.accepts(route));
    const putOff = this.#putOff.takerOf(route, {
      lists: this.#lists,
      isNamed: (to) => this.#named.has(to),
      prunes: this.#prunes,
    });
    if (takers.length === 0 && putOff === undefined) return undefined;
    for (const rows of takers) this.#note(rows, route);
    const isPinned = this.#pinTest();
    return (to) =>
      !isPinned(to) && !this.#together.has(to) && (takers.some((list) => list.settle(to)) || putOff?.(to) === true);
  }

  /** Of the settled routes, one of each sort. @returns undefined where fewer are settled than there are sorts */
  bystanders(): Bystanders | undefined {
    const observed: Route[] = [];
    for (const rows of this.#lists) {
      const likes = this.#likes.get(rows) ?? [];
      const settled = rows.firstSettled(likes.length);
      if (rows.settled > 0 && settled.length < likes.length) return undefined;
      for (const [i, to] of settled.entries()) observed.push({ ...(likes[i] as Route), to });
    }
    const declared = observed.flatMap((route) => findListed(this.#listed, route) ?? []);
    return { observed, declared };
  }

  /** Remembers the settled routes of the lists of which all are of one sort. @returns them, complete */
  standing(): () => readonly RouteList[] {
    const known = this.#lists.flatMap((rows) => {
      const [like, another] = this.#likes.get(rows) ?? [];
      if (like === undefined || another !== undefined || rows.settled === 0) return [];
      const { to: _, ...body } = like;
      return { list: rows.list, columns: rows.rememberSettled(), body };
    });
    return () => known.map(({ list, columns, body }) => ({ ...list, ...columns(), body }));
  }

  /**
   * The declared routes that the last dump did not show to be there, and that are in nobody's way.
   * @param observed - the rest of that dump
   * @param most - about how many routes of lists are wanted; those that something else is in the place of, or that lead to a
   * pin, are always among them
   * @param from - `everywhere`: they are taken from all over the lists; `start`: so many are taken of each list, the first
   */
  missing(observed: State, most: number, from: 'everywhere' | 'start'): Missing {
    const { open } = this;
    const stride = Math.max(1, Math.ceil(open / most));
    const rowsTowards = createRowsTowards(this.#pins);
    this.#chosen = this.#lists.map((rows) => {
      const special = occupiedRows(rows.list, observed, rowsTowards(rows.list));
      return from === 'start' ? rows.chooseFirst(most, special) : rows.chooseSpread(stride, special);
    });
    const routes = joinRoutes(this.#listed, this.#chosen);
    return { routes, rest: open - (routes.length - this.#listed.single.length) };
  }

  /** The routes that `missing` told of and has still to tell of, as far as nothing else is in their place; none is made yet. */
  fresh(observed: State): readonly PrefixColumns[] {
    return this.#lists.map((rows) => {
      const occupied = occupiedRows(rows.list, observed);
      return rows.openColumns((row) => occupied.has(row));
    });
  }

  /** The routes that were put off, and the lists that want something else in their places. */
  old(): ReturnType<PutOff['routes']> {
    return this.#putOff.routes();
  }

  /**
   * What is left to do beside `missing`, as far as every route of it stands for itself: nothing else is in its place, and no
   * gateway is behind it.
   * @param gateways - of the routes that are made meanwhile
   */
  parts(observed: State, gateways: Iterable<string>): readonly BulkPart[] {
    const rowsTowards = createRowsTowards(gateways);
    const delicate = new Map(
      this.#lists.map(({ list }) => [list, occupiedRows(list, observed, rowsTowards(list))] as const),
    );
    const fresh = this.#lists.map((rows, i): BulkPart => {
      const left = delicate.get(rows.list);
      const isPlanned = new Uint8Array(rows.rows.length);
      for (const row of this.#chosen[i] ?? []) isPlanned[row] = 1;
      const columns = rows.openColumns((row) => isPlanned[row] === 1 || left?.has(row) === true);
      return { action: 'create', list: rows.list, columns };
    });
    const old = this.old().map(({ body, list, columns }): BulkPart => {
      if (list === undefined) return { action: 'delete', body, columns };
      const left = delicate.get(list) ?? new Set();
      const isFree = (i: number): boolean => !left.has(findPrefix(list, columns, i));
      return { action: 'update', body, list, columns: left.size === 0 ? columns : filterColumns(columns, isFree) };
    });
    return [...fresh, ...old].filter(({ columns }) => countRows(columns) > 0);
  }

  /** By which nexthop objects the routes go that the last dump left out, and which list wants their places. */
  *byNexthop(): Generator<ListedUsers> {
    const lists = this.#listed.lists;
    for (const [list, { settled }] of this.#lists.entries()) {
      const { nhid } = (lists[list] as RouteList).body;
      if (nhid !== undefined) yield { nhid, count: settled, list };
    }
    for (const { body, columns, list } of this.old()) {
      if (body.nhid === undefined) continue;
      const count = countRows(columns);
      yield list === undefined ? { nhid: body.nhid, count } : { nhid: body.nhid, count, list: lists.indexOf(list) };
    }
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

  #note(rows: ListRows, route: Route): void {
    const known = this.#likes.get(rows) ?? [];
    if (!known.some((like) => isOfShape(like, route))) this.#likes.set(rows, [...known, route]);
  }

  #pinTest(): TakeRoute {
    const pins = this.#pinned;
    return pins.length === 0 ? () => false : (to) => pins.some((pin) => containsAddress(to, 0, pin));
  }
}
