import type { NameTables } from '../desired/names.ts';
import { formatSource } from '../model/errors.ts';
import type { Probe } from '../reconcile/lookup/probe.ts';
import type { Plan, PlanChange } from '../reconcile/plan-types.ts';
import { renderProbes } from './lookup-text.ts';
import { PLAIN } from './paint.ts';
import { cascadesOf, isEmptyPlan, renderPlanText, summaryText } from './plan-text.ts';

/** Keeps text from being read as markup or as the end of a table cell. */
const cell = (text: string): string => text.replace(/[\\|`*_<>[\]]/g, '\\$&').replace(/\s+/g, ' ');

const row = (plan: Plan, change: PlanChange): string => {
  const lost = cascadesOf(plan, change).filter((cascade) => cascade.restoredBy === undefined).length;
  const notes = [
    ...change.disruptive,
    ...(lost === 0 ? [] : [`takes ${lost} object${lost === 1 ? '' : 's'} that will not come back`]),
  ];
  const where = change.source === undefined ? '' : formatSource(change.source);
  return `| ${change.action} | ${cell(change.title)} | ${notes.length === 0 ? '' : `:warning: ${cell(notes.join('; '))}`} | ${cell(where)} |`;
};

/** A fence longer than any run of backticks inside. */
const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}${fence}`;
};

/** A plan as a comment under a pull request: the count first, a row an object, the details folded away. */
export const renderPlanMarkdown = (plan: Plan, names: NameTables): string => {
  if (isEmptyPlan(plan)) return '### netrecon: no changes\n';
  return `${[
    `### netrecon: ${summaryText(plan.summary)}`,
    '',
    '| | object | effect on traffic | asked for at |',
    '|---|---|---|---|',
    ...plan.changes.map((change) => row(plan, change)),
    ...(plan.warnings.length === 0
      ? []
      : ['', ...plan.warnings.map((warning) => `- :warning: ${cell(warning.message)}`)]),
    '',
    '<details><summary>Details</summary>',
    '',
    fenced(renderPlanText(plan, { paint: PLAIN, names })),
    '',
    '</details>',
  ].join('\n')}\n`;
};

/** Where the packets asked for would go, as a list of its own; nothing where none was asked for. */
export const renderProbesMarkdown = (probes: readonly Probe[], names: NameTables): string =>
  probes.length === 0 ? '' : `\n${fenced(renderProbes(probes, { paint: PLAIN, names }))}\n`;
