import type { LinkKindSpec } from './spec.ts';

/** A B.A.T.M.A.N. mesh (net/batman-adv/mesh-interface.c); its ports are links of the mesh. It reports nothing of itself. */
export const batadv: LinkKindSpec = {
  kind: 'batadv',
  parent: 'none',
  takesPorts: true,
  options: {
    ra: { attr: 'IFLA_BATADV_ALGO_NAME', type: 1, codec: 'string', change: 'recreate', writeOnly: true },
  },
};
