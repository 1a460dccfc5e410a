import { confirmLast, openTransaction, recover } from '../../reconcile/transaction/recover.ts';
import { bootTime } from '../boot-time.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { type Host, withHost } from '../host.ts';
import { lockPatiently } from '../patient-lock.ts';
import { revertedOutcome, showOutcome, withTransactionPorts } from '../transact.ts';

/** Another command may be looking at the same record. */
const LOCK_MS = 10_000;

/** The guardian is dead or late: what it should have done is done here. */
const revertOverdue = async (context: Context, host: Host): Promise<number> => {
  const outcome = revertedOutcome(
    await withTransactionPorts(host, 'confirm', (ports) => recover(ports, bootTime())),
    'the confirmation comes too late',
  );
  return showOutcome(context, outcome);
};

/**
 * `netrecon confirm`: keeps what an `apply --confirm` did.
 * @returns 0; 3 or 4 where it comes too late and the apply is reverted instead
 * @throws {NetreconError} NR_NOTHING_TO_CONFIRM
 */
export const run = async (context: Context): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  return withHost(context, async (host) => {
    const { records } = host.state;
    const lock = await lockPatiently(host.state, 'confirm', LOCK_MS);
    try {
      const isOverdue =
        records.read()?.transaction?.phase === 'unconfirmed' && openTransaction(records, bootTime()) !== undefined;
      if (isOverdue) return await revertOverdue(context, host);
      await withTransactionPorts(host, 'confirm', async (ports) => confirmLast(ports, bootTime()));
    } finally {
      lock.release();
    }
    if (context.options.format === 'json') context.print(toJsonText({ version: 1, status: 'confirmed', exit: 0 }));
    else if (context.options.quiet !== true) context.print('Confirmed: the changes stay.\n');
    return 0;
  });
};
