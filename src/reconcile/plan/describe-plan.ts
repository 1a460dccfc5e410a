import type { Diagnostic } from '../../model/errors.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Op } from '../../model/op.ts';
import type { AnyObject, KindName } from '../../model/state.ts';
import type { Value } from '../../model/value.ts';
import type { Taken } from '../effects/index.ts';
import { addressesStoodIn, disruptionsOfChange } from './describe-disruption.ts';
import type { Removal } from './goal.ts';
import type {
  Cascade,
  ChangeAction,
  ChangeReason,
  FieldChange,
  Plan,
  PlanChange,
  PlanStep,
  PlanSummary,
} from './plan-types.ts';
import { actionOf, type History, historiesOf } from './step-history.ts';
import type { TransitionStep } from './transition.ts';

const keyOf = (kind: KindName, object: AnyObject): string => `${kind} ${kindOf(kind).slot(object)}`;

const isForeign = (kind: KindName, object: AnyObject): boolean => {
  const owner = kindOf(kind).owner(object);
  return owner !== undefined && owner !== NETRECON_PROTOCOL && !kindOf(kind).isHandMade(object);
};

/** What progress and errors call an operation. */
export const titleOf = (op: Op): string => {
  const what = kindOf(op.kind).describe(op.object);
  if (op.action !== 'update') return `${op.action} ${what}`;
  if (op.kind === 'link' && op.stage === 'rename') return `rename link ${op.object.renamed_from} to ${op.object.name}`;
  if (op.kind === 'link' && (op.stage === 'up' || op.stage === 'down')) return `set ${what} ${op.stage}`;
  return `set ${what} ${(op.fields ?? []).map((field) => field.replace(/^(options|port)\./, '')).join(', ')}`;
};

/** For every casualty the first later step that makes its slot whole again. */
const restorations = (
  steps: readonly TransitionStep[],
  slots: readonly string[],
): ((from: number, taken: Taken) => number | undefined) => {
  const bySlot = new Map<string, number[]>();
  if (steps.every(({ taken }) => taken.length === 0)) return () => undefined;
  for (const [i, { op }] of steps.entries()) {
    if (op.action === 'delete') continue;
    const key = `${op.kind} ${slots[i]}`;
    const list = bySlot.get(key);
    if (list === undefined) bySlot.set(key, [i]);
    else list.push(i);
  }
  return (from, { kind, object }) => bySlot.get(keyOf(kind, object))?.find((i) => i > from);
};

/** Something that the kernel takes along, as a plan tells of it. */
export const cascadeOf = ({ kind, object, why, after }: Taken): Cascade => {
  const owner = kindOf(kind).owner(object);
  return {
    kind,
    key: kindOf(kind).slot(object),
    title: kindOf(kind).describe(object),
    why,
    effect: after === undefined ? 'removed' : 'changed',
    foreign: isForeign(kind, object),
    ...(owner === undefined ? {} : { owner }),
  };
};

const NOTHING: readonly never[] = [];

const describeSteps = (
  steps: readonly TransitionStep[],
  slots: readonly string[],
  removals: readonly Removal[],
): PlanStep[] => {
  const planned = new Set<AnyObject>(removals.map(({ object }) => object));
  const restoredBy = restorations(steps, slots);
  return steps.map(({ op, change, taken, bundle }, i) => ({
    op,
    title: titleOf(op),
    ...(bundle === undefined ? {} : { bundle }),
    ...(change.source === undefined ? {} : { source: change.source }),
    cascades:
      taken.length === 0
        ? NOTHING
        : taken
            .filter(({ object }) => !planned.has(object))
            .map((item): Cascade => {
              const by = restoredBy(i, item);
              return by === undefined ? cascadeOf(item) : { ...cascadeOf(item), restoredBy: by };
            }),
  }));
};

/** For every object that is taken along, the first step that does so. */
const firstTaken = (steps: readonly TransitionStep[]): ReadonlyMap<string, number> => {
  const first = new Map<string, number>();
  for (const [i, { taken }] of steps.entries()) {
    for (const { kind, object } of taken) {
      const key = keyOf(kind, object);
      if (!first.has(key)) first.set(key, i);
    }
  }
  return first;
};

/** What was there before it was taken along is not asked for anew but brought back, whoever asked for it at first. */
const reasonOf = ({ first, last, steps }: History, takenAt: number | undefined): ChangeReason => {
  if (first.op.action === 'create' && takenAt !== undefined && takenAt < (steps[0] as number)) return 'restore';
  return (first.change.reason === 'restore' ? last.change : first.change).reason;
};

