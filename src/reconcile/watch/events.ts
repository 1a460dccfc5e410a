import type { KindName } from '../../model/state.ts';
import type { ChangeAction, FieldChange, PlanSummary } from '../plan/plan-types.ts';
import type { Requester } from './witness.ts';

/** What happened to an object from outside. */
export type DriftWas = 'deleted' | 'changed' | 'added';

/** What watch did about it. */
export type DriftDone =
  | 'corrected'
  /** on_drift: report */
  | 'reported'
  /** it is fought over, or could not be put right: it waits */
  | 'held'
  /** the correction was refused, and put back */
  | 'failed';

/** One object that was not as the files say. */
export interface DriftEvent {
  readonly type: 'drift';
  /** ISO 8601 */
  readonly time: string;
  readonly kind: KindName;
  readonly key: string;
  /** `route 10.0.0.0/8 table 100` */
  readonly title: string;
  readonly was: DriftWas;
  /** of a changed object: `before` is what was found, `after` what the files say */
  readonly fields: readonly FieldChange[];
  /** one line for people: who did it, or what it went with */
  readonly cause: string;
  /** the process, where the kernel's port id tells */
  readonly by?: Requester;
  readonly done: DriftDone;
  /** from the first message about it to the verified correction */
  readonly tookMs: number;
  /** corrections of this object without a minute of peace between them, where it is more than one */
  readonly again?: number;
  /** why it failed */
  readonly error?: string;
}

/** Everything that watch has to tell, in the order in which it happens. */
export type WatchEvent =
  | DriftEvent
  /** the files were applied: at the start, or because they changed */
  | {
      readonly type: 'applied';
      readonly time: string;
      readonly trigger: ApplyTrigger;
      readonly summary: PlanSummary;
      readonly tookMs: number;
    }
  /** somebody undoes a correction again and again: it comes less often from now on */
  | {
      readonly type: 'fight';
      readonly time: string;
      readonly kind: KindName;
      readonly key: string;
      readonly title: string;
      readonly by?: Requester;
      readonly cause: string;
      readonly count: number;
      readonly delayMs: number;
    }
  | { readonly type: 'fightOver'; readonly time: string; readonly object: string }
  /** messages were lost, or the interval is over: everything was looked at */
  | { readonly type: 'resync'; readonly time: string; readonly reason: string }
  /** something is wrong that no correction mends: the file, the host, a refusal */
  | { readonly type: 'problem'; readonly time: string; readonly what: ProblemSource; readonly message: string }
  | { readonly type: 'recovered'; readonly time: string; readonly what: ProblemSource };

export type ApplyTrigger = 'start' | 'files' | 'reload';

/** `files`: they cannot be used, the last good state stays in force; `host`: a pass could not be made or failed. */
export type ProblemSource = 'files' | 'host';

export const driftWas = (action: ChangeAction): DriftWas =>
  action === 'create' ? 'deleted' : action === 'delete' ? 'added' : 'changed';
