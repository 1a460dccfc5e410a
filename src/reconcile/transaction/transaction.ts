import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { AnyObject, State } from '../../model/state.ts';
import { slotsOfLists, type Undo, type UndoLists } from '../lists/undo-lists.ts';
import { touchedBy } from '../plan/plan.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { Stake } from '../plan/stake.ts';
import { absorbChanges, type ForeignChange, type RaceWatch } from './races.ts';
import { type Confirmation, RECORD_VERSION, type RecordStore, type TransactionRecord } from './record.ts';
import { type ReplacedKey, replacedBy, withReplacedKeys } from './replaced-keys.ts';

/** Objects that the plan makes and the kernel cannot mark, added to what is owned; those it deletes are taken out. */
export const ownedAfter = (owned: readonly Ref[], plan: Plan): Ref[] => {
  const refs = new Map(owned.map((ref) => [`${ref.kind} ${ref.slot}`, ref]));
  for (const { op } of plan.steps) {
    const { owner, slot } = kindOf(op.kind);
    if (owner(op.object) !== undefined) continue;
    const key = slot(op.object);
    if (op.action === 'delete') refs.delete(`${op.kind} ${key}`);
    else if (op.kind === 'link' && op.stage === 'rename') refs.delete(`link ${op.object.renamed_from}`);
    else if (op.action === 'create' && !(op.kind === 'link' && op.object.netns !== undefined)) {
      refs.set(`${op.kind} ${key}`, { kind: op.kind, slot: key });
      const peer = op.kind === 'link' ? op.object.options?.peer : undefined;
      if (typeof peer === 'string') refs.set(`link ${peer}`, { kind: 'link', slot: peer });
    }
  }
  return [...refs.values()];
};

/** Owned objects that still exist; a record outlives what others delete. */
export const stillThere = (owned: readonly Ref[], state: State): Ref[] => {
  if (owned.length === 0) return [];
  const kinds = new Set(owned.map(({ kind }) => kind));
  const present = new Set<string>();
  for (const kind of kinds)
    for (const object of state[kind] as readonly AnyObject[]) present.add(`${kind} ${kindOf(kind).slot(object)}`);
  return owned.filter(({ kind, slot }) => present.has(`${kind} ${slot}`));
};

const mergeRefs = (a: readonly Ref[], b: readonly Ref[]): Ref[] => [
  ...new Map([...a, ...b].map((ref) => [`${ref.kind} ${ref.slot}`, ref])).values(),
];

/** One operation that takes nothing along happens or does not: a killed process leaves nothing halfway. */
const isAtomic = ({ steps }: Plan): boolean => steps.length === 1 && steps[0]?.cascades.length === 0;

interface TransactionOptions {
  /** milliseconds since the epoch */
  readonly startedAt: number;
  /** routes that its passes deal with, and that are not in `before` */
  readonly lists: UndoLists;
  /** false: a single operation is not written down unless it changes what is owned */
  readonly recordAtomic: boolean;
  /** what the record says of other namespaces, which is not this transaction's affair */
  readonly namespaces?: readonly string[];
}

/** The open transaction: what has been sent so far, and how it is remembered. */
export class Transaction {
  readonly ownedBefore: readonly Ref[];
  readonly #records: RecordStore;
  readonly #lists: UndoLists;
  readonly #id: string;
  readonly #namespaces: readonly string[] | undefined;
  readonly #startedAt: number;
  #isRecorded: boolean;
  #before: State;
  #touched: readonly Ref[] = [];
  #replacedKeys: readonly ReplacedKey[] = [];
  #acknowledged = 0;

  constructor(
    before: State,
    ownedBefore: readonly Ref[],
    records: RecordStore,
    { startedAt, lists, recordAtomic, namespaces }: TransactionOptions,
  ) {
    this.#namespaces = namespaces;
    this.#lists = lists;
    this.#before = before;
    this.ownedBefore = ownedBefore;
    this.#records = records;
    this.#startedAt = startedAt;
    this.#isRecorded = recordAtomic || lists.created !== undefined || lists.old !== undefined;
    this.#id = startedAt.toString(36);
  }

  /** The state to go back to. */
  get before(): State {
    return this.#before;
  }

  /** Slots that the transaction names or takes along. */
  get touched(): readonly Ref[] {
    return this.#touched;
  }

  /** All that a rollback has to look at. */
  get undo(): Undo {
    return { touched: this.#touched, ...this.#lists };
  }

  /** Writes the record: what the next steps touch is known before they are sent. */
  open(plan: Plan): void {
    // once more is to be sent than the first operation, a killed process may leave it halfway
    this.#isRecorded ||= this.#touched.length > 0 || !isAtomic(plan) || this.#bringsOwned(plan);
    const refs = touchedBy(plan);
    const listed = slotsOfLists(this.#lists, plan.steps);
    const named = listed.size === 0 ? refs : refs.filter(({ kind, slot }) => kind !== 'route' || !listed.has(slot));
    this.#touched = mergeRefs(this.#touched, named);
    this.#replacedKeys = [...this.#replacedKeys, ...plan.steps.flatMap(({ op }) => replacedBy(op))];
    this.#write('open', this.ownedBefore);
  }

  /** Whether it makes something that the kernel cannot mark, and that no record says is ours. */
  #bringsOwned(plan: Plan): boolean {
    const recorded = new Set(this.#records.read()?.owned.map(({ kind, slot }) => `${kind} ${slot}`));
    return ownedAfter(this.ownedBefore, plan).some(({ kind, slot }) => !recorded.has(`${kind} ${slot}`));
  }

  /** @returns what `ExecutionPorts.onAcknowledged` takes: counts of the steps of the pass that begins now */
  countFromHere(): (steps: number) => void {
    const start = this.#acknowledged;
    return (steps) => {
      this.#acknowledged = start + steps;
      if (this.#isRecorded) this.#records.acknowledge?.(this.#acknowledged);
    };
  }

  /**
   * Looks at what others do: from now on a rollback leads to the state as they have changed it.
   * @returns their changes to what is at stake
   */
  absorb(watch: RaceWatch, stake: Stake): readonly ForeignChange[] {
    const changes = watch.look(stake);
    this.#before = watch.withoutDeleted(absorbChanges(this.#before, changes));
    return changes;
  }

  close(phase: TransactionRecord['phase'], owned: readonly Ref[], confirmation?: Confirmation): void {
    this.#write(phase, owned, confirmation);
  }

  #write(phase: TransactionRecord['phase'], owned: readonly Ref[], confirmation?: Confirmation): void {
    if (!this.#isRecorded) return;
    const transaction: TransactionRecord = {
      id: this.#id,
      startedAt: this.#startedAt,
      phase,
      before: withReplacedKeys(this.#before, this.#replacedKeys),
      touched: this.#touched,
      ...this.#lists,
      ownedBefore: this.ownedBefore,
      ...(this.#acknowledged === 0 ? {} : { acknowledged: this.#acknowledged }),
      ...(confirmation === undefined ? {} : { confirmation }),
    };
    const namespaces = this.#namespaces;
    this.#records.write({
      version: RECORD_VERSION,
      owned,
      ...(namespaces === undefined ? {} : { namespaces }),
      transaction,
    });
  }
}
