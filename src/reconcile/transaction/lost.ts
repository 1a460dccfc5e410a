import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import { KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import { describePlan } from '../plan/describe-plan.ts';
import { goalOfRestore, refKey } from '../plan/goal-restore.ts';
import type { Plan } from '../plan/plan-types.ts';
import { createRouteCheck, type FinalView } from '../plan/reach.ts';
import { planTransition } from '../plan/transition.ts';
import { WorkingState } from '../plan/working-state.ts';
import { differenceOf } from './differences.ts';

/**
 * What a transaction took along although the model did not say so: objects on the links it touched that were there
 * before, that no step names, and that are gone. The plan brings back what can come back. Pure.
 * @param kinds - only what is of these kinds; default: all
 */
export const planLost = (
  before: State,
  now: State,
  touched: readonly Ref[],
  kinds: ReadonlySet<KindName> = new Set(KIND_NAMES),
): Plan => {
  const named = new Set(touched.map(({ kind, slot }) => refKey(kind, slot)));
  const isMissed = [...kinds].some((kind) => {
    const { slot, isKernels } = kindOf(kind);
    const { gone } = differenceOf(kind, before, now);
    return gone.some((object) => !isKernels(object) && !named.has(refKey(kind, slot(object))));
  });
  if (!isMissed) return describePlan([], [], []);
  const state = new WorkingState(now);
  const nexthops = new Set(now.nexthop.map(({ id }) => id));
  const view: FinalView = {
    addresses: now.address,
    onlinkRoutes: now.route.filter(({ hops }) => hops.some(({ via }) => via === undefined)),
    links: new Set(now.link.map(({ name }) => name)),
    downLinks: new Set(now.link.flatMap(({ name, state: admin }) => (admin === 'down' ? [name] : []))),
  };
  const canExist = createRouteCheck(view, (id) => nexthops.has(id));
  const goal = goalOfRestore(before, now, touched);
  const preserved = goal.preserved.filter(({ kind, object }) => {
    const { slot, devs } = kindOf(kind);
    if (kind === 'link' || !kinds.has(kind) || named.has(refKey(kind, slot(object)))) return false;
    if (state.find(kind, object as never) !== undefined) return false;
    if (devs(object).some((dev) => state.link(dev) === undefined)) return false;
    return kind !== 'route' || canExist(object as State['route'][number]);
  });
  if (preserved.length === 0) return describePlan([], [], []);
  const steps = planTransition({ ...goal, preserved, hollow: new Set(), removals: [], fidelity: 'preserved' }, state);
  return describePlan(steps, [], []);
};
