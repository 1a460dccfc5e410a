import type { KernelPort, RouteSieve, TakeRoute } from '../../model/kernel-port.ts';
import type { Ref } from '../../model/kind.ts';
import { countRows, filterColumns, formatPrefixAt } from '../../model/prefix-columns.ts';
import { PrefixSet } from '../../model/prefix-set.ts';
import { prefixOfSlot, ROUTE, type Route } from '../../model/route.ts';
import { rowOf, sharePlace } from '../../model/route-list.ts';
import type { State } from '../../model/state.ts';
import { type BulkPart, isOfShape } from '../lists/list-bulks.ts';
import { createRowsTowards, ListRows, occupiedRows, ROW } from '../lists/list-rows.ts';
import { isIn, listOf, type PackedRoutes, type Undo } from '../lists/undo-lists.ts';

/** What is to be looked at for a rollback. */
export interface LookBack {
  /** without most of the routes of lists, where there are many */
  readonly now: State;
  /** routes of lists that were there before, and are to be put back by this plan */
  readonly lost: readonly Route[];
  readonly touched: readonly Ref[];
  /** routes of lists beside those */
  readonly rest: number;
  /** of these, the ones that stand for themselves */
  readonly parts: readonly BulkPart[];
}

export interface LookBackOptions {
  /** the state to go back to: what is in it is looked at, whatever it is like */
  readonly before: State;
  /** routes that have been given up */
  readonly givenUp?: readonly Route[];
  /** so many routes of each list are planned one by one */
  readonly most: number;
}

/** Routes that a transaction made, or that were there before it, and which of them a dump has shown. */
interface Trail {
  readonly isOld: boolean;
  readonly were: ListRows;
  /** the same routes as the transaction changed them */
  readonly became?: ListRows;
  /** the transaction left them alone: what others put into their places stays */
  readonly stands?: boolean;
}

const trailOf = (packed: PackedRoutes, isOld: boolean): Trail => {
  const list = listOf(packed);
  const became = packed.became === undefined ? {} : { became: new ListRows({ ...list, body: packed.became }) };
  return { isOld, were: new ListRows(list), ...became };
};

/** Takes the routes of the lists out of a dump, as they were and as they became, and what stands aside. */
const createSieve = (all: readonly ListRows[], { aside = [], touched }: Undo, before: State): RouteSieve => {
  const prefixes = touched.flatMap(({ kind, slot }) => (kind === 'route' ? prefixOfSlot(slot) : []));
  const named = new PrefixSet(aside.length === 0 ? [] : [...prefixes, ...before.route.map(({ to }) => to)]);
  return {
    restart: (family) => {
      for (const rows of all) if (rows.list.body.family === family) rows.restart();
    },
    takerOf: (route): TakeRoute | undefined => {
      const takers = all.filter((rows) => rows.accepts(route));
      const standsAside = aside.some((body) => isOfShape(route, body));
      if (takers.length === 0 && !standsAside) return undefined;
      return (to) =>
        takers.some((rows) => rows.settle(to)) ||
        (standsAside && !named.has(to) && !takers.some((rows) => rows.has(to)));
    },
  };
};

const routeAt = ({ list }: ListRows, row: number): Route => ({
  ...list.body,
  to: formatPrefixAt(list, row),
});

/** Rows of a list that something has to be done about; `false` for those that have been given up. */
const rowFilter = ({ list }: ListRows, givenUp: readonly Route[]): ((row: number) => boolean) => {
  const left = new Set(givenUp.flatMap((route) => (sharePlace(list.body, route) ? rowOf(list, route) : [])));
  return left.size === 0 ? () => true : (row) => !left.has(row);
};

/** What is left to do about the routes of the lists, sorted out. */
class Remains {
  /** there, and to be looked at */
  readonly found: Route[] = [];
  readonly lost: Route[] = [];
  readonly parts: BulkPart[] = [];
  /** how many are neither found nor lost */
  rest = 0;
  readonly #now: State;
  readonly #options: LookBackOptions;
  /** rows that a gateway is behind */
  readonly #rowsTowards: ReturnType<typeof createRowsTowards>;

