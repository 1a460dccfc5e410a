import type { Family } from './ip.ts';
import type { KernelAnswer, Query } from './lookup.ts';
import type { Op, OpResult } from './op.ts';
import type { PrefixRows } from './prefix-columns.ts';
import type { Route } from './route.ts';
import type { BulkAnswer, RouteBulk } from './route-bulk.ts';
import type { KindName, State } from './state.ts';

/** A change told by multicast: enough to know what to look at again, and who made it where the kernel says. */
export interface KernelEvent {
  readonly kind: KindName;
  readonly action: 'new' | 'delete';
  /** the object as decoded; absent where it could not be (unknown index, foreign family) */
  readonly object?: State[KindName][number];
  /** nlmsg_pid of the requester, 0 = the kernel itself or not told */
  readonly portId: number;
  /** nlmsg_seq of the requester */
  readonly sequence: number;
  /** routes: it is in the place of another, which is no more (NLM_F_REPLACE in nlmsg_flags); absent counts as false */
  readonly replaces?: boolean;
}

export interface Subscription {
  /**
   * Events since the last call, without waiting.
   * @returns `overrun`: some were lost (ENOBUFS), look at everything again; `unclaimed`: with `othersOnly`, something besides
   * neighbors has changed that the kernel names nobody for, and that is not among the events; absent counts as false
   */
  drain(): { readonly events: readonly KernelEvent[]; readonly overrun: boolean; readonly unclaimed?: boolean };
  /** calls back when `drain` has something; at most one callback at a time */
  onReadable(callback: () => void): void;
  close(): void;
}

export interface SubscribeOptions {
  /**
   * Only what others do is of interest: nothing is told of what this port's own requests bring about, and of what the kernel
   * names nobody for, only that a link has gone. Default false.
   */
  readonly othersOnly?: boolean;
}

export interface DumpOptions {
  /** kinds to dump; default all. Without `link`, links are called as the last dump or event named them */
  readonly kinds?: readonly KindName[];
  /** takes routes that nobody needs as objects; a port that cannot ask it dumps them all */
  readonly sieve?: RouteSieve;
  /** the caller hears of changes itself, and looks again where something moved during the dump; default false */
  readonly once?: boolean;
}

/**
 * Takes routes out of a dump. A route that is equal to another in everything but its destination can be taken without
 * being decoded.
 */
export interface RouteSieve {
  /** a dump of a family begins, or begins anew: what has been taken of that family so far does not count */
  restart(family: Family): void;
  /** who may take this route and those like it; undefined: nobody */
  takerOf(route: Route): TakeRoute | undefined;
}

/** A sieve that lasts: what it has taken can be kept in step with what is heard, instead of another dump. */
export interface LastingSieve extends RouteSieve {
  /** false: only a dump tells what it has to take */
  readonly isCurrent: boolean;
  /** how many routes it holds */
  readonly count: number;
  /** Offers a route that has come. @returns whether it is taken */
  take(route: Route): boolean;
  /** The route that was taken and is in the same place, like this one or not; undefined where there is none. */
  heldAt(route: Route): Omit<Route, 'to'> | undefined;
  /** Takes note that the route in the same place is no more. */
  release(route: Route): void;
}

/**
 * Offers the route to a prefix.
 * @param to - one row, valid during the call
 * @returns whether it is taken: then it is left out of the dump
 */
export type TakeRoute = (to: PrefixRows) => boolean;

export interface SendOptions {
  /**
   * Keep several operations in flight where consecutive ones are of one kind and action (links never are): much faster, but
   * a refusal does not stop those behind it in the same window, and each has its result. Default false: stop and wait.
   */
  readonly pipeline?: boolean;
  /**
   * Of routes, what the kernel then holds is wanted beside its acknowledgement (NLM_F_ECHO). A port may leave any of it out.
   * Default false.
   */
  readonly echo?: boolean;
}

/** Whether an MPLS route of some label is possible: there is no MPLS, or too few labels, or all is well. */
export type LabelSpace = 'none' | 'short' | 'enough';

/**
 * One network namespace, seen through rtnetlink. Three verbs and two questions; the real one is netlink/kernel.ts.
 * Errors of the transport are NetlinkError; a refusal of an operation is data (OpResult).
 */
export interface KernelPort {
  /** nlmsg_pid in the events that this port's own requests cause; absent where nobody can tell (a modelled kernel) */
  readonly portId?: number;
  /** false where a link must be down to get another name (before Linux 6.2); absent counts as true */
  readonly renamesUp?: boolean;
  /** A consistent dump: repeated while the kernel interrupts it (NLM_F_DUMP_INTR), bounded. */
  dump(options?: DumpOptions): Promise<State>;
  /**
   * Sends operations in order, each with NLM_F_ACK, and stops sending after the first refusal.
   * @returns one result for each operation that was sent, in order; shorter than `ops` when one was refused
   */
  send(ops: readonly Op[], options?: SendOptions): Promise<readonly OpResult[]>;
  /**
   * Sends the operations of some rows in the order of `rows`, as `send` with `pipeline` does, without an object for each. A
   * port that cannot is sent objects.
   */
  sendRoutes?(bulk: RouteBulk, rows: Uint32Array, options?: Pick<SendOptions, 'echo'>): Promise<BulkAnswer>;
  /** Whether the kernel can make links of a kind (IFLA_INFO_KIND); loads its module. Needs the privilege to make them. */
  hasLinkKind(kind: string): Promise<boolean>;
  /** Whether the kernel has nexthop objects (Linux 5.3 on). */
  hasNexthops(): Promise<boolean>;
  /** Whether the namespace takes an MPLS route of this label; loads no module. */
  labelSpace(label: number): Promise<LabelSpace>;
  /** Which way each packet would go (RTM_GETROUTE); links are named as the last dump had them. */
  lookUp(queries: readonly Query[]): Promise<readonly KernelAnswer[]>;
  /**
   * The number by which this namespace calls another (IFLA_LINK_NETNSID); undefined where it has none for it, so that no link
   * here has its parent or peer there.
   */
  namespaceId?(name: string): Promise<number | undefined>;
  subscribe(kinds: readonly KindName[], options?: SubscribeOptions): Subscription;
  close(): void;
}
