import type { Family } from '../../model/ip.ts';
import type { RouteGroup } from './route-groups.ts';

/** So many different texts around destinations are known again; further ones are read anew each time. */
export const MOST_KNOWN = 4096;

/** What is known of routes in which the same text stands in front of the destination. */
export interface KnownText {
  readonly head: string;
  /** by the text behind it */
  readonly groups: Readonly<Record<Family, Map<string, RouteGroup>>>;
}

export const createKnownText = (head: string): KnownText => ({ head, groups: { inet: new Map(), inet6: new Map() } });

/** Keeps a text behind a destination in mind, as long as there is room. */
export const learnTail = (groups: Map<string, RouteGroup>, tail: string, group: RouteGroup): void => {
  if (groups.size < MOST_KNOWN) groups.set(tail, group);
};
