import { readVlans, VLAN_OPTIONS, type VlanRange, writeVlans } from '../model/link-kinds/bridge-vlans.ts';
import { sameValue, type Value } from '../model/value.ts';
import { type Entry, isOn } from './entry.ts';

type Item = Readonly<Record<string, Value>>;

const HIGHEST_TUNNEL = 0xffffff;

/** What is wrong with one item of the list. */
type Complain = (message: string, hint?: string) => undefined;

const sizeOf = ({ first, last }: VlanRange): number => last - first + 1;

/** A number, or two with a dash. */
const isRange = (value: Value | undefined): boolean => /^[0-9]{1,8}(-[0-9]{1,8})?$/.test(`${value}`);

/** `1010`, or `1010-1020` for as many VLANs. */
const checkTunnel = (range: VlanRange, id: Value, complain: Complain): void => {
  const [first = 0, last = first + sizeOf(range) - 1] = `${id}`.split('-').map(Number);
  if (!isRange(id) || last > HIGHEST_TUNNEL || last < first)
    complain(`tunnel id ${id} is not within 0 to ${HIGHEST_TUNNEL}`);
  else if (last - first + 1 !== sizeOf(range)) {
    complain(`${sizeOf(range)} VLANs and ${last - first + 1} tunnel ids do not go together`, 'leave the end out');
  }
};

const readItem = (written: Value, complain: Complain): VlanRange | undefined => {
  const item = (typeof written === 'object' ? written : { vid: written }) as Item;
  const options = Object.entries(VLAN_OPTIONS).flatMap(([name, spec]) => {
    if (item[name] === undefined) return [];
    const value = spec.codec === 'bool8' ? isOn(item[name]) : item[name];
    return sameValue(value, spec.default) ? [] : [[name, value] as const];
  });
  const [range] = readVlans([{ ...item, pvid: isOn(item.pvid), untagged: isOn(item.untagged) }]) as readonly [
    VlanRange,
  ];
  const { first, last } = range;
  if (!isRange(item.vid) || first < 1 || last < first || last > 4094) {
    return complain(`${item.vid} is no VLAN id, nor a range of them`, 'they go from 1 to 4094');
  }
  if (range.pvid && first !== last) return complain('a pvid is a single VLAN');
  const id = (item.tunnel_info as Item | undefined)?.id;
  if (id !== undefined) checkTunnel(range, id, complain);
  return { ...range, options: Object.fromEntries(options) };
};

/** Two VLANs of one id, two pvids or two VLANs in one tunnel: the kernel would keep the last, or refuse it. */
const clashOf = (a: VlanRange, b: VlanRange): string | undefined => {
  if (b.first <= a.last && a.first <= b.last) return `VLAN ${Math.max(a.first, b.first)} is listed twice`;
  if (a.pvid && b.pvid) return `${a.first} is the pvid already`;
  if (a.tunnel === undefined || b.tunnel === undefined) return undefined;
  const [from, to] = [Math.max(a.tunnel, b.tunnel), Math.min(a.tunnel + sizeOf(a), b.tunnel + sizeOf(b)) - 1];
  return from <= to ? `tunnel id ${from} belongs to two VLANs` : undefined;
};

/** The list of VLANs of a bridge or a port, in the model's form; undefined after reporting what is wrong. */
export const readBridgeVlans = (
  entry: Entry<Readonly<Record<string, Value>>>,
  key: string,
  value: Value,
): Value | undefined => {
  const before = entry.problems.count;
  const known: VlanRange[] = [];
  for (const [i, item] of (value as readonly (Value | undefined)[]).entries()) {
    if (item === undefined) continue; // a gap: see fitEntry
    const complain: Complain = (message, hint) => {
      entry.problems.add('NR_BAD_VALUE', message, entry.valueAt(key, i), hint);
      return undefined;
    };
    const range = readItem(item, complain);
    if (range === undefined) continue;
    const clash = known.map((other) => clashOf(other, range)).find((found) => found !== undefined);
    if (clash !== undefined) complain(clash);
    known.push(range);
  }
  if (entry.value.vlan_tunnel !== undefined && !isOn(entry.value.vlan_tunnel)) {
    if (known.some(({ tunnel }) => tunnel !== undefined))
      entry.problem('NR_CONTRADICTION', 'tunnel_info needs vlan_tunnel: true', key);
  }
  return entry.problems.count > before ? undefined : writeVlans(known);
};
