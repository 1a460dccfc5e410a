import type { LinkKindSpec } from './spec.ts';

/**
 * A link whose other end is a program: packets (tun) or frames (tap) come from and go to whoever opens /dev/net/tun. Made
 * persistent, so that it outlives its maker. rtnetlink tells of it and deletes it; /dev/net/tun makes and changes it
 * (drivers/net/tun.c tun_set_iff), in the words of ip-tuntap(8).
 */
export const tun: LinkKindSpec = {
  kind: 'tun',
  parent: 'none',
  required: ['mode'],
  byIoctl: true,
  options: {
    mode: { attr: 'IFLA_TUN_TYPE', type: 3, codec: 'u8', words: { 1: 'tun', 2: 'tap' }, change: 'recreate' },
    // who may open it, besides root: once it is somebody's it can be somebody else's, and not nobody's again
    user: {
      attr: 'IFLA_TUN_OWNER',
      type: 1,
      codec: 'u32',
      change: 'inPlace',
      staysSet: true,
      missing: null,
      default: null,
    },
    group: {
      attr: 'IFLA_TUN_GROUP',
      type: 2,
      codec: 'u32',
      change: 'inPlace',
      staysSet: true,
      missing: null,
      default: null,
    },
    // whoever opens it says anew what these two are to be
    pi: { attr: 'IFLA_TUN_PI', type: 4, codec: 'bool8', change: 'inPlace', default: false },
    vnet_hdr: { attr: 'IFLA_TUN_VNET_HDR', type: 5, codec: 'bool8', change: 'inPlace', default: false },
    multi_queue: { attr: 'IFLA_TUN_MULTI_QUEUE', type: 7, codec: 'bool8', change: 'recreate', default: false },
    persist: { attr: 'IFLA_TUN_PERSIST', type: 6, codec: 'bool8', change: 'recreate', readOnly: true },
    num_queues: { attr: 'IFLA_TUN_NUM_QUEUES', type: 8, codec: 'u32', change: 'recreate', readOnly: true },
    num_disabled_queues: {
      attr: 'IFLA_TUN_NUM_DISABLED_QUEUES',
      type: 9,
      codec: 'u32',
      change: 'recreate',
      readOnly: true,
    },
  },
};
