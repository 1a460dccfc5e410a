import type { Plan } from '../reconcile/plan/plan-types.ts';
import type { Failure, Outcome } from '../reconcile/transaction/outcome.ts';
import { exitStatusOf, FAILURE_CODES, locateFailure } from './outcome-text.ts';
import { planDocument } from './plan-json.ts';

const failureJson = (plan: Plan, failure: Failure) => {
  const { number, source } = locateFailure(plan, failure);
  return {
    code: FAILURE_CODES[failure.cause],
    cause: failure.cause,
    message: failure.message,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(number === undefined ? {} : { step: number }),
    ...(source === undefined ? {} : { source }),
    ...(failure.refusal === undefined ? {} : { refusal: failure.refusal }),
  };
};

/** What became of a transaction, for programs, as a document that is written (jsonPieces). `exit` is the exit status of the command. */
export const outcomeJson = (outcome: Outcome, elapsedMs: number) => ({
  version: 1,
  status: outcome.status,
  exit: exitStatusOf(outcome),
  elapsedMs: Math.round(elapsedMs),
  plan: planDocument(outcome.plan),
  ...(outcome.status === 'applied' ? { warnings: outcome.warnings } : {}),
  ...(outcome.status === 'applied' && outcome.confirmation !== undefined
    ? { confirmation: { seconds: outcome.confirmation.seconds, guardian: outcome.confirmation.guardian } }
    : {}),
  ...('failure' in outcome ? { failure: failureJson(outcome.plan, outcome.failure) } : {}),
  ...('remaining' in outcome ? { remaining: planDocument(outcome.remaining) } : {}),
});
