import { formatSource } from '../../model/errors.ts';
import type { Probe } from '../../reconcile/lookup/probe.ts';
import type { NamespaceChange, PlanChange } from '../../reconcile/plan-types.ts';
import { renderProbes } from '../lookup-text.ts';
import { PLAIN } from '../paint.ts';
import { isEmptyPlan, namespaceTitle, renderPlanText } from '../plan-text.ts';
import { byLevel, countText, type Finding, findingOfDiagnostic, type Review } from './review.ts';
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

const row = (facts: PlanFacts, change: PlanChange): string => {
  const lost = lostWith(facts.plan, change);
  const notes = [
    ...change.disruptive,
    ...(lost === 0 ? [] : [`takes ${countText(lost, 'object')} that will not come back`]),
  ];
  const where = change.source === undefined ? '' : code(formatSource(change.source));
  return `| ${change.action} | ${code(change.title)} | ${notes.length === 0 ? '' : `:warning: ${code(notes.join('; '))}`} | ${where} |`;
};

/** The plan as text, as much of it as a comment can hold. */
const detailsText = ({ plan, names }: PlanFacts): string => {
  const text = renderPlanText(plan, { paint: PLAIN, names });
  if (text.length <= MOST_DETAILS) return text;
  const limit = Math.floor((plan.changes.length * MOST_DETAILS) / text.length / 2);
  return renderPlanText(plan, { paint: PLAIN, names, limit });
};

const namespaceRow = (change: NamespaceChange): string => {
  const lost = change.contents ?? 0;
  const note = lost === 0 ? '' : `:warning: ${code(`takes ${countText(lost, 'object')} that will not come back`)}`;
  const where = change.source === undefined ? '' : code(formatSource(change.source));
  return `| ${change.action} | ${code(namespaceTitle(change))} | ${note} | ${where} |`;
};

const changesTable = (facts: PlanFacts): readonly string[] => {
  const { changes, namespaces = [] } = facts.plan;
  const more = changes.length - MOST_ROWS;
  return [
    '',
    '| | object | effect on traffic | asked for at |',
    '|---|---|---|---|',
    ...namespaces.map(namespaceRow),
    ...changes.slice(0, MOST_ROWS).map((change) => row(facts, change)),
    ...(more <= 0 ? [] : ['', `... and ${countText(more, 'more change')}.`]),
  ];
};

/** `### netrecon: 2 to create, ...`, and what is wrong with it below. */
const head = (title: string, findings: readonly Finding[]): readonly string[] => [
  `### netrecon: ${title}`,
  ...(findings.length === 0 ? [] : ['', ...byLevel(findings).map(findingLine)]),
];

/**
 * A plan as a comment under a pull request: the count first, then what forbids it and what to look out for, a row an object,
 * where packets go, and the details folded away.
 */
export const renderPlanMarkdown = (facts: PlanFacts, probes: readonly Probe[] = []): string => {
  const { plan, refusals, names, met } = facts;
  const said = [...refusals, ...plan.warnings].map((diagnostic) => findingOfDiagnostic(diagnostic));
  const title = refusals.length === 0 ? planSummary(plan) : `refused; ${planSummary(plan)}`;
  return `${[
    ...head(title, said),
    ...(isEmptyPlan(plan) ? [] : changesTable(facts)),
    ...(probes.length === 0
      ? []
      : ['', 'Packets, before -> after:', '', fenced(renderProbes(probes, { paint: PLAIN, names }))]),
    ...(met.length === 0
      ? []
      : [
          '',
          ...folded(`${countText(met.length, 'packet')} as expected`, met.map((line) => `- ${code(line)}`).join('\n')),
        ]),
    ...(isEmptyPlan(plan) ? [] : ['', ...folded('Details', fenced(detailsText(facts)))]),
  ].join('\n')}\n`;
};

/** Any other review as a comment: the summary, and a line for each finding. */
export const renderReviewMarkdown = (review: Review): string =>
  `${head(`${review.command}: ${review.summary}`, review.findings).join('\n')}\n`;

/** The state before and after a plan, as a comment. */
export const renderDiffMarkdown = (diff: string): string => `${fenced(diff, 'diff')}\n`;
