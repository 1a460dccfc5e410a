import type { Rehearsal, RollbackTrial } from '../reconcile/rehearse/rehearse-types.ts';
import { FAILURE_CODES, locateFailure } from './outcome-text.ts';
import { diagnosticJson, sourceJson } from './plan-json.ts';
import { stepNumber } from './plan-text.ts';
import { brokenRollbacks, exitStatusOfRehearsal } from './rehearse-text.ts';

const trialJson = ({ step, title, leftovers }: RollbackTrial) => ({
  ...(step === undefined ? {} : { step: stepNumber(step), title }),
  proven: leftovers.length === 0,
  leftovers,
});

const playedJson = ({ played, plan }: Rehearsal) => {
  switch (played.result) {
    case 'empty':
      return { result: played.result };
    case 'accepted':
      return { result: played.result, warnings: played.warnings };
    case 'unplannable':
      return { result: played.result, diagnostics: played.diagnostics.map(diagnosticJson) };
    case 'failed': {
      const { cause, message, hint, refusal, step } = played.failure;
      const { number, source } = locateFailure(plan, played.failure);
      return {
        result: cause,
        code: FAILURE_CODES[cause],
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(number === undefined ? {} : { step: number }),
        ...(step === undefined ? {} : { title: step.title }),
        ...(source === undefined ? {} : { source: sourceJson(source) }),
        ...(refusal === undefined ? {} : { refusal }),
      };
    }
  }
};

/** A rehearsal for programs: the member `rehearsal` of plan --format json. */
export const rehearsalJson = (rehearsal: Rehearsal, kernel: string) => ({
  kernel,
  exit: exitStatusOfRehearsal(rehearsal),
  steps: rehearsal.plan.steps.length,
  asPlanned: rehearsal.asPlanned,
  ...playedJson(rehearsal),
  rollback: {
    proven: brokenRollbacks(rehearsal).length === 0,
    failable: rehearsal.failable,
    trials: rehearsal.rollbacks.map(trialJson),
  },
  copy: rehearsal.copy,
  stoodIn: rehearsal.stoodIn,
  leftOut: rehearsal.leftOut,
});
