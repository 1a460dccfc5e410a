import type { Ref } from '../../model/kind.ts';
import {
  countRows,
  findPrefix,
  formatPrefixAt,
  type PrefixColumns,
  rowsOfPrefix,
  wordsOf,
} from '../../model/prefix-columns.ts';
import { ROUTE, type Route } from '../../model/route.ts';
import { type RouteList, sharePlace } from '../../model/route-list.ts';
import type { PlanStep } from '../plan/plan-types.ts';

/** Routes that differ in nothing but their destination, in a form that stays small in the record. */
export interface PackedRoutes {
  readonly body: Omit<Route, 'to'>;
  /** network addresses, one number of 32 bits each or four, by the family; little-endian, in base64 */
  readonly to: string;
  /** prefix lengths, in base64 */
  readonly length: string;
  /** of routes that were there before: what they are changed to, complete; absent where they are deleted */
  readonly became?: Omit<Route, 'to'>;
}

/** Routes of long lists that a transaction has to be able to undo without naming each. */
export interface UndoLists {
  /** made in places that were free */
  readonly created?: readonly PackedRoutes[];
  /** there before, and changed or deleted */
  readonly old?: readonly PackedRoutes[];
  /**
   * Sorts of routes of ours that stood beside, as they should be: those that are like them, and that the transaction has not
   * touched, do not matter to the way back (see leavesAlone)
   */
  readonly aside?: readonly Omit<Route, 'to'>[];
}

/** What a transaction has to be able to undo. */
export interface Undo extends UndoLists {
  readonly touched: readonly Ref[];
  /** the routes of `aside`, complete, as far as they are known here: any that have gone unforeseen come back */
  readonly standing?: readonly RouteList[];
}

/** As many routes as one pass deals with, each with the objects that a plan makes of it. */
export const ROUTES_A_PASS = 65_536;

/** Numbers in base64, little-endian. */
export const packNumbers = ({ buffer, byteOffset, byteLength }: Uint32Array | Uint8Array): string =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');

/** Numbers of 32 bits again. */
export const unpackNumbers = (text: string): Uint32Array =>
  // a copy of its own begins at a place where numbers may
  new Uint32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);

/** Numbers of 8 bits again. */
export const unpackBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/**
 * @param body - complete, the link of the gateway included
 * @param became - what they are changed to, complete as well
 */
export const packRoutes = (
  body: Omit<Route, 'to'>,
  { to, length }: PrefixColumns,
  became?: Omit<Route, 'to'>,
): PackedRoutes => ({
  body,
  to: packNumbers(to),
  length: packNumbers(length),
  ...(became === undefined ? {} : { became }),
});

/** The columns again. */
export const listOf = ({ body, to, length }: PackedRoutes): RouteList => {
  const columns = {
    words: wordsOf(body.family),
    to: unpackNumbers(to),
    length: unpackBytes(length),
  };
  return { ...columns, line: new Uint32Array(columns.length.length), body, adopt: false, fields: {}, file: '', at: 0 };
};

/** The slot of each route. */
export function* slotsOf(packed: PackedRoutes): Generator<string> {
  const list = listOf(packed);
  for (let row = 0; row < countRows(list); row++) yield ROUTE.slot({ ...list.body, to: formatPrefixAt(list, row) });
}

/** Whether a route is in a place of one of the lists. */
export const isIn = (lists: readonly RouteList[], route: Route): boolean => {
  if (lists.length === 0) return false;
  const to = rowsOfPrefix(route.to);
  return lists.some((list) => sharePlace(list.body, route) && findPrefix(list, to) >= 0);
};

/** The slots of steps that are known to be undone as part of a list. */
export const slotsOfLists = (
  { created = [], old = [] }: UndoLists,
  steps: readonly PlanStep[],
): ReadonlySet<string> => {
  const made = created.map(listOf);
  const were = old.map(listOf);
  const routes = steps.flatMap(({ op }) =>
    op.kind === 'route' && isIn(op.action === 'create' ? [...made, ...were] : were, op.object) ? op.object : [],
  );
  return new Set(routes.map(ROUTE.slot));
};
