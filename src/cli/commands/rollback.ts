import { rollbackLast } from '../../reconcile/recover.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames } from '../host.ts';
import { transact } from '../transact.ts';

/**
 * `netrecon rollback`: back to what was before the last apply.
 * @returns 0, 1, 3 or 4
 */
export const run = async (
  context: Context,
  _args: readonly string[],
  options: { readonly yes?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  return transact(context, {
    command: 'rollback',
    question: 'Revert the last apply?',
    words: { done: 'Rolled back', unchanged: 'No changes. The network is as it was before the last apply.' },
    approved: options.yes === true,
    names: readHostNames(),
    run: rollbackLast,
  });
};
