import type { Declared } from '../../model/desired.ts';
import { MPLS_ROUTE, type MplsHop, type MplsRoute } from '../../model/mpls-route.ts';
import type { Problems } from './problems.ts';
import { createLookup, type FinalView } from './reach.ts';

/**
 * Fills in the link of each way that names only a gateway, as the kernel does (net/mpls/af_mpls.c find_outdev). A link that
 * is named needs neither to be up nor to have an address: the way is out of use until then.
 * @returns the routes in order; those with a problem are left out (the problem is recorded)
 */
export const resolveMplsRoutes = (
  routes: readonly Declared<MplsRoute>[],
  view: FinalView,
  problems: Problems,
): Declared<MplsRoute>[] => {
  const lookup = createLookup(view);
  const resolve = ({ object, fields, source }: Declared<MplsRoute>, hop: MplsHop): MplsHop | undefined => {
    const at = fields.hops ?? source;
    const name = MPLS_ROUTE.describe(object);
    if (hop.dev !== undefined) {
      if (view.links.has(hop.dev)) return hop;
      problems.error('NR_NO_LINK', `${name}: link ${hop.dev} does not exist and is not declared`, at);
      return undefined;
    }
    const dev = hop.via === undefined ? undefined : lookup(hop.via, undefined);
    if (dev !== undefined) return { ...hop, dev };
    const hint = 'no address or on-link route of the end state covers it: name its link with dev';
    problems.error('NR_UNREACHABLE_GATEWAY', `${name}: gateway ${hop.via} is not reachable in the end state`, at, hint);
    return undefined;
  };
  return routes.flatMap((declared) => {
    if (declared.absent) return [declared];
    const hops = declared.object.hops.flatMap((hop) => resolve(declared, hop) ?? []);
    return hops.length < declared.object.hops.length ? [] : [{ ...declared, object: { ...declared.object, hops } }];
  });
};
