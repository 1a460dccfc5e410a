import type { Declared, Desired } from '../../model/desired.ts';
import { kindOf } from '../../model/kinds.ts';
import { type AnyObject, KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import type { GoalOptions } from '../plan/goal-desired.ts';
import { planDesired } from '../plan/plan.ts';
import type { Plan } from '../plan/plan-types.ts';
import { missingLinks, withoutLinks } from '../plan/waiting.ts';
import { differenceOf } from '../transaction/differences.ts';

/** What a plan about objects of a kind looks at: what they stand on, and what goes with them. */
const AROUND: Readonly<Partial<Record<KindName, readonly KindName[]>>> = {
  address: ['link', 'address', 'nexthop', 'route', 'mpls', 'neighbor'],
  route: ['link', 'address', 'nexthop', 'route'],
  rule: ['link', 'rule'],
  neighbor: ['link', 'neighbor'],
};

/** A state that is as the files say. */
interface Proven {
  readonly desired: Desired;
  readonly state: State;
  /** the plan that says so */
  readonly idle: Plan;
}

/** What is declared of a kind. */
interface Places {
  /** in the order of the files */
  readonly all: readonly Declared<AnyObject>[];
  readonly bySlot: ReadonlyMap<string, readonly Declared<AnyObject>[]>;
  /** an entry that takes away may mean what is in other places than its own */
  readonly absent: readonly Declared<AnyObject>[];
}

const placesOf = (kind: KindName, desired: Desired): Places => {
  const { slot } = kindOf(kind);
  const bySlot = new Map<string, Declared<AnyObject>[]>();
  const absent: Declared<AnyObject>[] = [];
  const all = desired.objects[kind] as readonly Declared<AnyObject>[];
  for (const declared of all) {
    if (declared.absent) {
      absent.push(declared);
      continue;
    }
    const key = slot(declared.object);
    const held = bySlot.get(key);
    if (held === undefined) bySlot.set(key, [declared]);
    else held.push(declared);
  }
  return { all, bySlot, absent };
};

/** The entries of the files, by place, without those that wait for a link. */
class Entries {
  readonly #there: Desired;
  readonly #places = new Map<KindName, Places>();

  constructor(desired: Desired, state: State, { waitForLinks = false }: Pick<GoalOptions, 'waitForLinks'>) {
    this.#there = withoutLinks(desired, missingLinks(desired, state, waitForLinks));
  }

  of(kind: KindName): Places {
    const known = this.#places.get(kind) ?? placesOf(kind, this.#there);
    this.#places.set(kind, known);
    return known;
  }
}

/** What is not in one of two states as it is in the other, by kind. */
const changedSince = (before: State, now: State): ReadonlyMap<KindName, readonly AnyObject[]> => {
  const changed = new Map<KindName, readonly AnyObject[]>();
  for (const kind of KIND_NAMES) {
    const { gone, come } = differenceOf(kind, before, now);
    if (gone.length + come.length > 0) changed.set(kind, [...gone, ...come]);
  }
  return changed;
};

/** @returns undefined where something has changed that the files do not name and the kernel does not keep for itself */
const entriesFor = (
  kind: KindName,
  changed: readonly AnyObject[],
  { all, bySlot, absent }: Places,
): readonly Declared<AnyObject>[] | undefined => {
  const { slot, isKernels } = kindOf(kind);
  const meant = new Set<Declared<AnyObject>>(absent);
  for (const object of changed) {
    const declared = bySlot.get(slot(object));
    if (declared !== undefined) for (const one of declared) meant.add(one);
    else if (!isKernels(object)) return undefined;
  }
  return meant.size < 2 ? [...meant] : all.filter((declared) => meant.has(declared));
};

/** What a plan is made of. */
interface Part {
  readonly desired: Desired;
  readonly observed: State;
}

const perKind = <T>(make: (kind: KindName) => T): Readonly<Record<KindName, T>> =>
  Object.fromEntries(KIND_NAMES.map((kind) => [kind, make(kind)])) as Record<KindName, T>;

/** The part that is about what has changed; undefined where all of it may be. */
const partAbout = (
  changed: ReadonlyMap<KindName, readonly AnyObject[]>,
  { desired, observed }: Part,
  entries: () => Entries,
): Part | undefined => {
  const meant = new Map<KindName, readonly Declared<AnyObject>[]>();
  const around = new Set<KindName>();
  for (const [kind, objects] of changed) {
    const needed = AROUND[kind];
    const declared = needed === undefined ? undefined : entriesFor(kind, objects, entries().of(kind));
    if (declared === undefined) return undefined;
    meant.set(kind, declared);
    for (const one of needed ?? []) around.add(one);
  }
  const objects = perKind((kind) => meant.get(kind) ?? []) as Desired['objects'];
  return {
    // what the files do not name is as it was when it had been pruned
    desired: { ...desired, objects, prune: 'none', exactAddresses: new Map() },
    observed: perKind((kind) => (around.has(kind) ? observed[kind] : [])) as unknown as State,
  };
};

const isIdle = ({ changes, steps, rest }: Plan): boolean =>
  changes.length === 0 && steps.length === 0 && rest === undefined;

/** Plans like `planDesired`, with a memory. */
export interface DriftPlanner {
  readonly plan: typeof planDesired;
  /** The next plan looks at everything. */
  forget(): void;
}

/**
 * A planner for one host that is looked at again and again: it remembers the last state that was as the files say, and plans
 * only what the places that have changed since are about. That gives the same plan: an address, a route, a rule or a neighbor
 * is compared with what is in its place, and what it stands on or takes along is there as a whole. Where anything else has
 * changed (links, nexthop objects, labels, or what the files do not name and may have to be pruned), all is planned.
 */
export const createDriftPlanner = (): DriftPlanner => {
  let proven: Proven | undefined;
  let links: State['link'] | undefined;
  let entries: Entries | undefined;
  return {
    forget: () => {
      proven = undefined;
    },
    plan: (desired, observed, options) => {
      if (proven?.desired !== desired) {
        proven = undefined;
        entries = undefined;
      }
      const changed = proven === undefined ? undefined : changedSince(proven.state, observed);
      if (proven !== undefined && changed?.size === 0) {
        // the same in other lists: those of this dump are the ones that the next shares
        proven = { ...proven, state: observed };
        return proven.idle;
      }
      const entriesNow = (): Entries => {
        // which entries wait for links depends on the links that are there
        if (entries === undefined || links !== observed.link) entries = new Entries(desired, observed, options);
        links = observed.link;
        return entries;
      };
      const whole = { desired, observed };
      const part = (changed === undefined ? undefined : partAbout(changed, whole, entriesNow)) ?? whole;
      const plan = planDesired(part.desired, part.observed, options);
      if (isIdle(plan)) proven = { desired, state: observed, idle: plan };
      return plan;
    },
  };
};
