import type { Ref } from '../model/kind.ts';
import type { State } from '../model/state.ts';

/** Format of the record; a reader refuses any other. */
export const RECORD_VERSION = 1;

/**
 * What netrecon must remember of a namespace between runs: the objects it made that the kernel cannot mark (links,
 * forwarding entries), and the state to go back to while a transaction is open.
 */
export interface NamespaceRecord {
  readonly version: typeof RECORD_VERSION;
  /** slots of unmarked objects that netrecon made */
  readonly owned: readonly Ref[];
  /** present while a transaction is open, and after it for `rollback` */
  readonly transaction?: TransactionRecord;
}

export interface TransactionRecord {
  readonly id: string;
  /** milliseconds since the epoch */
  readonly startedAt: number;
  readonly phase: 'open' | 'committed' | 'rolledBack' | 'incomplete';
  /** the namespace before the first operation */
  readonly before: State;
  /** slots that the transaction names or takes along */
  readonly touched: readonly Ref[];
  /** `owned` before the transaction */
  readonly ownedBefore: readonly Ref[];
}

/** Where the record is kept; the file behind it is the edge's (cli/state-directory.ts). */
export interface RecordStore {
  /** undefined: nothing recorded yet; throws NetreconError NR_RECORD where the record cannot be read or is torn */
  read(): NamespaceRecord | undefined;
  /** Replaces the record durably: written beside, synced, renamed over. */
  write(record: NamespaceRecord): void;
}
