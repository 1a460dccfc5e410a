import type { Declared, Desired } from '../../model/desired.ts';
import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { type AnyObject, KIND_NAMES, type State } from '../../model/state.ts';
import { applyOperation } from '../effects/index.ts';
import { shareNexthops } from '../nexthops/share.ts';
import { describePlan } from './describe-plan.ts';
import { type GoalOptions, goalOfDesired } from './goal-desired.ts';
import type { Plan } from './plan-types.ts';
import { Problems } from './problems.ts';
import { planRenames, type Rename, renameInState } from './rename.ts';
import { planTransition } from './transition.ts';
import { missingLinks, withoutLinks } from './waiting.ts';
import { WorkingState } from './working-state.ts';

/** The links that a file gives other names, where these have not been given yet. */
const wantedRenames = (links: readonly Declared<Link>[], { link: present }: State): readonly Rename[] =>
  links.flatMap(({ object: { name: to, renamed_from: from }, absent, source }) =>
    absent || from === undefined || present.some(({ name }) => name === to)
      ? []
      : [{ from, to, reason: 'declared' as const, source }],
  );

/**
 * What `apply` would do. Pure: same arguments, same plan.
 * @param asked - checked state files
 * @param observed - a full dump or a snapshot
 * @throws {ConfigError} with every conflict, missing link and unreachable gateway, each at its place in the files
 * @throws {NetreconError} NR_PLAN_CYCLE, NR_PLAN_UNSTABLE
 */
export const planDesired = (asked: Desired, observed: State, options: GoalOptions): Plan => {
  const problems = new Problems();
  const desired = shareNexthops(asked, observed);
  const there = withoutLinks(desired, missingLinks(desired, observed, options.waitForLinks === true));
  const renamed = planRenames(wantedRenames(there.objects.link, observed), observed, options.renamesUp !== false);
  const working = new WorkingState(renamed.state);
  const goal = goalOfDesired(there, working, options, problems);
  problems.throwIfAny();
  const steps = [...renamed.stepsOn(working), ...planTransition(goal, working)];
  return describePlan(steps, goal.removals, [...(desired.warnings ?? []), ...problems.warnings]);
};

/** The state that a plan leads to in the namespace at hand, by the model. Pure. */
export const predictState = (observed: State, plan: Plan): State => {
  let state = observed;
  let working = new WorkingState(state);
  for (const { op, netns } of plan.steps) {
    if (netns !== undefined) continue;
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
