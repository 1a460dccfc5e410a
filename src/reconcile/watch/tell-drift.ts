import { kindOf } from '../../model/kinds.ts';
import type { AnyObject } from '../../model/state.ts';
import type { Plan, PlanChange } from '../plan/plan-types.ts';
import { rowChanges } from '../plan/walk-plan.ts';
import type { DriftLog } from './drift-log.ts';
import { type DriftDone, driftWas } from './events.ts';
import { objectKey } from './interest.ts';
import type { Restraint } from './restraint.ts';
import type { Witness } from './witness.ts';

/** What is known of the drift that a pass found. */
interface Finding {
  readonly log: DriftLog;
  readonly witness: Witness;
  readonly restraint: Restraint;
  readonly now: number;
  /** what became of it */
  readonly done: (change: PlanChange) => DriftDone;
  readonly tookMs: number;
  /** why the corrections failed */
  readonly error?: string;
}

/** The object of a change, as one of its steps makes, changes or deletes it. */
export const objectOf = ({ kind, steps, key }: PlanChange, plan: Pick<Plan, 'steps'>): AnyObject | undefined =>
  steps.flatMap((i) => plan.steps[i]?.op ?? []).find((op) => op.kind === kind && kindOf(kind).slot(op.object) === key)
    ?.object;

/** The links that the object of a change stands on or goes through. */
const devsOf = (change: PlanChange, plan: Pick<Plan, 'steps'>): readonly string[] => {
  const object = objectOf(change, plan);
  return object === undefined ? [] : kindOf(change.kind).devs(object);
};

/**
 * Tells of each object that drifted, and of the fights that begin with its correction. What went along with something else
 * is no part of a fight.
 * @param plan the whole plan that the changes are of
 */
export const tellDrift = (changes: readonly PlanChange[], plan: Plan, finding: Finding): void => {
  const { log, witness, restraint, now, tookMs, error } = finding;
  for (const change of changes) {
    const { kind, key, action } = change;
    const done = finding.done(change);
    const explanation = witness.explain(kind, key, driftWas(action), devsOf(change, plan));
    if (done !== 'corrected') {
      log.drift(change, explanation, { done, tookMs, ...(done === 'failed' && error !== undefined ? { error } : {}) });
      continue;
    }
    const verdict = explanation.cascade ? undefined : restraint.count(objectKey(kind, key), now, false);
    const again = verdict !== undefined && verdict.count > 1 ? { again: verdict.count } : {};
    log.drift(change, explanation, { done, tookMs, ...again });
    if (verdict?.fightBegins === true) log.fight(change, explanation, verdict);
  }
};

/**
 * Tells of each route that was put right in bulk. Only those that are planned one by one count as being fought over: where one
 * of them has to wait, nothing goes in bulk.
 */
export const tellBulkDrift = (plan: Plan, log: DriftLog, witness: Witness, tookMs: number): void => {
  for (const { change, plan: own } of rowChanges(plan)) {
    const explanation = witness.explain(change.kind, change.key, driftWas(change.action), devsOf(change, own));
    log.drift(change, explanation, { done: 'corrected', tookMs });
  }
};
