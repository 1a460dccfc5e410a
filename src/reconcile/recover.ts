import { NetreconError } from '../model/errors.ts';
import type { Failure, Outcome } from './plan-types.ts';
import type { TransactionPorts } from './reconcile.ts';
import { RECORD_VERSION, type RecordStore, type TransactionRecord } from './record.ts';
import { planRestore, rollBack } from './rollback.ts';

/** A transaction that was killed, or whose rollback could not be finished; undefined where there is none. */
export const openTransaction = (records: RecordStore): TransactionRecord | undefined => {
  const transaction = records.read()?.transaction;
  return transaction?.phase === 'open' || transaction?.phase === 'incomplete' ? transaction : undefined;
};

const revert = async (transaction: TransactionRecord, ports: TransactionPorts): Promise<Outcome> => {
  const plan = planRestore(transaction.before, await ports.kernel.dump(), transaction.touched, ports.kernel);
  if (plan.steps.length > 0 && !(await ports.approve(plan))) return { status: 'declined', plan };
  const result = await rollBack(transaction.before, transaction.touched, ports);
  const owned = result.done ? transaction.ownedBefore : (ports.records.read()?.owned ?? []);
  ports.records.write({
    version: RECORD_VERSION,
    owned,
    transaction: { ...transaction, phase: result.done ? 'rolledBack' : 'incomplete' },
  });
  if (result.done)
    return plan.steps.length === 0 ? { status: 'unchanged', plan } : { status: 'applied', plan, warnings: [] };
  const failure: Failure = result.failures.at(-1) ?? {
    cause: 'ignored',
    message: 'the kernel does not show the state that was there before',
  };
  return { status: 'incomplete', plan, failure, remaining: result.remaining };
};

/**
 * Reverts what a killed apply left behind. The caller holds the lock.
 * @returns `unchanged` with an empty plan where no record is open
 */
export const recover = async (ports: TransactionPorts): Promise<Outcome> => {
  const transaction = openTransaction(ports.records);
  if (transaction !== undefined) return revert(transaction, ports);
  return {
    status: 'unchanged',
    plan: {
      changes: [],
      steps: [],
      summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
      warnings: [],
    },
  };
};

/**
 * Reverts the last apply, open or committed, while its record stands. The caller holds the lock.
 * @throws {NetreconError} NR_NOTHING_TO_ROLL_BACK when there is none, or it has been reverted already
 */
export const rollbackLast = async (ports: TransactionPorts): Promise<Outcome> => {
  const transaction = ports.records.read()?.transaction;
  if (transaction === undefined || transaction.phase === 'rolledBack') {
    throw new NetreconError('NR_NOTHING_TO_ROLL_BACK', 'there is no apply to roll back in this namespace', {
      hint:
        transaction === undefined
          ? 'the record vanishes at boot, together with the state it describes'
          : 'the last one has been reverted already',
    });
  }
  return revert(transaction, ports);
};
