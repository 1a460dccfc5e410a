import { sameValue, type Value } from '../value.ts';
import type { OptionSpec, OptionTable } from './spec.ts';

/** VLANs that follow one another and are alike, on a port of a bridge or on the bridge itself. */
export interface VlanRange {
  readonly first: number;
  readonly last: number;
  /** what comes in without a tag belongs to it; never of a range */
  readonly pvid: boolean;
  /** goes out without a tag */
  readonly untagged: boolean;
  /** ports with `vlan_tunnel`: the tunnel id of the first VLAN, those of the others follow */
  readonly tunnel?: number;
  /** what is not the default of VLAN_OPTIONS */
  readonly options: Readonly<Record<string, Value>>;
}

/**
 * Options of each VLAN (BRIDGE_VLANDB_ENTRY_*, include/uapi/linux/if_bridge.h). Its forwarding state is not among them: that
 * is where a spanning tree daemon puts it, and none that one asks for.
 */
export const VLAN_OPTIONS: OptionTable = {
  // 0 never, 1 as queries tell, 2 always
  mcast_router: {
    attr: 'BRIDGE_VLANDB_ENTRY_MCAST_ROUTER',
    type: 6,
    codec: 'u8',
    max: 2,
    change: 'inPlace',
    default: 1,
  },
  // ports, kernel 6.3 on, while the bridge has mcast_vlan_snooping; 0 = no limit
  mcast_max_groups: {
    attr: 'BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS',
    type: 8,
    codec: 'u32',
    change: 'inPlace',
    default: 0,
  },
  // ports, kernel 6.4 on
  neigh_suppress: {
    attr: 'BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS',
    type: 9,
    codec: 'bool8',
    change: 'inPlace',
    default: false,
  },
};

const HIGHEST_VID = 4094;

const parseRange = (vid: Value | undefined): readonly [number, number] => {
  const [first = 0, last = first] = `${vid}`.split('-').map(Number);
  return [first, last];
};

const formatRange = (first: number, last: number): number | string => (first === last ? first : `${first}-${last}`);

/**
 * Reads the list that stands for VLANs in the model, which is also how the file writes them: `10`, `20-30`, or
 * `{vid: 40, pvid: true, untagged: true, tunnel_info: {id: 1040}, ...}`.
 */
export const readVlans = (value: Value | undefined): readonly VlanRange[] =>
  ((value ?? []) as readonly Value[]).map((item) => {
    const entry = (typeof item === 'object' ? item : { vid: item }) as Readonly<Record<string, Value>>;
    const { vid, pvid, untagged, tunnel_info: tunnelInfo, ...options } = entry;
    const [first, last] = parseRange(vid);
    const id = (tunnelInfo as { readonly id?: Value } | undefined)?.id;
    return {
      first,
      last,
      pvid: pvid === true,
      untagged: untagged === true,
      ...(id === undefined ? {} : { tunnel: parseRange(id)[0] }),
      options,
    };
  });

const areAlike = (a: VlanRange, b: VlanRange): boolean =>
  !a.pvid && !b.pvid && a.untagged === b.untagged && sameValue(a.options, b.options);

/** Whether a range goes on where another one ends. */
const continues = (a: VlanRange, b: VlanRange): boolean => {
  const tunnel = a.tunnel === undefined ? undefined : a.tunnel + a.last - a.first + 1;
  return b.first === a.last + 1 && areAlike(a, b) && b.tunnel === tunnel;
};

/** In ascending order, in as few ranges as there can be. */
const mergeVlans = (ranges: readonly VlanRange[]): readonly VlanRange[] => {
  const merged: VlanRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = merged.at(-1);
    if (last !== undefined && continues(last, range)) merged[merged.length - 1] = { ...last, last: range.last };
    else merged.push(range);
  }
  return merged;
};

const writeRange = ({ first, last, pvid, untagged, tunnel, options }: VlanRange): Value => {
  const vid = formatRange(first, last);
  const more = {
    ...(pvid && { pvid: true }),
    ...(untagged && { untagged: true }),
    ...(tunnel !== undefined && { tunnel_info: { id: formatRange(tunnel, tunnel + last - first) } }),
    ...options,
  };
  return Object.keys(more).length === 0 ? vid : { vid, ...more };
};

/** The list that `readVlans` reads; of equal VLANs it is the same list. */
export const writeVlans = (ranges: readonly VlanRange[]): Value => mergeVlans(ranges).map(writeRange);

/** What a bridge, and a port that joins it, has by itself: its vlan_default_pvid, untagged; 0 = nothing. */
export const defaultVlans = (defaultPvid: Value | undefined): Value =>
  defaultPvid === 0 ? [] : [{ vid: defaultPvid ?? 1, pvid: true, untagged: true }];

/** The VLANs of a bridge or of its port. Where they are written, they are all that there are. */
export const bridgeVlans: OptionSpec = {
  attr: 'BRIDGE_VLANDB_ENTRY',
  type: 0,
  codec: { struct: 'bridgeVlans' },
  stage: 'vlans',
  change: 'inPlace',
  default: defaultVlans(1),
};

