import { ColumnBuilder } from '../../model/column-builder.ts';
import type { Family } from '../../model/ip.ts';
import type { TakeRoute } from '../../model/kernel-port.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { countRows, findPrefix, formatPrefixAt, type PrefixColumns, wordsOf } from '../../model/prefix-columns.ts';
import type { Route } from '../../model/route.ts';
import { type RouteList, sharePlace } from '../../model/route-list.ts';
import type { ListRows } from './list-rows.ts';

/** Routes of ours of one shape that were put off, and the list that wants something else in their places. */
interface OldRoutes {
  readonly body: Omit<Route, 'to'>;
  readonly columns: PrefixColumns;
  /** absent: they are to go */
  readonly list?: RouteList;
  /** the first line of those of their sort that were not put off */
  readonly keptFrom: number;
}

/** Routes of one sort, as they come. */
interface Pile {
  readonly body: Omit<Route, 'to'>;
  readonly rows: ListRows | undefined;
  readonly columns: ColumnBuilder;
  /** how many of them were not put off */
  kept: number;
  keptFrom: number;
}

/** Whether routes that are like this one can be put off: the kernel marks them as ours, and no gateway stands on them. */
const canBePutOff = ({ protocol, hops, expires }: Route): boolean =>
  protocol === NETRECON_PROTOCOL && expires === undefined && hops.every(({ via }) => via !== undefined);

/** Prefixes that are in both. */
function* commonPrefixes(a: PrefixColumns, b: PrefixColumns): Generator<string> {
  for (let row = 0, at = 0; row < countRows(a); row++) {
    const found = findPrefix(b, a, row, at);
    if (found >= 0) yield formatPrefixAt(a, row);
    at = found >= 0 ? found + 1 : -1 - found;
  }
}

/** Routes of ours that are changed to what a list wants, or deleted, in bulk or by a later pass. */
export class PutOff {
  /** so many of each family are not put off; infinite: none ever is */
  most: number;
  /** so many of each sort at least: one of each is planned, for all of them */
  readonly #sample: number;
  readonly #spare: Record<Family, number>;
  #piles: Pile[] = [];
  #old: readonly OldRoutes[] | undefined;

  constructor(most: number, sample: number) {
    this.most = most;
    this.#sample = sample;
    this.#spare = { inet: most, inet6: most };
  }

  get count(): number {
    return this.#piles.reduce((sum, { columns }) => sum + columns.count, 0);
  }

  restart(family: Family): void {
    this.#piles = this.#piles.filter(({ body }) => body.family !== family);
    this.#old = undefined;
    this.#spare[family] = this.most;
  }

  /**
   * Who puts off routes like this one, once there have been enough; undefined where that cannot be.
   * @param lists - may want something else in their places
   * @param isNamed - whether the files name a route to the prefix one by one
   * @param prunes - those that no list names go
   */
  takerOf(
    route: Route,
    { lists, isNamed, prunes }: { lists: readonly ListRows[]; isNamed: TakeRoute; prunes: boolean },
  ): TakeRoute | undefined {
    if (this.most === Number.POSITIVE_INFINITY || !canBePutOff(route)) return undefined;
    const { to: _, ...body } = route;
    const rivals = lists.filter(({ list }) => sharePlace(list.body, body));
    const piles = new Map<ListRows | undefined, Pile>();
    const spare = this.#spare;
    return (to) => {
      if (isNamed(to)) return false;
      const wanted = rivals.find((list) => list.has(to));
      if (wanted === undefined ? !prunes : !wanted.isOpen(to)) return false;
      const pile = piles.get(wanted) ?? this.#begin(body, wanted);
      piles.set(wanted, pile);
      if (pile.kept < this.#sample || spare[body.family] > 0) {
        pile.kept++;
        spare[body.family]--;
        pile.keptFrom = Math.min(pile.keptFrom, wanted?.lineOf(to) ?? 0);
        return false;
      }
      pile.columns.add(to, wanted?.hold(to) ?? 0);
      return true;
    };
  }

  /** What was put off by the last dump. */
  routes(): readonly OldRoutes[] {
    this.#old ??= this.#piles.flatMap(({ body, rows, columns: builder, keptFrom }) => {
      const columns = builder.count === 0 ? undefined : builder.finish();
      if (columns === undefined) return [];
      return { body, columns, keptFrom, ...(rows === undefined ? {} : { list: rows.list }) };
    });
    return this.#old;
  }

  /** Prefixes at which several of them share a place. */
  *clashes(): Generator<string> {
    const old = this.routes();
    for (const [i, one] of old.entries())
      for (const other of old.slice(i + 1))
        if (sharePlace(one.body, other.body)) yield* commonPrefixes(one.columns, other.columns);
  }

  #begin(body: Omit<Route, 'to'>, rows: ListRows | undefined): Pile {
    const pile: Pile = {
      body,
      rows,
      columns: new ColumnBuilder(wordsOf(body.family)),
      kept: 0,
      keptFrom: Number.POSITIVE_INFINITY,
    };
    this.#piles.push(pile);
    return pile;
  }
}
