import type { KernelEvent, LastingSieve } from '../../model/kernel-port.ts';
import { ROUTE, type Route } from '../../model/route.ts';

/** Comparisons of routes with events, at most: from there on a dump is faster. */
const MOST_COMPARED = 1_000_000;

/** Fewer routes than these are dumped in the time of a few system calls, which leaves nothing to be followed. */
const WORTH_FOLLOWING = 1024;

/** Whether following pays, and can be done. */
export const isWorthFollowing = ({ isCurrent, count }: LastingSieve): boolean => isCurrent && count >= WORTH_FOLLOWING;

const isInetRoute = ({ object }: KernelEvent): boolean => (object as Route | undefined)?.family === 'inet';

/** The routes of a dump without those that a sieve has taken, kept as the kernel tells of changes. */
export class FollowedRoutes {
  readonly #sieve: LastingSieve;
  #routes: readonly Route[];
  #compared = 0;

  /** @param routes - what the sieve left of a dump, during which nothing changed */
  constructor(sieve: LastingSieve, routes: readonly Route[]) {
    this.#sieve = sieve;
    this.#routes = routes;
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /**
   * Takes note of a change to a route.
   * @returns false where it does not tell enough: then nothing but a dump does
   */
  follow(event: KernelEvent): boolean {
    const sieve = this.#sieve;
    this.#compared += this.#routes.length;
    // legs of IPv6 routes come and go in messages of their own
    if (!isInetRoute(event) || !sieve.isCurrent || this.#compared > MOST_COMPARED) return false;
    const route = event.object as Route;
    const there = this.#routes.filter((other) => other.to === route.to && ROUTE.slot(other) === ROUTE.slot(route));
    const isHeld = sieve.holds(route);
    const entries = there.length + (isHeld ? 1 : 0);
    const takesPlace = event.action === 'delete' || event.replaces === true;
    // which of several entries in one place is meant the order tells, and that nobody keeps
    if (entries !== (takesPlace ? 1 : 0)) return false;
    if (isHeld) sieve.release(route);
    else if (there.length > 0) this.#routes = this.#routes.filter((other) => other !== there[0]);
    if (event.action === 'new' && !sieve.take(route)) this.#routes = [...this.#routes, route];
    return true;
  }
}
