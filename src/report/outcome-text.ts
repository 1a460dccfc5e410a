import type { NameTables } from '../desired/names.ts';
import type { Source } from '../model/desired.ts';
import { formatSource } from '../model/errors.ts';
import { rowOf, sharePlace } from '../model/route-list.ts';
import type { Plan, PlanStep } from '../reconcile/plan/plan-types.ts';
import { PlanWalk } from '../reconcile/plan/walk-plan.ts';
import type { Failure, Outcome } from '../reconcile/transaction/outcome.ts';
import type { Paint } from './paint.ts';
import { renderPlanText, stepNumber, summaryText } from './plan-text.ts';
import { visibleText } from './visible-text.ts';

/** Codes of a transaction that did not go through; docs/errors.md explains each. */
export const FAILURE_CODES = {
  refused: 'NR_REFUSED',
  ignored: 'NR_IGNORED',
  interrupted: 'NR_INTERRUPTED',
  transport: 'NR_TRANSPORT',
  foreign: 'NR_FOREIGN_CHANGE',
  duplicate: 'NR_DUPLICATE_ADDRESS',
  expectation: 'NR_EXPECTATION',
  check: 'NR_CHECK_FAILED',
  unconfirmed: 'NR_NOT_CONFIRMED',
} as const satisfies Record<Failure['cause'], string>;

export interface OutcomeTextOptions {
  readonly paint: Paint;
  readonly names: NameTables;
  /** how long the transaction took, in milliseconds */
  readonly elapsedMs: number;
  readonly words: OutcomeWords;
}

/** What the command calls its success. */
export interface OutcomeWords {
  /** `Applied` */
  readonly done: string;
  /** a sentence for when there was nothing to do */
  readonly unchanged: string;
}

export const APPLY_WORDS: OutcomeWords = { done: 'Applied', unchanged: 'No changes. The network is as the files say.' };

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 0)} s`;

/** 0 done or nothing to do, 1 declined, 3 put back, 4 not everything put back. */
export const exitStatusOf = (outcome: Outcome): 0 | 1 | 3 | 4 => {
  switch (outcome.status) {
    case 'unchanged':
    case 'applied':
      return 0;
    case 'declined':
      return 1;
    case 'rolledBack':
      return 3;
    case 'incomplete':
      return 4;
  }
};

/** `2 created, 1 updated`: only what there was. */
const doneText = (plan: Plan): string => {
  const { create, update, replace, delete: gone, restore } = plan.summary;
  const parts = [
    [create, 'created'],
    [update, 'updated'],
    [replace, 'replaced'],
    [gone, 'deleted'],
    [restore, 'restored'],
  ] as const;
  const words = parts.filter(([count]) => count > 0).map(([count, verb]) => `${count} ${verb}`);
  return words.join(', ');
};

/** Which of all steps one of a bulk is, from 0. */
const numberOfRow = ({ steps, bulks = [] }: Plan, walk: PlanWalk, { op }: PlanStep): number | undefined => {
  if (op.kind !== 'route') return undefined;
  for (const bulk of bulks) {
    const like = steps[bulk.like]?.op;
    if (like?.kind !== 'route' || like.action !== op.action || !sharePlace(like.object, op.object)) continue;
    const row = rowOf(bulk.columns, op.object);
    if (row >= 0) return walk.numbersOf(bulk)?.[row];
  }
  return undefined;
};

/** Which step failed and where the file asks for it: the field where it is about one, else the object. */
export const locateFailure = (
  plan: Plan,
  { step }: Failure,
): { readonly number?: number; readonly source?: Source } => {
  if (step === undefined) return {};
  const walk = new PlanWalk(plan);
  const index = plan.steps.indexOf(step);
  const number = index < 0 ? numberOfRow(plan, walk, step) : walk.numberOf(index);
  const fields = plan.changes.filter(({ steps }) => steps.includes(index)).flatMap((change) => change.fields);
  const source =
    fields.find(({ field, source }) => source !== undefined && step.op.fields?.includes(field))?.source ?? step.source;
  return {
    ...(number === undefined ? {} : { number: stepNumber(number) }),
    ...(source === undefined ? {} : { source }),
  };
};

const failureText = (plan: Plan, failure: Failure, paint: Paint): string => {
  const { source, number } = locateFailure(plan, failure);
  return [
    source === undefined ? '' : `${formatSource(source)}: `,
    paint.error(`error ${FAILURE_CODES[failure.cause]}:`),
    number === undefined ? ' ' : ` step ${number} of ${new PlanWalk(plan).steps}: `,
    visibleText(failure.message),
    '\n',
    failure.hint === undefined ? '' : `  hint: ${failure.hint}\n`,
  ].join('');
};

/** What became of a transaction: `result` for standard output, `talk` for standard error. */
export const renderOutcomeText = (
  outcome: Outcome,
  options: OutcomeTextOptions,
): { readonly result: string; readonly talk: string } => {
  const { paint } = options;
  switch (outcome.status) {
    case 'unchanged':
      return { result: `${options.words.unchanged}\n`, talk: '' };
    case 'declined':
      return { result: '', talk: 'Nothing was changed.\n' };
    case 'applied':
      return {
        result: `${paint.create(`${options.words.done} and verified`)} in ${seconds(options.elapsedMs)}: ${doneText(outcome.plan)}.\n`,
        talk: outcome.warnings.map((warning) => `${paint.warn('warning:')} ${visibleText(warning)}\n`).join(''),
      };
    case 'rolledBack':
      return {
        result: '',
        talk: `${failureText(outcome.plan, outcome.failure, paint)}Everything was put back (verified).\n`,
      };
    case 'incomplete':
      return {
        result: '',
        talk: [
          failureText(outcome.plan, outcome.failure, paint),
          `${paint.error('Not everything could be put back.')} What is left to do (${summaryText(outcome.remaining.summary)}):\n`,
          renderPlanText(outcome.remaining, options),
          'The record is kept: `netrecon recover` tries again.\n',
        ].join(''),
      };
  }
};
