import type { KernelRefusal } from '../../model/op.ts';
import type { Plan, PlanStep } from '../plan/plan-types.ts';
import type { Confirmation } from './record.ts';

/** Why a transaction did not go through. */
export interface Failure {
  readonly cause: /** the kernel refused a step */
    | 'refused'
    /** every step was acknowledged, and the kernel still shows something else */
    | 'ignored'
    /** SIGINT, SIGTERM */
    | 'interrupted'
    /** the socket failed: an acknowledgement was lost, no reply in time */
    | 'transport'
    /** another program changed an object that was being changed */
    | 'foreign'
    /** an IPv6 address is in use on the network already */
    | 'duplicate'
    /** a packet does not go where the file expects it */
    | 'expectation'
    /** a check did not pass in time */
    | 'check'
    /** somebody asked for it to be reverted, or nobody confirmed it in time */
    | 'unconfirmed';
  /** one line for people, the object and the kernel's words included */
  readonly message: string;
  readonly hint?: string;
  readonly step?: PlanStep;
  readonly refusal?: KernelRefusal;
}

/** What became of a transaction. */
export type Outcome =
  | { readonly status: 'unchanged'; readonly plan: Plan }
  | { readonly status: 'declined'; readonly plan: Plan }
  | {
      readonly status: 'applied';
      readonly plan: Plan;
      readonly warnings: readonly string[];
      /** it is reverted at that time unless it is confirmed */
      readonly confirmation?: Confirmation;
    }
  /** everything is as it was before; proven by a dump */
  | { readonly status: 'rolledBack'; readonly plan: Plan; readonly failure: Failure }
  /** not everything could be put back: what is left, as a plan that would finish it */
  | { readonly status: 'incomplete'; readonly plan: Plan; readonly failure: Failure; readonly remaining: Plan };
