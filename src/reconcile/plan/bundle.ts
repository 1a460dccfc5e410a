import { kindOf } from '../../model/kinds.ts';
import type { Op, OpOf } from '../../model/op.ts';
import type { Route } from '../../model/route.ts';
import type { WorkingState } from './working-state.ts';

/**
 * What the order asks of a route and what a route offers to others: its table, its links, whether it is on-link there,
 * its source and its nexthop object.
 */
const standing = ({ table, nhid, src, hops }: Route): string => {
  const [first] = hops;
  const ways =
    hops.length === 1 && first !== undefined
      ? `${first.via === undefined} ${first.dev ?? ''}`
      : hops.map(({ dev, via }) => `${via === undefined} ${dev ?? ''}`).join();
  return `${table} ${nhid ?? ''} ${src ?? ''} ${ways}`;
};

const isRouteOp = (op: Op | undefined): op is OpOf<'route'> => op?.kind === 'route';

/** Slots that creations have to share with each other or with what is there: their order counts. */
const contestedSlots = (groups: readonly (readonly Op[])[], state: WorkingState): ReadonlySet<string> => {
  const { slot } = kindOf('route');
  const seen = new Set<string>();
  const contested = new Set<string>();
  for (const ops of groups) {
    for (const op of ops) {
      if (op.kind !== 'route' || op.action !== 'create') continue;
      const key = slot(op.object);
      if (seen.has(key) || state.inSlot('route', key).length > 0) contested.add(key);
      seen.add(key);
    }
  }
  return contested;
};

/**
 * Tells route operations that stand for each other in the order: they need and offer the same, and no two of them meet in
 * one slot. Sorted as one node, a table of a hundred thousand routes is a handful of nodes, and its operations can be sent
 * in any order among themselves.
 * @param groups - the operations of each change
 * @returns the key of the bundle that the only operation of a group belongs to; undefined where it stands for itself
 */
export const createBundler = (
  groups: readonly (readonly Op[])[],
  state: WorkingState,
): ((ops: readonly Op[]) => string | undefined) => {
  const contested = contestedSlots(groups, state);
  const { slot } = kindOf('route');
  return (ops) => {
    const [op] = ops;
    if (ops.length !== 1 || !isRouteOp(op)) return undefined;
    if (contested.size > 0 && contested.has(slot(op.object))) return undefined;
    return `${op.action} ${standing(op.object)} ${op.before?.nhid ?? ''}`;
  };
};
