import { addressBits, familyOf, networkOf } from '../../model/ip.ts';
import {
  countRows,
  filterColumns,
  findPrefix,
  formatPrefixAt,
  type PrefixColumns,
  type PrefixRows,
  pickColumns,
  rowsOfPrefix,
} from '../../model/prefix-columns.ts';
import { ROUTE, type Route, type RouteHop } from '../../model/route.ts';
import { type RouteList, rowOf, sharePlace } from '../../model/route-list.ts';
import type { State } from '../../model/state.ts';
import { compare } from '../plan/compare.ts';
import type { Plan } from '../plan/plan-types.ts';

/** Tells most routes of other gateways apart, as far as there is one. */
export const goesTheSameWay = (a: Pick<Route, 'hops'>, b: Pick<Route, 'hops'>): boolean =>
  a.hops.length === b.hops.length && (a.hops.length > 1 || a.hops[0]?.via === b.hops[0]?.via);

/** Whether a route is as a list wants it, if the list names its destination; the link is the route's where the list says none. */
const isAsListed = ({ body }: RouteList, route: Route): boolean => {
  if (!sharePlace(body, route) || !goesTheSameWay(body, route)) return false;
  const hops = body.hops.map((hop, i) => (hop.dev === undefined ? withDev(hop, route.hops[i]?.dev) : hop));
  const wanted: Route = { ...body, hops, to: route.to };
  return compare('route', wanted, route, 'declared').length === 0;
};

const withDev = (hop: RouteHop, dev: string | undefined): RouteHop => (dev === undefined ? hop : { ...hop, dev });

/**
 * Rows that something else is in the place of.
 * @param others - rows that are added to them
 */
export const occupiedRows = (
  list: RouteList,
  { route: routes }: State,
  others: readonly number[] = [],
): ReadonlySet<number> => {
  const rows = new Set(others);
  for (const route of routes) {
    const row = sharePlace(list.body, route) ? rowOf(list, route) : -1;
    if (row >= 0) rows.add(row);
  }
  return rows;
};

/** Every prefix that an address is in, one row each. */
const prefixesTowards = (address: string): readonly PrefixRows[] => {
  const bits = addressBits(familyOf(address));
  return Array.from({ length: bits + 1 }, (_, length) => rowsOfPrefix(networkOf(address, length)));
};

/** A search in a list looks at some twenty rows and jumps about, so it costs as much as going by this many. */
const ROWS_A_SEARCH = 256;

/** Finds the rows of lists whose prefix one of some addresses is in. */
export const createRowsTowards = (addresses: Iterable<string>): ((list: RouteList) => readonly number[]) => {
  const prefixes = [...addresses].flatMap(prefixesTowards);
  return (list) => {
    const isLong = countRows(list) > prefixes.length * ROWS_A_SEARCH;
    const lengths = isLong ? undefined : lengthsOf(list);
    return prefixes.flatMap((prefix) => {
      const mayBeThere = prefix.words === list.words && lengths?.[prefix.length[0] as number] !== 0;
      const row = mayBeThere ? findPrefix(list, prefix) : -1;
      return row < 0 ? [] : row;
    });
  };
};

/** By prefix length: 1 where there are prefixes of it. Most lists have few lengths. */
const lengthsOf = ({ length }: PrefixRows): Uint8Array => {
  const lengths = new Uint8Array(129);
  for (let row = 0; row < length.length; row++) lengths[length[row] as number] = 1;
  return lengths;
};

const isAscending = (numbers: Uint32Array): boolean => {
  for (let i = 1; i < numbers.length; i++) if ((numbers[i] as number) < (numbers[i - 1] as number)) return false;
  return true;
};

/** What a dump has shown of a row of a list. */
export const ROW = {
  /** nothing yet: it is missing, or something else is in its place */
  OPEN: 0,
  /** it is as it should be */
  SETTLED: 1,
  /** a route of ours is in its place that a later pass changes */
  HELD: 2,
} as const;

/** What a dump has shown of the rows of one list. */
export class ListRows {
  readonly list: RouteList;
  readonly rows: Uint8Array;
  /**
   * Where the list leaves the link of its gateway open, only a plan tells which it is: of one row, which is never settled and
   * goes through it for all of them.
   */
  readonly witness: number | undefined;
  /** link of the rows that are settled, where the list leaves it open */
  dev: string | undefined;
  settled = 0;
  held = 0;
  /** the row that the next route of a dump is compared with first */
  #next = 0;

  constructor(list: RouteList) {
    this.list = list;
    this.rows = new Uint8Array(countRows(list));
    this.witness = list.body.hops.some(({ dev }) => dev === undefined) ? 0 : undefined;
  }

