import { setTimeout as sleep } from 'node:timers/promises';
import type { NameTables } from '../desired/names.ts';
import type { Plan, PlanStep } from '../reconcile/plan/plan-types.ts';
import type { SentRows } from '../reconcile/transaction/execution-ports.ts';
import type { Outcome } from '../reconcile/transaction/outcome.ts';
import type { TransactionPorts } from '../reconcile/transaction/transaction-ports.ts';
import { diagnosticText } from '../report/error-text.ts';
import { outcomeJson } from '../report/outcome-json.ts';
import { APPLY_WORDS, exitStatusOf, type OutcomeWords, renderOutcomeText } from '../report/outcome-text.ts';
import { planDocument } from '../report/plan-json.ts';
import { renderPlanText } from '../report/plan-text.ts';
import { askToApply } from './approve.ts';
import { type Context, jsonDocument } from './context.ts';
import { type Host, readHostNames, withHost } from './host.ts';
import { requireNetAdmin } from './privileges.ts';
import { createProgress } from './progress.ts';
import { type Interruption, listenForSignals } from './signals.ts';
import { createStepTeller } from './step-teller.ts';

export interface TransactionRequest {
  /** for whoever finds the namespace locked: `apply state.yaml` */
  readonly command: string;
  readonly question: string;
  readonly words: OutcomeWords;
  /** --yes */
  readonly approved: boolean;
  readonly names: NameTables;
  readonly run: (ports: TransactionPorts) => Promise<Outcome>;
  /** sees the plan once it has been shown, and throws where it must not be carried out */
  readonly refuse?: (plan: Plan) => void;
  /** runs when the lock has been released, signals still caught; an exit status replaces that of the outcome */
  readonly afterwards?: (outcome: Outcome, interruption: Interruption) => Promise<number | undefined>;
}

/** More than a person reads before saying yes; `plan` lists all. */
const MOST_SHOWN = 1000;

const isJson = (context: Context): boolean => context.options.format === 'json';

/** Whether two texts that come in like pieces are the same. */
const isSameText = (a: Iterable<string>, b: Iterable<string>): boolean => {
  const others = b[Symbol.iterator]();
  for (const piece of a) if (others.next().value !== piece) return false;
  return others.next().done === true;
};

const showPlan = (context: Context, plan: Plan, names: NameTables): void => {
  if (!isJson(context) && context.options.quiet !== true) {
    context.print(`${renderPlanText(plan, { paint: context.paint, names, limit: MOST_SHOWN })}\n`);
  }
  for (const warning of plan.warnings) context.say(diagnosticText(warning, context.talkPaint));
};

/**
 * Tells what became of a transaction.
 * @returns the exit status
 */
export const showOutcome = async (
  context: Context,
  outcome: Outcome,
  told: { readonly elapsedMs: number } & Pick<TransactionRequest, 'names' | 'words'> = {
    elapsedMs: 0,
    names: readHostNames(),
    words: APPLY_WORDS,
  },
): Promise<number> => {
  const text = renderOutcomeText(outcome, { paint: context.paint, ...told });
  if (isJson(context)) await context.printPieces(jsonDocument(outcomeJson(outcome, told.elapsedMs)));
  else if (context.options.quiet !== true) context.print(text.result);
  const failed = outcome.status === 'rolledBack' || outcome.status === 'incomplete';
  (failed ? context.complain : context.say)(text.talk);
  return exitStatusOf(outcome);
};

/** What a transaction that asks nobody, and stays in the namespace at hand, needs of the host. */
export const transactionPorts = ({ kernel, state }: Host): TransactionPorts => ({
  kernel,
  records: state.records,
  approve: async () => true,
  now: Date.now,
  sleep: (milliseconds) => sleep(milliseconds),
});

/**
 * Gives a transaction that asks nobody what it needs of the host, the other namespaces included, for as long as it runs.
 * @param command for whoever finds one of them locked
 */
