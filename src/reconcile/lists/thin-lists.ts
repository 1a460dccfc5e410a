import { type Desired, withRoutes } from '../../model/desired.ts';
import { joinRoutes, type RouteList } from '../../model/route-list.ts';

/** The row that the file names first. */
export const firstRow = ({ line }: Pick<RouteList, 'line'>): number => {
  let first = 0;
  for (let row = 1; row < line.length; row++) if ((line[row] as number) < (line[first] as number)) first = row;
  return first;
};

/**
 * What the files say, with a few routes of each list in the place of all, as objects.
 * @param rowsOf - the rows of a list that count; the first that the file names is always among those that are kept
 */
export const thinLists = (desired: Desired, rowsOf: (list: RouteList) => Iterable<number>): Desired => {
  const { listed } = desired;
  if (listed === undefined) return desired;
  const wanted = listed.lists.map((list) => [...new Set([firstRow(list), ...rowsOf(list)])].toSorted((a, b) => a - b));
  return withRoutes(desired, joinRoutes(listed, wanted));
};
