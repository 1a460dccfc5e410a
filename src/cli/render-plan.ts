import type { State } from '../model/state.ts';
import type { Probe } from '../reconcile/lookup/probe.ts';
import { predictState } from '../reconcile/plan/plan.ts';
import { statesAfter, statesBefore, type WorldPlan } from '../reconcile/world/plan-world.ts';
import { exportState, exportWorld, renderYaml } from '../report/export.ts';
import { renderProbes } from '../report/lookup-text.ts';
import { PLAIN } from '../report/paint.ts';
import { diagnosticJson, planDocument } from '../report/plan-json.ts';
import { planTextPieces } from '../report/plan-text.ts';
import { rehearsalJson } from '../report/rehearse-json.ts';
import { renderRehearsal, summarizeRehearsal } from '../report/rehearse-text.ts';
import { fenced, renderDiffMarkdown, renderPlanMarkdown } from '../report/review/markdown.ts';
import type { Review } from '../report/review/review.ts';
import { type PlanFacts, reviewPlan } from '../report/review/review-plan.ts';
import type { Context } from './context.ts';
import { renderAs } from './print-review.ts';
import type { Told } from './rehearse-protocol.ts';
import { UsageError } from './usage-error.ts';

/** Everything that the command `plan` has to show. */
export interface PlanFindings extends PlanFacts {
  readonly observed: State;
  /** where the files are about several namespaces */
  readonly world: WorldPlan | undefined;
  readonly probes: readonly Probe[];
  /** what came of the rehearsal, where it is part of the document */
  readonly told: Told | undefined;
  /** of a text: how many changes are told one by one */
  readonly limit?: number;
}

const renderProbesText = (context: Context, { probes, names }: PlanFindings): string =>
  probes.length === 0 ? '' : `\nPackets, before -> after:\n${renderProbes(probes, { paint: context.paint, names })}`;

/**
 * The whole state before and after, for --diff.
 * @throws {UsageError} in a form that has no place for it
 */
export const renderPlanDiff = async (context: Context, findings: PlanFindings): Promise<string> => {
  const { format } = context.options;
  if (format !== 'text' && format !== 'markdown')
    throw new UsageError(`--diff has no format ${format}`, 'it has: text, markdown');
  const { renderTextDiff } = await import('../report/text-diff.ts');
  const { observed, plan, names, world } = findings;
  const document = (state: State) => exportState(state, { names, all: true });
  const [before, after] =
    world === undefined
      ? [document(observed), document(predictState(observed, plan))]
      : [exportWorld(statesBefore(world, observed), document), exportWorld(statesAfter(world), document)];
  const diff = renderTextDiff(renderYaml(before), renderYaml(after), context.paint);
  return format === 'markdown' ? renderDiffMarkdown(diff) : `${diff}${renderProbesText(context, findings)}`;
};

const planMembers = ({ plan, probes, refusals, told }: PlanFindings) => ({
  ...planDocument(plan),
  ...(probes.length === 0 ? {} : { probes }),
  ...(told === undefined ? {} : { rehearsal: rehearsalJson(told.rehearsal, told.kernel) }),
  ...(refusals.length === 0 ? {} : { errors: refusals.map(diagnosticJson) }),
});

const renderRehearsalMarkdown = ({ told }: PlanFindings): string =>
  told === undefined ? '' : `\n${fenced(renderRehearsal(told.rehearsal, { paint: PLAIN, kernel: told.kernel }))}\n`;

const review = (findings: PlanFindings): Review => {
  const reviewed = reviewPlan(findings);
  const { told } = findings;
  if (told === undefined) return reviewed;
  return { ...reviewed, passed: [...reviewed.passed, ...summarizeRehearsal(told.rehearsal, told.kernel)] };
};

function* planText(context: Context, findings: PlanFindings): Generator<string> {
  const { plan, names, limit } = findings;
  yield* planTextPieces(plan, { paint: context.paint, names, ...(limit === undefined ? {} : { limit }) });
  yield renderProbesText(context, findings);
}

/** A plan in the form that --format names, in pieces. */
export const renderPlan = (context: Context, findings: PlanFindings): Iterable<string> => {
  if (context.options.format === 'markdown')
    return [renderPlanMarkdown(findings, findings.probes), renderRehearsalMarkdown(findings)];
  return renderAs(context, {
    text: () => planText(context, findings),
    json: () => planMembers(findings),
    review: () => review(findings),
  });
};
