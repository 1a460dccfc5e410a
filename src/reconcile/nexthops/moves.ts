import { type Desired, singleObjects } from '../../model/desired.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { ROUTE, type Route } from '../../model/route.ts';
import { rowOf, sharePlace } from '../../model/route-list.ts';
import { canBecome, type Inventory, type Numbers, type Unmatched } from './numbers.ts';
import type { SharedWay, WayUse } from './ways.ts';

/** Routes of long lists that go by an object. */
export interface ListedUsers {
  readonly nhid: number;
  readonly count: number;
  /** which list wants their places; undefined: they go */
  readonly list?: number;
}

/** What becomes of routes that go by an object: they want a way, they are to go, or they have nothing to do with it. */
type Wish = SharedWay | 'gone' | 'other';

/** Routes that go by some objects, counted by what becomes of them. */
export class Users {
  readonly #byNumber = new Map<number, Map<Wish, number>>();

  note(nhid: number, wish: Wish, count = 1): void {
    const wishes = this.#byNumber.get(nhid) ?? new Map<Wish, number>();
    wishes.set(wish, (wishes.get(wish) ?? 0) + count);
    this.#byNumber.set(nhid, wishes);
  }

  /** The one way that all of them want, but for those that go anyway; undefined where they do not agree, or are others'. */
  wayOf(nhid: number): { readonly way: SharedWay; readonly count: number } | undefined {
    const wishes = [...(this.#byNumber.get(nhid) ?? [])].filter(([wish]) => wish !== 'gone');
    const [first] = wishes;
    if (first === undefined || wishes.length > 1) return undefined;
    const [way, count] = first;
    return typeof way === 'string' ? undefined : { way, count };
  }
}

const createWish = (desired: Desired, { ofSingle, ofList }: WayUse): ((route: Route) => Wish) => {
  const singles = new Map<string, Wish>();
  for (const [i, { object, absent }] of singleObjects(desired, 'route').entries())
    if (!absent) singles.set(ROUTE.slot(object), ofSingle[i] ?? 'other');
  const lists = desired.listed?.lists ?? [];
  return (route) => {
    if (route.protocol !== NETRECON_PROTOCOL) return 'other';
    const single = singles.get(ROUTE.slot(route));
    if (single !== undefined) return single;
    const list = lists.findIndex((one) => sharePlace(one.body, route) && rowOf(one, route) >= 0);
    if (list >= 0) return ofList[list] ?? 'other';
    return desired.prune === 'none' ? 'other' : 'gone';
  };
};

/**
 * Counts the routes that go by objects that may become something else.
 * @param routes - as observed
 * @param listed - those that a sieve took out of them
 */
export const countUsers = (
  desired: Desired,
  uses: WayUse,
  { objects }: Unmatched,
  routes: readonly Route[],
  listed: Iterable<ListedUsers>,
): Users => {
  const users = new Users();
  const numbers = new Set(objects.map(({ id }) => id));
  let wishOf: ((route: Route) => Wish) | undefined;
  for (const route of routes) {
    if (route.nhid === undefined || !numbers.has(route.nhid)) continue;
    wishOf ??= createWish(desired, uses);
    users.note(route.nhid, wishOf(route));
  }
  for (const { nhid, count, list } of listed)
    if (count > 0) users.note(nhid, list === undefined ? 'gone' : (uses.ofList[list] ?? 'other'), count);
  return users;
};

/**
 * Objects that become another way in their places: those whose routes all want that way, or go. Of several that could become
 * one way, that with the most routes; the others go when theirs have moved. Pure.
 */
export const chooseMoves = ({ ways, objects }: Unmatched, inventory: Inventory, users: Users): Numbers => {
  const best = new Map<string, { readonly id: number; readonly count: number }>();
  for (const object of objects) {
    const wanted = users.wayOf(object.id);
    const part = ways.find(({ key }) => key === wanted?.way.key);
    if (wanted === undefined || part === undefined || !canBecome(object, part, inventory)) continue;
    if (wanted.count > (best.get(part.key)?.count ?? 0)) best.set(part.key, { id: object.id, count: wanted.count });
  }
  return new Map([...best].map(([key, { id }]) => [key, id]));
};

/** The moves that most hosts need, before anything is known of the routes: each way that is new takes one that is left over. */
export const guessMoves = ({ ways, objects }: Unmatched, inventory: Inventory): Numbers => {
  const left = [...objects];
  const moves = new Map<string, number>();
  for (const part of ways) {
    const at = left.findIndex((object) => canBecome(object, part, inventory));
    if (at >= 0) moves.set(part.key, (left.splice(at, 1)[0] as { id: number }).id);
  }
  return moves;
};
