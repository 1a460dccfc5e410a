import { familyOf } from '../ip.ts';
import { sameValue, type Value } from '../value.ts';
import type { OptionTable } from './spec.ts';

type Options = Readonly<Record<string, Value>>;

/** A tunnel is of one family for good: that of the addresses it was made with, IPv4 where it was made without any. */
const isOfInet6 = (table: OptionTable, options: Options): boolean =>
  Object.keys(table).some((name) => {
    const value = options[name];
    return table[name]?.inet6 !== undefined && typeof value === 'string' && familyOf(value) === 'inet6';
  });

/**
 * How the kernel brings an option from its present value to another one.
 * @param before options of the link as observed
 * @param after the wanted value, in the model's form
 */
export const optionChange = (
  table: OptionTable,
  name: string,
  before: Options,
  after: Value,
): 'inPlace' | 'recreate' => {
  const spec = table[name];
  if (spec === undefined) return 'recreate';
  const ends = [before[name], after];
  if (spec.recreateFor?.some((word) => ends.includes(word)) === true && !sameValue(before[name], after))
    return 'recreate';
  if (spec.inet6 !== undefined && typeof after === 'string') {
    if ((familyOf(after) === 'inet6') !== isOfInet6(table, before)) return 'recreate';
  }
  return spec.change;
};
