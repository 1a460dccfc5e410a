import { setTimeout as sleep } from 'node:timers/promises';
import type { NameTables } from '../desired/names.ts';
import type { Outcome, Plan, PlanStep } from '../reconcile/plan-types.ts';
import type { TransactionPorts } from '../reconcile/reconcile.ts';
import { diagnosticText } from '../report/error-text.ts';
import { outcomeJson } from '../report/outcome-json.ts';
import { exitStatusOf, type OutcomeWords, renderOutcomeText } from '../report/outcome-text.ts';
import { planJson } from '../report/plan-json.ts';
import { renderPlanText } from '../report/plan-text.ts';
import { askToApply } from './approve.ts';
import { type Context, toJsonText } from './context.ts';
import { type Host, withHost } from './host.ts';
import { requireNetAdmin } from './privileges.ts';
import { listenForSignals } from './signals.ts';

export interface TransactionRequest {
  /** for whoever finds the namespace locked: `apply state.yaml` */
  readonly command: string;
  readonly question: string;
  readonly words: OutcomeWords;
  /** --yes */
  readonly approved: boolean;
  readonly names: NameTables;
  readonly run: (ports: TransactionPorts) => Promise<Outcome>;
}

const isJson = (context: Context): boolean => context.options.format === 'json';

const showPlan = (context: Context, plan: Plan, names: NameTables): void => {
  if (!isJson(context) && context.options.quiet !== true) {
    context.print(`${renderPlanText(plan, { paint: context.paint, names })}\n`);
  }
  for (const warning of plan.warnings) context.say(diagnosticText(warning, context.talkPaint));
};

const showOutcome = (
  context: Context,
  outcome: Outcome,
  elapsedMs: number,
  { names, words }: TransactionRequest,
): void => {
  const text = renderOutcomeText(outcome, { paint: context.paint, names, elapsedMs, words });
  if (isJson(context)) context.print(toJsonText(outcomeJson(outcome, elapsedMs)));
  else if (context.options.quiet !== true) context.print(text.result);
  const failed = outcome.status === 'rolledBack' || outcome.status === 'incomplete';
  (failed ? context.complain : context.say)(text.talk);
};

const runLocked = async (context: Context, host: Host, request: TransactionRequest): Promise<number> => {
  let startedAt = performance.now();
  let shown: string | undefined;
  let isSending = false;
  const interruption = listenForSignals((name, isFirst) => {
    if (isSending) context.complain(`${name}: ${isFirst ? '' : 'still '}putting everything back ...\n`);
  });
  const approve = async (plan: Plan): Promise<boolean> => {
    // what changed since may be nothing that the reader would see (the age of a bridge's timer)
    const text = JSON.stringify(planJson(plan));
    if (text === shown) return true;
    if (shown !== undefined) context.say('The network has changed meanwhile. The plan is now:\n');
    shown = text;
    showPlan(context, plan, request.names);
    requireNetAdmin();
    if (request.approved) return true;
    const approved = await askToApply(context, request.question, interruption.signal);
    // the time that a person takes to read is not the transaction's
    startedAt = performance.now();
    return approved;
  };
  const onStep = (index: number, step: PlanStep): void => {
    isSending = true;
    if (context.options.verbose > 0) context.say(`step ${index + 1}: ${step.title}\n`);
  };
  try {
    const outcome = await request.run({
      kernel: host.kernel,
      records: host.state.records,
      approve,
      signal: interruption.signal,
      onStep,
      now: Date.now,
      sleep: (milliseconds) => sleep(milliseconds),
    });
    showOutcome(context, outcome, performance.now() - startedAt, request);
    // a signal that came before anything was done: the shell's own status for it
    return outcome.status === 'declined' ? (interruption.exitStatus() ?? 1) : exitStatusOf(outcome);
  } finally {
    interruption.end();
  }
};

/** Runs a transaction under the namespace's lock: shows the plan, asks, reports what became of it. */
export const transact = (context: Context, request: TransactionRequest, opened?: Host): Promise<number> => {
  const work = async (host: Host): Promise<number> => {
    const lock = host.state.lock(request.command, new Date());
    try {
      return await runLocked(context, host, request);
    } finally {
      lock.release();
    }
  };
  return opened === undefined ? withHost(context, work) : work(opened);
};
