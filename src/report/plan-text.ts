import type { NameTables } from '../desired/names.ts';
import { formatSource } from '../model/errors.ts';
import { kindOf } from '../model/kinds.ts';
import type {
  Cascade,
  ChangeAction,
  ChangeReason,
  NamespaceChange,
  Plan,
  PlanChange,
  PlanStep,
  PlanSummary,
} from '../reconcile/plan/plan-types.ts';
import { shortenText } from '../reconcile/plan/row-text.ts';
import { PlanWalk, type ToldChange } from '../reconcile/plan/walk-plan.ts';
import { fieldNamer, isTelling } from './field-text.ts';
import type { Paint } from './paint.ts';
import { peerChangeLines } from './peers-text.ts';
import { protocolText, valueText } from './value-text.ts';
import { visibleText } from './visible-text.ts';
import { wrapWords } from './wrap-words.ts';

export interface PlanTextOptions {
  readonly paint: Paint;
  readonly names: NameTables;
  /** how many changes are told one by one; the rest is only counted. Default: all */
  readonly limit?: number;
}

const INDENT = '      ';
const WIDTH = 100;

const SYMBOL: Readonly<Record<ChangeAction, string>> = { create: '+', update: '~', replace: '-/+', delete: '-' };
const COLOUR = { create: 'create', update: 'update', replace: 'update', delete: 'delete' } as const;

/** Why an object that the file may not even name is in the plan; nothing for what the file asks for. */
const REASON: Readonly<Record<ChangeReason, string>> = {
  declared: '',
  shared: 'shared by routes of one way (nexthop_objects: auto)',
  absent: '',
  prune: 'no file names it any more',
  exact: 'not among the addresses of its link',
  restore: 'comes back',
  interim: 'for a moment, in place of another',
};

/** Steps are counted from 1 wherever they are shown; in a Plan they are indexes. */
export const stepNumber = (index: number): number => index + 1;

type Steps = Pick<Plan, 'steps'>;

/** The steps that are about the changed object itself; an object that goes along with another one has none. */
const ownSteps = (plan: Steps, change: PlanChange): readonly PlanStep[] =>
  change.steps.flatMap((index) => {
    const step = plan.steps[index];
    return step !== undefined && step.op.kind === change.kind && slotOf(step) === change.key ? [step] : [];
  });

/** The slot that a step is about. */
export const slotOf = ({ op }: PlanStep): string => kindOf(op.kind).slot(op.object);

/** What the steps of a change take along. */
export const cascadesOf = (plan: Steps, change: PlanChange): readonly Cascade[] =>
  ownSteps(plan, change).flatMap((step) => step.cascades);

const stepsText = ({ plan, change, numberOf }: ToldChange): string => {
  const numbers = change.steps.map((step) => stepNumber(numberOf(step)));
  const goesAlong = ownSteps(plan, change).length === 0;
  return `${goesAlong ? 'goes with ' : ''}step${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}`;
};

const titleLine = (told: ToldChange, { paint }: PlanTextOptions): string => {
  const { change } = told;
  const notes = [
    ...(change.source === undefined ? [] : [formatSource(change.source)]),
    ...(REASON[change.reason] === '' ? [] : [REASON[change.reason]]),
    ...(change.steps.length === 0 ? [] : [stepsText(told)]),
  ];
  const symbol = paint[COLOUR[change.action]](SYMBOL[change.action].padStart(3));
  const note = notes.length === 0 ? '' : `  ${paint.faint(`# ${notes.join('; ')}`)}`;
  return `${symbol} ${paint.strong(visibleText(change.title))}${note}`;
};

const createdLines = (plan: Steps, change: PlanChange, options: PlanTextOptions): readonly string[] => {
  const nameOf = fieldNamer(plan, change);
  const words = change.fields
    .filter(({ field, after }) => isTelling(change, field, after))
    .map(({ field, after }) => `${nameOf(field)}: ${valueText(change.kind, field, after, options.names)}`);
  return wrapWords(words, ', ', WIDTH - INDENT.length);
};

const changedLines = (plan: Steps, change: PlanChange, { names, paint }: PlanTextOptions): readonly string[] => {
  const nameOf = fieldNamer(plan, change);
  return change.fields.flatMap(({ field, before, after, forcesReplace, source }) => {
    const was = valueText(change.kind, field, before, names);
    const becomes = valueText(change.kind, field, after, names);
    const forces = forcesReplace ? ` ${paint.delete('(forces replacement)')}` : '';
    const where = source === undefined ? '' : `  ${paint.faint(`# ${formatSource(source)}`)}`;
    if (field === 'options.peers')
      return peerChangeLines(before, after).map((line) => `${nameOf(field)}: ${line}${where}`);
    return `${nameOf(field)}: ${was} -> ${becomes}${forces}${where}`;
  });
};

