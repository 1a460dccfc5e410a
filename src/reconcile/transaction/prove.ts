import type { Expectation } from '../../model/desired.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import { proveExpectations } from '../lookup/expect.ts';
import type { Plan } from '../plan/plan-types.ts';
import { INTERRUPTED } from './failures.ts';
import type { Failure } from './outcome.ts';
import { settleAddresses } from './settle-addresses.ts';
import type { TransactionPorts } from './transaction-ports.ts';

/** What has been carried out in one namespace. */
interface CarriedOut {
  readonly plan: Plan;
  readonly kernel: KernelPort;
}

interface Terms {
  /** how long the checks may take; undefined: as long as their own limit says */
  readonly withinMs: number | undefined;
  readonly expectations: readonly Expectation[];
}

/** What must hold before a transaction counts: addresses that nobody else has, packets that go their way, checks that pass. */
export const proveOutcome = async (
  carriedOut: readonly CarriedOut[],
  { withinMs, expectations }: Terms,
  ports: TransactionPorts,
): Promise<{ readonly failure?: Failure; readonly warnings: readonly string[] }> => {
  const { safeguards } = ports;
  const warnings: string[] = [];
  for (const { plan, kernel } of safeguards?.settleAddresses === true ? carriedOut : []) {
    const settled = await settleAddresses(plan, { ...ports, kernel });
    warnings.push(...settled.warnings);
    if (settled.failure !== undefined) return { failure: settled.failure, warnings };
  }
  const failure =
    (await proveExpectations(expectations, ports)) ??
    (await safeguards?.check?.(withinMs)) ??
    (ports.signal?.aborted === true ? INTERRUPTED : undefined);
  return failure === undefined ? { warnings } : { failure, warnings };
};
