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

/** What the flags of a tunnel device say of its far end: none, a multicast group (IFF_BROADCAST) or one (IFF_POINTOPOINT). */
const farEndClass = (address: Value | undefined, groupsApart: boolean): 'none' | 'group' | 'one' => {
  if (typeof address !== 'string') return 'none';
  const first = Number.parseInt(address, 10);
  return groupsApart && first >= 224 && first < 240 ? 'group' : 'one';
};

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
  if (spec.ofPrimary === true && before.primary === false) return 'recreate';
  if (spec.staysSet === true && after === null) return 'recreate';
  if (spec.farEnd !== undefined) {
    const groupsApart = spec.farEnd === 'groupsApart';
    if (farEndClass(before[name], groupsApart) !== farEndClass(after, groupsApart)) return 'recreate';
  }
  if (spec.inet6 !== undefined && typeof after === 'string') {
    if ((familyOf(after) === 'inet6') !== isOfInet6(table, before)) return 'recreate';
  }
  return spec.change;
};
