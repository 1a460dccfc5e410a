import type { OpOf, OpResult, RouteEcho } from './op.ts';
import { formatPrefixAt, type PrefixRows } from './prefix-columns.ts';

/** Operations on routes of one family that differ in nothing but their destination, one a row. */
export interface RouteBulk extends PrefixRows {
  /** one that is like them */
  readonly like: OpOf<'route'>;
}

/** What the kernel said to some of the rows of a bulk. */
export interface BulkAnswer {
  /** so many of the rows that were asked for, from the first on, have been sent and answered */
  readonly sent: number;
  /** the answers that say more than that it is done, by their places among those rows, ascending */
  readonly told: readonly { readonly at: number; readonly result: OpResult }[];
  /** what came back of them, where that was asked for */
  readonly echoes?: readonly BulkEcho[];
}

/** Echoes that differ in nothing but the destination, each of which is that of its own row. */
export interface BulkEcho {
  /** the place of the first of them among the rows that were asked for */
  readonly at: number;
  /** that of the first */
  readonly echo: RouteEcho;
  readonly count: number;
}

/** The operation of one row. */
export const routeOpAt = (bulk: RouteBulk, row: number): OpOf<'route'> => {
  const prefix = formatPrefixAt(bulk, row);
  const { like } = bulk;
  const { before } = like;
  return {
    ...like,
    object: { ...like.object, to: prefix },
    ...(before === undefined ? {} : { before: { ...before, to: prefix } }),
  };
};
