import type { Declared, Source } from './desired.ts';
import { countRows, findPrefix, formatPrefixAt, type PrefixColumns, rowsOfPrefix } from './prefix-columns.ts';
import type { Route } from './route.ts';

/** Routes that differ in nothing but their destination, as columns: an object is made only of one that is looked at. */
export interface RouteList extends PrefixColumns {
  readonly body: Omit<Route, 'to'>;
  readonly adopt: boolean;
  /** places of what the entry of the list writes */
  readonly fields: Readonly<Record<string, Source>>;
  readonly file: string;
  /** of items of a list in YAML */
  readonly item?: RepeatedItem;
  /** offsets of the lines of the file: `line` is then the offset of a route, plus one */
  readonly lineStarts?: Uint32Array;
  /** how many single routes the files name before it */
  readonly at: number;
}

/** The one of many like items that `fields` is about. */
export interface RepeatedItem {
  readonly source: Source;
  /** of its prefix: what stands behind that on the same line moves with its width */
  readonly column: number;
  readonly width: number;
}

/** The routes of the files: those named one by one, and lists. */
export interface ListedRoutes {
  readonly single: readonly Declared<Route>[];
  /** `at` ascending */
  readonly lists: readonly RouteList[];
}

/** Whether equal prefixes of both are one and the same place in the kernel (fib_find_alias, fib6_add_rt2node). */
export const sharePlace = (a: Omit<Route, 'to'>, b: Omit<Route, 'to'>): boolean =>
  a.family === b.family && a.table === b.table && a.tos === b.tos && a.metric === b.metric && a.from === b.from;

/** The row that names the destination of a route of the same family, less than 0 where there is none. */
export const rowOf = (list: PrefixColumns, { to }: Route): number => findPrefix(list, rowsOfPrefix(to));

/** Line and column (both from 1) of an offset, by the offsets at which lines begin. */
export const lineAt = (file: string, lineStarts: ArrayLike<number>, offset: number): Source => {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { file, line: low + 1, column: offset - (lineStarts[low] as number) + 1 };
};

/**
 * Where a route of a list stands in the files.
 * @param line - of its row
 * @param width - of its prefix, as it is written
 */
export const placesAt = (list: RouteList, line: number, width: number): Pick<Declared<Route>, 'source' | 'fields'> => {
  const { file, fields, item, lineStarts } = list;
  if (lineStarts !== undefined) return { source: lineAt(file, lineStarts, line - 1), fields };
  if (item === undefined) return { source: { file, line, column: 1 }, fields };
  const move = (place: Source): Source => ({
    file,
    line: place.line + line - item.source.line,
    column: place.column + (place.line === item.source.line && place.column > item.column ? width - item.width : 0),
  });
  return {
    source: move(item.source),
    fields: Object.fromEntries(Object.entries(fields).map(([name, place]) => [name, move(place)])),
  };
};

const routeAt = (list: RouteList, i: number): Declared<Route> => {
  const to = formatPrefixAt(list, i);
  return {
    object: { ...list.body, to },
    absent: false,
    adopt: list.adopt,
    ...placesAt(list, list.line[i] as number, to.length),
  };
};

/** Whether a list names the place that a route is in. */
export const isListed = ({ lists }: ListedRoutes, route: Route): boolean =>
  lists.some((list) => sharePlace(list.body, route) && rowOf(list, route) >= 0);

/** What the lists say of the place that a route is in. */
export const findListed = ({ lists }: ListedRoutes, route: Route): Declared<Route> | undefined => {
  for (const list of lists) {
    const row = sharePlace(list.body, route) ? rowOf(list, route) : -1;
    if (row >= 0) return routeAt(list, row);
  }
  return undefined;
};

/** The wanted rows of a list, in the order of its lines. */
function* routesAt(list: RouteList, wanted: readonly number[]): Generator<Declared<Route>> {
  const { line } = list;
  const isInOrder = wanted.every(
    (row, i) => i === 0 || (line[row] as number) > (line[wanted[i - 1] as number] as number),
  );
  const rows = isInOrder ? wanted : wanted.toSorted((a, b) => (line[a] as number) - (line[b] as number));
  for (const row of rows) yield routeAt(list, row);
}

/**
 * Routes as objects, in the order in which the files name them.
 * @param wanted - rows of each list, ascending; default: all
 */
export const joinRoutes = (
  { single, lists }: ListedRoutes,
  wanted: readonly (readonly number[])[] = lists.map((list) =>
    Array.from({ length: countRows(list) }, (_, row) => row),
  ),
): Declared<Route>[] => {
  const routes: Declared<Route>[] = [];
  let next = 0;
  for (const [n, list] of lists.entries()) {
    for (; next < list.at; next++) routes.push(single[next] as Declared<Route>);
    for (const route of routesAt(list, wanted[n] ?? [])) routes.push(route);
  }
  for (; next < single.length; next++) routes.push(single[next] as Declared<Route>);
  return routes;
};
