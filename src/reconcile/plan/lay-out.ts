import { compareInDump, sortedRows } from '../../model/dump-order.ts';
import { comparePrefixes, countRows, type PrefixRows, rowsOfPrefix } from '../../model/prefix-columns.ts';
import { ROUTE, type Route } from '../../model/route.ts';
import { type ListedRoutes, type RouteList, rowOf, sharePlace } from '../../model/route-list.ts';
import type { Plan, PlanBulk, PlanStep } from './plan-types.ts';

/** Steps next to each other that come from one place: of the plan, or the rows of one of its bulks. */
export interface Run {
  /** absent: steps of the plan */
  readonly bulk?: PlanBulk;
  /** the first of them: a step, or a place in `order` */
  readonly from: number;
  readonly count: number;
  /** which of all steps the first of them is, from 0 */
  readonly at: number;
  /** rows of the bulk in the order in which they are told; absent: as they are */
  readonly order?: Uint32Array;
}

/** A run whose place is still open. */
type Piece = Omit<Run, 'at'>;

/** All steps of a plan in their order, those of its bulks in their places. */
export interface Layout {
  readonly runs: readonly Run[];
  /** how many there are */
  readonly count: number;
  /** which of all a step of the plan is, from 0 */
  readonly numbers: Uint32Array;
}

/** What is merged into the sequence of a bundle. */
interface Strand {
  readonly bulk?: PlanBulk;
  readonly order?: Uint32Array;
  /** of steps: the first */
  readonly first: number;
  readonly count: number;
  /** of the element at a place of the strand: its prefix, by columns and row */
  readonly rowsAt: (i: number) => PrefixRows;
  readonly rowAt: (i: number) => number;
  /** where the files name it; what they do not name stands behind all that they do */
  readonly placeAt: (i: number) => number;
  /** among routes of one prefix: the first goes first (fib_trie.c fib_insert_alias, ip6_fib.c fib6_add_rt2node) */
  readonly bodyAt: (i: number) => Omit<Route, 'to'>;
}

/** Numbers the routes that the files name, in their order: lists have room for each of their lines. */
class Places {
  readonly #listed: ListedRoutes;
  /** room of the lists before each, and of all */
  readonly #room: readonly number[];
  #singles: ReadonlyMap<string, number> | undefined;

  constructor(listed: ListedRoutes) {
    this.#listed = listed;
    const room = [0];
    for (const { line } of listed.lists) {
      const last = line.reduce((most, one) => Math.max(most, one), 0);
      room.push((room.at(-1) as number) + last + 1);
    }
    this.#room = room;
  }

