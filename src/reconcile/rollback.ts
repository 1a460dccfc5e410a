import type { Ref } from '../model/kind.ts';
import { kindOf } from '../model/kinds.ts';
import type { Route } from '../model/route.ts';
import type { State } from '../model/state.ts';
import { describePlan } from './describe-plan.ts';
import { type ExecutionPorts, executeSteps } from './execute.ts';
import { goalOfRestore, type RestoreOptions, refKey, renamedSince } from './goal-restore.ts';
import type { Failure, Plan } from './plan-types.ts';
import { planRenames } from './rename.ts';
import { planTransition } from './transition.ts';
import { lookBack, type Undo } from './undo-lists.ts';
import { WorkingState } from './working-state.ts';

/** What a rollback came to. */
export type RollbackResult =
  | { readonly done: true; readonly steps: number }
  | { readonly done: false; readonly remaining: Plan; readonly failures: readonly Failure[] };

export interface RollbackPorts extends ExecutionPorts {
  /** the state to go back to, where others change it meanwhile: asked after each dump; default: always `before` */
  readonly current?: () => State;
}

/** Dumps and plans that a rollback makes at most; the first suffices unless the kernel surprises. */
const MOST_ROUNDS = 8;

/** The plan that leads from what is now back to what was, over the touched objects. Pure. */
export const planRestore = (before: State, now: State, touched: readonly Ref[], options: RestoreOptions = {}): Plan => {
  const renames = renamedSince(before, now).map(({ from, to }) => ({ from, to, reason: 'restore' as const }));
  const renamed = planRenames(renames, now, options.renamesUp !== false);
  const goal = goalOfRestore(before, renamed.state, touched, options);
  const working = new WorkingState(renamed.state);
  const steps = [...renamed.stepsOn(working), ...planTransition(goal, working)];
  return describePlan(steps, goal.removals, []);
};

/** A state with the routes of lists that a pass deals with. */
export const withRoutes = (state: State, routes: readonly Route[]): State =>
  routes.length === 0 ? state : { ...state, route: [...state.route, ...routes] };

/**
 * Puts back what a transaction touched: plans from a fresh dump to the state before it, sends, and looks again, until a
 * dump shows nothing left to do. An operation that the kernel refuses is given up, and the rest goes on.
 */
export const rollBack = async (before: State, undo: Undo, ports: RollbackPorts): Promise<RollbackResult> => {
  // neither the signal that stopped the transaction nor other programs must stop its rollback
  const { kernel, sleep, onStep } = ports;
  const { renamesUp } = kernel;
  const rest: ExecutionPorts = { kernel, sleep, ...(onStep === undefined ? {} : { onStep }) };
  const goal = ports.current ?? (() => before);
  const skip = new Set<string>();
  const failures: Failure[] = [];
  let sent = 0;
  let previous = '';
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const first = round === 0;
    const seen = await lookBack(kernel, undo, skip);
    const plan = planRestore(withRoutes(goal(), seen.lost), seen.now, seen.touched, { skip, first, renamesUp });
    if (plan.steps.length === 0) {
      if (first) continue;
      break;
    }
    // acknowledged in full and yet the same again: the kernel will not do it
    const signature = JSON.stringify(plan.steps.map(({ title }) => title));
    if (signature === previous)
      for (const { op } of plan.steps) skip.add(refKey(op.kind, kindOf(op.kind).slot(op.object)));
    previous = signature;
    const { failure } = await executeSteps(plan.steps, rest);
    sent += plan.steps.length;
    // a pass that leaves routes for the next one is no attempt
    if (failure === undefined && seen.rest > 0) round--;
    if (failure === undefined) continue;
    failures.push(failure);
    const op = failure.step?.op;
    if (op !== undefined && failure.cause !== 'transport') skip.add(refKey(op.kind, kindOf(op.kind).slot(op.object)));
  }
  for (let look = 1; ; look++) {
    const { now, lost, touched } = await lookBack(kernel, undo);
    const remaining = planRestore(withRoutes(goal(), lost), now, touched, { renamesUp });
    if (remaining.steps.length === 0) return { done: true, steps: sent };
    // where others go on changing the same objects, one look may fall between their change and the word of it
    if (ports.current === undefined || look >= MOST_ROUNDS) return { done: false, remaining, failures };
  }
};
