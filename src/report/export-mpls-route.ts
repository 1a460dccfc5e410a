import type { NameTables } from '../desired/names.ts';
import type { Route as RouteEntry } from '../desired/schema.gen.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import type { MplsHop, MplsRoute } from '../model/mpls-route.ts';

/** The route of a label in as few words as say it; undefined where the file has no words for it. */
export const exportMplsRoute = (route: MplsRoute, names: NameTables): RouteEntry | undefined => {
  const { label, hops, protocol, ttl_propagate, raw = [] } = route;
  const [first, ...others] = hops;
  if (raw.length > 0 || first === undefined || !hops.every(isExpressible)) return undefined;
  return {
    to: label,
    family: 'mpls',
    ...(others.length === 0 ? exportHop(first) : { nexthops: hops.map(exportHop) as RouteEntry['nexthops'] }),
    ...(ttl_propagate !== undefined && { ttl_propagate }),
    ...(protocol !== NETRECON_PROTOCOL && { protocol: names.protocols.toName(protocol) }),
  };
};

const isExpressible = ({ via, dev, raw = [] }: MplsHop): boolean => raw.length === 0 && (via ?? dev) !== undefined;

const exportHop = ({ as, via, dev }: MplsHop) => ({
  ...(as.length > 0 && { as: as.length === 1 ? (as[0] as number) : as.join('/') }),
  ...(via !== undefined && { via }),
  ...(dev !== undefined && { dev }),
});
