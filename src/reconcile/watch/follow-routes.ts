import type { KernelEvent, LastingSieve } from '../../model/kernel-port.ts';
import { isOneEntry, ROUTE, type Route } from '../../model/route.ts';

/** Fewer routes than these are dumped in the time of a few system calls, which leaves nothing to be followed. */
const WORTH_FOLLOWING = 1024;

/** Whether following pays, and can be done. */
export const isWorthFollowing = ({ isCurrent, count }: LastingSieve): boolean => isCurrent && count >= WORTH_FOLLOWING;

/** The routes of a dump without those that a sieve has taken, kept as the kernel tells of changes. */
export class FollowedRoutes {
  readonly #sieve: LastingSieve;
  /** by slot, those in one place in their order */
  readonly #places = new Map<string, readonly Route[]>();
  #routes: readonly Route[] | undefined;

  /** @param routes - what the sieve left of a dump, during which nothing changed */
  constructor(sieve: LastingSieve, routes: readonly Route[]) {
    this.#sieve = sieve;
    this.#routes = routes;
    for (const route of routes) {
      const slot = ROUTE.slot(route);
      this.#places.set(slot, [...(this.#places.get(slot) ?? []), route]);
    }
  }

  get routes(): readonly Route[] {
    this.#routes ??= [...this.#places.values()].flat();
    return this.#routes;
  }

  /**
   * Takes note of a change to a route.
   * @returns false where it does not tell enough: then nothing but a dump does
   */
  follow(event: KernelEvent): boolean {
    const sieve = this.#sieve;
    const route = event.object as Route | undefined;
    if (route === undefined || !sieve.isCurrent) return false;
    const slot = ROUTE.slot(route);
    const held = sieve.heldAt(route);
    const entries = [...(this.#places.get(slot) ?? []), ...(held === undefined ? [] : [held])];
    const takesPlace = event.action === 'delete' || event.replaces === true;
    // which of several entries in one place is meant the order tells, and that nobody keeps
    if (entries.length !== (takesPlace ? 1 : 0) || ![route, ...entries].every(isOneEntry)) return false;
    if (held !== undefined) sieve.release(route);
    else if (this.#places.delete(slot)) this.#routes = undefined;
    if (event.action === 'new' && !sieve.take(route)) {
      this.#places.set(slot, [route]);
      this.#routes = undefined;
    }
    return true;
  }
}
