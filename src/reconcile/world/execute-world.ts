import { isNetreconError } from '../../model/errors.ts';
import { executeSteps } from '../transaction/execute.ts';
import { INTERRUPTED } from '../transaction/failures.ts';
import type { Failure } from '../transaction/outcome.ts';
import { foreignFailure } from '../transaction/races.ts';
import type { TransactionPorts } from '../transaction/transaction-ports.ts';
import type { WorldPlan } from './plan-world.ts';
import { inNamespace } from './world.ts';
import type { ScopePort, WorldPort } from './world-port.ts';
import type { WorldWatch } from './world-races.ts';
import type { WorldTransaction } from './world-transaction.ts';

interface WorldExecutionPorts extends TransactionPorts {
  readonly world: WorldPort;
  readonly onSent: () => void;
}

interface Executed {
  readonly failure?: Failure;
  readonly warnings: readonly string[];
}

const makeNamespaces = async (
  { create }: WorldPlan,
  transaction: WorldTransaction,
  { world, signal, onSent }: WorldExecutionPorts,
): Promise<Failure | undefined> => {
  const failAt = (index: number, failure: Failure): Failure => {
    for (const name of create.slice(index)) transaction.drop(name);
    return failure;
  };
  for (const [index, name] of create.entries()) {
    if (signal?.aborted === true) return failAt(index, INTERRUPTED);
    let port: ScopePort;
    try {
      port = world.create(name, (identity) => transaction.remember(name, identity));
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      return failAt(index, { cause: 'refused', message: `create netns ${name}: ${error.message}`, ...hint });
    }
    onSent();
    transaction.found(name, await port.kernel.dump());
  }
  return undefined;
};

/** Makes the namespaces that the plan makes, and sends its steps, each where it belongs; stops at the first failure. */
export const executeWorld = async (
  plan: WorldPlan,
  transaction: WorldTransaction,
  watch: WorldWatch,
  ports: WorldExecutionPorts,
): Promise<Executed> => {
  const failure = await makeNamespaces(plan, transaction, ports);
  if (failure !== undefined) return { failure, warnings: [] };
  const whoIs = ports.safeguards?.whoIs ?? ((portId: number) => `another program (netlink port ${portId})`);
  const warnings: string[] = [];
  let sent = 0;
  const interfered = (): Failure | undefined => {
    const [first] = transaction.absorb(watch, plan);
    if (first === undefined) return undefined;
    const foreign = foreignFailure(first.changes, whoIs);
    return { ...foreign, message: inNamespace(first.netns, foreign.message) };
  };
  for (const { netns, plan: part } of plan.parts) {
    if (part.steps.length === 0) continue;
    const scope = netns === undefined ? ports : ports.world.open(netns);
    if (scope === undefined)
      return { failure: { cause: 'foreign', message: `namespace ${netns} has been deleted meanwhile` }, warnings };
    const start = sent;
    const result = await executeSteps(part, {
      ...ports,
      kernel: scope.kernel,
      onStep: (index, step) => {
        ports.onSent();
        ports.onStep?.(start + index, step);
      },
      onAcknowledged: transaction.countFromHere(),
      interfered,
    });
    warnings.push(...result.warnings);
    if (result.failure !== undefined) return { failure: result.failure, warnings };
    sent += part.steps.length;
  }
  return { warnings };
};
