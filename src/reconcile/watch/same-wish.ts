import type { Declared, Desired } from '../../model/desired.ts';
import { kindOf } from '../../model/kinds.ts';
import { type AnyObject, KIND_NAMES, type KindName } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { objectKey } from './interest.ts';

const wishes = ({ objects }: Desired): ReadonlyMap<string, Declared<AnyObject>> =>
  new Map(
    KIND_NAMES.flatMap((kind) =>
      (objects[kind] as readonly Declared<AnyObject>[]).map(
        (declared) => [objectKey(kind, kindOf(kind).slot(declared.object as never)), declared] as const,
      ),
    ),
  );

/**
 * Tells drift from what new files ask for, where both are put right at once: of an object that the old and the new files
 * want alike, what is wrong is drift.
 */
export const createSameWish = (before: Desired, after: Desired): ((kind: KindName, slot: string) => boolean) => {
  const [old, fresh] = [wishes(before), wishes(after)];
  return (kind, slot) => {
    const key = objectKey(kind, slot);
    const [a, b] = [old.get(key), fresh.get(key)];
    if (a === undefined || b === undefined) return false;
    return a === b || (a.absent === b.absent && sameValue(a.object, b.object));
  };
};
