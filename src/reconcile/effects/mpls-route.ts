import type { Casualties } from './taken.ts';

/**
 * Routes of labels through a link that ceases to be: they keep their other ways, and go with the last one
 * (net/mpls/af_mpls.c mpls_ifdown, NETDEV_UNREGISTER). A link that only goes down puts its ways out of use.
 */
export const dropMplsRoutesOf = (casualties: Casualties, dev: string, why: string): void => {
  for (const route of casualties.state.on('mpls', dev)) {
    const hops = route.hops.filter((hop) => hop.dev !== dev);
    if (hops.length === 0) casualties.remove('mpls', route, why);
    else casualties.change('mpls', route, { ...route, hops }, why);
  }
};
