import type { Diagnostic } from '../model/errors.ts';
import type { Discrepancy, Rehearsal, RollbackTrial } from '../reconcile/rehearse/rehearse-types.ts';
import { FAILURE_CODES, locateFailure } from './outcome-text.ts';
import type { Paint } from './paint.ts';
import { stepNumber } from './plan-text.ts';
import { countText } from './review/review.ts';
import { visibleText } from './visible-text.ts';

/** As many objects of one kind of trouble as a person reads. */
const MOST_LISTED = 10;

/** What each reason for a stand-in says of one link, and of several. */
const REASONS = {
  hardware: ['hardware link', 'hardware links'],
  unmakeable: ['link that another program made', 'links that other programs made'],
  elsewhere: ['link tied to another namespace', 'links tied to other namespaces'],
} as const;

const HOW = { missing: 'is missing', extra: 'is too much' } as const;

/** `route 10.0.0.0/8 is missing: ENETUNREACH "Nexthop has invalid gateway"`. */
const discrepancyText = ({ title, how, fields, refusal }: Discrepancy): string =>
  `${title} ${how === 'changed' ? `has another ${fields.join(', ')}` : HOW[how]}${refusal === undefined ? '' : `: ${visibleText(refusal)}`}`;

const listed = (lines: readonly string[]): readonly string[] => [
  ...lines.slice(0, MOST_LISTED).map((line) => `    ${line}`),
  ...(lines.length > MOST_LISTED ? [`    ... and ${lines.length - MOST_LISTED} more`] : []),
];

/** Trials that left something behind. */
export const brokenRollbacks = ({ rollbacks }: Rehearsal): readonly RollbackTrial[] =>
  rollbacks.filter(({ leftovers }) => leftovers.length > 0);

/** Parts of the plan that could not be played: links, and objects that are missing from the copy; with the reason each. */
const unplayed = ({ leftOut, copy }: Rehearsal): readonly string[] => [
  ...leftOut.flatMap(({ link, why, planned }) => (planned ? [`link ${link}: ${why}`] : [])),
  ...copy.discrepancies.flatMap((found) => (found.planned === true ? [discrepancyText(found)] : [])),
];

/**
 * What `apply` would end with, by the rehearsal: 0 it goes through, 3 it fails and everything is put back, 4 not everything can
 * be put back; 1 where a part of the plan could not be rehearsed.
 */
export const exitStatusOfRehearsal = (rehearsal: Rehearsal): 0 | 1 | 3 | 4 => {
  if (brokenRollbacks(rehearsal).length > 0) return 4;
  if (rehearsal.played.result === 'failed') return 3;
  return rehearsal.played.result === 'unplannable' || unplayed(rehearsal).length > 0 ? 1 : 0;
};

