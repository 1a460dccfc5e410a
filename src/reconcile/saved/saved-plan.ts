import { createHash } from 'node:crypto';
import type { Desired } from '../../model/desired.ts';
import { kindOf } from '../../model/kinds.ts';
import type { OpOf } from '../../model/op.ts';
import type { AnyObject, KindName, State } from '../../model/state.ts';
import { packNumbers } from '../lists/undo-lists.ts';
import { refKey } from '../plan/goal-restore.ts';
import type { Plan } from '../plan/plan-types.ts';
import { shortenText } from '../plan/row-text.ts';
import { stakeOf } from '../plan/stake.ts';
import { PlanWalk, type ToldChange } from '../plan/walk-plan.ts';
import { type DesiredJson, packDesired } from './saved-desired.ts';

/** Raised when a reader of the old form would go wrong. */
export const SAVED_PLAN_VERSION = 2;

/** The objects that held a slot when the plan was made. */
export interface BasisEntry {
  readonly kind: KindName;
  readonly slot: string;
  /** empty: the slot was free */
  readonly objects: readonly AnyObject[];
}

/** Routes of a list that are like one: their places were free where they are made, else held what the operation has before. */
export interface SavedRows {
  /** what is done to one that is like them */
  readonly op: OpOf<'route'>;
  /** network addresses, one number of 32 bits each or four, by the family; little-endian, in base64 */
  readonly to: string;
  /** prefix lengths, in base64 */
  readonly length: string;
}

/** What a plan was made for and what it depended on: enough to do that and nothing else, later. Plain data. */
export interface SavedPlan {
  /** of what the plan shows; two plans with the same one do the same */
  readonly signature: string;
  /** of the steps, without those of `routes` */
  readonly titles: readonly string[];
  readonly allowMassDelete: boolean;
  /** every slot that the plan touches or relies on, without those of `routes` */
  readonly basis: readonly BasisEntry[];
  /** absent where there are none */
  readonly routes?: readonly SavedRows[];
  readonly desired: DesiredJson;
}

/** The hash takes some kilobytes at once as fast as a few bytes. */
const MOST_TEXT = 1 << 16;

/** What a reader of the plan sees of it, as a hash; counters and timers of what is there are no part of that. */
export const signPlan = (plan: Plan): string => {
  const walk = new PlanWalk(plan);
  const hash = createHash('sha256');
  let text = '';
  const add = (piece: string): void => {
    text += piece;
    if (text.length < MOST_TEXT) return;
    hash.update(text);
    text = '';
  };
  for (const title of walk.eachStep(({ step }) => JSON.stringify(step.title), shortenText)) add(title);
  const tell = ({ change: { key, action, fields } }: ToldChange): string => JSON.stringify([key, action, fields]);
  for (const change of walk.eachChange(tell, shortenText)) add(change);
  return hash.update(text).digest('hex');
};

/** The objects of some slots, by refKey. */
export const objectsIn = (observed: State, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly AnyObject[]> => {
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

const saveRows = ({ steps, bulks = [] }: Plan): readonly SavedRows[] =>
  bulks.map(({ like, columns: { to, length } }) => ({
    op: steps[like]?.op as OpOf<'route'>,
    to: packNumbers(to),
    length: packNumbers(length),
  }));

/**
 * Takes down what a plan depends on. Pure.
 * @param plan - that tells of every route (PlanWalk)
 * @param observed - what it was made from, without the routes that are in its bulks
 */
export const savePlan = (
  plan: Plan,
  desired: Desired,
  observed: State,
  options: { readonly allowMassDelete: boolean },
): SavedPlan => {
  const { slots } = stakeOf(plan);
  const held = objectsIn(observed, slots);
  const basis = [...slots].map((key): BasisEntry => {
    const space = key.indexOf(' ');
    return { kind: key.slice(0, space) as KindName, slot: key.slice(space + 1), objects: held.get(key) ?? [] };
  });
  return {
    signature: signPlan(plan),
    titles: plan.steps.map(({ title }) => title),
    allowMassDelete: options.allowMassDelete,
    basis,
    ...(plan.bulks === undefined ? {} : { routes: saveRows(plan) }),
    desired: packDesired(desired),
  };
};
