import type { State } from '../../model/state.ts';
import type { Plan } from '../plan/plan-types.ts';
import { stakeOf } from '../plan/stake.ts';
import { type ForeignChange, watchRaces } from '../transaction/races.ts';
import type { TransactionPorts } from '../transaction/transaction-ports.ts';
import type { WorldPlan } from './plan-world.ts';
import type { ScopeName } from './world.ts';
import type { WorldPort } from './world-port.ts';

/** What others did in one namespace. */
export interface ScopeChanges {
  readonly netns: ScopeName;
  readonly changes: readonly ForeignChange[];
}

/** Listens in several namespaces during a transaction for what others do to the same objects. */
export interface WorldWatch {
  /** What others did to what the plan is about since the last call, in each namespace. */
  look(plan: WorldPlan): readonly ScopeChanges[];
  /** The state of a namespace as if what others have deleted there had not been in it. */
  withoutDeleted(netns: ScopeName, state: State): State;
  close(): void;
}

/** All that a plan does in one namespace. */
const planIn = ({ parts }: WorldPlan, netns: ScopeName): Plan => {
  const plans = parts.filter((part) => part.netns === netns).map(({ plan }) => plan);
  return {
    steps: plans.flatMap(({ steps }) => steps),
    changes: plans.flatMap(({ changes }) => changes),
    summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
    warnings: [],
  };
};

/** Starts to listen in every namespace that the plan touches and that exists; in one that is made nobody else is yet. */
export const watchWorld = (plan: WorldPlan, ports: TransactionPorts, world: WorldPort): WorldWatch => {
  const names = new Set(plan.parts.map(({ netns }) => netns).filter((netns) => !plan.create.includes(netns ?? '')));
  const kernels = [...names].flatMap((netns) => {
    const port = netns === undefined ? ports : world.open(netns);
    return port === undefined ? [] : [{ netns, kernel: port.kernel }];
  });
  // what one namespace asks for is heard in the other with the port id of the one that asked
  const isOwn = (portId: number) => kernels.some(({ kernel }) => kernel.portId === portId);
  const watches = kernels.map(({ netns, kernel }) => ({
    netns,
    watch: watchRaces(kernel, { isOwn }),
  }));
  return {
    look: (current) =>
      watches.flatMap(({ netns, watch }): readonly ScopeChanges[] => {
        const changes = watch.look(stakeOf(planIn(current, netns)));
        return changes.length === 0 ? [] : [{ netns, changes }];
      }),
    withoutDeleted: (netns, state) => watches.find((one) => one.netns === netns)?.watch.withoutDeleted(state) ?? state,
    close: () => {
      for (const { watch } of watches) watch.close();
    },
  };
};
