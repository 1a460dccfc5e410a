import type { Field } from '../model/kind.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { KINDS } from '../model/kinds.ts';
import type { KindName, KindTypes } from '../model/state.ts';
import { sameValue, type Value } from '../model/value.ts';

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

/** What a field should be, or `skip` where nothing is asked of it. */
const wantedValue = <K extends KindName>(
  kind: K,
  field: Field<KindTypes[K]>,
  name: string,
  wanted: KindTypes[K],
  present: KindTypes[K],
): { readonly skip: boolean; readonly value: Value | undefined } => {
  const value = read(field, name, wanted);
  if (value !== undefined) return { skip: false, value };
  switch (field.unset) {
    case 'unmanaged':
      return { skip: true, value };
    case 'default':
      return { skip: false, value: field.defaultValue };
    case 'defaultIfOwned':
      return { skip: KINDS[kind].owner(present) !== NETRECON_PROTOCOL, value: field.defaultValue };
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
  for (const [name, field] of Object.entries(KINDS[kind].fields(wanted))) {
    if (mode !== 'declared' && COUNTS_DOWN.has(name)) continue;
    if (field.onlyExact === true && mode !== 'exact') continue;
    const before = read(field, name, present);
    const want =
      mode === 'declared'
        ? wantedValue(kind, field, name, wanted, present)
        : {
            skip: field.unset === 'unmanaged' && read(field, name, wanted) === undefined,
            value: read(field, name, wanted),
          };
    if (want.skip) continue;
    if ((field.same ?? sameValue)(want.value, before)) continue;
    const change = typeof field.change === 'function' ? field.change(wanted, present) : field.change;
    out.push({ field: name, before, after: want.value, recreate: change === 'recreate' });
  }
  return out;
};
