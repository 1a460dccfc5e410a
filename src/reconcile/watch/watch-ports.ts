import type { OnDrift } from '../../model/desired.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { Outcome } from '../transaction/outcome.ts';
import type { ApplyOptions } from '../transaction/reconcile.ts';
import type { TransactionPorts } from '../transaction/transaction-ports.ts';
import type { WatchEvent } from './events.ts';
import type { ScheduleLimits } from './schedule.ts';
import type { Requester } from './witness.ts';

/** What watching needs from outside, besides what a transaction does. */
export interface WatchPorts {
  readonly kernel: KernelPort;
  readonly records: TransactionPorts['records'];
  readonly sleep: TransactionPorts['sleep'];
  /** milliseconds since the epoch, for the records */
  readonly now: () => number;
  /** milliseconds of a clock that nobody sets */
  readonly clock: () => number;
  /** from 0 to 1 */
  readonly random: () => number;
  /** the process behind a port id, while it lives */
  readonly identify: (portId: number) => Requester | undefined;
  readonly tell: (event: WatchEvent) => void;
  /** told of each pass, for the metrics */
  readonly passed: (pass: PassReport) => void;
  /** called when events have come and the next pass may be due earlier */
  readonly wake: () => void;
}

export interface WatchOptions extends Omit<ApplyOptions, 'select'> {
  readonly schedule: ScheduleLimits;
  readonly onDrift: OnDrift;
}

/** What a pass did. */
export interface PassReport {
  readonly tookMs: number;
  readonly full: boolean;
  readonly status: Outcome['status'] | 'failed';
  /** what was to be sent */
  readonly sent: Plan;
}
