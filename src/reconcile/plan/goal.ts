import type { Declared, Source } from '../../model/desired.ts';
import type { AnyObject, KindName, KindTypes } from '../../model/state.ts';
import type { ChangeReason } from './plan-types.ts';

/** An object that must be there, and be so. */
export interface Wanted<K extends KindName = KindName> {
  readonly kind: K;
  readonly slot: string;
  /** declared fields over what the link already has; whole for the other kinds */
  readonly object: KindTypes[K];
  /** what the file says, to compare and to point at; absent for objects that are only kept */
  readonly declared?: Declared<KindTypes[K]>;
  /** the entry that will become it, where the slot holds one */
  readonly match?: KindTypes[K];
  /** `match` already is as wanted */
  readonly settled?: true;
}

/** An object that must go. */
export interface Removal {
  readonly kind: KindName;
  readonly object: AnyObject;
  readonly reason: ChangeReason;
  readonly source?: Source;
}

/** Where a transition leads: everything that is neither wanted, preserved nor removed is left alone. */
export interface Goal {
  readonly wanted: readonly Wanted[];
  /** the entries that become wanted objects */
  readonly matches: ReadonlySet<AnyObject>;
  /** objects that are there and must survive, or come back */
  readonly preserved: readonly { readonly kind: KindName; readonly object: AnyObject }[];
  /** entries that look like a preserved object and have to be made anew all the same */
  readonly hollow: ReadonlySet<AnyObject>;
  readonly removals: readonly Removal[];
  /** how preserved objects are compared: `exact` where a rollback must leave no trace */
  readonly fidelity: 'preserved' | 'exact';
  /** whether a preserved object that has gone can come back in the end state (its gateway, source, link are there) */
  readonly restorable: (kind: KindName, object: AnyObject) => boolean;
}
