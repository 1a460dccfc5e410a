import { comparePrefixes, countRows, type PrefixColumns } from './prefix-columns.ts';

/** How far columns have been read. */
interface Cursor {
  readonly columns: PrefixColumns;
  row: number;
}

const compareCursors = (a: Cursor, b: Cursor): number => comparePrefixes(a.columns, a.row, b.columns, b.row);

const isEqual = (a: Cursor, b: Cursor | undefined): boolean => b !== undefined && compareCursors(a, b) === 0;

/** Lets the first of a heap sink to where it belongs. */
const sink = (heap: Cursor[]): void => {
  const moved = heap[0] as Cursor;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    const other = child + 1;
    if (other < heap.length && compareCursors(heap[other] as Cursor, heap[child] as Cursor) < 0) child = other;
    if (compareCursors(moved, heap[child] as Cursor) <= 0) break;
    heap[at] = heap[child] as Cursor;
    at = child;
  }
  heap[at] = moved;
};

/** Whether two of several columns of one family have a prefix in common: all are read at once, the least prefix first. */
export const haveCommonPrefix = (all: readonly PrefixColumns[]): boolean => {
  // ascending is a heap already
  const heap = all
    .filter((columns) => countRows(columns) > 0)
    .map((columns): Cursor => ({ columns, row: 0 }))
    .toSorted(compareCursors);
  while (heap.length > 1) {
    const least = heap[0] as Cursor;
    // an equal one is not far: right below it
    if (isEqual(least, heap[1]) || isEqual(least, heap[2])) return true;
    least.row++;
    if (least.row === countRows(least.columns)) {
      heap[0] = heap.pop() as Cursor;
    }
    sink(heap);
  }
  return false;
};
