import { pendingConfirmation, rollbackLast } from '../../reconcile/transaction/recover.ts';
import { bootTime } from '../boot-time.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';
import { refuseHeld } from '../refuse-pending.ts';
import { transact } from '../transact.ts';

/**
 * `netrecon rollback`: back to what was before the last apply. One that waits for its confirmation is reverted without
 * a question: the guardian must not wait for an answer.
 * @returns 0, 1, 3 or 4
 */
export const run = async (
  context: Context,
  _args: readonly string[],
  options: { readonly yes?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  return withHost(context, (host) =>
    transact(
      context,
      {
        command: 'rollback',
        question: 'Revert the last apply?',
        words: { done: 'Rolled back', unchanged: 'No changes. The network is as it was before the last apply.' },
        approved: options.yes === true || pendingConfirmation(host.state.records, bootTime()) !== undefined,
        names: readHostNames(),
        run: (ports) => {
          refuseHeld(host.state);
          return rollbackLast(ports);
        },
      },
      host,
    ),
  );
};