export const withTransactionPorts = async <T>(
  host: Host,
  command: string,
  run: (ports: TransactionPorts) => Promise<T>,
): Promise<T> => {
  const world = host.openWorld?.(command);
  try {
    return await run({ ...transactionPorts(host), ...(world === undefined ? {} : { world }) });
  } finally {
    world?.close();
  }
};

/** A reversion as the end of the apply that it reverts: not a success, however well it went. */
export const revertedOutcome = (reversion: Outcome, why: string): Outcome => {
  const failure = { cause: 'unconfirmed', message: why } as const;
  return reversion.status === 'incomplete'
    ? { ...reversion, failure }
    : { status: 'rolledBack', plan: reversion.plan, failure };
};

interface Ended {
  readonly outcome: Outcome;
  readonly exitStatus: number;
}

const runLocked = async (
  context: Context,
  host: Host,
  request: TransactionRequest,
  interruption: Interruption,
): Promise<Ended> => {
  let startedAt = performance.now();
  let shown: Plan | undefined;
  let isSending = false;
  const progress = createProgress(context, () => performance.now());
  interruption.tell((name, isFirst) => {
    progress.end();
    if (isSending) context.complain(`${name}: ${isFirst ? '' : 'still '}putting everything back ...\n`);
  });
  const approve = async (plan: Plan): Promise<boolean> => {
    // what changed since may be nothing that the reader would see (the age of a bridge's timer)
    if (shown !== undefined) {
      if (isSameText(jsonDocument(planDocument(plan)), jsonDocument(planDocument(shown)))) return true;
      context.say('The network has changed meanwhile. The plan is now:\n');
    }
    shown = plan;
    showPlan(context, plan, request.names);
    request.refuse?.(plan);
    requireNetAdmin();
    if (request.approved) return true;
    const approved = await askToApply(context, request.question, interruption.signal);
    // the time that a person takes to read is not the transaction's
    startedAt = performance.now();
    return approved;
  };
  const teller = context.options.verbose > 0 ? createStepTeller(context.say) : undefined;
  const advance = (count: number): void => {
    if (!isSending) progress.begin((shown?.steps.length ?? 0) + (shown?.rest ?? 0));
    isSending = true;
    progress.advance(count);
  };
  const onStep = (index: number, step: PlanStep, plan?: Plan): void => {
    advance(1);
    teller?.step(index, step, plan);
  };
  const onRoutes = (part: SentRows): void => {
    advance(part.rows.length);
    teller?.rows(part);
  };
  try {
    const outcome = await withTransactionPorts(host, request.command, (ports) =>
      request.run({
        ...ports,
        approve,
        asksNobody: request.approved,
        signal: interruption.signal,
        onStep,
        onRoutes,
        onRollback: () => progress.begin(),
      }),
    );
    progress.end();
    isSending = false;
    const exitStatus = await showOutcome(context, outcome, {
      elapsedMs: performance.now() - startedAt,
      names: request.names,
      words: request.words,
    });
    // a signal that came before anything was done: the shell's own status for it
    return { outcome, exitStatus: outcome.status === 'declined' ? (interruption.exitStatus() ?? 1) : exitStatus };
  } finally {
    progress.end();
  }
};

/** Runs a transaction under the namespace's lock: shows the plan, asks, reports what became of it. */
export const transact = (context: Context, request: TransactionRequest, opened?: Host): Promise<number> => {
  const work = async (host: Host): Promise<number> => {
    const lock = host.state.lock(request.command, new Date());
    const interruption = listenForSignals();
    try {
      let ended: Ended;
      try {
        ended = await runLocked(context, host, request, interruption);
      } finally {
        lock.release();
      }
      return (await request.afterwards?.(ended.outcome, interruption)) ?? ended.exitStatus;
    } finally {
      interruption.end();
    }
  };
  return opened === undefined ? withHost(context, work) : work(opened);
};
