import type { LinkKindSpec, OptionTable } from './spec.ts';

const options: OptionTable = {
  // passthru takes the parent for itself, so the kernel lets no link in or out of it (EINVAL, macvlan_changelink)
  mode: {
    attr: 'IFLA_MACVLAN_MODE',
    type: 1,
    codec: 'u32',
    words: { 1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source' },
    change: 'inPlace',
    recreateFor: ['passthru'],
    default: 'vepa',
  },
  // both bits travel in one u16 that has no mask. nopromisc is for passthru; on a link that is down a change of it wrecks
  // the parent's promiscuity count (EOVERFLOW, seen on 6.18), hence never in place
  nopromisc: { attr: 'IFLA_MACVLAN_FLAGS', type: 2, codec: 'u16', bit: 0, change: 'recreate', default: false },
  nodst: { attr: 'IFLA_MACVLAN_FLAGS', type: 2, codec: 'u16', bit: 1, change: 'inPlace', default: false },
  // senders that mode source lets in; other modes refuse the list
  macaddr: {
    attr: 'IFLA_MACVLAN_MACADDR_DATA',
    type: 5,
    codec: { struct: 'macList' },
    change: 'inPlace',
    default: [],
  },
  macaddr_count: { attr: 'IFLA_MACVLAN_MACADDR_COUNT', type: 6, codec: 'u32', change: 'inPlace', readOnly: true },
  bcqueuelen: { attr: 'IFLA_MACVLAN_BC_QUEUE_LEN', type: 7, codec: 'u32', change: 'inPlace', default: 1000 },
  // the largest request of all links on the parent
  usedbcqueuelen: { attr: 'IFLA_MACVLAN_BC_QUEUE_LEN_USED', type: 8, codec: 'u32', change: 'inPlace', readOnly: true },
  // kernel 6.4 on. A setting of the parent, shared by all links on it; not reported while it is 1, the default
  bclim: { attr: 'IFLA_MACVLAN_BC_CUTOFF', type: 9, codec: 's32', change: 'inPlace', default: 1 },
};

export const macvlan: LinkKindSpec = { kind: 'macvlan', parent: 'required', clampsMtu: true, options };

/** A macvlan with a character device (/dev/tapN) in place of the stack. */
export const macvtap: LinkKindSpec = { kind: 'macvtap', parent: 'required', clampsMtu: true, options };
