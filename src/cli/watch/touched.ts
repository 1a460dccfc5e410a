import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { State } from '../../model/state.ts';
import { type PackedRoutes, slotsOf } from '../../reconcile/lists/undo-lists.ts';
import type { PlanStep } from '../../reconcile/plan/plan-types.ts';
import { type NamespaceRecord, RECORD_VERSION, type RecordStore } from '../../reconcile/transaction/record.ts';
import { recover } from '../../reconcile/transaction/recover.ts';
import { exitStatusOf } from '../../report/outcome-text.ts';
import type { Host } from '../host.ts';
import { transactionPorts } from '../transact.ts';

/** What a watch has touched since it began, and can put back. */
export interface Touched {
  /** the records, remembered: under the lock nobody else writes them, and they may be long */
  readonly records: RecordStore;
  /** for what no record says: corrections of a single operation */
  note(steps: readonly PlanStep[]): void;
  /** Puts back what was there before the watch began. @returns the exit status */
  revert(): Promise<number>;
}

/**
 * @param before the namespace as it was when the watch began; absent where nothing will be put back, which then need not be
 * remembered
 */
export const rememberTouched = (host: Host, before?: State): Touched => {
  const { records } = host.state;
  let last = records.read();
  const ownedBefore = last?.owned ?? [];
  const refs = new Map<string, Ref>();
  /** routes of long lists, which no ref names */
  const created: PackedRoutes[] = [];
  const touch = (ref: Ref): void => {
    refs.set(`${ref.kind} ${ref.slot}`, ref);
  };
  const remember = ({ transaction }: NamespaceRecord): void => {
    for (const ref of transaction?.touched ?? []) touch(ref);
    if (transaction?.phase !== 'committed') return;
    created.push(...(transaction.created ?? []));
    // `before` has what the transaction left out of its own
    for (const packed of transaction.old ?? []) for (const slot of slotsOf(packed)) touch({ kind: 'route', slot });
  };
  const remembered: RecordStore = {
    ...records,
    read: () => last,
    write: (record) => {
      if (before !== undefined) remember(record);
      records.write(record);
      last = record;
    },
  };
  return {
    records: remembered,
    note: (steps) => {
      if (before === undefined) return;
      for (const { op } of steps) touch({ kind: op.kind, slot: kindOf(op.kind).slot(op.object) });
    },
    revert: async () => {
      if (before === undefined) return 0;
      const startedAt = Date.now();
      records.write({
        version: RECORD_VERSION,
        owned: last?.owned ?? [],
        ...(last?.namespaces === undefined ? {} : { namespaces: last.namespaces }),
        transaction: {
          id: startedAt.toString(36),
          startedAt,
          phase: 'open',
          before,
          touched: [...refs.values()],
          ...(created.length === 0 ? {} : { created }),
          ownedBefore,
        },
      });
      return exitStatusOf(await recover(transactionPorts(host)));
    },
  };
};