/** Whose a casualty is: `proto bgp`. */
const ownerText = (cascade: Cascade, names: NameTables): string =>
  cascade.owner === undefined ? 'of another program' : `proto ${protocolText(cascade.kind, cascade.owner, names)}`;

const cascadeLine = (cascade: Cascade, { names, paint }: PlanTextOptions): string => {
  const owner = cascade.foreign ? ` ${ownerText(cascade, names)}` : '';
  const verb = cascade.effect === 'removed' ? 'takes' : 'changes';
  const fate =
    cascade.restoredBy === undefined
      ? paint.delete('(NOT restored)')
      : `(comes back in step ${stepNumber(cascade.restoredBy)})`;
  return `${verb} ${visibleText(cascade.title)}${owner} ${fate}: ${visibleText(cascade.why)}`;
};

const fieldLines = (plan: Steps, change: PlanChange, options: PlanTextOptions): readonly string[] => {
  // what comes back is what it was
  if (change.reason === 'restore') return [];
  return change.action === 'create' ? createdLines(plan, change, options) : changedLines(plan, change, options);
};

/** What there is to say of a change below its title: its fields, what it does to traffic and what it takes along. */
export const changeDetails = (plan: Steps, change: PlanChange, options: PlanTextOptions): readonly string[] => [
  ...fieldLines(plan, change, options),
  ...change.disruptive.map(visibleText),
  ...cascadesOf(plan, change).map((cascade) => cascadeLine(cascade, options)),
];

const changeLines = (told: ToldChange, options: PlanTextOptions): readonly string[] => [
  titleLine(told, options),
  ...fieldLines(told.plan, told.change, options).map((line) => INDENT + line),
  ...told.change.disruptive.map(
    (sentence) => `  ${options.paint.warn('!')}   ${options.paint.warn(visibleText(sentence))}`,
  ),
  ...cascadesOf(told.plan, told.change).map((cascade) => INDENT + cascadeLine(cascade, options)),
];

export const isEmptyPlan = ({ changes, steps, namespaces = [] }: Plan): boolean =>
  changes.length === 0 && steps.length === 0 && namespaces.length === 0;

/** What goes with a namespace, and why it goes though no file says so. */
const namespaceNotes = ({ reason, contents = 0, source }: NamespaceChange): readonly string[] => [
  ...(source === undefined ? [] : [formatSource(source)]),
  ...(reason === 'prune' ? [REASON.prune] : []),
  ...(contents === 0 ? [] : [`takes along the ${contents} object${contents === 1 ? '' : 's'} in it, for good`]),
];

/** A namespace that comes or goes: `netns red`. */
export const namespaceTitle = ({ name }: NamespaceChange): string => visibleText(`netns ${name}`);

const namespaceLines = (
  { namespaces = [] }: Plan,
  action: NamespaceChange['action'],
  { paint }: PlanTextOptions,
): readonly string[] =>
  namespaces
    .filter((change) => change.action === action)
    .map((change) => {
      const notes = namespaceNotes(change);
      const symbol = paint[COLOUR[action]](SYMBOL[action].padStart(3));
      const note = notes.length === 0 ? '' : `  ${paint.faint(`# ${notes.join('; ')}`)}`;
      return `${symbol} ${paint.strong(namespaceTitle(change))}${note}`;
    });

/** `2 to create, 1 to update, 0 to replace, 1 to delete, 3 restored`. */
export const summaryText = (summary: PlanSummary): string =>
  `${summary.create} to create, ${summary.update} to update, ${summary.replace} to replace, ${summary.delete} to delete` +
  (summary.restore === 0 ? '' : `, ${summary.restore} restored`);

const ended = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The text of a plan for people (renderPlanText), in pieces. */
export function* planTextPieces(plan: Plan, options: PlanTextOptions): Generator<string> {
  if (isEmptyPlan(plan)) {
    yield 'No changes. The network is as the files say.\n';
    return;
  }
  yield ended(namespaceLines(plan, 'create', options));
  const walk = new PlanWalk(plan);
  const { limit = walk.changes } = options;
  const texts = walk.eachChange((told) => ended(changeLines(told, options)), shortenText);
  let shown = 0;
  if (limit > 0)
    for (const text of texts) {
      yield text;
      if (++shown === limit) break;
    }
  const more = walk.changes + (walk.rest ?? 0) - shown;
  if (more > 0) yield `... and ${more} more changes (netrecon plan --limit shows more of them)\n`;
  yield ended([
    ...namespaceLines(plan, 'delete', options),
    '',
    `${options.paint.strong('Plan:')} ${summaryText(plan.summary)}.`,
  ]);
}

/**
 * A plan for people: an object a paragraph, in the order of the plan, and a count at the end.
 * @returns lines, the last one ended with a newline
 */
export const renderPlanText = (plan: Plan, options: PlanTextOptions): string =>
  [...planTextPieces(plan, options)].join('');