const copyLines = ({ copy, stoodIn }: Rehearsal): readonly string[] => {
  const counts = Object.entries(REASONS).flatMap(([why, [one, several]]) => {
    const count = stoodIn.filter((link) => link.why === why).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  const standIns = counts.length === 0 ? '' : `, with stand-ins for ${counts.join(', ')}`;
  const { discrepancies, objects } = copy;
  return [
    `  copy      ${countText(objects, 'object')}${standIns}${discrepancies.length === 0 ? '' : `; ${discrepancies.length} not as on the host:`}`,
    ...listed(discrepancies.map(discrepancyText)),
  ];
};

const playedLine = ({ played, plan }: Rehearsal, paint: Paint): string => {
  const steps = countText(plan.steps.length, 'step');
  switch (played.result) {
    case 'empty':
      return '  plan      nothing to do';
    case 'accepted':
      return `  plan      ${paint.create('accepted')}: ${steps}, and the kernel shows what was asked for`;
    case 'unplannable':
      return `  plan      ${paint.error('not made')}: what is needed for it is not in the copy`;
    case 'failed': {
      const { cause, step } = played.failure;
      if (cause === 'ignored') return `  plan      ${paint.error('accepted and ignored')}: after ${steps}`;
      const word = paint.error(cause === 'refused' ? 'refused' : 'failed');
      const at = step === undefined ? -1 : plan.steps.indexOf(step);
      return `  plan      ${word}: ${at < 0 ? `after ${steps}` : `step ${stepNumber(at)} of ${plan.steps.length}`}`;
    }
  }
};

/** A part that was left out makes it another plan anyway. */
const differsLine = ({ asPlanned, played, leftOut }: Rehearsal): readonly string[] =>
  asPlanned || played.result === 'unplannable' || leftOut.some(({ planned }) => planned)
    ? []
    : ['            its steps are not all those of the plan above: the copy is not quite the host'];

const trialText = ({ step, title }: RollbackTrial): string =>
  step === undefined ? 'after the last step' : `when step ${stepNumber(step)} (${title}) fails`;

const rollbackLines = (rehearsal: Rehearsal, paint: Paint): readonly string[] => {
  const { rollbacks, failable } = rehearsal;
  if (rollbacks.length === 0) return [];
  const broken = brokenRollbacks(rehearsal);
  const failed = rollbacks.filter(({ step }) => step !== undefined && step < failable).length;
  const sample = failed < failable ? ` (${failed} of ${failable} steps, a sample)` : '';
  if (broken.length === 0)
    return [
      `  rollback  ${paint.create('proven')}: ${rollbacks.length} of ${countText(rollbacks.length, 'time')} everything was as before${sample}`,
    ];
  return [
    `  rollback  ${paint.error('incomplete')}: ${broken.length} of ${countText(rollbacks.length, 'time')}${sample}; what would remain`,
    ...broken
      .slice(0, MOST_LISTED)
      .flatMap((trial) => [
        `    ${trialText(trial)}:`,
        ...listed(trial.leftovers.map(discrepancyText)).map((line) => `  ${line}`),
      ]),
    ...(broken.length > MOST_LISTED ? [`    ... and ${broken.length - MOST_LISTED} more`] : []),
  ];
};

const leftOutLines = ({ leftOut }: Rehearsal): readonly string[] => {
  if (leftOut.length === 0) return [];
  return [
    `  left out  ${countText(leftOut.length, 'link')}, with what stands on ${leftOut.length === 1 ? 'it' : 'them'}:`,
    ...listed(
      leftOut.map(({ link, why, planned }) => `${link}: ${why}${planned ? ' (the plan has to do with it)' : ''}`),
    ),
  ];
};

/** What was proven, one line each. */
export const summarizeRehearsal = (rehearsal: Rehearsal, kernel: string): readonly string[] => {
  const { played, plan, rollbacks } = rehearsal;
  if (played.result !== 'accepted') return [];
  const accepted = `rehearsed on Linux ${kernel}: ${countText(plan.steps.length, 'step')} accepted and verified`;
  return brokenRollbacks(rehearsal).length > 0
    ? [accepted]
    : [
        accepted,
        `rehearsed on Linux ${kernel}: taken back ${countText(rollbacks.length, 'time')}, everything was as before`,
      ];
};

/** @param kernel - where it was played: `Linux 6.12.0` */
export const renderRehearsal = (
  rehearsal: Rehearsal,
  { paint, kernel }: { readonly paint: Paint; readonly kernel: string },
): string =>
  `${[
    `Rehearsal on Linux ${kernel}, in a private namespace:`,
    ...copyLines(rehearsal),
    playedLine(rehearsal, paint),
    ...differsLine(rehearsal),
    ...rollbackLines(rehearsal, paint),
    ...leftOutLines(rehearsal),
  ].join('\n')}\n`;

const KINDS_HINT = '--rehearse=uml boots a kernel that has nearly every kind (Debian: user-mode-linux)';

/** What of a rehearsal is an error, each at its line of the files; empty: the plan is good. */
export const reviewRehearsal = (rehearsal: Rehearsal): readonly Diagnostic[] => {
  const { played, plan } = rehearsal;
  const out: Diagnostic[] = [];
  if (played.result === 'unplannable') out.push(...played.diagnostics);
  if (played.result === 'failed') {
    const { failure } = played;
    const { number, source } = locateFailure(plan, failure);
    const step = number === undefined ? '' : `step ${number} of ${plan.steps.length}: `;
    out.push({
      code: FAILURE_CODES[failure.cause],
      severity: 'error',
      message: `${step}${failure.message}`,
      // more privilege than in a namespace of one's own there is not
      ...(failure.hint === undefined || failure.refusal?.name === 'EPERM' ? {} : { hint: failure.hint }),
      ...(source === undefined ? {} : { source }),
    });
  }
  const [broken] = brokenRollbacks(rehearsal);
  if (broken !== undefined) {
    const source = broken.step === undefined ? undefined : plan.steps[broken.step]?.source;
    const [first, ...others] = broken.leftovers;
    out.push({
      code: 'NR_ROLLBACK_INCOMPLETE',
      severity: 'error',
      message: `${trialText(broken)}, not everything can be put back: ${first === undefined ? '' : discrepancyText(first)}${others.length === 0 ? '' : ` (and ${others.length} more)`}`,
      ...(source === undefined ? {} : { source }),
    });
  }
  const missed = unplayed(rehearsal);
  if (missed.length > 0) {
    out.push({
      code: 'NR_NOT_REHEARSED',
      severity: 'error',
      message: `a part of the plan was not rehearsed: ${missed.slice(0, MOST_LISTED).join('; ')}${missed.length > MOST_LISTED ? '; ...' : ''}`,
      ...(rehearsal.leftOut.some(({ kind }) => kind !== undefined) ? { hint: KINDS_HINT } : {}),
    });
  }
  return out;
};