  /** The place of line 0. */
  baseOf(list: RouteList): number {
    const n = this.#listed.lists.indexOf(list);
    return n < 0 ? Number.POSITIVE_INFINITY : list.at + (this.#room[n] as number);
  }

  of(route: Route): number {
    const { lists, single } = this.#listed;
    for (const list of lists) {
      const row = sharePlace(list.body, route) ? rowOf(list, route) : -1;
      if (row >= 0) return this.baseOf(list) + (list.line[row] as number);
    }
    this.#singles ??= new Map(single.map(({ object }, i) => [ROUTE.slot(object), i]));
    const at = this.#singles.get(ROUTE.slot(route));
    if (at === undefined) return Number.POSITIVE_INFINITY;
    return at + (this.#room[lists.filter((list) => list.at <= at).length] as number);
  }
}

const routeOf = ({ op }: PlanStep): Route => op.object as Route;

const strandOfSteps = (steps: readonly PlanStep[], first: number, count: number, places: Places): Strand => {
  const routes = steps.slice(first, first + count).map(routeOf);
  const rows = routes.map(({ to }) => rowsOfPrefix(to));
  const at = routes.map((route) => places.of(route));
  return {
    first,
    count,
    rowsAt: (i) => rows[i] as PrefixRows,
    rowAt: () => 0,
    placeAt: (i) => at[i] as number,
    bodyAt: (i) => routes[i] as Route,
  };
};

const strandOfBulk = (bulk: PlanBulk, like: PlanStep, places: Places): Strand => {
  const { columns, list } = bulk;
  const { line } = columns;
  const order =
    list === undefined
      ? sortedRows(columns, (row, other) => compareInDump(columns, row, columns, other))
      : sortedRows(columns, (row, other) => (line[row] as number) - (line[other] as number) || row - other);
  const base = list === undefined ? Number.POSITIVE_INFINITY : places.baseOf(list);
  const rowAt = order === undefined ? (i: number) => i : (i: number) => order[i] as number;
  const body = routeOf(like);
  return {
    bulk,
    ...(order === undefined ? {} : { order }),
    first: 0,
    count: countRows(columns),
    rowsAt: () => columns,
    rowAt,
    placeAt: (i) => base + (line[rowAt(i)] as number),
    bodyAt: () => body,
  };
};

type Compare = (a: Strand, i: number, b: Strand, j: number) => number;

const inFiles: Compare = (a, i, b, j) => {
  const [place, other] = [a.placeAt(i), b.placeAt(j)];
  if (place !== other) return place < other ? -1 : 1;
  return place === Number.POSITIVE_INFINITY ? 0 : comparePrefixes(a.rowsAt(i), a.rowAt(i), b.rowsAt(j), b.rowAt(j));
};

const inDump: Compare = (a, i, b, j) => {
  const order = compareInDump(a.rowsAt(i), a.rowAt(i), b.rowsAt(j), b.rowAt(j));
  if (order !== 0) return order;
  const [body, other] = [a.bodyAt(i), b.bodyAt(j)];
  return other.tos - body.tos || body.metric - other.metric;
};

/** Takes from each strand what comes next, as long as it does. */
const merge = (strands: readonly Strand[], compare: Compare): Piece[] => {
  const runs: Piece[] = [];
  const heads = strands.map(() => 0);
  const isOpen = (n: number): boolean => (heads[n] as number) < (strands[n] as Strand).count;
  const isBefore = (n: number, other: number): boolean =>
    compare(strands[n] as Strand, heads[n] as number, strands[other] as Strand, heads[other] as number) < 0;
  for (;;) {
    const open = strands.flatMap((_, n) => (isOpen(n) ? n : []));
    const [some] = open;
    if (some === undefined) return runs;
    const next = open.reduce((best, n) => (isBefore(n, best) ? n : best), some);
    const others = open.filter((n) => n !== next);
    const { bulk, order, first, count } = strands[next] as Strand;
    const from = heads[next] as number;
    let end = from + 1;
    if (others.length === 0) end = count;
    else {
      heads[next] = end;
      // of equals, a step of the plan goes first
      while (end < count && others.every((n) => (n < next ? isBefore(next, n) : !isBefore(n, next))))
        heads[next] = ++end;
    }
    heads[next] = end;
    runs.push({
      ...(bulk === undefined ? {} : { bulk }),
      from: first + from,
      count: end - from,
      ...(order === undefined ? {} : { order }),
    });
  }
};

/** The step behind the last one of a bundle. */
const bundleEnd = (steps: readonly PlanStep[], start: number): number => {
  const bundle = steps[start]?.bundle;
  let end = start + 1;
  if (bundle !== undefined) while (steps[end]?.bundle === bundle) end++;
  return end;
};

/** Routes by their source stand in trees of their own, which a dump of IPv6 goes through first (ip6_fib.c FWS_S). */
const isBySource = ({ op }: PlanStep): boolean => (op.object as Route).from !== undefined;

/** @returns undefined where the order of a dump cannot be told */
const layBundle = (
  plan: Plan,
  start: number,
  end: number,
  bulks: readonly PlanBulk[],
  places: Places,
): Piece[] | undefined => {
  const { steps } = plan;
  const strands = bulks.map((bulk) => strandOfBulk(bulk, steps[bulk.like] as PlanStep, places));
  const isDeletion = steps[start]?.op.action === 'delete';
  if (!isDeletion) return merge([strandOfSteps(steps, start, end - start, places), ...strands], inFiles);
  if (steps.slice(start, end).some(isBySource)) return undefined;
  // what makes way for something goes first, in the order of the files; all else in that of the dump
  const asked = new Set(plan.changes.flatMap(({ reason, steps: own }) => (reason === 'prune' ? [] : own)));
  let first = start;
  while (first < end && asked.has(first)) first++;
  const runs = merge([strandOfSteps(steps, first, end - first, places), ...strands], inDump);
  return first === start ? runs : [{ from: start, count: first - start }, ...runs];
};

/**
 * Puts the rows of bulks where they would stand among the steps if each had been planned. Pure.
 * @returns undefined where that cannot be told: later passes do more than the bulks, or a row would begin its bundle, which
 * might then have another place
 */
export const layOut = (plan: Plan): Layout | undefined => {
  const { steps, bulks = [], rest = 0, listed } = plan;
  const inBulk = bulks.reduce((sum, { columns }) => sum + countRows(columns), 0);
  if (listed === undefined || inBulk !== rest) return undefined;
  const places = new Places(listed);
  const pieces: Piece[] = [];
  for (let start = 0; start < steps.length; ) {
    const end = bundleEnd(steps, start);
    const behind = bulks.filter(({ like }) => like >= start && like < end);
    if (behind.length === 0) pieces.push({ from: start, count: end - start });
    else {
      if (steps[start]?.bundle === undefined) return undefined;
      const laid = layBundle(plan, start, end, behind, places);
      if (laid === undefined || laid[0]?.bulk !== undefined) return undefined;
      for (const piece of laid) pieces.push(piece);
    }
    start = end;
  }
  const numbers = new Uint32Array(steps.length);
  let count = 0;
  const runs = pieces.map((piece): Run => {
    const at = count;
    count += piece.count;
    if (piece.bulk === undefined) for (let i = 0; i < piece.count; i++) numbers[piece.from + i] = at + i;
    return { ...piece, at };
  });
  return { runs, count, numbers };
};
