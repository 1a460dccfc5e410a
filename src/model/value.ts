import { Secret, sameSecret } from './secret.ts';

/** Field values of the model: plain JSON, so that plans, records and snapshots need no conversion, and secrets, which turn into it. */
export type Value = null | boolean | number | string | Secret | readonly Value[] | { readonly [key: string]: Value };

/** Structural equality of values; object key order does not matter, undefined members count as absent. */
export const sameValue = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (a instanceof Secret || b instanceof Secret) return sameSecret(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!sameValue(left[key], right[key])) return false;
  for (const key in right) if (left[key] === undefined && right[key] !== undefined) return false;
  return true;
};

/**
 * An attribute that netrecon does not model, as the kernel sent it: its type (with the NLA_F_* bits) and its payload in
 * hexadecimal. Kept so that a rollback can send it back.
 */
export interface RawAttribute {
  readonly type: number;
  readonly hex: string;
}
