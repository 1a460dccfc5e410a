import { formatSource } from '../../model/errors.ts';
import type { Probe } from '../../reconcile/lookup/probe.ts';
import type { NamespaceChange } from '../../reconcile/plan/plan-types.ts';
import { PlanWalk, type ToldChange } from '../../reconcile/plan/walk-plan.ts';
import { renderProbes } from '../lookup-text.ts';
import { PLAIN } from '../paint.ts';
import { isEmptyPlan, namespaceTitle, planTextPieces, renderPlanText } from '../plan-text.ts';
import {
  byLevel,
  countText,
  type Finding,
  type Findings,
  findingOfDiagnostic,
  listFindings,
  type Review,
} from './review.ts';
import { lostWith, type PlanFacts, planSummary } from './review-plan.ts';

/** GitHub takes 65,536 characters as a comment; the rows above the details need their share. */
const MOST_DETAILS = 40_000;
const MOST_ROWS = 100;

const MARKS: Readonly<Record<Finding['level'], string>> = { error: ':x:', warning: ':warning:', note: ':memo:' };

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/**
 * Text that is shown as it is, whatever is in it: no markup, no mention of a user, no end of a table cell. A bar is escaped
 * for the table, which takes the backslash away before the code is read.
 */
const code = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(line) + 1);
  // a blank within keeps a backtick at an end from becoming part of the fence; it is not shown
  return fence.length > 1 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
};

/** A fence longer than any run of backticks inside. */
export const fenced = (text: string, language = 'text'): string => {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}${fence}`;
};

const folded = (title: string, body: string): readonly string[] => [
  `<details><summary>${title}</summary>`,
  '',
  body,
  '',
  '</details>',
];

const findingLine = ({ level, code: name, title, detail, source }: Finding): string => {
  const place = source === undefined ? '' : ` (${code(formatSource(source))})`;
  return `- ${MARKS[level]} **${name.replaceAll('_', '\\_')}** ${code(title)}${detail === '' ? '' : `, ${code(detail)}`}${place}`;
};

const row = ({ plan, change }: ToldChange): string => {
  const lost = lostWith(plan, change);
  const notes = [
    ...change.disruptive,
    ...(lost === 0 ? [] : [`takes ${countText(lost, 'object')} that will not come back`]),
  ];
  const where = change.source === undefined ? '' : code(formatSource(change.source));
  return `| ${change.action} | ${code(change.title)} | ${notes.length === 0 ? '' : `:warning: ${code(notes.join('; '))}`} | ${where} |`;
};

/** The plan as text, as much of it as a comment can hold. */
const detailsText = ({ plan, names }: PlanFacts, walk: PlanWalk): string => {
  let length = 0;
  for (const piece of planTextPieces(plan, { paint: PLAIN, names })) length += piece.length;
  if (length <= MOST_DETAILS) return renderPlanText(plan, { paint: PLAIN, names });
  const limit = Math.floor((walk.changes * MOST_DETAILS) / length / 2);
  return renderPlanText(plan, { paint: PLAIN, names, limit });
};

const namespaceRow = (change: NamespaceChange): string => {
  const lost = change.contents ?? 0;
  const note = lost === 0 ? '' : `:warning: ${code(`takes ${countText(lost, 'object')} that will not come back`)}`;
  const where = change.source === undefined ? '' : code(formatSource(change.source));
  return `| ${change.action} | ${code(namespaceTitle(change))} | ${note} | ${where} |`;
};

const rowsOf = (walk: PlanWalk): readonly string[] => {
  const rows: string[] = [];
  for (const text of walk.eachChange(row)) {
    rows.push(text);
    if (rows.length === MOST_ROWS) break;
  }
  return rows;
};

const changesTable = ({ plan: { namespaces = [] } }: PlanFacts, walk: PlanWalk): readonly string[] => {
  const more = walk.changes - MOST_ROWS;
  return [
    '',
    '| | object | effect on traffic | asked for at |',
    '|---|---|---|---|',
    ...namespaces.map(namespaceRow),
    ...rowsOf(walk),
    ...(more <= 0 ? [] : ['', `... and ${countText(more, 'more change')}.`]),
  ];
};

/** `### netrecon: 2 to create, ...`, and what is wrong with it below. */
const head = (title: string, findings: Findings): readonly string[] => {
  const lines = [...byLevel(findings, findingLine)];
  return [`### netrecon: ${title}`, ...(lines.length === 0 ? [] : ['', ...lines])];
};

/**
 * A plan as a comment under a pull request: the count first, then what forbids it and what to look out for, a row an object,
 * where packets go, and the details folded away.
 */
export const renderPlanMarkdown = (facts: PlanFacts, probes: readonly Probe[] = []): string => {
  const { plan, refusals, names, met } = facts;
  const said = [...refusals, ...plan.warnings].map((diagnostic) => findingOfDiagnostic(diagnostic));
  const walk = new PlanWalk(plan);
  const title = refusals.length === 0 ? planSummary(plan) : `refused; ${planSummary(plan)}`;
  return `${[
    ...head(title, listFindings(said)),
    ...(isEmptyPlan(plan) ? [] : changesTable(facts, walk)),
    ...(probes.length === 0
      ? []
      : ['', 'Packets, before -> after:', '', fenced(renderProbes(probes, { paint: PLAIN, names }))]),
    ...(met.length === 0
      ? []
      : [
          '',
          ...folded(`${countText(met.length, 'packet')} as expected`, met.map((line) => `- ${code(line)}`).join('\n')),
        ]),
    ...(isEmptyPlan(plan) ? [] : ['', ...folded('Details', fenced(detailsText(facts, walk)))]),
  ].join('\n')}\n`;
};

/** Any other review as a comment: the summary, and a line for each finding. */
export const renderReviewMarkdown = (review: Review): string =>
  `${head(`${review.command}: ${review.summary}`, review.findings).join('\n')}\n`;

/** The state before and after a plan, as a comment. */
export const renderDiffMarkdown = (diff: string): string => `${fenced(diff, 'diff')}\n`;
