import type { Route } from './route.ts';
import type { KindName, KindTypes } from './state.ts';

/**
 * The part of a link that one message changes. The kernel applies a SETLINK field by field and stops at the first
 * failure, so each stage is a message of its own, in this order.
 */
export const LINK_STAGES = [
  'netns',
  'rename',
  'down',
  'options',
  'base',
  'addrgen',
  'master',
  'port',
  'vlans',
  'vnis',
  'wireguard',
  'altnames',
  'up',
] as const;
export type LinkStage = (typeof LINK_STAGES)[number];

/** One RTM_* message, as data. JSON-safe; names are resolved to indexes when it is sent. */
export type Op = { [K in KindName]: OpOf<K> }[KindName];

export interface OpOf<K extends KindName> {
  readonly kind: K;
  readonly action: 'create' | 'update' | 'delete';
  /** create: the whole object; update: the whole new object; delete: the object as observed */
  readonly object: KindTypes[K];
  /** update and delete: what the kernel has now */
  readonly before?: KindTypes[K];
  /** update: the fields that this message changes (links: of one stage) */
  readonly fields?: readonly string[];
  /** links, update: which message */
  readonly stage?: LinkStage;
  /** routes, create: the slot holds another entry that must stay (NLM_F_APPEND instead of NLM_F_EXCL) */
  readonly append?: boolean;
}

/** What the kernel tells, in the words of a dump, of a route that a request has put into a table or taken out of it. */
export interface RouteEcho {
  readonly action: 'new' | 'delete';
  readonly route: Route;
}

/** What the kernel said to one operation. */
export type OpResult =
  | { readonly ok: true; readonly warning?: string /** only where it was asked for */; readonly echo?: RouteEcho }
  | { readonly ok: false; readonly error: KernelRefusal };

/** A refusal in the kernel's words. */
export interface KernelRefusal {
  /** positive errno */
  readonly errno: number;
  /** `EINVAL` ...; `NR_ENCODE` where the operation could not even be written: its link has gone, say */
  readonly name: string;
  /** NLMSGERR_ATTR_MSG */
  readonly message?: string;
  /** dotted path of attribute names, from NLMSGERR_ATTR_OFFS (`IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VLAN_ID`) or MISS_TYPE */
  readonly attribute?: string;
}
