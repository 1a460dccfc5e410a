import type { Desired } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { Ref } from '../../model/kind.ts';
import type { LinkConf } from '../../model/link.ts';
import type { KindName, State } from '../../model/state.ts';
import type { GoalOptions } from '../plan/goal-desired.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { Failure } from '../transaction/outcome.ts';

/** What is rehearsed: a host as it was observed, and what the files want of it. Plain data. */
export interface RehearsalSubject {
  readonly observed: State;
  readonly owned: readonly Ref[];
  readonly desired: Desired;
  /** of the host's kernel, KernelPort.renamesUp */
  readonly renamesUp: boolean;
  readonly allowMassDelete: boolean;
  /** how many steps are failed on purpose at most */
  readonly mostFailures: number;
}

/** The settings under /proc/sys/net that the model takes into account. */
export type LinkSetting = keyof LinkConf;

/** A network namespace that nobody else uses and that may be ruined. */
export interface Scene {
  readonly kernel: KernelPort;
  /**
   * Sets what no netlink message carries.
   * What the namespace does not let be set shows when the copy is compared.
   * @param link its name, or `default` for all that are made from then on
   */
  configure(link: string, setting: LinkSetting | 'accept_dad', on: boolean): void;
  /** Lets the namespace have routes of labels below `count`, where it can be had (net.mpls.platform_labels). */
  makeRoomForLabels?(count: number): void;
  close(): void;
}

export interface RehearsalPorts {
  /** a fresh, empty namespace; the one before is closed */
  readonly openScene: () => Scene;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** milliseconds since the epoch */
  readonly now: () => number;
  readonly protocolName: GoalOptions['protocolName'];
}

/** An object that is not as it was, or as it should be. */
export interface Discrepancy {
  readonly kind: KindName;
  readonly key: string;
  readonly title: string;
  readonly how: 'missing' | 'extra' | 'changed';
  /** changed: the fields that differ */
  readonly fields: readonly string[];
  /** what the kernel said to the attempt to make it so */
  readonly refusal?: string;
  /** of the copy: the plan has to do with it, so that a part of the plan was not rehearsed */
  readonly planned?: true;
}

/** A link that another one stood in for. */
export interface StoodIn {
  readonly name: string;
  readonly why: 'hardware' | 'unmakeable' | 'elsewhere';
}

/** A part of the host or of the plan that this kernel could not play. */
export interface LeftOut {
  /** a link, with everything that stands on it */
  readonly link: string;
  readonly why: string;
  /** the kind of link that the kernel at hand does not have, and for which it is left out */
  readonly kind?: string;
  /** whether the plan has to do with it */
  readonly planned: boolean;
}

/** A rollback that was tried. */
export interface RollbackTrial {
  /** index of the step that was refused; absent: all steps were carried out, and then taken back */
  readonly step?: number;
  /** of that step */
  readonly title?: string;
  /** empty: everything was as before */
  readonly leftovers: readonly Discrepancy[];
}

/** What became of the plan. */
export type Played =
  /** nothing to do */
  | { readonly result: 'empty' }
  | { readonly result: 'accepted'; readonly warnings: readonly string[] }
  /** cause `refused`, `ignored`, `expectation`, ... */
  | { readonly result: 'failed'; readonly failure: Failure }
  /** the plan could not even be made there */
  | { readonly result: 'unplannable'; readonly diagnostics: readonly Diagnostic[] };

/** The whole of a rehearsal. Plain data. */
export interface Rehearsal {
  /** the plan that was carried out */
  readonly plan: Plan;
  /** it has the steps of the plan for the host */
  readonly asPlanned: boolean;
  readonly played: Played;
  readonly stoodIn: readonly StoodIn[];
  readonly leftOut: readonly LeftOut[];
  /** in what the copy of the host was not as the host */
  readonly copy: { readonly objects: number; readonly discrepancies: readonly Discrepancy[] };
  readonly rollbacks: readonly RollbackTrial[];
  /** steps that could have been failed: all, or those before the one that the kernel refused */
  readonly failable: number;
}
