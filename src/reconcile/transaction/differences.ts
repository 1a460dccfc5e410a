import { kindOf } from '../../model/kinds.ts';
import type { AnyObject, KindName, State } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';

/** Objects of one kind in which two dumps differ. */
export interface Difference {
  readonly gone: readonly AnyObject[];
  readonly come: readonly AnyObject[];
}

const NONE: Difference = { gone: [], come: [] };

/** So many that have gone together, or come, are found where they are: an address has four routes of the kernel. */
const MOST_TOGETHER = 8;

/** @returns `objects` without those that `others` has just the same */
const beside = (kind: KindName, objects: readonly AnyObject[], others: readonly AnyObject[]): readonly AnyObject[] => {
  if (objects.length === 0 || others.length === 0) return objects;
  const { identity } = kindOf(kind);
  const known = new Map(others.map((object) => [identity(object), object]));
  return objects.filter((object) => !sameValue(known.get(identity(object)), object));
};

/** How far behind `from` the same object comes; 0 where it does not soon. */
const distanceTo = (object: unknown, list: readonly unknown[], from: number): number => {
  for (let k = 1; k <= MOST_TOGETHER && from + k < list.length; k++) if (sameValue(list[from + k], object)) return k;
  return 0;
};

/**
 * In what two dumps differ; one that has changed is in both lists. Two dumps of one host are mostly the same in the same
 * order, and a kind that was not asked for again is the very same list, so this costs little more than a walk. Pure.
 */
export const differenceOf = (kind: KindName, before: State, now: State): Difference => {
  if (before[kind] === now[kind]) return NONE;
  const old: readonly AnyObject[] = before[kind];
  const fresh: readonly AnyObject[] = now[kind];
  const gone: AnyObject[] = [];
  const come: AnyObject[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < fresh.length) {
    const was = old[i] as AnyObject;
    const is = fresh[j] as AnyObject;
    if (sameValue(was, is)) {
      i++;
      j++;
      continue;
    }
    const left = distanceTo(is, old, i);
    const added = left > 0 ? 0 : distanceTo(was, fresh, j);
    // changed, or out of order: what the objects are tells
    const isBoth = left === 0 && added === 0;
    const nextOld = i + (isBoth ? 1 : left);
    const nextFresh = j + (isBoth ? 1 : added);
    for (; i < nextOld; i++) gone.push(old[i] as AnyObject);
    for (; j < nextFresh; j++) come.push(fresh[j] as AnyObject);
  }
  const wereMore = gone.concat(old.slice(i));
  const areMore = come.concat(fresh.slice(j));
  return { gone: beside(kind, wereMore, areMore), come: beside(kind, areMore, wereMore) };
};
