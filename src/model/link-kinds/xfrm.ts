import type { LinkKindSpec } from './spec.ts';

/** IPsec as a link, by interface id (net/xfrm/xfrm_interface_core.c). A changed `dev` is refused (EINVAL). */
export const xfrm: LinkKindSpec = {
  kind: 'xfrm',
  parent: 'none',
  required: ['if_id'],
  requiredUnless: 'external',
  excludesOthers: 'external',
  wholeChange: true,
  noLladdr: true,
  options: {
    dev: { attr: 'IFLA_XFRM_LINK', type: 1, codec: 'ifindex', change: 'recreate', default: null },
    if_id: { attr: 'IFLA_XFRM_IF_ID', type: 2, codec: 'u32', min: 1, change: 'inPlace' },
    // kernel 6.1 on
    external: { attr: 'IFLA_XFRM_COLLECT_METADATA', type: 3, codec: 'flag', change: 'recreate', default: false },
  },
};
