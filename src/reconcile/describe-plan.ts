import type { Diagnostic } from '../model/errors.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { kindOf } from '../model/kinds.ts';
import type { Op } from '../model/op.ts';
import type { AnyObject, KindName } from '../model/state.ts';
import type { Value } from '../model/value.ts';
import type { Difference } from './compare.ts';
import type { Taken } from './effects/index.ts';
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
import type { TransitionStep } from './transition.ts';

const keyOf = (kind: KindName, object: AnyObject): string => `${kind} ${kindOf(kind).slot(object)}`;

const isForeign = (kind: KindName, object: AnyObject): boolean => {
  const owner = kindOf(kind).owner(object);
  return owner !== undefined && owner !== NETRECON_PROTOCOL && !kindOf(kind).isHandMade(object);
};

const titleOf = (op: Op): string => {
  const what = kindOf(op.kind).describe(op.object);
  if (op.action !== 'update') return `${op.action} ${what}`;
  if (op.kind === 'link' && op.stage === 'rename') return `rename link ${op.object.renamed_from} to ${op.object.name}`;
  if (op.kind === 'link' && (op.stage === 'up' || op.stage === 'down')) return `set ${what} ${op.stage}`;
  return `set ${what} ${(op.fields ?? []).map((field) => field.replace(/^(options|port)\./, '')).join(', ')}`;
};

/** For every casualty the first later step that makes its slot whole again. */
const restorations = (steps: readonly TransitionStep[]): ((from: number, taken: Taken) => number | undefined) => {
  const bySlot = new Map<string, number[]>();
  for (const [i, { op }] of steps.entries()) {
    if (op.action === 'delete') continue;
    const key = keyOf(op.kind, op.object);
    const list = bySlot.get(key);
    if (list === undefined) bySlot.set(key, [i]);
    else list.push(i);
  }
  return (from, { kind, object }) => bySlot.get(keyOf(kind, object))?.find((i) => i > from);
};

const describeSteps = (steps: readonly TransitionStep[], removals: readonly Removal[]): PlanStep[] => {
  const planned = new Set<AnyObject>(removals.map(({ object }) => object));
  const restoredBy = restorations(steps);
  return steps.map(({ op, change, taken }, i) => ({
    op,
    title: titleOf(op),
    ...(change.source === undefined ? {} : { source: change.source }),
    cascades: taken
      .filter(({ object }) => !planned.has(object))
      .map((item): Cascade => {
        const by = restoredBy(i, item);
        const owner = kindOf(item.kind).owner(item.object);
        return {
          kind: item.kind,
          key: kindOf(item.kind).slot(item.object),
          title: kindOf(item.kind).describe(item.object),
          why: item.why,
          effect: item.after === undefined ? 'removed' : 'changed',
          foreign: isForeign(item.kind, item.object),
          ...(owner === undefined ? {} : { owner }),
          ...(by === undefined ? {} : { restoredBy: by }),
        };
      }),
  }));
};

/** Everything the steps do to one object, first to last. */
interface History {
  readonly kind: KindName;
  readonly first: TransitionStep;
  readonly steps: number[];
  readonly differences: Map<string, Difference>;
  deleted: boolean;
  created: boolean;
  last: TransitionStep;
}

const historiesOf = (steps: readonly TransitionStep[]): Map<string, History> => {
  const histories = new Map<string, History>();
  for (const [i, step] of steps.entries()) {
    const { kind } = step.op;
    const key = keyOf(kind, step.op.object);
    let history = histories.get(key);
    if (history === undefined) {
      history = { kind, first: step, steps: [], differences: new Map(), deleted: false, created: false, last: step };
      histories.set(key, history);
    }
    history.steps.push(i);
    history.last = step;
    if (step.op.action === 'delete') history.deleted = true;
    if (step.op.action === 'create' || step.change.action === 'create') history.created = true;
    if (step.change.reason !== 'restore' && step.change.action !== 'create') {
      for (const difference of step.change.differences) {
        if (!history.differences.has(difference.field)) history.differences.set(difference.field, difference);
      }
    }
  }
  return histories;
};

