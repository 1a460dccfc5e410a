import type { Source } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/errors.ts';
import type { Op } from '../../model/op.ts';
import type { PrefixColumns } from '../../model/prefix-columns.ts';
import type { ListedRoutes, RouteList } from '../../model/route-list.ts';
import type { KindName } from '../../model/state.ts';
import type { Value } from '../../model/value.ts';

/** Why a change is in the plan. */
export type ChangeReason =
  /** the file names the object */
  | 'declared'
  /** no file names the nexthop object: netrecon makes it for routes that share a way */
  | 'shared'
  /** the file says `state: absent` */
  | 'absent'
  /** netrecon made it and the file no longer names it, or `prune: all` */
  | 'prune'
  /** its link lists `addresses` and this is not among them */
  | 'exact'
  /** an operation takes it along, and it comes back */
  | 'restore'
  /** stands in for another address for a moment, and is gone in the end */
  | 'interim';

export type ChangeAction = 'create' | 'update' | 'replace' | 'delete';

export interface FieldChange {
  readonly field: string;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
  /** only a new object can have the new value */
  readonly forcesReplace: boolean;
  /** where the file writes it */
  readonly source?: Source;
}

/** Something the kernel takes along with a step. */
export interface Cascade {
  readonly kind: KindName;
  readonly key: string;
  /** `route 10.0.0.0/8 via 10.0.0.254 dev eth0` */
  readonly title: string;
  readonly why: string;
  /** removed, or changed in a field */
  readonly effect: 'removed' | 'changed';
  /** belongs to another daemon */
  readonly foreign: boolean;
  /** the protocol number of that daemon, where the kernel keeps one */
  readonly owner?: number;
  /** number of the later step that brings it back; absent: it does not come back */
  readonly restoredBy?: number;
}

/** One object, from what it is to what it becomes. */
export interface PlanChange {
  readonly kind: KindName;
  /** the kernel's slot (kind.ts) */
  readonly key: string;
  /** `route 10.0.0.0/8 table 100` */
  readonly title: string;
  readonly action: ChangeAction;
  readonly reason: ChangeReason;
  /** what differs; of a created object every field that it has, of a deleted one none */
  readonly fields: readonly FieldChange[];
  /** what it does to traffic, one sentence each; empty = nothing */
  readonly disruptive: readonly string[];
  /** numbers of the steps that carry it out */
  readonly steps: readonly number[];
  /** the namespace that it is in, where that is another than the one at hand; the title says it too */
  readonly netns?: string;
  readonly source?: Source;
}

/** One message to the kernel. */
export interface PlanStep {
  readonly op: Op;
  /** `set link br0 mtu`; what progress and errors call it */
  readonly title: string;
  readonly source?: Source;
  /** steps next to each other with the same number are independent: they may be sent in any order among themselves */
  readonly bundle?: number;
  readonly cascades: readonly Cascade[];
  /** the namespace that it is sent in, where that is another than the one at hand; the title says it too */
  readonly netns?: string;
}

/** A named network namespace that is made before the first step, or goes after the last. */
export interface NamespaceChange {
  readonly name: string;
  readonly action: 'create' | 'delete';
  readonly reason: 'declared' | 'absent' | 'prune';
  readonly source?: Source;
  /** delete: how many links and other objects go with it, beside what the kernel puts into every namespace */
  readonly contents?: number;
}

/**
 * Operations of routes of a list that are like a step in all but their destination, and sent behind its bundle: they are in
 * nobody's way and nobody is in theirs, so that the step tells all that there is to say of them.
 */
export interface PlanBulk {
  /** number of the step */
  readonly like: number;
  /** the destinations, in the order of a dump */
  readonly columns: PrefixColumns;
  /** where they stand in the files; absent of those that no file names any more */
  readonly list?: RouteList;
}

export interface PlanSummary {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  /** objects that go with a step and come back by another; in none of the counts above */
  readonly restore: number;
}

/** What would be done, in order. Plain data. */
export interface Plan {
  readonly changes: readonly PlanChange[];
  readonly steps: readonly PlanStep[];
  readonly summary: PlanSummary;
  readonly warnings: readonly Diagnostic[];
  /** further routes of lists that are made in the same way, in bulk or by later passes: in the summary, and nowhere else */
  readonly rest?: number;
  readonly bulks?: readonly PlanBulk[];
  /** what the files name, where bulks are a part of that: it tells where their routes belong among the others */
  readonly listed?: ListedRoutes;
  /** absent where none comes or goes */
  readonly namespaces?: readonly NamespaceChange[];
}
