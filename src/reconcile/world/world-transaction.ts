import type { Ref } from '../../model/kind.ts';
import { emptyState, type State } from '../../model/state.ts';
import { touchedBy } from '../plan/plan.ts';
import { absorbChanges } from '../transaction/races.ts';
import type { NamespaceUndo, PairEnds, TransactionRecord } from '../transaction/record.ts';
import { type Confirmation, RECORD_VERSION } from '../transaction/record.ts';
import { type ReplacedKey, replacedBy, withReplacedKeys } from '../transaction/replaced-keys.ts';
import { ownedAfter, stillThere } from '../transaction/transaction.ts';
import { findPairs } from './pairs.ts';
import { type WorldPlan, withArrivals } from './plan-world.ts';
import type { ScopeName, WorldView } from './world.ts';
import type { ScopePort, WorldPort } from './world-port.ts';
import type { ScopeChanges, WorldWatch } from './world-races.ts';
import type { WorldUndo } from './world-undo.ts';

const refKeyOf = ({ kind, slot }: Ref): string => `${kind} ${slot}`;

/** One namespace of an open transaction. */
interface ScopeState {
  readonly fate: NamespaceUndo['fate'];
  identity?: string;
  readonly ownedBefore: readonly Ref[];
  owned: readonly Ref[];
  before: State;
  readonly touched: Map<string, Ref>;
  readonly replacedKeys: ReplacedKey[];
}

const recordedBefore = ({ before, replacedKeys }: ScopeState): State => withReplacedKeys(before, replacedKeys);

/** The open transaction over several namespaces: what has been sent so far, and how it is remembered. */
export class WorldTransaction {
  readonly #root: ScopePort;
  readonly #world: WorldPort;
  readonly #scopes = new Map<ScopeName, ScopeState>();
  readonly #pairs: readonly PairEnds[];
  readonly #namesBefore: readonly string[];
  readonly #startedAt: number;
  #names: readonly string[];
  #acknowledged = 0;

  constructor(view: WorldView, plan: WorldPlan, root: ScopePort, world: WorldPort, startedAt: number) {
    this.#root = root;
    this.#world = world;
    this.#startedAt = startedAt;
    this.#pairs = findPairs(view);
    this.#namesBefore = view.owned;
    this.#names = [...view.owned.filter((name) => view.namespaces.has(name)), ...plan.create];
    const add = (name: ScopeName, fate: NamespaceUndo['fate'], state: State, recorded: readonly Ref[]): void => {
      const owned = stillThere(recorded, state);
      this.#scopes.set(name, { fate, ownedBefore: owned, owned, before: state, touched: new Map(), replacedKeys: [] });
    };
    add(undefined, 'kept', view.root.state, view.root.owned);
    for (const [name, { state, owned }] of view.namespaces)
      add(name, plan.remove.includes(name) ? 'removed' : 'kept', state, owned);
    for (const name of plan.create) add(name, 'made', emptyState(), []);
  }

