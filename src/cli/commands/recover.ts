import { recover } from '../../reconcile/recover.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames } from '../host.ts';
import { transact } from '../transact.ts';

/**
 * `netrecon recover`: puts back what an apply that was killed had changed. Asks nothing: nobody may be there.
 * @returns 0, 1, 3 or 4
 */
export const run = async (context: Context): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  return transact(context, {
    command: 'recover',
    question: '',
    words: { done: 'Put back', unchanged: 'Nothing to recover.' },
    approved: true,
    names: readHostNames(),
    run: recover,
  });
};