/** One VLAN of a list. */
interface Vlan extends VlanRange {
  readonly vid: number;
}

const expand = (value: Value | undefined): ReadonlyMap<number, Vlan> => {
  const vlans = new Map<number, Vlan>();
  for (const range of readVlans(value)) {
    for (let vid = range.first; vid <= Math.min(range.last, HIGHEST_VID); vid++) {
      const tunnel = range.tunnel === undefined ? {} : { tunnel: range.tunnel + vid - range.first };
      vlans.set(vid, { ...range, first: vid, last: vid, ...tunnel, vid });
    }
  }
  return vlans;
};

/** Without the tunnel ids: what a port keeps when `vlan_tunnel` is switched off (br_netlink.c br_setport). */
export const withoutTunnels = (value: Value): Value =>
  writeVlans(readVlans(value).map(({ tunnel: _, ...range }) => range));

/**
 * What becomes of VLANs when vlan_default_pvid changes (br_vlan.c __br_vlan_set_default_pvid): the old one makes room for the
 * new one, where it still is what it was by default.
 */
export const followDefaultPvid = (value: Value, from: Value | undefined, to: Value | undefined): Value => {
  const [old, next] = [Number(from ?? 1), Number(to ?? 1)];
  if (old === next) return value;
  const vlans = expand(value);
  const held = vlans.get(old);
  if (old !== 0 && !(held?.pvid === true && held.untagged)) return value;
  if (next !== 0 && vlans.has(next)) return value;
  const kept = [...vlans.values()].filter(({ vid }) => vid !== old);
  const others = next === 0 ? kept : kept.map((vlan) => ({ ...vlan, pvid: false }));
  return writeVlans([...others, ...readVlans(defaultVlans(next))]);
};

/** What it takes to get from some VLANs to others. */
export interface VlanChange {
  /** mappings to tunnels that go first: the kernel overwrites none, and an id has one VLAN on a port */
  readonly unmapped: readonly VlanRange[];
  /** VLANs that come or change, each as a whole; an option that goes back to its default is told so */
  readonly set: readonly VlanRange[];
  readonly removed: readonly VlanRange[];
}

type Vlans = ReadonlyMap<number, Vlan>;

const unmappedIn = (old: Vlans, next: Vlans): ReadonlySet<number> => {
  const taken = new Set([...next.values()].map(({ tunnel }) => tunnel));
  const isUnmapped = ({ vid, tunnel }: Vlan): boolean => {
    const same = next.get(vid);
    return tunnel !== undefined && (same === undefined ? taken.has(tunnel) : same.tunnel !== tunnel);
  };
  return new Set([...old.values()].filter(isUnmapped).map(({ vid }) => vid));
};

/** The old VLANs as they are once mappings have gone and another one has become the pvid, which takes it from the first. */
const leftOf = (old: Vlans, next: Vlans): ReadonlyMap<number, Vlan> => {
  const unmapped = unmappedIn(old, next);
  const pvid = [...next.values()].find((vlan) => vlan.pvid)?.vid;
  return new Map(
    [...old].map(([vid, { tunnel, ...vlan }]) => [
      vid,
      {
        ...vlan,
        pvid: vlan.pvid && (pvid === undefined || pvid === vid),
        ...(tunnel === undefined || unmapped.has(vid) ? {} : { tunnel }),
      },
    ]),
  );
};

const plain = (vid: number): VlanRange => ({ first: vid, last: vid, pvid: false, untagged: false, options: {} });

const withDefaults = (vlan: Vlan, before: Vlan | undefined): VlanRange => {
  const { vid: _, ...range } = vlan;
  const back = Object.keys(before?.options ?? {}).map((name) => [name, VLAN_OPTIONS[name]?.default ?? null] as const);
  return { ...range, options: { ...Object.fromEntries(back), ...vlan.options } };
};

/** What differs between two lists, as messages carry it. */
export const vlanChange = (before: Value | undefined, after: Value | undefined): VlanChange => {
  const [old, next] = [expand(before), expand(after)];
  const left = leftOf(old, next);
  const set = [...next.values()].filter((vlan) => !sameValue(left.get(vlan.vid), vlan));
  const removed = [...old.keys()].filter((vid) => !next.has(vid));
  const changed = mergeVlans(set.map((vlan) => withDefaults(vlan, old.get(vlan.vid))));
  return {
    unmapped: mergeVlans([...unmappedIn(old, next)].map(plain)),
    // a new pvid takes over from the old one before anything takes it away
    set: changed.toSorted((a, b) => Number(b.pvid) - Number(a.pvid)),
    removed: mergeVlans(removed.map(plain)),
  };
};

/** What there is once everything that comes or changes has done so, and what goes is yet to go. */
export const vlansInBetween = (before: Value | undefined, after: Value | undefined): Value => {
  const [old, next] = [expand(before), expand(after)];
  const leaving = [...leftOf(old, next).values()].filter(({ vid }) => !next.has(vid));
  return writeVlans([...next.values(), ...leaving]);
};
