import type { Declared, Desired, Expectation, Source } from '../model/desired.ts';
import type { Diagnostic } from '../model/errors.ts';
import { kindOf } from '../model/kinds.ts';
import { type AnyObject, emptyState, type KindName, type State } from '../model/state.ts';
import type { Value } from '../model/value.ts';
import { compare } from './compare.ts';
import { refKey } from './goal-restore.ts';
import type { Plan } from './plan-types.ts';
import { stakeOf } from './races.ts';
import { planSignature } from './same-plan.ts';

/** Raised when a reader of the old form would go wrong. */
export const SAVED_PLAN_VERSION = 1;

/** The objects that held a slot when the plan was made. */
export interface BasisEntry {
  readonly kind: KindName;
  readonly slot: string;
  /** empty: the slot was free */
  readonly objects: readonly AnyObject[];
}

/** Desired state as JSON: the one Map of it as a list. */
export interface DesiredJson {
  readonly objects: { readonly [K in KindName]: readonly Declared<AnyObject>[] };
  readonly exactAddresses: readonly (readonly [string, Source])[];
  readonly prune: Desired['prune'];
  readonly expectations: readonly Expectation[];
  readonly files: readonly string[];
}

/** What a plan was made for and what it depended on: enough to do that and nothing else, later. Plain data. */
export interface SavedPlan {
  /** what the plan shows; two plans with the same one do the same */
  readonly signature: string;
  readonly allowMassDelete: boolean;
  /** every slot that the plan touches or relies on */
  readonly basis: readonly BasisEntry[];
  readonly desired: DesiredJson;
}

const slotsOf = (observed: State, wanted: ReadonlySet<string>): Map<string, AnyObject[]> => {
  const found = new Map<string, AnyObject[]>();
  for (const [kind, objects] of Object.entries(observed) as [KindName, readonly AnyObject[]][]) {
    const { slot } = kindOf(kind);
    for (const object of objects) {
      const key = refKey(kind, slot(object));
      if (!wanted.has(key)) continue;
      const held = found.get(key);
      if (held === undefined) found.set(key, [object]);
      else held.push(object);
    }
  }
  return found;
};

/** Takes down what a plan depends on. Pure. */
export const savePlan = (
  plan: Plan,
  desired: Desired,
  observed: State,
  options: { readonly allowMassDelete: boolean },
): SavedPlan => {
  const { slots } = stakeOf(plan);
  const held = slotsOf(observed, slots);
  const basis = [...slots].map((key): BasisEntry => {
    const space = key.indexOf(' ');
    return { kind: key.slice(0, space) as KindName, slot: key.slice(space + 1), objects: held.get(key) ?? [] };
  });
  return {
    signature: planSignature(plan),
    allowMassDelete: options.allowMassDelete,
    basis,
    desired: { ...desired, exactAddresses: [...desired.exactAddresses] },
  };
};

/** The desired state that a saved plan was made for. */
export const desiredOfSaved = ({ desired }: SavedPlan): Desired => ({
  // perhaps of a netrecon that knew fewer kinds
  objects: { ...emptyState(), ...desired.objects } as unknown as Desired['objects'],
  exactAddresses: new Map(desired.exactAddresses),
  prune: desired.prune,
  // watch alone asks for it
  onDrift: {},
  expectations: desired.expectations,
  files: desired.files,
});

const valueText = (value: Value | undefined): string => (value === undefined ? 'unset' : JSON.stringify(value));

/** How one slot differs from what it held; undefined where it does not. */
const differenceOf = ({ kind, objects }: BasisEntry, present: readonly AnyObject[]): string | undefined => {
  const { describe, identity } = kindOf(kind);
  const [was] = objects;
  const [is] = present;
  if (was === undefined) return is === undefined ? undefined : `${describe(is)} has appeared`;
  if (is === undefined) return `${describe(was)} has gone`;
  if (objects.length !== present.length) return `${describe(was)} has ${present.length} entries, not ${objects.length}`;
  for (const [i, object] of objects.entries()) {
    const now = present.find((other) => identity(other) === identity(object)) ?? (present[i] as AnyObject);
    const [difference] = compare(kind, object as never, now as never, 'preserved');
    if (difference === undefined) continue;
    const { field, before, after } = difference;
    return `${describe(object)}: ${field} was ${valueText(after)} and is ${valueText(before)}`;
  }
  return undefined;
};

const titles = (signature: string): ReadonlySet<string> => {
  const [steps] = JSON.parse(signature) as [readonly string[]];
  return new Set(steps);
};

/** Steps that only one of two plans has. */
const stepDifferences = (saved: string, fresh: string): readonly string[] => {
  const [old, now] = [titles(saved), titles(fresh)];
  return [
    ...[...now]
      .filter((title) => !old.has(title))
      .map((title) => `a step is needed that the plan does not have: ${title}`),
    ...[...old]
      .filter((title) => !now.has(title))
      .map((title) => `a step of the plan is not needed any more: ${title}`),
  ];
};

/**
 * What has changed since a plan was saved, as far as it matters to it: the objects that it touches or relies on, and what
 * would be done now. Pure.
 * @param fresh - the plan made now, for the same desired state
 * @returns one diagnostic each; empty = the plan can be carried out as it was shown
 */
export const differencesSince = (saved: SavedPlan, fresh: Plan, observed: State): readonly Diagnostic[] => {
  const wanted = new Set(saved.basis.map(({ kind, slot }) => refKey(kind, slot)));
  const held = slotsOf(observed, wanted);
  const changed = saved.basis.flatMap(
    (entry) => differenceOf(entry, held.get(refKey(entry.kind, entry.slot)) ?? []) ?? [],
  );
  const signature = planSignature(fresh);
  const messages =
    changed.length > 0 || signature === saved.signature ? changed : stepDifferences(saved.signature, signature);
  const all =
    messages.length > 0 || signature === saved.signature ? messages : ['the same steps would change other fields'];
  return all.map((message) => ({ code: 'NR_PLAN_STALE', severity: 'error', message }));
};
