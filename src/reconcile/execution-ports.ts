import type { KernelPort } from '../model/kernel-port.ts';
import type { EchoProof } from './echo-proof.ts';
import { INTERRUPTED } from './failures.ts';
import type { Failure, PlanStep } from './plan-types.ts';

/** What sending needs from outside. */
export interface ExecutionPorts {
  readonly kernel: KernelPort;
  readonly signal?: AbortSignal;
  /** told before each step is sent */
  readonly onStep?: (index: number, step: PlanStep) => void;
  /** told before each part of a bulk, of how many routes it is */
  readonly onRoutes?: (count: number) => void;
  /** resolves after that many milliseconds */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** told after each batch how many of the steps have been acknowledged */
  readonly onAcknowledged?: (steps: number) => void;
  /** told what the kernel says it has done; absent: it is not asked */
  readonly echoes?: EchoProof;
  /** asked before and after each batch; a failure stops the transaction (another program is at work on the same) */
  readonly interfered?: () => Failure | undefined;
}

/** What a run has come to so far. */
export interface Run {
  /** steps that have been acknowledged, those of bulks included */
  done: number;
  /** texts of the kernel to successes */
  readonly warnings: string[];
}

/** Why no more is to be sent: a signal has come, or another program is at work on the same. */
export const whatHalts = ({ signal, interfered }: ExecutionPorts): Failure | undefined =>
  signal?.aborted === true ? INTERRUPTED : interfered?.();
