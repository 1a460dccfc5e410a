import type { KindName } from '../../model/state.ts';
import type { Plan, PlanChange } from '../plan/plan-types.ts';
import { selectChanges } from '../plan/select.ts';
import { objectKey } from './interest.ts';

const EMPTY: Plan = {
  changes: [],
  steps: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
  warnings: [],
};

/** The objects that a plan changes. */
export const keysOf = ({ changes }: Plan): ReadonlySet<string> =>
  new Set(changes.map(({ kind, key }) => objectKey(kind, key)));

/** What one pass decides to put right, and what it saw. */
export interface Choice {
  /** the part of a plan that is to be carried out; for ApplyOptions.select */
  select(plan: Plan): Plan;
  /** for TransactionPorts.approve: from now on nothing new is taken in */
  approve(plan: Plan): Promise<boolean>;
  /** the whole plan at the look that `sent` was chosen from; the first look where nothing was */
  readonly found: Plan;
  /** what was sent, or was about to be */
  readonly sent: Plan;
  /** the whole plan at the last look */
  readonly left: Plan;
  /** something was left that nobody has decided about: it came up while other things were put right */
  readonly hasNews: boolean;
}

/**
 * What drifts in the course of a pass is left for the next one: so the pass comes to an end, and no drift goes untold.
 * @param keep false for objects that have to wait
 */
export const createChoice = (keep: (kind: KindName, key: string) => boolean): Choice => {
  let found: Plan | undefined;
  let sent = EMPTY;
  let left = EMPTY;
  let chosen: ReadonlySet<string> | undefined;
  const isNews = ({ kind, key, reason }: PlanChange): boolean =>
    reason !== 'restore' && chosen?.has(objectKey(kind, key)) === false;
  return {
    select: (plan) => {
      found ??= plan;
      left = plan;
      const news = new Set(plan.changes.filter(isNews).map(({ kind, key }) => objectKey(kind, key)));
      return selectChanges(plan, (kind, key) => keep(kind, key) && !news.has(objectKey(kind, key)));
    },
    approve: async (plan) => {
      sent = plan;
      // the plan may be another than at the first look, and what came up in between is put right, and told, as well
      found = left;
      // the rest of a long list is in no plan yet; where it goes in bulk, what comes up meanwhile is left to a pass of its own
      chosen = plan.rest === undefined || plan.bulks !== undefined ? keysOf(plan) : undefined;
      return true;
    },
    get found() {
      return found ?? EMPTY;
    },
    get sent() {
      return sent;
    },
    get left() {
      return left;
    },
    get hasNews() {
      const known = keysOf(found ?? EMPTY);
      return left.changes.some(({ kind, key }) => keep(kind, key) && !known.has(objectKey(kind, key)));
    },
  };
};
