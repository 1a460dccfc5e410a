import type { KernelEvent, LastingSieve } from '../../model/kernel-port.ts';
import { ROUTE, type Route } from '../../model/route.ts';

/** Fewer routes than these are dumped in the time of a few system calls, which leaves nothing to be followed. */
const WORTH_FOLLOWING = 1024;

/** Whether following pays, and can be done. */
export const isWorthFollowing = ({ isCurrent, count }: LastingSieve): boolean => isCurrent && count >= WORTH_FOLLOWING;

const isInetRoute = ({ object }: KernelEvent): boolean => (object as Route | undefined)?.family === 'inet';

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
    // legs of IPv6 routes come and go in messages of their own
    if (!isInetRoute(event) || !sieve.isCurrent) return false;
    const route = event.object as Route;
    const slot = ROUTE.slot(route);
    const isHeld = sieve.holds(route);
    const entries = (this.#places.get(slot)?.length ?? 0) + (isHeld ? 1 : 0);
    const takesPlace = event.action === 'delete' || event.replaces === true;
    // which of several entries in one place is meant the order tells, and that nobody keeps
    if (entries !== (takesPlace ? 1 : 0)) return false;
    if (isHeld) sieve.release(route);
    else if (this.#places.delete(slot)) this.#routes = undefined;
    if (event.action === 'new' && !sieve.take(route)) {
      this.#places.set(slot, [route]);
      this.#routes = undefined;
    }
    return true;
  }
}