  /** Every namespace that it deals with, and what to go back to there. */
  get undo(): WorldUndo {
    const scope = (name: ScopeName) => {
      const { before, touched } = this.#scopes.get(name) as ScopeState;
      return { before, touched: [...touched.values()] };
    };
    return { root: scope(undefined), ...this.#record() };
  }

  /** What a namespace was like, and what of it has been touched. */
  undoOf(netns: ScopeName): { readonly before: State; readonly touched: readonly Ref[] } {
    const { before, touched } = this.#scopes.get(netns) as ScopeState;
    return { before, touched: [...touched.values()] };
  }

  ownedOf(netns: ScopeName): readonly Ref[] {
    return this.#scopes.get(netns)?.owned ?? [];
  }

  /** A namespace that could not be made: if there is one of that name by now, it is somebody else's. */
  drop(netns: string): void {
    this.#scopes.delete(netns);
  }

  /** The namespaces that the plan removes are gone: only now they are not ours any more. */
  forget(netns: readonly string[]): void {
    this.#names = this.#names.filter((name) => !netns.includes(name));
  }

  /** A namespace that has been made and has no name yet: from here on whoever finds the record knows it again. */
  remember(netns: string, identity: string): void {
    (this.#scopes.get(netns) as ScopeState).identity = identity;
    this.write('open');
  }

  /** A namespace that has just been made, as the kernel made it. */
  found(netns: string, state: State): void {
    (this.#scopes.get(netns) as ScopeState).before = state;
  }

  /** Writes the record: what the next steps touch is known before they are sent. */
  open({ parts }: WorldPlan): void {
    for (const { netns, plan } of parts) {
      const scope = this.#scopes.get(netns) as ScopeState;
      for (const ref of touchedBy(plan)) scope.touched.set(refKeyOf(ref), ref);
      scope.replacedKeys.push(...plan.steps.flatMap(({ op }) => replacedBy(op)));
    }
    this.write('open');
  }

  /** From now on what the plan makes is ours, and what it deletes is not. */
  follow({ parts, arrivals }: WorldPlan): void {
    for (const { netns, plan } of parts) {
      const scope = this.#scopes.get(netns) as ScopeState;
      scope.owned = ownedAfter(scope.owned, plan);
    }
    for (const [netns, scope] of this.#scopes) scope.owned = withArrivals(scope.owned, netns, arrivals);
  }

  /** @returns what `ExecutionPorts.onAcknowledged` takes, for the steps that are sent next */
  countFromHere(): (steps: number) => void {
    const start = this.#acknowledged;
    return (steps) => {
      this.#acknowledged = start + steps;
      this.#root.records.acknowledge?.(this.#acknowledged);
    };
  }

  /**
   * Looks at what others do: from now on a rollback leads to the state as they have changed it.
   * @returns their changes to what the plan is about
   */
  absorb(watch: WorldWatch, plan: WorldPlan): readonly ScopeChanges[] {
    const found = watch.look(plan);
    const changed = new Map(found.map(({ netns, changes }) => [netns, changes]));
    for (const [netns, scope] of this.#scopes)
      scope.before = watch.withoutDeleted(netns, absorbChanges(scope.before, changed.get(netns) ?? []));
    return found;
  }

  #record() {
    const namespaces = [...this.#scopes].flatMap(([name, scope]): NamespaceUndo[] => {
      if (name === undefined) return [];
      const { fate, identity, touched, ownedBefore } = scope;
      const known = identity === undefined ? {} : { identity };
      return [{ name, fate, ...known, before: recordedBefore(scope), touched: [...touched.values()], ownedBefore }];
    });
    return { namespaces, pairs: this.#pairs, ownedBefore: this.#namesBefore };
  }

  /**
   * Writes the record of every namespace; that of the one at hand is the one that counts, and so comes last where the
   * transaction ends.
   */
  write(phase: TransactionRecord['phase'], confirmation?: Confirmation): void {
    const isBack = phase === 'rolledBack' || phase === 'open';
    const root = this.#scopes.get(undefined) as ScopeState;
    const transaction: TransactionRecord = {
      id: this.#startedAt.toString(36),
      startedAt: this.#startedAt,
      phase,
      before: recordedBefore(root),
      touched: [...root.touched.values()],
      ownedBefore: root.ownedBefore,
      ...(this.#acknowledged === 0 ? {} : { acknowledged: this.#acknowledged }),
      ...(confirmation === undefined ? {} : { confirmation }),
      world: this.#record(),
    };
    const names = isBack ? this.#namesBefore : this.#names;
    const writeRoot = () =>
      this.#root.records.write({
        version: RECORD_VERSION,
        owned: isBack ? root.ownedBefore : root.owned,
        ...(names.length === 0 ? {} : { namespaces: names }),
        transaction,
      });
    const isOpen = phase === 'open' || phase === 'unconfirmed' || phase === 'incomplete';
    const { home } = this.#world;
    const held = isOpen && home !== undefined ? { partOf: home } : {};
    if (phase === 'open') writeRoot();
    for (const [name, { fate, owned, ownedBefore }] of this.#scopes) {
      if (name === undefined || (fate === 'made' && isBack)) continue;
      const record = { version: RECORD_VERSION, owned: isBack ? ownedBefore : owned, ...held } as const;
      this.#world.open(name)?.records.write(record);
    }
    if (phase !== 'open') writeRoot();
  }
}
