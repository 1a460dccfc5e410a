import type { Address } from '../../model/address.ts';
import { NetreconError } from '../../model/errors.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import type { Op } from '../../model/op.ts';
import type { AnyObject, KindName } from '../../model/state.ts';
import { applyOperation, type Taken } from '../effects/index.ts';
import { type Change, diff } from './diff.ts';
import { disruptionsOfOperation } from './disruption.ts';
import type { Goal } from './goal.ts';
import { operationsOf } from './ops.ts';
import { orderOperations } from './order.ts';
import { standInChange, standInFor } from './stand-in.ts';
import type { WorkingState } from './working-state.ts';

/** One operation, the change it belongs to, and what the model says the kernel takes along. */
export interface TransitionStep {
  readonly op: Op;
  readonly change: Change;
  readonly taken: readonly Taken[];
  /** see PlanStep */
  readonly bundle?: number;
  /** what it does to traffic beside that; absent: nothing */
  readonly disruptive?: readonly string[];
}

/** No operation is worth trying more often on one object: whatever undoes it will undo it again. */
const MOST_REPEATS = 16;

/** Objects whose deletion another deletion of the same plan brings about: theirs would be a message for nothing. */
const foldDeletions = (changes: readonly Change[]): Change[] => {
  const doomed = new Set<string>();
  for (const { kind, action, slot } of changes) if (kind === 'link' && action === 'delete') doomed.add(slot);
  if (doomed.size === 0) return [...changes];
  return changes.filter(({ kind, action, before }) => {
    if (kind === 'link' || action !== 'delete' || before === undefined) return true;
    const devs = kindOf(kind).devs(before);
    return devs.length === 0 || !devs.every((dev) => doomed.has(dev));
  });
};

/**
 * Finds the operations that lead from a state to a goal: what differs is put in order and tried on the model, one
 * operation at a time; when one takes along something that must stay, what is missing is computed anew, so that the
 * restoration becomes part of the sequence. Pure but for `state`, which ends up as the predicted state.
 * @throws {NetreconError} NR_PLAN_UNSTABLE when operations keep undoing each other, NR_PLAN_CYCLE
 */
export const planTransition = (goal: Goal, state: WorkingState): TransitionStep[] => {
  const steps: TransitionStep[] = [];
  const expendable = new Set<AnyObject>(goal.removals.map(({ object }) => object));
  const repeats = new Map<string, number>();
  const standIns: Address[] = [];
  for (let round = 0, bundles = 0; ; round++) {
    const changes = foldDeletions(diff(goal, state));
    if (changes.length === 0) {
      if (standIns.length === 0) return steps;
      for (const address of standIns.splice(0)) steps.push(standInStep(address, 'delete', state));
      continue;
    }
    const coming = linksComing(changes);
    const groups = changes.map((change) => operationsOf(change, state, coming));
    let progress = false;
    const ordered = orderOperations(groups, state);
    for (const { op, group, bundle } of ordered) {
      if (op.action === 'delete' && state.find(op.kind, op.object as never) === undefined) continue;
      if (op.action === 'update' && state.find(op.kind, (op.before ?? op.object) as never) === undefined) break;
      // no operation of the first round is the repetition of another
      if (round > 0) count(repeats, op);
      const standIn = standInFor(op, goal, state);
      if (standIn !== undefined) {
        steps.push(standInStep(standIn, 'create', state));
        standIns.push(standIn);
      }
      const disruptive = disruptionsOfOperation(op, state);
      const taken = applyOperation(state, op);
      steps.push({
        op,
        change: changes[group] as Change,
        taken,
        ...(bundle === undefined ? {} : { bundle: bundles + bundle }),
        ...(disruptive.length === 0 ? {} : { disruptive }),
      });
      progress = true;
      if (taken.some(({ kind, object }) => isMissed(goal, expendable, kind, object))) break;
    }
    bundles += ordered.length;
    if (!progress) throw unstable('nothing is left to try');
  }
};

const linksComing = (changes: readonly Change[]): ReadonlyMap<string, Link> =>
  new Map(
    changes.flatMap(({ kind, slot, after }) => (kind === 'link' && after !== undefined ? [[slot, after as Link]] : [])),
  );

const standInStep = (address: Address, action: 'create' | 'delete', state: WorkingState): TransitionStep => {
  const op: Op =
    action === 'create'
      ? { kind: 'address', action, object: address }
      : { kind: 'address', action, object: address, before: address };
  return { op, change: standInChange(address, action), taken: applyOperation(state, op) };
};

/** Whether the loss of an object changes what is left to do: it was to become something wanted, or has to come back. */
const isMissed = (goal: Goal, expendable: ReadonlySet<AnyObject>, kind: KindName, object: AnyObject): boolean =>
  !expendable.has(object) && (goal.matches.has(object) || goal.restorable(kind, object));

const count = (repeats: Map<string, number>, op: Op): void => {
  const what = kindOf(op.kind).describe(op.object);
  const key = `${op.action} ${op.kind === 'link' ? (op.stage ?? '') : ''} ${op.fields?.join() ?? ''} ${what}`;
  const times = (repeats.get(key) ?? 0) + 1;
  if (times > MOST_REPEATS) throw unstable(`${op.action} ${what} is undone by what follows it`);
  repeats.set(key, times);
};

const unstable = (why: string): NetreconError =>
  new NetreconError('NR_PLAN_UNSTABLE', `no sequence of operations reaches the wanted state: ${why}`, {
    hint: 'the declarations may contradict each other (an MTU larger than that of the parent, an IPv6 address on a link with an MTU below 1280)',
  });
