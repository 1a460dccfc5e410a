import type { NameTables } from '../../desired/names.ts';
import type { Diagnostic } from '../../model/errors.ts';
import type { NamespaceChange, Plan, PlanChange } from '../../reconcile/plan-types.ts';
import { PLAIN } from '../paint.ts';
import { cascadesOf, changeDetails, isEmptyPlan, namespaceTitle, summaryText } from '../plan-text.ts';
import { visibleText } from '../visible-text.ts';
import { type Finding, findingOfDiagnostic, type Review } from './review.ts';

/** A plan and what was found out about it. */
export interface PlanFacts {
  readonly plan: Plan;
  readonly files: readonly string[];
  readonly names: NameTables;
  /** why it must not be applied */
  readonly refusals: readonly Diagnostic[];
  /** packets that go where the files expect them, one line each */
  readonly met: readonly string[];
  /** changes end the command with 2 (--detailed-exitcode) */
  readonly changesFail: boolean;
}

/** How many objects a change takes along for good. */
export const lostWith = (plan: Plan, change: PlanChange): number =>
  cascadesOf(plan, change).filter(({ restoredBy }) => restoredBy === undefined).length;

/** What is done with an object, in one word. */
const wordOf = ({ reason, action }: PlanChange): string => (reason === 'restore' ? reason : action);

const findingOfChange = (change: PlanChange, { plan, names, changesFail }: PlanFacts): Finding => ({
  level: change.disruptive.length > 0 || lostWith(plan, change) > 0 ? 'warning' : 'note',
  code: wordOf(change),
  title: visibleText(`${wordOf(change)} ${change.title}`),
  detail: changeDetails(plan, change, { paint: PLAIN, names }).join('\n'),
  ...(change.source === undefined ? {} : { source: change.source }),
  fails: changesFail,
});

const findingOfNamespace = (change: NamespaceChange, { changesFail }: PlanFacts): Finding => ({
  level: (change.contents ?? 0) > 0 ? 'warning' : 'note',
  code: change.action,
  title: `${change.action} ${namespaceTitle(change)}`,
  detail: '',
  ...(change.source === undefined ? {} : { source: change.source }),
  fails: changesFail,
});

/** `no changes`, or the counts of {@link summaryText}. */
export const planSummary = (plan: Plan): string => (isEmptyPlan(plan) ? 'no changes' : summaryText(plan.summary));

/** What a plan has to say at each line: what forbids it, what to look out for, and every change. */
export const reviewPlan = (facts: PlanFacts): Review => {
  const { plan, refusals } = facts;
  return {
    command: 'plan',
    files: facts.files,
    summary: planSummary(plan),
    findings: [
      ...refusals.map((diagnostic) => findingOfDiagnostic(diagnostic)),
      ...plan.warnings.map((diagnostic) => findingOfDiagnostic(diagnostic)),
      ...(plan.namespaces ?? []).map((change) => findingOfNamespace(change, facts)),
      ...plan.changes.map((change) => findingOfChange(change, facts)),
    ],
    passed: facts.met,
  };
};