const HIDDEN_FIELDS: ReadonlySet<string> = new Set(['raw', 'rawOptions', 'rawPort', 'index', 'conf', 'linkIndex']);

/** Every field that a new object has, options flattened as `options.NAME`. */
export const fieldsOfNew = (kind: KindName, object: AnyObject): [string, Value][] =>
  Object.entries(object).flatMap(([name, value]): [string, Value][] => {
    if (value === undefined || HIDDEN_FIELDS.has(name)) return [];
    if (kind === 'link' && name === 'options')
      return Object.entries(value as object).map(([option, v]) => [`options.${option}`, v as Value]);
    if (kind === 'link' && name === 'port') {
      return Object.entries((value as { options: object }).options).map(([option, v]) => [
        `port.${option}`,
        v as Value,
      ]);
    }
    return [[name, value as Value]];
  });

const fieldChangesOf = (history: History, action: ChangeAction): FieldChange[] => {
  const declared = (history.last.change.wanted ?? history.first.change.wanted)?.declared;
  const at = (field: string) => {
    const source = declared?.fields[field];
    return source === undefined ? {} : { source };
  };
  if (action === 'delete') return [];
  if (action === 'create') {
    const object = declared?.object ?? history.last.change.after ?? history.last.op.object;
    return fieldsOfNew(history.kind, object as AnyObject).map(([field, after]) => ({
      field,
      before: undefined,
      after,
      forcesReplace: false,
      ...at(field),
    }));
  }
  return [...(history.differences?.values() ?? [])].map(({ field, before, after, recreate }) => ({
    field,
    before,
    after,
    forcesReplace: recreate,
    ...at(field),
  }));
};

/** Objects to be removed for which no message is needed: they go with another one. */
const foldedRemovals = (steps: readonly TransitionStep[], removals: readonly Removal[]): Map<Removal, number> => {
  const takenBy = new Map<AnyObject, number>();
  const folded = new Map<Removal, number>();
  for (const [i, { taken }] of steps.entries()) for (const { object } of taken) takenBy.set(object, i);
  if (takenBy.size === 0) return folded;
  for (const removal of removals) {
    const by = takenBy.get(removal.object);
    if (by !== undefined) folded.set(removal, by);
  }
  return folded;
};

export const summarise = (changes: readonly PlanChange[]): PlanSummary => {
  const summary = { create: 0, update: 0, replace: 0, delete: 0, restore: 0 };
  for (const { action, reason } of changes)
    if (reason !== 'interim') summary[reason === 'restore' ? 'restore' : action]++;
  return summary;
};

/** Turns the bare sequence into a plan that can be read: per object what becomes of it, per step what goes with it. */
export const describePlan = (
  transition: readonly TransitionStep[],
  removals: readonly Removal[],
  warnings: readonly Diagnostic[],
): Plan => {
  const slots = transition.map(({ op }) => kindOf(op.kind).slot(op.object));
  const steps = describeSteps(transition, slots, removals);
  const changes: PlanChange[] = [];
  const takenFirst = firstTaken(transition);
  const stoodIn = addressesStoodIn(transition);
  for (const history of historiesOf(transition, slots)) {
    const action = actionOf(history);
    const { change } = history.last;
    changes.push({
      kind: history.kind,
      key: history.slot,
      title: kindOf(history.kind).describe(history.last.op.object),
      action,
      reason: reasonOf(history, takenFirst.size === 0 ? undefined : takenFirst.get(`${history.kind} ${history.slot}`)),
      // most of a plan's bulk, and often only counted: made when it is looked at
      get fields() {
        return fieldChangesOf(history, action);
      },
      disruptive: disruptionsOfChange(history, action, transition, steps, stoodIn),
      steps: history.steps,
      ...(change.source === undefined ? {} : { source: change.source }),
    });
  }
  const folded = foldedRemovals(transition, removals);
  const told = new Set(folded.size === 0 ? [] : slots.map((slot, i) => `${transition[i]?.op.kind} ${slot}`));
  for (const [{ kind, object, reason, source }, step] of folded) {
    const key = kindOf(kind).slot(object);
    if (told.has(`${kind} ${key}`)) continue;
    changes.push({
      kind,
      key,
      title: kindOf(kind).describe(object),
      action: 'delete',
      reason,
      fields: [],
      disruptive: [],
      steps: [step],
      ...(source === undefined ? {} : { source }),
    });
  }
  return { changes, steps, summary: summarise(changes), warnings };
};
