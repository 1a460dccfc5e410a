import type { Declared, Desired } from '../model/desired.ts';
import type { Ref } from '../model/kind.ts';
import { kindOf } from '../model/kinds.ts';
import type { Link } from '../model/link.ts';
import type { Op } from '../model/op.ts';
import { type AnyObject, KIND_NAMES, type State } from '../model/state.ts';
import { describePlan } from './describe-plan.ts';
import { applyOperation } from './effects/index.ts';
import { type GoalOptions, goalOfDesired } from './goal-desired.ts';
import type { Plan } from './plan-types.ts';
import { Problems } from './problems.ts';
import { renameInState } from './rename.ts';
import { planTransition, type TransitionStep } from './transition.ts';
import { WorkingState } from './working-state.ts';

interface Renamed {
  readonly state: State;
  readonly steps: readonly TransitionStep[];
}

/** Renames come first: everything after them speaks of the new names. */
const applyRenames = (links: readonly Declared<Link>[], observed: State): Renamed => {
  let state = observed;
  const steps: TransitionStep[] = [];
  for (const { object, absent, source } of links) {
    const from = object.renamed_from;
    if (absent || from === undefined || state.link.some(({ name }) => name === object.name)) continue;
    const before = state.link.find(({ name }) => name === from);
    if (before === undefined) continue;
    const after: Link = { ...before, name: object.name, renamed_from: from };
    const op: Op = { kind: 'link', action: 'update', object: after, before, stage: 'rename', fields: ['name'] };
    const differences = [{ field: 'name', before: from, after: object.name, recreate: false }];
    steps.push({
      op,
      change: {
        kind: 'link',
        slot: object.name,
        action: 'update',
        reason: 'declared',
        before,
        after,
        differences,
        source,
      },
      taken: [],
    });
    state = renameInState(state, from, object.name);
  }
  return { state, steps };
};

/**
 * What `apply` would do. Pure: same arguments, same plan.
 * @param desired - checked state files
 * @param observed - a full dump or a snapshot
 * @throws {ConfigError} with every conflict, missing link and unreachable gateway, each at its place in the files
 * @throws {NetreconError} NR_PLAN_CYCLE, NR_PLAN_UNSTABLE
 */
export const planDesired = (desired: Desired, observed: State, options: GoalOptions): Plan => {
  const problems = new Problems();
  const renamed = applyRenames(desired.objects.link, observed);
  const working = new WorkingState(renamed.state);
  const goal = goalOfDesired(desired, working, options, problems);
  problems.throwIfAny();
  const steps = [...renamed.steps, ...planTransition(goal, working)];
  return describePlan(steps, goal.removals, problems.warnings);
};

/** The state that a plan leads to, by the model. Pure. */
export const predictState = (observed: State, plan: Plan): State => {
  let state = observed;
  let working = new WorkingState(state);
  for (const { op } of plan.steps) {
    if (op.kind === 'link' && op.stage === 'rename') {
      state = renameInState(working.toState(), op.object.renamed_from as string, op.object.name);
      working = new WorkingState(state);
    } else applyOperation(working, op);
  }
  return working.toState();
};

/** Slots that the steps name or take along. */
export const touchedBy = (plan: Plan): Ref[] => {
  const slots = new Map<Ref['kind'], Set<string>>(KIND_NAMES.map((kind) => [kind, new Set()]));
  const add = (kind: Ref['kind'], slot: string) => slots.get(kind)?.add(slot);
  // every step is of a change; an object that is to go may have no step of its own: it goes with another
  for (const { kind, key } of plan.changes) add(kind, key);
  for (const { op, cascades } of plan.steps) {
    if (op.before !== undefined && op.before !== op.object) add(op.kind, kindOf(op.kind).slot(op.before as AnyObject));
    const peer = op.kind === 'link' ? op.object.options?.peer : undefined;
    // a bridge takes its address and MTU from its ports
    const masters = op.kind === 'link' && op.stage === 'master' ? [op.before?.master, op.object.master] : [];
    for (const master of masters) if (typeof master === 'string') add('link', master);
    if (typeof peer === 'string') add('link', peer);
    for (const { kind, key } of cascades) add(kind, key);
  }
  return [...slots].flatMap(([kind, names]) => Array.from(names, (slot): Ref => ({ kind, slot })));
};