const actionOf = ({ deleted, created, last }: History): ChangeAction => {
  if (last.op.action === 'delete') return 'delete';
  if (deleted) return 'replace';
  return created ? 'create' : 'update';
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
const fieldsOfNew = (object: AnyObject): [string, Value][] =>
  Object.entries(object).flatMap(([name, value]): [string, Value][] => {
    if (value === undefined || HIDDEN_FIELDS.has(name)) return [];
    if (name === 'options')
      return Object.entries(value as object).map(([option, v]) => [`options.${option}`, v as Value]);
    if (name === 'port') {
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
    return fieldsOfNew(object as AnyObject).map(([field, after]) => ({
      field,
      before: undefined,
      after,
      forcesReplace: false,
      ...at(field),
    }));
  }
  return [...history.differences.values()].map(({ field, before, after, recreate }) => ({
    field,
    before,
    after,
    forcesReplace: recreate,
    ...at(field),
  }));
};

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : word.endsWith('s') ? 'es' : 's'}`;

/** What a change does to traffic that is meant to go on. */
const disruptionsOf = (history: History, action: ChangeAction, steps: readonly PlanStep[]): string[] => {
  const out: string[] = [];
  const { object } = history.last.op;
  if (action === 'replace' && history.kind !== 'rule') {
    out.push(`${kindOf(history.kind).describe(object)} is made anew; what uses it is interrupted`);
  }
  if (history.kind === 'link' && action === 'update' && history.steps.some((i) => isStage(steps[i]?.op, 'down'))) {
    out.push(`${kindOf('link').describe(object)} goes down`);
  }
  const lost = history.steps.flatMap((i) => steps[i]?.cascades ?? []).filter(({ effect }) => effect === 'removed');
  const gone = lost.filter(({ restoredBy }) => restoredBy === undefined);
  const back = lost.length - gone.length;
  if (back > 0)
    out.push(`takes ${plural(back, 'object')} along until later steps bring ${back === 1 ? 'it' : 'them'} back`);
  if (gone.length > 0) out.push(`takes ${plural(gone.length, 'object')} along for good`);
  return out;
};

const isStage = (op: Op | undefined, stage: string): boolean => op?.kind === 'link' && op.stage === stage;

/** Objects to be removed for which no message is needed: they go with another one. */
const foldedRemovals = (steps: readonly TransitionStep[], removals: readonly Removal[]): Map<Removal, number> => {
  const takenBy = new Map<AnyObject, number>();
  for (const [i, { taken }] of steps.entries()) for (const { object } of taken) takenBy.set(object, i);
  const folded = new Map<Removal, number>();
  for (const removal of removals) {
    const by = takenBy.get(removal.object);
    if (by !== undefined) folded.set(removal, by);
  }
  return folded;
};

const summarise = (changes: readonly PlanChange[]): PlanSummary => {
  const count = (action: ChangeAction) => changes.filter((c) => c.action === action && c.reason !== 'restore').length;
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
    restore: changes.filter(({ reason }) => reason === 'restore').length,
  };
};

/** Turns the bare sequence into a plan that can be read: per object what becomes of it, per step what goes with it. */
export const describePlan = (
  transition: readonly TransitionStep[],
  removals: readonly Removal[],
  warnings: readonly Diagnostic[],
): Plan => {
  const steps = describeSteps(transition, removals);
  const changes: PlanChange[] = [];
  const takenFirst = firstTaken(transition);
  for (const [key, history] of historiesOf(transition)) {
    const action = actionOf(history);
    const { change } = history.last;
    changes.push({
      kind: history.kind,
      key: key.slice(history.kind.length + 1),
      title: kindOf(history.kind).describe(history.last.op.object),
      action,
      reason: reasonOf(history, takenFirst.get(key)),
      fields: fieldChangesOf(history, action),
      disruptive: disruptionsOf(history, action, steps),
      steps: history.steps,
      ...(change.source === undefined ? {} : { source: change.source }),
    });
  }
  const told = new Set(changes.map(({ kind, key }) => `${kind} ${key}`));
  for (const [{ kind, object, reason, source }, step] of foldedRemovals(transition, removals)) {
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
