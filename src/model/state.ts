import type { Address } from './address.ts';
import type { Link } from './link.ts';
import type { MplsRoute } from './mpls-route.ts';
import type { Neighbor } from './neighbor.ts';
import type { Nexthop } from './nexthop.ts';
import type { Route } from './route.ts';
import type { Rule } from './rule.ts';

/** The objects of each kind. */
export interface KindTypes {
  link: Link;
  address: Address;
  nexthop: Nexthop;
  route: Route;
  mpls: MplsRoute;
  rule: Rule;
  neighbor: Neighbor;
}
export type KindName = keyof KindTypes;
export type AnyObject = KindTypes[KindName];

/** In the order of dependency: each kind stands only on kinds before it (and links on links). */
export const KIND_NAMES = [
  'link',
  'address',
  'nexthop',
  'route',
  'mpls',
  'rule',
  'neighbor',
] as const satisfies KindName[];

/** A namespace as observed, each kind in the kernel's dump order. Plain data, JSON-safe. */
export type State = { readonly [K in KindName]: readonly KindTypes[K][] };

export const emptyState = (): State => ({
  link: [],
  address: [],
  nexthop: [],
  route: [],
  mpls: [],
  rule: [],
  neighbor: [],
});

/** A state as it was written down, perhaps by a netrecon that knew no routes of labels. */
export const completeState = (written: Omit<State, 'mpls'> & Partial<State>): State => ({ mpls: [], ...written });
