import type { KindName } from '../../model/state.ts';
import { addressCodec } from './address.ts';
import type { FamilyCodec } from './codec.ts';
import { linkCodec } from './link.ts';
import { mplsRouteCodec } from './mpls-route.ts';
import { neighborCodec } from './neighbor.ts';
import { nexthopCodec } from './nexthop.ts';
import { routeCodec } from './route.ts';
import { ruleCodec } from './rule.ts';

/** The codec of each kind of object. */
export const FAMILIES: { readonly [K in KindName]: FamilyCodec<K> } = {
  link: linkCodec,
  address: addressCodec,
  nexthop: nexthopCodec,
  route: routeCodec,
  mpls: mplsRouteCodec,
  rule: ruleCodec,
  neighbor: neighborCodec,
};
