import type { KernelEvent, KernelPort } from '../../model/kernel-port.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import type { Route } from '../../model/route.ts';
import { type AnyObject, KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import { refKey } from '../plan/goal-restore.ts';
import type { Stake } from '../plan/stake.ts';
import type { Failure } from './outcome.ts';

/** A change to what a transaction is about that it did not make itself. */
export interface ForeignChange {
  readonly kind: KindName;
  readonly action: KernelEvent['action'];
  readonly object: AnyObject;
  /** nlmsg_pid of the requester, 0 where the kernel does not tell */
  readonly portId: number;
}

/**
 * Which events tell of a change by somebody else to something at stake. A requester's port id is proof; the kernel gives
 * none (0) for its own cascades and for most changes of links, so that of those only the deletion of a link counts that
 * the transaction does not delete. Pure.
 * @param isOwn - tells the nlmsg_pid of the transaction's own requests
 */
const foreignChanges = (
  events: readonly KernelEvent[],
  stake: Stake,
  isOwn: (portId: number) => boolean,
): ForeignChange[] =>
  events.flatMap(({ kind, action, object, portId }): ForeignChange[] => {
    if (object === undefined || isOwn(portId)) return [];
    const { slot, isKernels } = kindOf(kind);
    const name = slot(object);
    const isAtStake =
      stake.slots.has(refKey(kind, name)) || (kind === 'route' && stake.isInBulk?.(object as Route) === true);
    if (!isAtStake || (kind !== 'link' && isKernels(object))) return [];
    const isVanishedLink = kind === 'link' && action === 'delete' && !stake.doomedLinks.has(name);
    return portId !== 0 || isVanishedLink ? [{ kind, action, object, portId }] : [];
  });

const without = (state: State, kind: KindName, isGone: (object: AnyObject) => boolean): State => ({
  ...state,
  [kind]: (state[kind] as readonly AnyObject[]).filter((object) => !isGone(object)),
});

const absorbLink = (state: State, { action, object }: ForeignChange): State => {
  const link = object as Link;
  if (action === 'new') {
    // an event shows less of a link than a dump does: one that is known already stays as it was dumped
    return state.link.some(({ name }) => name === link.name) ? state : { ...state, link: [...state.link, link] };
  }
  let next = without(state, 'link', (other) => (other as Link).name === link.name);
  for (const kind of KIND_NAMES) {
    if (kind === 'link') continue;
    next = without(next, kind, (other) => kindOf(kind).devs(other).includes(link.name));
  }
  return next;
};

/**
 * The state to go back to, as if the others had made their changes and the transaction had not been: a rollback must not
 * undo what somebody else did meanwhile. Pure.
 */
export const absorbChanges = (before: State, changes: readonly ForeignChange[]): State => {
  let state = before;
  for (const change of changes) {
    const { kind, action, object } = change;
    if (kind === 'link') state = absorbLink(state, change);
    else {
      const { slot, identity } = kindOf(kind);
      state =
        action === 'new'
          ? without(state, kind, (other) => slot(other) === slot(object))
          : without(state, kind, (other) => identity(other) === identity(object));
      if (action === 'new')
        state = { ...state, [kind]: [...(state[kind] as readonly AnyObject[]), object] } as unknown as State;
    }
  }
  return state;
};

/** One line for people: what was changed, by whom. */
export const foreignFailure = (changes: readonly ForeignChange[], whoIs: (portId: number) => string): Failure => {
  const [first] = changes as [ForeignChange];
  const verb = first.action === 'delete' ? 'deleted' : 'changed';
  const who = first.portId === 0 ? 'something else' : whoIs(first.portId);
  const others = new Set(changes.map(({ kind, object }) => refKey(kind, kindOf(kind).slot(object)))).size - 1;
  const more = others === 0 ? '' : ` (and ${others} more object${others === 1 ? '' : 's'})`;
  return {
    cause: 'foreign',
    message: `${kindOf(first.kind).describe(first.object)} was ${verb} by ${who} while it was being worked on${more}`,
    hint: 'what the other program made of it stays; netrecon monitor shows who changes what',
  };
};

/** Objects that others have deleted, or put others in the place of, as far as a port id proves that it was they. */
class Deleted {
  readonly #keys = new Set<string>();
  /** by place what others have put there in place of whatever held it */
  readonly #successors = new Map<string, string>();
  /** the last state that was asked about, and has none of them */
  #clean: State | undefined;

  note(events: readonly KernelEvent[], isOwn: (portId: number) => boolean): void {
    for (const { kind, action, object, portId, replaces } of events) {
      if (object === undefined || kind === 'link' || portId === 0 || isOwn(portId)) continue;
      const { identity, slot, isKernels } = kindOf(kind);
      const key = refKey(kind, identity(object));
      // a neighbor that somebody deletes becomes one that failed; that then goes in the name of the kernel (neigh_delete)
      if (action === 'delete' || isKernels(object)) this.#keys.add(key);
      else {
        this.#keys.delete(key);
        if (replaces === true) this.#successors.set(refKey(kind, slot(object)), key);
      }
      this.#clean = undefined;
    }
  }

  #isGone(kind: KindName, object: AnyObject): boolean {
    const { identity, slot } = kindOf(kind);
    const key = refKey(kind, identity(object));
    if (this.#keys.has(key)) return true;
    const successor = this.#successors.size === 0 ? undefined : this.#successors.get(refKey(kind, slot(object)));
    return successor !== undefined && successor !== key;
  }

  without(state: State): State {
    if (this.#keys.size + this.#successors.size === 0 || state === this.#clean) return state;
    this.#clean = KIND_NAMES.reduce(
      (rest, kind) => (kind === 'link' ? rest : without(rest, kind, (object) => this.#isGone(kind, object))),
      state,
    );
    return this.#clean;
  }
}

/** Listens during a transaction for what others do to the same objects. */
export interface RaceWatch {
  /** of these kinds; what others do to objects of another one is not known */
  readonly kinds: ReadonlySet<KindName>;
  /** What others did to what is at stake since the last call. */
  look(stake: Stake): readonly ForeignChange[];
  /**
   * A state as if what others have deleted or replaced had not been in it: what is gone from a link that is worked on need not
   * have been taken along. Knows what `look` has seen.
   */
  withoutDeleted(state: State): State;
  /**
   * Whether nothing at all has been heard of, from the moment at which it began to listen to the last call of `look`: nobody
   * but this transaction has changed anything, neighbors that the kernel learns left aside, and no message was lost.
   */
  readonly isQuiet: boolean;
  close(): void;
}

/** For a port that cannot tell its own requests from those of others, as long as the transaction is one of a model. */
const BLIND: RaceWatch = {
  kinds: new Set(KIND_NAMES),
  look: () => [],
  withoutDeleted: (state) => state,
  isQuiet: false,
  close: () => undefined,
};

export interface RaceOptions {
  /** tells the nlmsg_pid of the transaction's own requests; default: those of the kernel port */
  readonly isOwn?: (portId: number) => boolean;
  /** default: all */
  readonly kinds?: readonly KindName[];
}

/** Starts to listen; before the dump that the plan is made from, so that no change falls between the two. */
export const watchRaces = (
  kernel: KernelPort,
  { isOwn = (portId) => portId === kernel.portId, kinds = KIND_NAMES }: RaceOptions = {},
): RaceWatch => {
  if (kernel.portId === undefined) return BLIND;
  const subscription = kernel.subscribe(kinds, { othersOnly: true });
  const deleted = new Deleted();
  // of what it does not listen to nothing is known
  let isQuiet = KIND_NAMES.every((kind) => kinds.includes(kind));
  return {
    kinds: new Set(kinds),
    look: (stake) => {
      // lost events (overrun) are no reason to stop: the verification looks at everything anyway
      const { events, overrun, unclaimed = false } = subscription.drain();
      if (events.length > 0 || overrun || unclaimed) isQuiet = false;
      deleted.note(events, isOwn);
      return foreignChanges(events, stake, isOwn);
    },
    withoutDeleted: (state) => deleted.without(state),
    get isQuiet() {
      return isQuiet;
    },
    close: () => subscription.close(),
  };
};
