import type { LinkKindSpec } from './spec.ts';

/**
 * A pair of links; each names the other as its peer. The kernel never fills in IFLA_INFO_DATA (drivers/net/veth.c has no
 * fill_info): the peer is read from IFLA_LINK, where it lives in the same namespace.
 */
export const veth: LinkKindSpec = {
  kind: 'veth',
  parent: 'none',
  pair: true,
  required: ['peer'],
  options: {
    peer: { attr: 'VETH_INFO_PEER', type: 1, codec: { struct: 'vethPeer' }, change: 'recreate' },
  },
};
