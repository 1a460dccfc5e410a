import { ADDRESS } from './address.ts';
import type { Kind, KindTable } from './kind.ts';
import { LINK } from './link.ts';
import { MPLS_ROUTE } from './mpls-route.ts';
import { NEIGHBOR } from './neighbor.ts';
import { NEXTHOP } from './nexthop.ts';
import { ROUTE } from './route.ts';
import { RULE } from './rule.ts';
import type { KindName } from './state.ts';

/** The descriptor of every kind; diff, order, plan, rollback and export are written over this table. */
export const KINDS: KindTable = {
  link: LINK,
  address: ADDRESS,
  nexthop: NEXTHOP,
  route: ROUTE,
  mpls: MPLS_ROUTE,
  rule: RULE,
  neighbor: NEIGHBOR,
};

/** The descriptor of a kind for code that treats all kinds alike. */
export const kindOf = (kind: KindName): Kind<KindName> => KINDS[kind] as Kind<KindName>;