  constructor(now: State, options: LookBackOptions, gateways: Iterable<string>) {
    this.#now = now;
    this.#options = options;
    this.#rowsTowards = createRowsTowards(gateways);
  }

  add({ isOld, were, became, stands = false }: Trail): void {
    const isKept = rowFilter(were, this.#options.givenUp ?? []);
    const occupied = stands ? occupiedRows(were.list, this.#now) : undefined;
    const keep = (row: number): boolean => isKept(row) && occupied?.has(row) !== true;
    const isThere = (row: number): boolean => were.rows[row] === ROW.SETTLED;
    const isChanged = (row: number): boolean => became?.rows[row] === ROW.SETTLED;
    if (!isOld) {
      const { body } = were.list;
      this.#sort(were, (row) => isThere(row) && keep(row), {
        plan: (row) => this.found.push(routeAt(were, row)),
        part: (columns) => ({ action: 'delete', body, columns }),
      });
      return;
    }
    const { list } = were;
    this.#sort(were, (row) => !isThere(row) && !isChanged(row) && keep(row), {
      plan: (row) => this.lost.push(routeAt(were, row)),
      part: (columns) => ({ action: 'create', append: true, list, columns }),
    });
    if (became === undefined) return;
    this.#sort(were, (row) => isChanged(row) && keep(row), {
      plan: (row) => {
        this.found.push(routeAt(became, row));
        this.lost.push(routeAt(were, row));
        // another entry in the same place: both are there
        if (isThere(row)) this.found.push(routeAt(were, row));
      },
      part: (columns) => ({ action: 'update', list, body: became.list.body, columns }),
    });
  }

  #sort(
    { list, rows }: ListRows,
    isOpen: (row: number) => boolean,
    to: { plan: (row: number) => void; part: (columns: BulkPart['columns']) => BulkPart },
  ): void {
    const planned = new Set<number>();
    // something else is in their place, or a gateway is behind them
    const delicate = occupiedRows(list, this.#now, this.#rowsTowards(list));
    let count = 0;
    for (let row = 0; row < rows.length; row++) {
      if (!isOpen(row)) continue;
      count++;
      if (planned.size >= this.#options.most) continue;
      planned.add(row);
      to.plan(row);
    }
    this.rest += count - planned.size;
    if (count === planned.size) return;
    const columns = filterColumns(list, (row) => isOpen(row) && !planned.has(row) && !delicate.has(row));
    if (countRows(columns) > 0) this.parts.push(to.part(columns));
  }
}

/**
 * Dumps the kernel for a rollback, with some of the routes of lists as objects.
 */
export const lookBack = async (kernel: KernelPort, undo: Undo, options: LookBackOptions): Promise<LookBack> => {
  const { touched, created = [], old = [], aside = [], standing = [] } = undo;
  if (created.length + old.length + aside.length === 0)
    return { now: await kernel.dump(), lost: [], touched, rest: 0, parts: [] };
  const changed = [...created.map((packed) => trailOf(packed, false)), ...old.map((packed) => trailOf(packed, true))];
  const stood = standing.map((list): Trail => ({ isOld: true, were: new ListRows(list), stands: true }));
  const trails = [...changed, ...stood];
  const all = trails.flatMap(({ were, became }) => (became === undefined ? were : [were, became]));
  const now = await kernel.dump({ sieve: createSieve(all, undo, options.before) });
  const gateways = all.flatMap(({ list }) => list.body.hops.flatMap(({ via }) => via ?? []));
  const remains = new Remains(now, options, new Set(gateways));
  for (const trail of trails) remains.add(trail);
  const { found, lost, rest, parts } = remains;
  const lists = changed.map(({ were }) => were.list);
  const others = now.route.filter((route) => isIn(lists, route));
  const refs = [...others, ...found, ...lost].map((route): Ref => ({ kind: 'route', slot: ROUTE.slot(route) }));
  return { now: { ...now, route: [...now.route, ...found] }, lost, touched: [...touched, ...refs], rest, parts };
};
