import type { LinkKindSpec } from './spec.ts';

/** A routing domain: its ports' routes live in its table. drivers/net/vrf.c has no changelink. */
export const vrf: LinkKindSpec = {
  kind: 'vrf',
  parent: 'none',
  required: ['table'],
  options: {
    table: { attr: 'IFLA_VRF_TABLE', type: 1, codec: 'u32', min: 1, change: 'recreate' },
  },
};
