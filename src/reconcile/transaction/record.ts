import type { Ref } from '../../model/kind.ts';
import type { State } from '../../model/state.ts';
import type { UndoLists } from '../lists/undo-lists.ts';

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
  /** named namespaces that netrecon made; absent where there are none */
  readonly namespaces?: readonly string[];
  /**
   * While a transaction of another namespace is open that this one has its part in: where the record of that one is kept.
   * Nothing may be built on what may still go back
   */
  readonly partOf?: string;
  /** present while a transaction is open, and after it for `rollback` */
  readonly transaction?: TransactionRecord;
}

export interface TransactionRecord extends UndoLists {
  readonly id: string;
  /** milliseconds since the epoch */
  readonly startedAt: number;
  /** `unconfirmed`: applied and verified, to be reverted at the deadline unless somebody confirms it */
  readonly phase: 'open' | 'unconfirmed' | 'committed' | 'rolledBack' | 'incomplete';
  /** the namespace before the first operation */
  readonly before: State;
  /** slots that the transaction names or takes along */
  readonly touched: readonly Ref[];
  /** `owned` before the transaction */
  readonly ownedBefore: readonly Ref[];
  /** operations that the kernel had acknowledged when the record was last written to; 0 where none was */
  readonly acknowledged?: number;
  /** phase `unconfirmed` */
  readonly confirmation?: Confirmation;
  /** the other namespaces that it is about; absent where there are none */
  readonly world?: WorldRecord;
}

/** What a transaction over several namespaces has to be able to undo, beside the one at hand. */
export interface WorldRecord {
  readonly namespaces: readonly NamespaceUndo[];
  /** veth pairs between two of the namespaces as they were, told by the index of each end */
  readonly pairs: readonly PairEnds[];
  /** NamespaceRecord.namespaces before the transaction */
  readonly ownedBefore: readonly string[];
}

export interface NamespaceUndo {
  readonly name: string;
  /** what the transaction does to the namespace itself */
  readonly fate: 'kept' | 'made' | 'removed';
  /** `made`: what tells it from all others, written down before it got its name; absent: it has not got it */
  readonly identity?: string;
  readonly before: State;
  readonly touched: readonly Ref[];
  readonly ownedBefore: readonly Ref[];
}

/** One end of a veth pair, and the other in another namespace. */
export interface PairEnds {
  /** absent: the namespace at hand */
  readonly netns?: string;
  readonly name: string;
  readonly farNetns: string;
  readonly farName: string;
}

/** Until when an apply waits for its confirmation, and who reverts it then. */
export interface Confirmation {
  /** what `--confirm` said */
  readonly seconds: number;
  /** milliseconds of the boot-time clock, which neither jumps nor stops while the machine sleeps (CLOCK_BOOTTIME) */
  readonly deadline: number;
  /** process id of the guardian */
  readonly guardian: number;
}

/** Where the record is kept; the file behind it is the edge's (cli/state-directory.ts). */
export interface RecordStore {
  /** undefined: nothing recorded yet; throws NetreconError NR_RECORD where the record cannot be read or is torn */
  read(): NamespaceRecord | undefined;
  /** Replaces the record durably: written beside, synced, renamed over. */
  write(record: NamespaceRecord): void;
  /**
   * Notes how many operations of the open transaction the kernel has acknowledged: one short line at the end of the record.
   * Cheap enough for every batch; how often it is synced is the store's affair.
   */
  acknowledge?(operations: number): void;
}
