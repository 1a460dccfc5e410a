import type { NameTables } from '../../desired/names.ts';
import type { State } from '../../model/state.ts';
import { requireExpectations } from '../../reconcile/lookup/expect.ts';
import { type Probe, probePlan } from '../../reconcile/lookup/probe.ts';
import { findSessionRisks } from '../../reconcile/management-path.ts';
import { planDesired, predictState } from '../../reconcile/plan.ts';
import type { Plan } from '../../reconcile/plan-types.ts';
import { savePlan } from '../../reconcile/saved-plan.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { exportState, renderYaml } from '../../report/export.ts';
import { renderProbes } from '../../report/lookup-text.ts';
import { planJson } from '../../report/plan-json.ts';
import { renderPlanMarkdown, renderProbesMarkdown } from '../../report/plan-markdown.ts';
import { isEmptyPlan, renderPlanText } from '../../report/plan-text.ts';
import { type Context, toJsonText } from '../context.ts';
import { refuseDisruption } from '../disruption.ts';
import { type Ground, readGround } from '../ground.ts';
import { readHostNames } from '../host.ts';
import { readHostAddress } from '../packet.ts';
import { readDesired } from '../read-files.ts';
import { formatSavedPlan, writeSavedPlan } from '../saved-plan-file.ts';
import { findSshSession } from '../ssh-session.ts';
import { UsageError } from '../usage-error.ts';

interface PlanOptions {
  readonly detailedExitcode?: boolean;
  readonly against?: string;
  readonly diff?: boolean;
  readonly allowMassDelete?: boolean;
  readonly out?: string;
  readonly probe?: string;
  readonly disruption: boolean;
}

const CHANGES_FOUND = 2;

const renderDiff = async (context: Context, { observed }: Ground, plan: Plan, names: NameTables): Promise<string> => {
  const { renderTextDiff } = await import('../../report/text-diff.ts');
  const text = (state: State) => renderYaml(exportState(state, { names, all: true }));
  return renderTextDiff(text(observed), text(predictState(observed, plan)), context.paint);
};

const render = async (
  context: Context,
  ground: Ground,
  plan: Plan,
  names: NameTables,
  { diff, probes }: { readonly diff: boolean; readonly probes: readonly Probe[] },
): Promise<string> => {
  const { paint } = context;
  const asked = probes.length === 0 ? '' : `\nPackets, before -> after:\n${renderProbes(probes, { paint, names })}`;
  if (diff) return `${await renderDiff(context, ground, plan, names)}${asked}`;
  switch (context.options.format) {
    case 'json':
      return toJsonText({ ...planJson(plan), ...(probes.length === 0 ? {} : { probes }) });
    case 'markdown':
      return `${renderPlanMarkdown(plan, names)}${renderProbesMarkdown(probes, names)}`;
    case 'text':
      return `${renderPlanText(plan, { paint, names })}${asked}`;
  }
};

/**
 * `netrecon plan FILE...`: what apply would do. Takes no lock, needs no privilege, writes nothing but what --out names.
 * @returns 0; 2 with --detailed-exitcode where there are changes
 */
export const run = async (context: Context, files: readonly string[], options: PlanOptions): Promise<number> => {
  if (options.out !== undefined && options.against !== undefined)
    throw new UsageError('--out and --against cannot go together', 'a plan is saved for the host it is made on');
  const names = readHostNames();
  const queries = (options.probe?.split(',') ?? []).map((to) => ({ to: readHostAddress('--probe', to.trim()) }));
  const ground = await readGround(context, options.against);
  const desired = await readDesired(context.process, files, names);
  const allowMassDelete = options.allowMassDelete === true;
  const bare = planDesired(desired, ground.observed, {
    owned: ground.owned,
    renamesUp: ground.renamesUp,
    protocolName: names.protocols.toName,
    allowMassDelete,
  });
  const session = options.against === undefined ? findSshSession(context.process.env) : undefined;
  const risks = session === undefined ? [] : findSessionRisks(bare, ground.observed, session);
  const probes = queries.length === 0 ? [] : probePlan(ground.observed, bare, queries);
  const plan = { ...bare, warnings: [...bare.warnings, ...risks] };
  context.print(await render(context, ground, plan, names, { diff: options.diff === true, probes }));
  for (const warning of plan.warnings) context.say(diagnosticText(warning, context.talkPaint));
  requireExpectations(desired.expectations, ground.observed, plan);
  if (!options.disruption) refuseDisruption(plan);
  if (options.out !== undefined) {
    const saved = savePlan(plan, desired, ground.observed, { allowMassDelete });
    await writeSavedPlan(options.out, formatSavedPlan(plan, saved, new Date()));
  }
  return options.detailedExitcode === true && !isEmptyPlan(plan) ? CHANGES_FOUND : 0;
};
