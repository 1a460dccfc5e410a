import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNetreconError } from '../../model/errors.ts';
import { openTransaction, pendingConfirmation, recover } from '../../reconcile/transaction/recover.ts';
import { bootTime } from '../boot-time.ts';
import type { Context } from '../context.ts';
import { withKeys } from '../guardian-keys.ts';
import { GUARDIAN_READY } from '../guardian-process.ts';
import { type Host, withHost } from '../host.ts';
import { lockPatiently } from '../patient-lock.ts';
import { withTransactionPorts } from '../transact.ts';

/** How often it looks at the clock and at the record: a reversion is at most so much late. */
const POLL_MS = 50;

/** Between two attempts where the first did not put everything back, or failed for another reason. */
const RETRY_MS = 1000;
const MOST_ATTEMPTS = 10;

/** No command holds the lock for so long but one that is stuck. */
const LOCK_MS = 60_000;

/** Waits while the confirmation is pending; reads the record only when it has been written. */
const untilDue = async ({ state }: Host, terminated: AbortSignal): Promise<void> => {
  let stamp: string | undefined;
  let deadline = 0;
  for (;;) {
    const current = state.recordStamp();
    if (current !== stamp || stamp === undefined) {
      stamp = current;
      deadline = pendingConfirmation(state.records, bootTime())?.confirmation?.deadline ?? 0;
    }
    if (deadline <= bootTime() || terminated.aborted) return;
    await sleep(POLL_MS);
  }
};

/** @returns whether nothing is left to do */
const revert = async (plain: Host, keys: string, terminated: AbortSignal): Promise<boolean> => {
  const host = withKeys(plain, keys);
  const { state } = host;
  const due = () => (terminated.aborted ? undefined : bootTime());
  // where all is well it does not take the lock, which would keep out the next command
  if (openTransaction(state.records, due()) === undefined) return true;
  const lock = await lockPatiently(state, 'guardian', LOCK_MS);
  try {
    if (openTransaction(state.records, due()) === undefined) return true;
    const { status } = await withTransactionPorts(host, 'guardian', (ports) => recover(ports, due()));
    return status !== 'incomplete';
  } finally {
    lock.release();
  }
};

const revertUntilDone = async (host: Host, keys: string, terminated: AbortSignal): Promise<number> => {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    try {
      if (await revert(host, keys, terminated)) return 0;
    } catch (error) {
      if (!isNetreconError(error) || attempt === MOST_ATTEMPTS) throw error;
    }
    await sleep(RETRY_MS);
  }
  return 4;
};

/**
 * `netrecon guardian`, started by `apply --confirm` and by nobody else: waits until that has ended, one way or another, and
 * then reverts what it left open, or what nobody confirms in time. SIGTERM, as at the end of a login session that takes its
 * processes along, means that nobody can confirm any more: it reverts at once.
 * @returns 0, or 4 where not everything could be put back
 */
export const run = async (context: Context): Promise<number> => {
  const terminated = new AbortController();
  process.on('SIGTERM', () => terminated.abort());
  for (const name of ['SIGHUP', 'SIGINT'] as const) process.on(name, () => undefined);
  return withHost(context, async (host) => {
    // a pipe that breaks is one that has ended
    const applyEnded = text(context.process.stdin).catch(() => '');
    context.print(GUARDIAN_READY);
    const keys = await applyEnded;
    await untilDue(host, terminated.signal);
    return revertUntilDone(host, keys, terminated.signal);
  });
};
