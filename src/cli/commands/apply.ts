import type { Outcome } from '../../reconcile/plan-types.ts';
import { applyDesired, type TransactionPorts } from '../../reconcile/reconcile.ts';
import { openTransaction, recover } from '../../reconcile/recover.ts';
import { APPLY_WORDS } from '../../report/outcome-text.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';
import { readDesired } from '../read-files.ts';
import { transact } from '../transact.ts';

interface ApplyOptions {
  readonly yes?: boolean;
  readonly allowMassDelete?: boolean;
}

/**
 * What a killed apply left behind goes first: the state before it is the one that a rollback leads to.
 * @returns the outcome where that did not work, else undefined
 */
const putBackLeftover = async (context: Context, ports: TransactionPorts): Promise<Outcome | undefined> => {
  if (openTransaction(ports.records) === undefined) return undefined;
  context.say('An earlier apply was cut off. What it changed is put back first.\n');
  const outcome = await recover(ports);
  return outcome.status === 'applied' || outcome.status === 'unchanged' ? undefined : outcome;
};

/**
 * `netrecon apply FILE...`
 * @returns 0, 1, 3 or 4; 128 + signal where a signal came before anything was done
 */
export const run = async (context: Context, files: readonly string[], options: ApplyOptions): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  // the namespace first: --sandbox may start the process again, and standard input can be read only once
  return withHost(context, async (host) => {
    const names = readHostNames();
    const desired = await readDesired(context.process, files, names);
    return transact(
      context,
      {
        command: `apply ${files.join(' ')}`,
        question: 'Apply these changes?',
        words: APPLY_WORDS,
        approved: options.yes === true,
        names,
        run: async (ports) => {
          const leftover = await putBackLeftover(context, ports);
          return (
            leftover ??
            applyDesired(desired, ports, {
              protocolName: names.protocols.toName,
              allowMassDelete: options.allowMassDelete === true,
            })
          );
        },
      },
      host,
    );
  });
};
