import type { Desired } from '../model/desired.ts';
import { NetreconError } from '../model/errors.ts';
import type { Ref } from '../model/kind.ts';
import { kindOf } from '../model/kinds.ts';
import type { AnyObject, State } from '../model/state.ts';
import { type ExecutionPorts, executeSteps, INTERRUPTED } from './execute.ts';
import type { GoalOptions } from './goal-desired.ts';
import { planLost } from './lost.ts';
import { planDesired, touchedBy } from './plan.ts';
import type { Failure, Outcome, Plan } from './plan-types.ts';
import { checkLinkKinds } from './preflight.ts';
import { type NamespaceRecord, RECORD_VERSION, type RecordStore, type TransactionRecord } from './record.ts';
import { rollBack } from './rollback.ts';

/** What a transaction needs from outside. */
export interface TransactionPorts extends ExecutionPorts {
  readonly records: RecordStore;
  /** asked with the plan, when there is something to do; asked again if the kernel changed meanwhile; false = declined */
  readonly approve: (plan: Plan) => Promise<boolean>;
  /** milliseconds since the epoch */
  readonly now: () => number;
}

export type ApplyOptions = Omit<GoalOptions, 'owned'>;

/** How often a plan is shown again because the network changed while it was read. */
const MOST_QUESTIONS = 10;

/** Passes of plan, send and look again; more than one is only needed where the kernel did what no model predicted. */
const MOST_PASSES = 3;

/** What a reader of the plan sees of it; counters and timers of what is there are no part of that. */
const planSignature = ({ steps, changes }: Plan): string =>
  JSON.stringify([steps.map(({ title }) => title), changes.map(({ key, action, fields }) => [key, action, fields])]);

/** Objects that the plan makes and the kernel cannot mark, added to what is owned; those it deletes are taken out. */
const ownedAfter = (owned: readonly Ref[], plan: Plan): Ref[] => {
  const refs = new Map(owned.map((ref) => [`${ref.kind} ${ref.slot}`, ref]));
  for (const { op } of plan.steps) {
    const { owner, slot } = kindOf(op.kind);
    if (owner(op.object) !== undefined) continue;
    const key = slot(op.object);
    if (op.action === 'delete') refs.delete(`${op.kind} ${key}`);
    else if (op.kind === 'link' && op.stage === 'rename') refs.delete(`link ${op.object.renamed_from}`);
    else if (op.action === 'create') {
      refs.set(`${op.kind} ${key}`, { kind: op.kind, slot: key });
      const peer = op.kind === 'link' ? op.object.options?.peer : undefined;
      if (typeof peer === 'string') refs.set(`link ${peer}`, { kind: 'link', slot: peer });
    }
  }
  return [...refs.values()];
};

/** Owned objects that still exist; a record outlives what others delete. */
const stillThere = (owned: readonly Ref[], state: State): Ref[] => {
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

const ignoredFailure = (plan: Plan): Failure => {
  const [change] = plan.changes;
  const fields = (change?.fields ?? []).map(
    ({ field, before, after }) => `${field} is ${JSON.stringify(before)} and not ${JSON.stringify(after)}`,
  );
  const [step] = plan.steps;
  return {
    cause: 'ignored',
    message: `every operation was acknowledged, but ${change?.title} is not as asked${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`,
    hint: 'this kernel accepts it and does nothing, or another program changes it at the same time',
    ...(step === undefined ? {} : { step }),
  };
};

/** The open transaction: what has been sent so far, and how it is remembered. */
class Transaction {
  readonly before: State;
  touched: readonly Ref[] = [];
  readonly #ports: TransactionPorts;
  readonly #ownedBefore: readonly Ref[];
  readonly #id: string;
  readonly #startedAt: number;

  constructor(before: State, ownedBefore: readonly Ref[], ports: TransactionPorts) {
    this.before = before;
    this.#ownedBefore = ownedBefore;
    this.#ports = ports;
    this.#startedAt = ports.now();
    this.#id = this.#startedAt.toString(36);
  }

  /** Writes the record: what the next steps touch is known before they are sent. */
  open(plan: Plan): void {
    this.touched = mergeRefs(this.touched, touchedBy(plan));
    this.#write('open', this.#ownedBefore);
  }

  close(phase: TransactionRecord['phase'], owned: readonly Ref[]): void {
    this.#write(phase, owned);
  }

  get ownedBefore(): readonly Ref[] {
    return this.#ownedBefore;
  }

  #write(phase: TransactionRecord['phase'], owned: readonly Ref[]): void {
    const transaction: TransactionRecord = {
      id: this.#id,
      startedAt: this.#startedAt,
      phase,
      before: this.before,
      touched: this.touched,
      ownedBefore: this.#ownedBefore,
    };
    const record: NamespaceRecord = { version: RECORD_VERSION, owned, transaction };
    this.#ports.records.write(record);
  }
}

