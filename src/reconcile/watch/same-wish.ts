import { type Declared, type Desired, singleObjects } from '../../model/desired.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Route } from '../../model/route.ts';
import { findListed } from '../../model/route-list.ts';
import { type AnyObject, KIND_NAMES, type KindName } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { objectKey } from './interest.ts';

type Wish = (kind: KindName, slot: string, object: AnyObject | undefined) => Declared<AnyObject> | undefined;

/** Looks up what files say of an object; routes of lists stay columns. */
const createWish = (desired: Desired): Wish => {
  const { listed } = desired;
  const named = new Map(
    KIND_NAMES.flatMap((kind) =>
      (singleObjects(desired, kind) as readonly Declared<AnyObject>[]).map(
        (declared) => [objectKey(kind, kindOf(kind).slot(declared.object as never)), declared] as const,
      ),
    ),
  );
  return (kind, slot, object) =>
    named.get(objectKey(kind, slot)) ??
    (kind === 'route' && listed !== undefined && object !== undefined
      ? findListed(listed, object as Route)
      : undefined);
};

/**
 * Tells drift from what new files ask for, where both are put right at once: of an object that the old and the new files
 * want alike, what is wrong is drift.
 * @returns asks about the object of a slot, as a plan has it
 */
export const createSameWish = (
  before: Desired,
  after: Desired,
): ((kind: KindName, slot: string, object: AnyObject | undefined) => boolean) => {
  const [old, fresh] = [createWish(before), createWish(after)];
  return (kind, slot, object) => {
    const [a, b] = [old(kind, slot, object), fresh(kind, slot, object)];
    if (a === undefined || b === undefined) return false;
    return a === b || (a.absent === b.absent && sameValue(a.object, b.object));
  };
};
