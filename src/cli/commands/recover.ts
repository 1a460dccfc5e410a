import type { TransactionRecord } from '../../reconcile/transaction/record.ts';
import { openTransaction, planRecovery, recover } from '../../reconcile/transaction/recover.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { planDocument } from '../../report/plan-json.ts';
import { renderPlanText } from '../../report/plan-text.ts';
import { bootTime } from '../boot-time.ts';
import { type Context, jsonDocument, requireFormat, toJsonText } from '../context.ts';
import { type Host, readHostNames, withHost } from '../host.ts';
import { transact, withTransactionPorts } from '../transact.ts';

const NOTHING = 'Nothing to recover.';

const causeText = ({ phase, startedAt, acknowledged = 0 }: TransactionRecord): string => {
  const begun = `An apply begun at ${new Date(startedAt).toISOString()}`;
  const count = `${acknowledged} operation${acknowledged === 1 ? '' : 's'} had been acknowledged`;
  switch (phase) {
    case 'unconfirmed':
      return `${begun} was not confirmed in time; ${count}.`;
    case 'incomplete':
      return `${begun} failed and could not be put back whole.`;
    default:
      return `${begun} was cut off; at least ${count}.`;
  }
};

/**
 * Shows what recover would do, under the lock: a transaction that is at work is none to recover.
 * @throws {NetreconError} NR_LOCKED
 */
const showRecovery = async (context: Context, host: Host): Promise<number> => {
  const { state } = host;
  const lock = state.lock('recover --dry-run', new Date());
  try {
    const transaction = openTransaction(state.records, bootTime());
    const isJson = context.options.format === 'json';
    if (transaction === undefined) {
      context.print(isJson ? toJsonText({ version: 1, open: false }) : `${NOTHING}\n`);
      return 0;
    }
    const { plan, acknowledged } = await withTransactionPorts(host, 'recover --dry-run', (ports) =>
      planRecovery(transaction, ports),
    );
    if (isJson) {
      const document = { version: 1, open: true, phase: transaction.phase, acknowledged, plan: planDocument(plan) };
      await context.printPieces(jsonDocument(document));
    } else {
      context.print(`${causeText(transaction)} To put everything back, recover would do this:\n`);
      context.print(`${renderPlanText(plan, { paint: context.paint, names: readHostNames() })}\n`);
      for (const warning of plan.warnings) context.say(diagnosticText(warning, context.talkPaint));
    }
    return 0;
  } finally {
    lock.release();
  }
};

/**
 * `netrecon recover`: puts back what an apply had changed that was killed, or that nobody confirmed in time. Asks nothing:
 * nobody may be there. With --dry-run it only shows it.
 * @returns 0, 1, 3 or 4
 */
export const run = async (
  context: Context,
  _args: readonly string[],
  options: { readonly dryRun?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  return withHost(context, (host) =>
    options.dryRun === true
      ? showRecovery(context, host)
      : transact(
          context,
          {
            command: 'recover',
            question: '',
            words: { done: 'Put back', unchanged: NOTHING },
            approved: true,
            names: readHostNames(),
            run: (ports) => recover(ports, bootTime()),
          },
          host,
        ),
  );
};
