import type { LinkStage } from './op.ts';
import type { KindName, KindTypes } from './state.ts';
import type { Value } from './value.ts';

/** How a field of an object can change. */
export type FieldChange =
  /** the kernel changes it in place */
  | 'inPlace'
  /** only a new object can have it; the kernel refuses, or says yes and does nothing */
  | 'recreate';

/** What an absent field of a desired object means. */
export type FieldUnset =
  /** leave whatever the kernel has */
  | 'unmanaged'
  /** the kernel's default, given by `defaultValue` (undefined: the field is absent) */
  | 'default'
  /** the default where the object carries our mark (the file was its only source), else unmanaged */
  | 'defaultIfOwned';

export interface Field<T> {
  /** depends on the value wanted where the kernel distinguishes (an IPv6 prefix route's metric cannot go back to 0) */
  readonly change: FieldChange | ((desired: T, observed: T) => FieldChange);
  readonly unset: FieldUnset;
  readonly defaultValue?: Value;
  /** reads the field; default: the member of that name */
  readonly get?: (object: T) => Value | undefined;
  /** compares desired with observed; default: structural equality */
  readonly same?: (desired: Value | undefined, observed: Value | undefined) => boolean;
  /** what the kernel shows of this object in place of the value that was set, which is then absent and unknown */
  readonly shownInstead?: (observed: T) => Value | undefined;
  /** counts only where a state must come back exactly as it was (rollback), not where the kernel may move on */
  readonly onlyExact?: boolean;
  /** links: the message that changes it */
  readonly stage?: LinkStage;
  /** links: the kernel changes it only while the link is down */
  readonly whileDown?: boolean;
  /** links: names a port of this link, so it is set once the ports are attached */
  readonly afterPorts?: boolean;
  /** how the plan prints a value; default: iproute2's plain text */
  readonly text?: (value: Value) => string;
}
export type FieldTable<T> = Readonly<Record<string, Field<T>>>;

/** Points at the slot of an object. */
export interface Ref {
  readonly kind: KindName;
  readonly slot: string;
}

/**
 * Everything the reconciler knows of a kind of object. Diff, order, plan, rollback, drift and export are written once
 * over this table.
 */
export interface Kind<K extends KindName> {
  readonly name: K;
  /** section of the state file */
  readonly section: string;
  /** what collides in the kernel: two objects with one slot cannot both be created */
  slot(object: KindTypes[K]): string;
  /** tells apart every entry of a dump */
  identity(object: KindTypes[K]): string;
  /** one line for people: `route 10.0.0.0/8 table 100` */
  describe(object: KindTypes[K]): string;
  /** every compared field of an object of this shape (links: those of its kind) */
  fields(object: KindTypes[K]): FieldTable<KindTypes[K]>;
  /** names of the links it stands on or goes through */
  devs(object: KindTypes[K]): readonly string[];
  /** whether the kernel lets `wanted` be created while `present`, of the same slot, is still there */
  coexists(wanted: KindTypes[K], present: KindTypes[K]): boolean;
  /** the kernel's own objects, and what daemons keep for themselves: neither compared nor restored nor exported */
  isKernels(object: KindTypes[K]): boolean;
  /** the protocol number that marks the owner; undefined where the kernel keeps none */
  owner(object: KindTypes[K]): number | undefined;
  /** static configuration that no daemon owns: adopted without asking, and what `prune: all` may remove */
  isHandMade(object: KindTypes[K]): boolean;
}

export type KindTable = { readonly [K in KindName]: Kind<K> };

/** The protocol number netrecon marks its objects with (rtm_protocol, FRA_PROTOCOL, NDA_PROTOCOL, IFA_PROTO). */
export const NETRECON_PROTOCOL = 110;
