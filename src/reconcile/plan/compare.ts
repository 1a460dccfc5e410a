import type { Field } from '../../model/kind.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { KINDS } from '../../model/kinds.ts';
import type { KindName, KindTypes } from '../../model/state.ts';
import { sameValue, type Value } from '../../model/value.ts';

/** A field in which an object is not what it should be. */
export interface Difference {
  readonly field: string;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
  readonly recreate: boolean;
}

/**
 * - `declared`: only what the file writes counts, and the defaults the descriptor states for the rest
 * - `preserved`: an observed object must be as it was, in every field that does not count down by itself
 * - `exact`: the same, and what the kernel derives from the order of operations must be as it was, too
 */
export type CompareMode = 'declared' | 'preserved' | 'exact';

const COUNTS_DOWN: ReadonlySet<string> = new Set(['valid_lft', 'preferred_lft', 'expires']);

const read = <T>(field: Field<T>, name: string, object: T): Value | undefined =>
  field.get === undefined ? ((object as Record<string, unknown>)[name] as Value | undefined) : field.get(object);

/** What an absent field of a wanted object asks for; `UNASKED` where nothing is. */
const UNASKED = Symbol('unasked');

const unsetValue = <K extends KindName>(
  kind: K,
  field: Field<KindTypes[K]>,
  present: KindTypes[K],
): Value | undefined | typeof UNASKED => {
  switch (field.unset) {
    case 'unmanaged':
      return UNASKED;
    case 'default':
      return field.defaultValue;
    case 'defaultIfOwned':
      return KINDS[kind].owner(present) === NETRECON_PROTOCOL ? field.defaultValue : UNASKED;
  }
};

/**
 * Compares one object with the one that holds its place. Pure.
 * @returns the fields that differ, in the descriptor's order; empty = nothing to do
 */
export const compare = <K extends KindName>(
  kind: K,
  wanted: KindTypes[K],
  present: KindTypes[K],
  mode: CompareMode,
): Difference[] => {
  if (wanted === present) return [];
  const out: Difference[] = [];
  const fields = KINDS[kind].fields(wanted);
  for (const name in fields) {
    const field = fields[name] as Field<KindTypes[K]>;
    if (mode !== 'declared' && COUNTS_DOWN.has(name)) continue;
    if (field.onlyExact === true && mode !== 'exact') continue;
    const before = read(field, name, present);
    let want: Value | undefined | typeof UNASKED = read(field, name, wanted);
    if (want === undefined) {
      if (mode === 'declared') want = unsetValue(kind, field, present);
      else if (field.unset === 'unmanaged') want = UNASKED;
    }
    if (want === UNASKED || want === before) continue;
    const same = field.same ?? sameValue;
    const shown = before === undefined ? field.shownInstead?.(present) : undefined;
    // a value that cannot be told is taken for the one that is wanted; a rollback sets it to be sure
    if (shown === undefined ? same(want, before) : mode !== 'exact' || same(want, shown)) continue;
    const change = typeof field.change === 'function' ? field.change(wanted, present) : field.change;
    out.push({ field: name, before, after: want, recreate: change === 'recreate' });
  }
  return out;
};
