import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import { countRows } from '../../model/prefix-columns.ts';
import type { Route } from '../../model/route.ts';
import type { State } from '../../model/state.ts';
import { type AsideByNexthop, type BulkPart, coversDoomed, findBulks, leavesRoutesAlone } from '../lists/list-bulks.ts';
import { ROUTES_A_PASS, type Undo } from '../lists/undo-lists.ts';
import { describePlan } from '../plan/describe-plan.ts';
import { goalOfRestore, type RestoreOptions, refKey, renamedSince } from '../plan/goal-restore.ts';
import type { Plan, PlanStep } from '../plan/plan-types.ts';
import { planRenames } from '../plan/rename.ts';
import { planTransition } from '../plan/transition.ts';
import { WorkingState } from '../plan/working-state.ts';
import { executeSteps } from './execute.ts';
import type { ExecutionPorts } from './execution-ports.ts';
import { lookBack } from './look-back.ts';
import type { Failure } from './outcome.ts';
import { unknownKeys } from './replaced-keys.ts';

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

/** As many routes of each list are planned one by one, where the others can go in bulk. */
const SAMPLE = 256;

/**
 * Takes out what nobody can do any more: a key of WireGuard that has been replaced is in no record. All else of its link is
 * put back.
 */
const withoutLostKeys = (plan: Plan): { readonly plan: Plan; readonly lost?: Failure } => {
  const lost = plan.steps.flatMap(({ op }) => unknownKeys(op));
  if (lost.length === 0) return { plan };
  const numbers = new Map([...plan.steps.keys()].filter((i) => !isLost(plan, i)).map((old, i) => [old, i]));
  return {
    plan: {
      ...plan,
      steps: plan.steps.filter((_, i) => numbers.has(i)),
      ...(plan.bulks === undefined
        ? {}
        : { bulks: plan.bulks.map((bulk) => ({ ...bulk, like: numbers.get(bulk.like) as number })) }),
    },
    lost: {
      cause: 'refused',
      message: `${[...new Set(lost)].join(', ')}: not known here, for no record holds a key`,
      hint: 'apply files that name it',
    },
  };
};

const isLost = ({ steps }: Plan, i: number): boolean => unknownKeys((steps[i] as PlanStep).op).length > 0;

/** What is left to do of a rollback, in the order of doing it. */
interface Look {
  readonly plan: Plan;
  /** routes of lists that are neither in the plan nor in a bulk of it */
  readonly left: number;
}

const asideOf = (parts: readonly BulkPart[]): readonly AsideByNexthop[] =>
  parts.map((part) => ({
    nhid: part.action === 'create' ? undefined : part.body.nhid,
    count: countRows(part.columns),
  }));

/** Looks at the kernel, and plans the way back; routes of lists go in bulk where they can. */
const planBack = async (
  undo: Undo,
  { kernel }: ExecutionPorts,
  options: RestoreOptions & { readonly goal: () => State; readonly givenUp?: readonly Route[] },
): Promise<Look> => {
  const { renamesUp } = kernel;
  const { goal, givenUp = [], ...restore } = options;
  const look = async (most: number): Promise<Look> => {
    const before = goal();
    const seen = await lookBack(kernel, undo, { before, most, givenUp });
    const plan = planRestore(withRoutes(goal(), seen.lost), seen.now, seen.touched, { ...restore, renamesUp });
    const bulks = findBulks(plan, seen.parts);
    const whole = bulks.length === 0 ? plan : { ...plan, bulks };
    const inBulk = bulks.reduce((sum, { columns }) => sum + countRows(columns), 0);
    const left = seen.rest - inBulk;
    // what would go with a nexthop object is put back by a later round
    return left > 0 && !coversDoomed(whole, asideOf(seen.parts)) ? { plan, left: seen.rest } : { plan: whole, left };
  };
  const narrow = await look(SAMPLE);
  const isStuck = narrow.left > 0 && narrow.plan.bulks === undefined && leavesRoutesAlone(narrow.plan);
  return isStuck ? look(ROUTES_A_PASS) : narrow;
};

/**
 * Puts back what a transaction touched: plans from a fresh dump to the state before it, sends, and looks again, until a
 * dump shows nothing left to do. An operation that the kernel refuses is given up, and the rest goes on.
 */
export const rollBack = async (before: State, undo: Undo, ports: RollbackPorts): Promise<RollbackResult> => {
  // neither the signal that stopped the transaction nor other programs must stop its rollback
  const { kernel, sleep, onStep, onRoutes } = ports;
  const rest: ExecutionPorts = {
    kernel,
    sleep,
    ...(onStep === undefined ? {} : { onStep }),
    ...(onRoutes === undefined ? {} : { onRoutes }),
  };
  const goal = ports.current ?? (() => before);
  const skip = new Set<string>();
  const givenUp: Route[] = [];
  const giveUp = ({ op }: PlanStep): void => {
    skip.add(refKey(op.kind, kindOf(op.kind).slot(op.object)));
    if (op.kind === 'route') givenUp.push(op.object);
  };
  const failures: Failure[] = [];
  let missing: Failure | undefined;
  let sent = 0;
  let previous = '';
  let leastLeft = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const first = round === 0;
    const { plan: whole, left } = await planBack(undo, rest, { goal, givenUp, skip, first });
    const { plan, lost } = withoutLostKeys(whole);
    missing = lost;
    if (plan.steps.length === 0) {
      if (first) continue;
      break;
    }
    // acknowledged in full and yet the same again: the kernel will not do it
    const signature = JSON.stringify(plan.steps.map(({ title }) => title));
    if (signature === previous) for (const step of plan.steps) giveUp(step);
    previous = signature;
    const { failure } = await executeSteps(plan, rest);
    sent += plan.steps.length;
    // a round that leaves fewer routes for the next one than the last did is no attempt
    if (failure === undefined && left > 0 && left < leastLeft) round--;
    leastLeft = Math.min(leastLeft, left);
    if (failure === undefined) continue;
    failures.push(failure);
    if (failure.step !== undefined && failure.cause !== 'transport') giveUp(failure.step);
  }
  for (let look = 1; ; look++) {
    const { plan: remaining } = await planBack(undo, rest, { goal });
    if (remaining.steps.length === 0) return { done: true, steps: sent };
    // where others go on changing the same objects, one look may fall between their change and the word of it
    if (ports.current === undefined || look >= MOST_ROUNDS)
      return { done: false, remaining, failures: missing === undefined ? failures : [...failures, missing] };
  }
};
