import type { OpOf } from '../model/op.ts';
import { routeOpAt } from '../model/route-bulk.ts';
import { titleOf } from '../reconcile/plan/describe-plan.ts';
import type { Plan, PlanBulk, PlanStep } from '../reconcile/plan/plan-types.ts';
import { PlanWalk } from '../reconcile/plan/walk-plan.ts';
import type { SentRows } from '../reconcile/transaction/execution-ports.ts';

/** Tells of each operation before it is sent: `step 3: create route 10.1.0.0/16`. */
export interface StepTeller {
  step(index: number, step: PlanStep, plan: Plan | undefined): void;
  rows(part: SentRows): void;
}

/**
 * @param say - takes whole lines
 */
export const createStepTeller = (say: (text: string) => void): StepTeller => {
  let walk: { readonly of: Plan; readonly walk: PlanWalk; readonly numbers: Map<PlanBulk, Uint32Array> } | undefined;
  /** in a rollback, which has no plan that was shown */
  let told = 0;
  const walkOf = (plan: Plan): NonNullable<typeof walk> => {
    if (walk?.of !== plan) walk = { of: plan, walk: new PlanWalk(plan), numbers: new Map() };
    return walk;
  };
  const numbersOf = ({ plan, bulk }: SentRows): Uint32Array | undefined => {
    if (plan === undefined) return undefined;
    const known = walkOf(plan);
    const numbers = known.numbers.get(bulk) ?? known.walk.numbersOf(bulk);
    if (numbers !== undefined) known.numbers.set(bulk, numbers);
    return numbers;
  };
  return {
    step: (index, { title }, plan) => {
      told++;
      say(`step ${(plan === undefined ? index : walkOf(plan).walk.numberOf(index)) + 1}: ${title}\n`);
    },
    rows: (part) => {
      const { bulk, like, rows } = part;
      const numbers = numbersOf(part);
      const routes = { ...bulk.columns, like: like.op as OpOf<'route'> };
      const lines = Array.from(
        rows,
        (row) => `step ${(numbers?.[row] ?? told++) + 1}: ${titleOf(routeOpAt(routes, row))}\n`,
      );
      say(lines.join(''));
    },
  };
};
