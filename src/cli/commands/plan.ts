import { checkExpectations } from '../../reconcile/lookup/expect.ts';
import { probePlan } from '../../reconcile/lookup/probe.ts';
import { findSessionRisks } from '../../reconcile/plan/management-path.ts';
import { planDesired } from '../../reconcile/plan/plan.ts';
import { savePlan } from '../../reconcile/saved/saved-plan.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { isEmptyPlan } from '../../report/plan-text.ts';
import type { Context } from '../context.ts';
import { findDisruption } from '../disruption.ts';
import { readHostNames } from '../host.ts';
import { readHostAddress } from '../packet.ts';
import { planAcross } from '../plan-across.ts';
import { readPlanSubject } from '../plan-subject.ts';
import { objectionsTo, type RehearsalStage, rehearseOn, tellRehearsal } from '../rehearse-plan.ts';
import type { Told } from '../rehearse-protocol.ts';
import { renderPlan, renderPlanDiff } from '../render-plan.ts';
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
  readonly limit?: number;
  readonly rehearse?: RehearsalStage;
  readonly rehearseSteps: number;
}

const REFUSED = 1;
const CHANGES_FOUND = 2;

/** So many routes of a list are planned one by one; undefined: all, since each of them is needed. */
const sampleOf = (context: Context, { limit, diff, out, rehearse }: PlanOptions): number | 'all' | undefined => {
  const { format } = context.options;
  if (diff === true || rehearse !== undefined) return undefined;
  // what is saved is the whole of it
  if (out !== undefined || limit === undefined || (format !== 'text' && format !== 'json')) return 'all';
  // a route of each sort tells what becomes of the others
  return Math.max(limit, 1);
};

/**
 * `netrecon plan FILE...`: what apply would do. Takes no lock, needs no privilege, writes nothing but what --out names.
 * @returns 0; 1 where the plan must not be applied; 2 with --detailed-exitcode where there are changes;
 * with --rehearse what apply would end with goes before that
 */
export const run = async (context: Context, files: readonly string[], options: PlanOptions): Promise<number> => {
  if (options.out !== undefined && options.against !== undefined)
    throw new UsageError('--out and --against cannot go together', 'a plan is saved for the host it is made on');
  const names = readHostNames();
  const queries = (options.probe?.split(',') ?? []).map((to) => ({ to: readHostAddress('--probe', to.trim()) }));
  const allowMassDelete = options.allowMassDelete === true;
  const session = options.against === undefined ? findSshSession(context.process.env) : undefined;
  const { desired, ground, ...narrow } = await readPlanSubject(context, names, {
    files,
    ...(options.against === undefined ? {} : { against: options.against }),
    sample: sampleOf(context, options),
    pins: [...queries.map(({ to }) => to), ...(session === undefined ? [] : [session.client, session.server])],
    options: { protocolName: names.protocols.toName, allowMassDelete },
  });
  const planOptions = { renamesUp: ground.renamesUp, protocolName: names.protocols.toName, allowMassDelete };
  const world = await planAcross(context, { desired, record: ground, options, planOptions });
  const wholePlan = () => planDesired(desired, ground.observed, { owned: ground.owned, ...planOptions });
  const bare = world?.shown ?? narrow.plan ?? wholePlan();
  const risks = session === undefined ? [] : findSessionRisks(bare, ground.observed, session);
  const probes = queries.length === 0 ? [] : probePlan(ground.observed, bare, queries);
  const plan = { ...bare, warnings: [...ground.warnings, ...bare.warnings, ...risks] };
  const { met, missed } = checkExpectations(desired.expectations, ground.observed, plan);
  const refusals = [...missed, ...(options.disruption ? [] : findDisruption(plan))];
  const changesFail = options.detailedExitcode === true;
  const rehearse = async (): Promise<Told | undefined> => {
    if (options.rehearse === undefined || refusals.length > 0) return undefined;
    const { observed, owned, renamesUp = true } = ground;
    const subject = { observed, owned, desired, renamesUp, allowMassDelete, mostFailures: options.rehearseSteps };
    return rehearseOn(options.rehearse, subject);
  };
  // people read the plan while they wait; a document is one, and comes at the end
  const isText = context.options.format === 'text';
  const early = isText ? undefined : await rehearse();
  const objections = [...refusals, ...objectionsTo(early)];
  const findings = {
    plan,
    files: desired.files,
    names,
    refusals: objections,
    met,
    changesFail,
    observed: ground.observed,
    world,
    probes,
    told: early,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  if (options.diff === true) context.print(await renderPlanDiff(context, findings));
  else await context.printPieces(renderPlan(context, findings));
  for (const warning of plan.warnings) context.say(diagnosticText(warning, context.talkPaint));
  for (const objection of objections) context.complain(diagnosticText(objection, context.talkPaint));
  if (refusals.length > 0) return REFUSED;
  const told = early ?? (await rehearse());
  const rehearsed = told === undefined ? 0 : tellRehearsal(context, told);
  if (rehearsed !== 0) return rehearsed;
  if (options.out !== undefined) {
    const saved = savePlan(plan, desired, ground.observed, { allowMassDelete });
    await writeSavedPlan(options.out, formatSavedPlan(plan, saved, new Date()));
  }
  return changesFail && !isEmptyPlan(plan) ? CHANGES_FOUND : 0;
};
