import type { KernelPort } from '../../model/kernel-port.ts';
import type { Plan, PlanBulk, PlanStep } from '../plan/plan-types.ts';
import type { EchoProof } from './echo-proof.ts';
import { INTERRUPTED } from './failures.ts';
import type { Failure } from './outcome.ts';

/** Rows of a bulk, in the order in which they are sent. */
export interface SentRows {
  readonly bulk: PlanBulk;
  readonly like: PlanStep;
  readonly rows: Uint32Array;
  /** absent in a rollback */
  readonly plan?: Plan;
}

/** What sending needs from outside. */
export interface ExecutionPorts {
  readonly kernel: KernelPort;
  readonly signal?: AbortSignal;
  /** told before each step is sent; `plan`: the one that it is of, absent in a rollback */
  readonly onStep?: (index: number, step: PlanStep, plan?: Plan) => void;
  /** told before each part of a bulk is sent */
  readonly onRoutes?: (part: SentRows) => void;
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
