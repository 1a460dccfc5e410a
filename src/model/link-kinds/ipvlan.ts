import type { LinkKindSpec, OptionTable } from './spec.ts';

/** Both are settings of the parent, shared by all links on it (drivers/net/ipvlan/ipvlan_main.c ipvlan_nl_changelink). */
const options: OptionTable = {
  mode: {
    attr: 'IFLA_IPVLAN_MODE',
    type: 1,
    codec: 'u16',
    words: { 0: 'l2', 1: 'l3', 2: 'l3s' },
    change: 'inPlace',
    default: 'l3',
  },
  // private and vepa exclude each other
  flag: {
    attr: 'IFLA_IPVLAN_FLAGS',
    type: 2,
    codec: 'u16',
    words: { 0: 'bridge', 1: 'private', 2: 'vepa' },
    change: 'inPlace',
    default: 'bridge',
  },
};

export const ipvlan: LinkKindSpec = { kind: 'ipvlan', parent: 'required', options };

/** An ipvlan with a character device (/dev/tapN) in place of the stack. */
export const ipvtap: LinkKindSpec = { kind: 'ipvtap', parent: 'required', options };
