import type { NameTables } from '../../desired/names.ts';
import type { Diagnostic } from '../../model/errors.ts';
import type { NamespaceChange, Plan, PlanChange } from '../../reconcile/plan/plan-types.ts';
import { shortenText } from '../../reconcile/plan/row-text.ts';
import { PlanWalk, type ToldChange } from '../../reconcile/plan/walk-plan.ts';
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
export const lostWith = (plan: Pick<Plan, 'steps'>, change: PlanChange): number =>
  cascadesOf(plan, change).filter(({ restoredBy }) => restoredBy === undefined).length;

/** What is done with an object, in one word. */
const wordOf = ({ reason, action }: PlanChange): string => (reason === 'restore' ? reason : action);

const findingOfChange = ({ change, plan }: ToldChange, { names, changesFail }: PlanFacts): Finding => ({
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

function* sayFindings(facts: PlanFacts, walk: PlanWalk, say: (finding: Finding) => string): Generator<string> {
  const { plan, refusals } = facts;
  for (const diagnostic of [...refusals, ...plan.warnings]) yield say(findingOfDiagnostic(diagnostic));
  for (const change of plan.namespaces ?? []) yield say(findingOfNamespace(change, facts));
  yield* walk.eachChange((told) => say(findingOfChange(told, facts)), shortenText);
}

/** What a plan has to say at each line: what forbids it, what to look out for, and every change. */
export const reviewPlan = (facts: PlanFacts): Review => {
  const { plan } = facts;
  const walk = new PlanWalk(plan);
  return {
    command: 'plan',
    files: facts.files,
    summary: planSummary(plan),
    findings: { each: (say) => sayFindings(facts, walk, say) },
    passed: facts.met,
  };
};
