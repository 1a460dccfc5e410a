import type { Value } from '../value.ts';
import type { OptionSpec } from './spec.ts';

/** VNIs that follow one another and go to one place. */
export interface VniRange {
  readonly first: number;
  readonly last: number;
  /** where packets go that the forwarding database has no entry for: a remote, or a multicast group */
  readonly group?: string;
}

/** The VNIs of a VXLAN that takes some only. Where they are written, they are all that there are. */
export const vxlanVnis: OptionSpec = {
  attr: 'VXLAN_VNIFILTER_ENTRY',
  type: 0,
  codec: { struct: 'vxlanVnis' },
  stage: 'vnis',
  needs: 'vnifilter',
  change: 'inPlace',
  default: [],
};

/** Reads the list that stands for VNIs in the model, which is also how the file writes them: `10`, `20-30`, `{vni: 40, group: 239.1.1.1}`. */
export const readVnis = (value: Value | undefined): readonly VniRange[] =>
  ((value ?? []) as readonly Value[]).map((item) => {
    const entry = (typeof item === 'object' ? item : { vni: item }) as Readonly<Record<string, Value>>;
    const [first = 0, last = first] = `${entry.vni}`.split('-').map(Number);
    return { first, last, ...(typeof entry.group === 'string' ? { group: entry.group } : {}) };
  });

const writeRange = ({ first, last, group }: VniRange): Value => {
  const vni = first === last ? first : `${first}-${last}`;
  return group === undefined ? vni : { vni, group };
};

/** In ascending order, in as few ranges as there can be. */
const mergeVnis = (ranges: readonly VniRange[]): readonly VniRange[] => {
  const merged: VniRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = merged.at(-1);
    if (last !== undefined && last.group === range.group && range.first === last.last + 1) {
      merged[merged.length - 1] = { ...last, last: range.last };
    } else merged.push(range);
  }
  return merged;
};

/** The list that `readVnis` reads; of equal VNIs it is the same list. */
export const writeVnis = (ranges: readonly VniRange[]): Value => mergeVnis(ranges).map(writeRange);

/** What of a range is in none of the others. There are sixteen million VNIs: they are never looked at one by one. */
const without = (range: VniRange, others: readonly VniRange[]): readonly VniRange[] => {
  let rest = [range];
  for (const { first, last } of others) {
    rest = rest.flatMap((part) => [
      ...(part.first < first ? [{ ...part, last: Math.min(part.last, first - 1) }] : []),
      ...(part.last > last ? [{ ...part, first: Math.max(part.first, last + 1) }] : []),
    ]);
  }
  return rest;
};

/** What differs between two lists: VNIs that come or go elsewhere, and those that leave. */
export const vniChange = (
  before: Value | undefined,
  after: Value | undefined,
): { readonly set: readonly VniRange[]; readonly removed: readonly VniRange[] } => {
  const [old, next] = [readVnis(before), readVnis(after)];
  const set = next.flatMap((range) =>
    without(
      range,
      old.filter(({ group }) => group === range.group),
    ),
  );
  const removed = old.flatMap((range) => without(range, next)).map(({ first, last }) => ({ first, last }));
  return { set: mergeVnis(set), removed: mergeVnis(removed) };
};

/** What there is once everything that comes has come, and what goes is yet to go. */
export const vnisInBetween = (before: Value | undefined, after: Value | undefined): Value => {
  const next = readVnis(after);
  return writeVnis([...next, ...readVnis(before).flatMap((range) => without(range, next))]);
};
