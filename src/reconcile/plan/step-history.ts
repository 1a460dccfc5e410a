import { KIND_NAMES, type KindName } from '../../model/state.ts';
import type { Difference } from './compare.ts';
import type { ChangeAction } from './plan-types.ts';
import type { TransitionStep } from './transition.ts';

/** A table of slots for each kind: slots of two kinds may read alike. */
const mapOfKinds = <T>(): { readonly [K in KindName]: Map<string, T> } =>
  Object.fromEntries(KIND_NAMES.map((kind) => [kind, new Map<string, T>()])) as { [K in KindName]: Map<string, T> };

/** Everything the steps do to one object, first to last. */
export interface History {
  readonly kind: KindName;
  readonly slot: string;
  readonly first: TransitionStep;
  readonly steps: number[];
  /** absent: none (most objects are only made or deleted) */
  differences?: Map<string, Difference>;
  deleted: boolean;
  created: boolean;
  last: TransitionStep;
}

/** One history for each object that a step names. */
export const historiesOf = (steps: readonly TransitionStep[], slots: readonly string[]): readonly History[] => {
  const histories: History[] = [];
  const known = mapOfKinds<History>();
  for (const [i, step] of steps.entries()) {
    const { kind } = step.op;
    const slot = slots[i] as string;
    let history = known[kind].get(slot);
    if (history === undefined) {
      history = { kind, slot, first: step, steps: [], deleted: false, created: false, last: step };
      known[kind].set(slot, history);
      histories.push(history);
    }
    history.steps.push(i);
    history.last = step;
    if (step.op.action === 'delete') history.deleted = true;
    if (step.op.action === 'create' || step.change.action === 'create') history.created = true;
    if (step.change.reason !== 'restore' && step.change.action !== 'create') {
      for (const difference of step.change.differences) {
        history.differences ??= new Map();
        if (!history.differences.has(difference.field)) history.differences.set(difference.field, difference);
      }
    }
  }
  return histories;
};

/** What becomes of the object, seen from both ends. */
export const actionOf = ({ deleted, created, first, last }: History): ChangeAction => {
  // a rule is made anew before its old self goes
  if (deleted && created && first.change.action === 'replace') return 'replace';
  if (last.op.action === 'delete') return 'delete';
  if (deleted) return 'replace';
  // changed in place, taken along by something else, and made again: for the reader it is one and the same object
  return created && first.change.action === 'create' ? 'create' : 'update';
};
