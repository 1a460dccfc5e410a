import { readVnis, type VniRange, writeVnis } from '../model/link-kinds/vxlan-vnis.ts';
import type { Value } from '../model/value.ts';
import { type Entry, isOn } from './entry.ts';
import { readAddress } from './scalars.ts';

const HIGHEST_VNI = 0xffffff;

/** The list of VNIs of a VXLAN, in the model's form; undefined after reporting what is wrong. */
export const readVxlanVnis = (
  entry: Entry<Readonly<Record<string, Value>>>,
  key: string,
  value: Value,
): Value | undefined => {
  const before = entry.problems.count;
  const known: VniRange[] = [];
  for (const [i, item] of (value as readonly (Value | undefined)[]).entries()) {
    if (item === undefined) continue; // a gap: see fitEntry
    const complain = (message: string, hint?: string): void =>
      entry.problems.add('NR_BAD_VALUE', message, entry.valueAt(key, i), hint);
    const { vni, group } = (typeof item === 'object' ? item : { vni: item }) as Readonly<Record<string, Value>>;
    const address = group === undefined ? undefined : readAddress(entry, key, String(group));
    for (const range of readVnis([{ vni: vni ?? 0, ...(address === undefined ? {} : { group: address }) }])) {
      const { first, last } = range;
      const isRange = /^[0-9]{1,8}(-[0-9]{1,8})?$/.test(`${vni}`);
      if (!isRange || first < 1 || last < first || last > HIGHEST_VNI) {
        complain(`${vni} is no VNI, nor a range of them`, `they go from 1 to ${HIGHEST_VNI}`);
        continue;
      }
      const clash = known.find((other) => other.first <= last && first <= other.last);
      if (clash !== undefined) complain(`VNI ${Math.max(first, clash.first)} is listed twice`);
      known.push(range);
    }
  }
  if (entry.value.vnifilter !== undefined && !isOn(entry.value.vnifilter))
    entry.problem('NR_CONTRADICTION', 'vnis needs vnifilter: true', key);
  return entry.problems.count > before ? undefined : writeVnis(known);
};