  restart(): void {
    this.rows.fill(ROW.OPEN);
    this.settled = 0;
    this.held = 0;
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
  settle(to: PrefixRows): boolean {
    const row = findPrefix(this.list, to, 0, this.#next);
    this.#next = row < 0 ? -1 - row : row + 1;
    if (row < 0 || row === this.witness) return false;
    if (this.rows[row] !== ROW.OPEN) return false;
    this.rows[row] = ROW.SETTLED;
    this.settled++;
    return true;
  }

  /** Whether the row is settled that has the prefix. */
  isSettled(to: PrefixRows): boolean {
    const row = findPrefix(this.list, to);
    return row >= 0 && this.rows[row] === ROW.SETTLED;
  }

  /** What settled the row that has the prefix is no more. */
  reopen(to: PrefixRows): void {
    this.rows[findPrefix(this.list, to)] = ROW.OPEN;
    this.settled--;
  }

  /** Whether the list has the prefix, and nothing is known of its row yet. */
  isOpen(to: PrefixRows): boolean {
    const row = findPrefix(this.list, to, 0, this.#next);
    return row >= 0 && row !== this.witness && this.rows[row] === ROW.OPEN;
  }

  /**
   * Puts the row off.
   * @returns its line
   */
  hold(to: PrefixRows): number {
    const row = findPrefix(this.list, to);
    this.rows[row] = ROW.HELD;
    this.held++;
    return this.list.line[row] as number;
  }

  /** The prefixes of as many settled rows, or of all that there are. */
  firstSettled(most: number): readonly string[] {
    const found: string[] = [];
    for (let row = -1; found.length < most; ) {
      row = this.rows.indexOf(ROW.SETTLED, row + 1);
      if (row < 0) break;
      found.push(formatPrefixAt(this.list, row));
    }
    return found;
  }

  /** Remembers which rows are settled now. @returns them, as columns */
  rememberSettled(): () => PrefixColumns {
    const rows = this.rows.slice();
    return () => filterColumns(this.list, (row) => rows[row] === ROW.SETTLED);
  }

  /** Of a prefix that the list names. */
  lineOf(to: PrefixRows): number {
    return this.list.line[findPrefix(this.list, to)] as number;
  }

  /** Whether the list names the prefix. */
  has(to: PrefixRows): boolean {
    return findPrefix(this.list, to) >= 0;
  }

  get open(): number {
    return this.rows.length - this.settled - this.held;
  }

  /** Rows that are open: the witness, those that are special, and of the others every so-manieth. */
  chooseSpread(stride: number, special: ReadonlySet<number>): readonly number[] {
    let others = 0;
    return this.#choose(special, () => others++ % stride === 0);
  }

  /** Rows that are open: the witness, those that are special, and the first of the others in the order of the file. */
  chooseFirst(most: number, special: ReadonlySet<number>): readonly number[] {
    const { line } = this.list;
    // most files are sorted, and the first of them are at hand
    if (isAscending(line)) {
      const first = this.#openRows((row) => !special.has(row), most);
      const others = [...special, this.witness ?? -1].filter((row) => this.rows[row] === ROW.OPEN);
      return [...new Set([...first, ...others])].sort((a, b) => a - b);
    }
    const lines = this.openColumns((row) => special.has(row)).line.toSorted();
    const last = lines[most - 1] ?? Number.POSITIVE_INFINITY;
    return this.#choose(special, (row) => (line[row] as number) <= last);
  }

  #choose(special: ReadonlySet<number>, isChosen: (row: number) => boolean): readonly number[] {
    return Array.from(this.#openRows((row) => row === this.witness || special.has(row) || isChosen(row)));
  }

  /** Ascending, as many at most. A few among a million are found at the speed of memory. */
  #openRows(keeps: (row: number) => boolean, most = this.open): Uint32Array {
    const { buffer, byteOffset, length } = this.rows;
    const bytes = Buffer.from(buffer, byteOffset, length);
    const found = new Uint32Array(Math.min(most, this.open));
    let count = 0;
    for (let row = 0; row < length && count < found.length; row++) {
      if (bytes[row] !== ROW.OPEN) row = bytes.indexOf(ROW.OPEN, row);
      if (row < 0) break;
      if (keeps(row)) found[count++] = row;
    }
    return found.subarray(0, count);
  }

  /** The open rows without some. */
  openColumns(isLeftOut: (row: number) => boolean): PrefixColumns {
    const rows = this.#openRows((row) => !isLeftOut(row));
    return pickColumns(this.list, rows);
  }

  /** Whether a plan and what it starts from show that the settled rows have the link that they should have. */
  isConfirmed(plan: Plan, observed: State): boolean {
    const { list, witness, dev, settled } = this;
    if (witness === undefined || settled === 0) return true;
    const to = formatPrefixAt(list, witness);
    const slot = ROUTE.slot({ ...list.body, to });
    const holdsPlace = (route: Route): boolean => route.to === to && ROUTE.slot(route) === slot;
    const routes = plan.steps.flatMap(({ op }) => (op.kind === 'route' && op.action !== 'delete' ? op.object : []));
    const asPlanned = routes.find(holdsPlace) ?? observed.route.find(holdsPlace);
    return asPlanned?.hops[0]?.dev === dev;
  }
}
