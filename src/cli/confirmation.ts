import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNetreconError } from '../model/errors.ts';
import type { Plan } from '../reconcile/plan/plan-types.ts';
import type { Confirmation, TransactionRecord } from '../reconcile/transaction/record.ts';
import { confirmLast, openTransaction, planRecovery, recover } from '../reconcile/transaction/recover.ts';
import { bootTime } from './boot-time.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import { lockPatiently } from './patient-lock.ts';
import type { Interruption } from './signals.ts';
import { revertedOutcome, showOutcome, withTransactionPorts } from './transact.ts';

const POLL_MS = 50;

/** The guardian may be at work on the same reversion. */
const LOCK_MS = 60_000;

/** A guardian that is this late is dead. */
const GRACE_MS = 2000;

/** 128 + SIGHUP */
const HUNG_UP = 129;

/** What the wait for a confirmation ended with. */
type End = 'entered' | 'hungUp' | 'interrupted' | 'overdue' | 'closed';

const untilEnd = async (
  context: Context,
  { state }: Host,
  { deadline }: Confirmation,
  interruption: Interruption,
): Promise<End> => {
  const { stdin } = context.process;
  let entered = false;
  const terminal = createInterface({ input: stdin, terminal: false });
  terminal.once('line', () => {
    entered = true;
  });
  const stamp = state.recordStamp();
  try {
    for (;;) {
      if (state.recordStamp() !== stamp) return 'closed';
      if (entered) return 'entered';
      if (interruption.signal.aborted) return interruption.exitStatus() === HUNG_UP ? 'hungUp' : 'interrupted';
      if (bootTime() > deadline + GRACE_MS) return 'overdue';
      await sleep(POLL_MS);
    }
  } finally {
    terminal.close();
  }
};

const revert = async (context: Context, host: Host, why: string): Promise<number> => {
  const lock = await lockPatiently(host.state, 'rollback', LOCK_MS);
  try {
    if (openTransaction(host.state.records) === undefined) return await report(context, host);
    return showOutcome(
      context,
      revertedOutcome(await withTransactionPorts(host, 'rollback', (ports) => recover(ports)), why),
    );
  } finally {
    lock.release();
  }
};

const UNCONFIRMED = 'nobody confirmed it in time';

const emptyPlan = (): Plan => ({
  changes: [],
  steps: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
  warnings: [],
});

const remainingOf = (host: Host, transaction: TransactionRecord): Promise<Plan> =>
  withTransactionPorts(host, 'apply', async (ports) => (await planRecovery(transaction, ports)).plan);

/** Somebody else has closed the transaction: says how. */
const report = async (context: Context, host: Host): Promise<number> => {
  const transaction = host.state.records.read()?.transaction;
  const failure = { cause: 'unconfirmed', message: UNCONFIRMED } as const;
  switch (transaction?.phase) {
    case 'rolledBack':
      return showOutcome(context, { status: 'rolledBack', plan: emptyPlan(), failure });
    case 'incomplete': {
      const remaining = await remainingOf(host, transaction);
      return showOutcome(context, { status: 'incomplete', plan: emptyPlan(), failure, remaining });
    }
    default:
      context.say('Confirmed: the changes stay.\n');
      return 0;
  }
};

const confirmNow = async (context: Context, host: Host): Promise<number> => {
  const lock = await lockPatiently(host.state, 'confirm', LOCK_MS);
  try {
    await withTransactionPorts(host, 'confirm', async (ports) => confirmLast(ports, bootTime()));
    context.say('Confirmed: the changes stay.\n');
    return 0;
  } catch (error) {
    if (!isNetreconError(error) || error.code !== 'NR_NOTHING_TO_CONFIRM') throw error;
    return await report(context, host);
  } finally {
    lock.release();
  }
};

/**
 * Waits on the terminal until the apply is confirmed or reverted, here or by anybody else. A terminal that goes away leaves
 * the matter to the guardian: the user may come back another way and confirm.
 * @param interruption - listens since before the apply: a Ctrl-C that comes while its outcome is told counts as well
 * @returns 0 confirmed, 3 reverted, 4 not everything could be, 129 left to the guardian
 */
export const waitForConfirmation = async (
  context: Context,
  host: Host,
  confirmation: Confirmation,
  interruption: Interruption,
): Promise<number> => {
  switch (await untilEnd(context, host, confirmation, interruption)) {
    case 'entered':
      return confirmNow(context, host);
    case 'hungUp':
      return HUNG_UP;
    case 'interrupted':
      return revert(context, host, 'interrupted by a signal before it was confirmed');
    case 'overdue':
      return revert(context, host, `${UNCONFIRMED}, and its guardian is gone`);
    case 'closed':
      return report(context, host);
  }
};
