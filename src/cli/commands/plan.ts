import { readFile } from 'node:fs/promises';
import type { NameTables } from '../../desired/names.ts';
import { NetreconError } from '../../model/errors.ts';
import { canRenameUp } from '../../model/kernel-release.ts';
import type { Ref } from '../../model/kind.ts';
import type { State } from '../../model/state.ts';
import { parseSnapshot } from '../../observed/snapshot.ts';
import { findSessionRisks } from '../../reconcile/management-path.ts';
import { planDesired, predictState } from '../../reconcile/plan.ts';
import type { Plan } from '../../reconcile/plan-types.ts';
import { savePlan } from '../../reconcile/saved-plan.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { exportState, renderYaml } from '../../report/export.ts';
import { planJson } from '../../report/plan-json.ts';
import { renderPlanMarkdown } from '../../report/plan-markdown.ts';
import { isEmptyPlan, renderPlanText } from '../../report/plan-text.ts';
import { type Context, toJsonText } from '../context.ts';
import { refuseDisruption } from '../disruption.ts';
import { readHostNames, withHost } from '../host.ts';
import { readDesired } from '../read-files.ts';
import { formatSavedPlan, writeSavedPlan } from '../saved-plan-file.ts';
import { findSshSession } from '../ssh-session.ts';
import { isSystemStateHidden, SYSTEM_STATE_DIRECTORY } from '../state-location.ts';
import { UsageError } from '../usage-error.ts';

interface PlanOptions {
  readonly detailedExitcode?: boolean;
  readonly against?: string;
  readonly diff?: boolean;
  readonly allowMassDelete?: boolean;
  readonly out?: string;
  readonly disruption: boolean;
}

/** What the plan starts from. */
interface Ground {
  readonly observed: State;
  readonly owned: readonly Ref[];
  readonly renamesUp?: boolean;
}

const CHANGES_FOUND = 2;

const readGround = (context: Context): Promise<Ground> =>
  withHost(context, async ({ kernel, state }) => {
    if (context.options.sandbox !== true && isSystemStateHidden(context.options.stateDir)) {
      context.say(
        `note: ${SYSTEM_STATE_DIRECTORY} is root's: links that it says netrecon made are not known here, so they are not deleted\n`,
      );
    }
    return {
      observed: await kernel.dump(),
      owned: state.records.read()?.owned ?? [],
      renamesUp: kernel.renamesUp,
    };
  });

/** A snapshot holds the state alone: what netrecon made there is known by the kernel's marks only. */
const readSnapshot = async (path: string): Promise<Ground> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new NetreconError('NR_FILE', `cannot read snapshot ${path}: ${error.message}`, { cause: error });
  });
  const { state, kernel } = parseSnapshot(text, path);
  return { observed: state, owned: [], renamesUp: canRenameUp(kernel) };
};

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
  diff: boolean,
): Promise<string> => {
  if (diff) return renderDiff(context, ground, plan, names);
  switch (context.options.format) {
    case 'json':
      return toJsonText(planJson(plan));
    case 'markdown':
      return renderPlanMarkdown(plan, names);
    case 'text':
      return renderPlanText(plan, { paint: context.paint, names });
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
  const ground = options.against === undefined ? await readGround(context) : await readSnapshot(options.against);
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
  const plan = { ...bare, warnings: [...bare.warnings, ...risks] };
  context.print(await render(context, ground, plan, names, options.diff === true));
  for (const warning of plan.warnings) context.say(diagnosticText(warning, context.talkPaint));
  if (!options.disruption) refuseDisruption(plan);
  if (options.out !== undefined) {
    const saved = savePlan(plan, desired, ground.observed, { allowMassDelete });
    await writeSavedPlan(options.out, formatSavedPlan(plan, saved, new Date()));
  }
  return options.detailedExitcode === true && !isEmptyPlan(plan) ? CHANGES_FOUND : 0;
};
