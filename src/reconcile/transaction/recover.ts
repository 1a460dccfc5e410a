import { NetreconError } from '../../model/errors.ts';
import { ROUTES_A_PASS } from '../lists/undo-lists.ts';
import type { Plan } from '../plan/plan-types.ts';
import { isWorldRecord, planWorldReversion, releaseNamespaces, revertWorld } from '../world/revert-world.ts';
import { lookBack } from './look-back.ts';
import type { Failure, Outcome } from './outcome.ts';
import { RECORD_VERSION, type RecordStore, type TransactionRecord } from './record.ts';
import { planRestore, type RollbackResult, rollBack, withRoutes } from './rollback.ts';
import type { TransactionPorts } from './transaction-ports.ts';

/**
 * An apply that waits for its confirmation; undefined where there is none, or the time is over.
 * @param bootTime - milliseconds of CLOCK_BOOTTIME
 */
export const pendingConfirmation = (records: RecordStore, bootTime: number): TransactionRecord | undefined => {
  const transaction = records.read()?.transaction;
  if (transaction?.phase !== 'unconfirmed') return undefined;
  return (transaction.confirmation?.deadline ?? 0) > bootTime ? transaction : undefined;
};

/**
 * A transaction that was killed, that nobody confirmed in time, or whose rollback could not be finished; undefined where
 * there is none. The caller holds the lock: whoever opened it is at work no more.
 * @param bootTime - milliseconds of CLOCK_BOOTTIME; default: every confirmation is overdue
 */
export const openTransaction = (records: RecordStore, bootTime = Number.POSITIVE_INFINITY) => {
  const transaction = records.read()?.transaction;
  switch (transaction?.phase) {
    case 'open':
    case 'incomplete':
      return transaction;
    case 'unconfirmed':
      return (transaction.confirmation?.deadline ?? 0) <= bootTime ? transaction : undefined;
    default:
      return undefined;
  }
};

/** More routes of a list than that are not told one by one where somebody is asked. */
const MOST_ASKED = 1000;

/**
 * What `recover` would do, and after how many acknowledged operations the apply was cut off.
 * @param most - so many routes of each list are told one by one, the others are only counted
 */
export const planRecovery = async (
  transaction: TransactionRecord,
  ports: Pick<TransactionPorts, 'kernel' | 'records' | 'world'>,
  most = ROUTES_A_PASS,
): Promise<{ readonly plan: Plan; readonly acknowledged: number }> => {
  const { acknowledged = 0 } = transaction;
  if (isWorldRecord(transaction)) return { plan: await planWorldReversion(transaction, ports), acknowledged };
  const { kernel } = ports;
  const { now, lost, touched, rest } = await lookBack(kernel, transaction, { before: transaction.before, most });
  const plan = planRestore(withRoutes(transaction.before, lost), now, touched, kernel);
  const summary = { ...plan.summary, restore: plan.summary.restore + rest };
  return {
    plan: rest === 0 ? plan : { ...plan, rest, summary },
    acknowledged,
  };
};

/**
 * Keeps what an unconfirmed apply did. The caller holds the lock.
 * @throws {NetreconError} NR_NOTHING_TO_CONFIRM
 */
export const confirmLast = (
  { records, world }: Pick<TransactionPorts, 'records' | 'world'>,
  bootTime: number,
): TransactionRecord => {
  const record = records.read();
  const transaction = pendingConfirmation(records, bootTime);
  if (record === undefined || transaction === undefined) {
    throw new NetreconError('NR_NOTHING_TO_CONFIRM', 'no apply waits for a confirmation in this namespace', {
      hint:
        record?.transaction?.phase === 'rolledBack'
          ? 'the last one was reverted: it was not confirmed in time, or it failed'
          : 'netrecon apply --confirm SECONDS makes one that does',
    });
  }
  const { confirmation: _, ...kept } = transaction;
  records.write({ ...record, transaction: { ...kept, phase: 'committed' } });
  if (isWorldRecord(transaction) && world !== undefined) releaseNamespaces(transaction, world);
  return transaction;
};

const revertOne = async (transaction: TransactionRecord, ports: TransactionPorts): Promise<RollbackResult> => {
  const result = await rollBack(transaction.before, transaction, ports);
  const record = ports.records.read();
  const { confirmation: _, ...rest } = transaction;
  ports.records.write({
    version: RECORD_VERSION,
    owned: result.done ? transaction.ownedBefore : (record?.owned ?? []),
    ...(record?.namespaces === undefined ? {} : { namespaces: record.namespaces }),
    transaction: { ...rest, phase: result.done ? 'rolledBack' : 'incomplete' },
  });
  return result;
};

const revert = async (transaction: TransactionRecord, ports: TransactionPorts): Promise<Outcome> => {
  const { plan } = await planRecovery(transaction, ports, MOST_ASKED);
  const isEmpty = plan.steps.length === 0 && plan.namespaces === undefined;
  if (!isEmpty && !(await ports.approve(plan))) return { status: 'declined', plan };
  const result = isWorldRecord(transaction)
    ? await revertWorld(transaction, ports)
    : await revertOne(transaction, ports);
  if (result.done) return isEmpty ? { status: 'unchanged', plan } : { status: 'applied', plan, warnings: [] };
  const failure: Failure = result.failures.at(-1) ?? {
    cause: 'ignored',
    message: 'the kernel does not show the state that was there before',
  };
  return { status: 'incomplete', plan, failure, remaining: result.remaining };
};

/**
 * Reverts what a killed apply left behind. The caller holds the lock.
 * @param bootTime - as in openTransaction
 * @returns `unchanged` with an empty plan where no record is open
 */
export const recover = async (ports: TransactionPorts, bootTime?: number): Promise<Outcome> => {
  const transaction = openTransaction(ports.records, bootTime);
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