/** Sends the plan, looks again, and sends what an unpredicted cascade took, until the kernel shows what was asked for. */
const carryOut = async (
  plan: Plan,
  replan: (state: State, owned: readonly Ref[]) => Plan,
  transaction: Transaction,
  ports: TransactionPorts,
): Promise<{ readonly failure?: Failure; readonly warnings: readonly string[]; readonly owned: readonly Ref[] }> => {
  const warnings: string[] = [];
  const tried = new Set<string>();
  let owned = transaction.ownedBefore;
  let next = plan;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    transaction.open(next);
    const sent = await executeSteps(next.steps, ports);
    warnings.push(...sent.warnings);
    if (sent.failure !== undefined) return { failure: sent.failure, warnings, owned };
    owned = ownedAfter(owned, next);
    for (const { title, op } of next.steps) tried.add(`${op.action} ${title}`);
    const state = await ports.kernel.dump();
    next = replan(state, owned);
    if (next.steps.length === 0) next = planLost(transaction.before, state, transaction.touched);
    if (next.steps.length === 0) {
      // whoever interrupts wants it back, however far it has come; from here on it is done
      return ports.signal?.aborted === true ? { failure: INTERRUPTED, warnings, owned } : { warnings, owned };
    }
    const repeated = next.steps.every(({ title, op }) => tried.has(`${op.action} ${title}`));
    if (repeated && pass > 0) break;
  }
  return { failure: ignoredFailure(next), warnings, owned };
};

/**
 * Makes a namespace as the files say, or leaves it as it was: dump, plan, ask, record, send, look again; on any failure
 * roll back and prove it by a dump. The caller holds the lock of the namespace and has dealt with an open record.
 * @throws {ConfigError} where the files and the host contradict each other (nothing was sent)
 * @throws {NetreconError} where the dump or the record fails (nothing was sent)
 */
export const applyDesired = async (
  desired: Desired,
  ports: TransactionPorts,
  options: ApplyOptions,
): Promise<Outcome> => {
  const recorded = ports.records.read()?.owned ?? [];
  const replan = (state: State, owned: readonly Ref[]) =>
    planDesired(desired, state, { ...options, owned, renamesUp: ports.kernel.renamesUp });
  let before = await ports.kernel.dump();
  let owned = stillThere(recorded, before);
  let plan = replan(before, owned);
  if (plan.steps.length === 0) return { status: 'unchanged', plan };
  for (let questions = 1; ; questions++) {
    if (!(await ports.approve(plan))) return { status: 'declined', plan };
    // what was shown must be what is done, however long the answer took
    before = await ports.kernel.dump();
    owned = stillThere(recorded, before);
    const fresh = replan(before, owned);
    if (fresh.steps.length === 0) return { status: 'unchanged', plan: fresh };
    if (planSignature(fresh) === planSignature(plan)) break;
    if (questions >= MOST_QUESTIONS) {
      throw new NetreconError('NR_UNSETTLED', 'the network changes faster than a plan can be made', {
        hint: 'another program is at work on the same objects: netrecon monitor shows which',
      });
    }
    plan = fresh;
  }
  if (ports.signal?.aborted === true) return { status: 'declined', plan };
  await checkLinkKinds(plan, ports.kernel);
  const transaction = new Transaction(before, owned, ports);
  const done = await carryOut(plan, replan, transaction, ports);
  if (done.failure === undefined) {
    transaction.close('committed', done.owned);
    return { status: 'applied', plan, warnings: done.warnings };
  }
  const { failure } = done;
  const back = await rollBack(before, transaction.touched, ports);
  if (back.done) {
    transaction.close('rolledBack', transaction.ownedBefore);
    return { status: 'rolledBack', plan, failure };
  }
  transaction.close('incomplete', done.owned);
  return { status: 'incomplete', plan, failure, remaining: back.remaining };
};
