import { type Desired, singleObjects } from '../../model/desired.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { memberIds, type Nexthop } from '../../model/nexthop.ts';
import { compare } from '../plan/compare.ts';
import type { SharedWay } from './ways.ts';

/** Objects that netrecon makes for routes are numbered from here on: far from those that people and the kernel choose. */
export const FIRST_NUMBER = 110_000;

/** An object without its number. */
type Body = Omit<Nexthop, 'id'>;

/** An object to be made, or to be changed, for a way. */
export interface Part {
  /** of the way, or of a gateway of it */
  readonly key: string;
  readonly object: Nexthop;
  readonly way: SharedWay;
}

/** Numbers of objects by the key of what they are for. */
export type Numbers = ReadonlyMap<string, number>;

/** What is there and whose it is, as far as the choice of numbers goes. */
export interface Inventory {
  /** ours, and in no file: they may be used again, changed, or go; ascending */
  readonly free: readonly Nexthop[];
  /** numbers that nobody may choose */
  readonly taken: ReadonlySet<number>;
  /** numbers of the members of groups */
  readonly members: ReadonlySet<number>;
}

const namedNumbers = (desired: Desired): ReadonlySet<number> => {
  const { nexthop, neighbor } = desired.objects;
  const numbers = new Set<number>();
  for (const { object } of nexthop) for (const id of [object.id, ...memberIds(object)]) numbers.add(id);
  for (const { object } of singleObjects(desired, 'route')) if (object.nhid !== undefined) numbers.add(object.nhid);
  for (const { body } of desired.listed?.lists ?? []) if (body.nhid !== undefined) numbers.add(body.nhid);
  for (const { object } of neighbor) if (object.type === 'fdb' && object.nhid !== undefined) numbers.add(object.nhid);
  return numbers;
};

export const takeInventory = (desired: Desired, present: readonly Nexthop[]): Inventory => {
  const named = namedNumbers(desired);
  const isFree = ({ id, protocol, fdb, blackhole, type }: Nexthop): boolean =>
    protocol === NETRECON_PROTOCOL && !named.has(id) && fdb !== true && blackhole !== true && type === undefined;
  return {
    free: present.filter(isFree).sort((a, b) => a.id - b.id),
    taken: new Set([...named, ...present.map(({ id }) => id)]),
    members: new Set(present.flatMap(memberIds)),
  };
};

const differencesOf = (body: Body, present: Nexthop) =>
  compare('nexthop', { ...body, id: present.id }, present, 'declared');

/** Equal for objects that lead the same way, and for few others. */
const wayKey = ({ via, dev, group }: Omit<Nexthop, 'id'>): string =>
  group === undefined
    ? `${via} ${dev}`
    : group
        .map(({ id }) => id)
        .sort((a, b) => a - b)
        .join();

/** Gives numbers to what ways need. */
class Numbering {
  readonly parts = new Map<string, Part>();
  readonly #inventory: Inventory;
  /** what is free, by way */
  readonly #free = new Map<string, Nexthop[]>();
  readonly #moves: Numbers;
  readonly #used = new Set<number>();
  #next = FIRST_NUMBER;

  constructor(inventory: Inventory, moves: Numbers) {
    this.#inventory = inventory;
    this.#moves = moves;
    for (const one of inventory.free) {
      const key = wayKey(one);
      const alike = this.#free.get(key);
      if (alike === undefined) this.#free.set(key, [one]);
      else alike.push(one);
    }
  }

  add(way: SharedWay): void {
    const { gateways } = way;
    for (const { key, body } of gateways) this.#add(key, { ...body, protocol: NETRECON_PROTOCOL }, way);
    if (gateways.length === 1) return;
    const group = gateways.map(({ key, weight }) => ({ id: this.parts.get(key)?.object.id as number, weight }));
    this.#add(way.key, { family: 'unspec', protocol: NETRECON_PROTOCOL, group }, way);
  }

  #add(key: string, body: Body, way: SharedWay): void {
    if (this.parts.has(key)) return;
    const alike = this.#free.get(wayKey(body)) ?? [];
    const same = alike.find((one) => !this.#used.has(one.id) && differencesOf(body, one).length === 0);
    const id = same?.id ?? this.#moves.get(key) ?? this.#fresh();
    this.#used.add(id);
    this.parts.set(key, { key, object: { ...body, id }, way });
  }

  #fresh(): number {
    while (this.#inventory.taken.has(this.#next)) this.#next++;
    return this.#next++;
  }
}

/**
 * Gives each way its object: one of ours that is the same, else the one of `moves`, else a number that nobody has. Pure.
 * @param moves - objects that become another way in their places; none of them is the same as another way
 * @returns by key; groups behind their members
 */
export const numberWays = (
  ways: readonly SharedWay[],
  inventory: Inventory,
  moves: Numbers,
): ReadonlyMap<string, Part> => {
  const numbering = new Numbering(inventory, moves);
  for (const way of ways) numbering.add(way);
  return numbering.parts;
};

/** Ways that have no object yet, and objects of ours that no way has: one may become the other in its place. */
export interface Unmatched {
  readonly ways: readonly Part[];
  readonly objects: readonly Nexthop[];
}

/** Whether the kernel changes the object in its place, and no group is led elsewhere with it. */
export const canBecome = (present: Nexthop, { object }: Part, { members }: Inventory): boolean =>
  (object.group !== undefined || !members.has(present.id)) &&
  differencesOf(object, present).every(({ recreate }) => !recreate);

/** @param parts - of `numberWays` without moves */
export const findUnmatched = (
  ways: readonly SharedWay[],
  parts: ReadonlyMap<string, Part>,
  { free, taken }: Inventory,
): Unmatched => {
  const used = new Set([...parts.values()].map(({ object }) => object.id));
  return {
    ways: ways.flatMap(({ key }) => {
      const part = parts.get(key);
      return part === undefined || taken.has(part.object.id) ? [] : part;
    }),
    objects: free.filter(({ id }) => !used.has(id)),
  };
};
