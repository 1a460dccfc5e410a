import type { State } from '../../model/state.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { WorldPort } from '../world/world-port.ts';
import type { ExecutionPorts } from './execution-ports.ts';
import type { Failure } from './outcome.ts';
import type { RecordStore } from './record.ts';

/** What a transaction needs from outside. */
export interface TransactionPorts extends ExecutionPorts {
  readonly records: RecordStore;
  /** asked with the plan, when there is something to do; asked again if the kernel changed meanwhile; false = declined */
  readonly approve: (plan: Plan) => Promise<boolean>;
  /** `approve` answers at once: what is heard meanwhile tells whether the plan still holds, and nothing is looked at twice */
  readonly asksNobody?: boolean;
  /** milliseconds since the epoch */
  readonly now: () => number;
  /** everything is about to be put back; the steps that follow are those of the rollback */
  readonly onRollback?: () => void;
  readonly safeguards?: Safeguards;
  /** the other namespaces of the host; absent where there can be none (a private one, a model) */
  readonly world?: WorldPort;
}

/** What stands between a plan and its commit besides the kernel's word. Each may be left out. */
export interface Safeguards {
  /** sees every plan before it is shown, with the state it is made from; may add warnings, and throws to refuse it */
  readonly review?: (plan: Plan, observed: State) => Plan;
  /** names the program behind a netlink port */
  readonly whoIs?: (portId: number) => string;
  /** waits until new IPv6 addresses have passed duplicate address detection */
  readonly settleAddresses?: boolean;
  /** looks whether the network does what it is for, within so many milliseconds or its own limit; a failure reverts */
  readonly check?: (withinMs: number | undefined) => Promise<Failure | undefined>;
  readonly confirm?: ConfirmPort;
}

/** Commit confirm: an apply that reverts itself unless somebody says that it is good. */
export interface ConfirmPort {
  readonly seconds: number;
  /** milliseconds of CLOCK_BOOTTIME */
  readonly bootTime: () => number;
  /** starts the process that reverts, before the first operation; resolves with its id once it is ready, at once if it is already */
  readonly startGuardian: () => Promise<number>;
}
