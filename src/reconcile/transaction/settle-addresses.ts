import { addressText } from '../../model/address.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { State } from '../../model/state.ts';
import type { Plan, PlanStep } from '../plan/plan-types.ts';
import type { Failure } from './outcome.ts';

/** One probe, a random delay of up to a second before it, and a second for answers (addrconf.c addrconf_dad_kick). */
const MOST_MS = 2500;
const POLL_MS = 50;

export interface SettlePorts {
  readonly kernel: KernelPort;
  readonly signal?: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** IPv6 addresses that a plan adds and that the kernel tries out on the network first, by slot. */
const addedAddresses = (plan: Plan): ReadonlyMap<string, PlanStep> =>
  new Map(
    plan.steps.flatMap((step): [string, PlanStep][] => {
      const { op } = step;
      if (op.kind !== 'address' || op.action !== 'create' || op.object.family !== 'inet6') return [];
      return op.object.nodad === true ? [] : [[`${op.object.dev} ${op.object.address}`, step]];
    }),
  );

interface Trial {
  readonly failed: readonly PlanStep[];
  readonly pending: readonly string[];
}

/** Without a carrier nothing is tried out, for however long: those are not waited for. */
const lookAt = ({ address, link }: State, added: ReadonlyMap<string, PlanStep>): Trial => {
  const carriers = new Set(link.flatMap(({ name, carrier }) => (carrier === true ? [name] : [])));
  const failed: PlanStep[] = [];
  const pending: string[] = [];
  for (const present of address) {
    const step = added.get(`${present.dev} ${present.address}`);
    if (step === undefined) continue;
    if (present.dadfailed === true) failed.push(step);
    else if (present.tentative === true && carriers.has(present.dev))
      pending.push(`${addressText(present)} dev ${present.dev}`);
  }
  return { failed, pending };
};

const duplicate = (step: PlanStep): Failure => ({
  cause: 'duplicate',
  message: `${step.title}: another host on the network has this address already (dadfailed)`,
  hint: 'the kernel does not use it; free the address there, or say `nodad: true` to use it unchecked',
  step,
});

/**
 * Waits until duplicate address detection has passed the IPv6 addresses that a plan added, for a limited time and only
 * where there are any: an acknowledgement says nothing of it.
 * @returns the failure where one is taken; warnings where it was not over in time
 */
export const settleAddresses = async (
  plan: Plan,
  { kernel, signal, sleep }: SettlePorts,
): Promise<{ readonly failure?: Failure; readonly warnings: readonly string[] }> => {
  const added = addedAddresses(plan);
  if (added.size === 0) return { warnings: [] };
  for (let waited = 0; ; waited += POLL_MS) {
    const { failed, pending } = lookAt(await kernel.dump({ kinds: ['link', 'address'] }), added);
    const [first] = failed;
    if (first !== undefined) return { failure: duplicate(first), warnings: [] };
    if (pending.length === 0 || signal?.aborted === true) return { warnings: [] };
    if (waited >= MOST_MS)
      return { warnings: pending.map((text) => `address ${text} is still being tried out (tentative)`) };
    await sleep(POLL_MS);
  }
};
