import { kindOf } from '../../model/kinds.ts';
import type { Op } from '../../model/op.ts';
import type { ChangeAction, PlanStep } from './plan-types.ts';
import type { History } from './step-history.ts';
import type { TransitionStep } from './transition.ts';

const isStage = (op: Op | undefined, stage: string): boolean => op?.kind === 'link' && op.stage === stage;

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : word.endsWith('s') ? 'es' : 's'}`;

/** The slot of an address without its prefix length. */
const hostOf = (slot: string): string => slot.replace(/\/.*/, '');

/** Addresses that are made anew while another entry keeps them local. */
export const addressesStoodIn = (transition: readonly TransitionStep[]): ReadonlySet<string> =>
  new Set(
    transition.flatMap(({ op, change }) =>
      change.reason === 'interim' && op.action === 'create' ? hostOf(kindOf(op.kind).slot(op.object)) : [],
    ),
  );

/** What a change does to traffic that is meant to go on. */
export const disruptionsOfChange = (
  history: History,
  action: ChangeAction,
  transition: readonly TransitionStep[],
  steps: readonly PlanStep[],
  stoodIn: ReadonlySet<string>,
): string[] => {
  const out: string[] = [];
  const { object } = history.last.op;
  const isStoodIn = history.kind === 'address' && stoodIn.has(hostOf(kindOf(history.kind).slot(object)));
  if (action === 'replace' && history.kind !== 'rule' && !isStoodIn) {
    out.push(`${kindOf(history.kind).describe(object)} is made anew; what uses it is interrupted`);
  }
  if (history.kind === 'link' && action === 'update' && history.steps.some((i) => isStage(steps[i]?.op, 'down'))) {
    out.push(`${kindOf('link').describe(object)} goes down`);
  }
  if (action === 'update') out.push(...history.steps.flatMap((i) => transition[i]?.disruptive ?? []));
  if (history.steps.every((i) => steps[i]?.cascades.length === 0)) return out;
  const lost = history.steps
    .flatMap((i) => steps[i]?.cascades ?? [])
    .filter(({ kind, key, effect }) => effect === 'removed' && !(kind === 'address' && stoodIn.has(hostOf(key))));
  const gone = lost.filter(({ restoredBy }) => restoredBy === undefined);
  const back = lost.length - gone.length;
  if (back > 0)
    out.push(`takes ${plural(back, 'object')} along until later steps bring ${back === 1 ? 'it' : 'them'} back`);
  if (gone.length > 0) out.push(`takes ${plural(gone.length, 'object')} along for good`);
  return out;
};
