import type { Query } from '../../model/lookup.ts';
import type { State } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { predictState } from '../plan/plan.ts';
import type { Plan } from '../plan/plan-types.ts';
import { createHostLookup } from './host-lookup.ts';
import { withKernelRoutes } from './kernel-routes.ts';
import type { Answer } from './query.ts';

/** Where a plan leaves a packet. */
export interface Probe {
  readonly query: Query;
  readonly before: Answer;
  readonly after: Answer;
  /** whether it goes another way, or by another source address */
  readonly moved: boolean;
}

/** The state that a plan leads to, with what the kernel adds by itself; what is there already where the plan is empty. */
export const stateAfter = (observed: State, plan: Plan): State =>
  plan.steps.length === 0 ? observed : withKernelRoutes(predictState(observed, plan));

/** What the answer means to a packet: the tables and prefixes that lead to it do not count. */
const outcomeOf = (answer: Answer): unknown =>
  'error' in answer
    ? answer.error
    : {
        type: answer.type,
        paths: answer.paths.map((path) => JSON.stringify([path.dev, path.via, path.src])).sort(),
        otherwise: answer.otherwise === undefined ? null : outcomeOf(answer.otherwise),
      };

/** Where packets go before a plan and after it. Pure. */
export const probePlan = (observed: State, plan: Plan, queries: readonly Query[]): readonly Probe[] => {
  const lookUpBefore = createHostLookup(observed);
  const lookUpAfter = createHostLookup(stateAfter(observed, plan));
  return queries.map((query) => {
    const before = lookUpBefore(query);
    const after = lookUpAfter(query);
    return { query, before, after, moved: !sameValue(outcomeOf(before), outcomeOf(after)) };
  });
};
