import type { Link } from '../../model/link.ts';
import {
  type AttributeSpec,
  attribute,
  defineTable,
  eachAttribute,
  ignored,
  type RawHolder,
} from '../wire/attributes.ts';
import { bareString, type Codec, indexOfLink, lladdr, s32, string, u32 } from '../wire/codecs.ts';
import { readString } from '../wire/reader.ts';
import { AF_SPEC_NAMES, type AfSpec, readAfSpec } from './link-conf.ts';
import { IFLA_LINKINFO, type LinkInfo, linkInfoNames, readLinkInfo } from './link-info.ts';

export const IFLA_IFNAME = 3;
export const IFLA_NET_NS_FD = 28;
export const IFLA_NEW_IFINDEX = 49;
export const IFLA_PROP_LIST = 52;
export const IFLA_ALT_IFNAME = 53;

/** Members of a link that stand in one attribute as they are. */
type PlainMember =
  | 'name'
  | 'mtu'
  | 'lladdr'
  | 'txqlen'
  | 'alias'
  | 'group'
  | 'numtxqueues'
  | 'numrxqueues'
  | 'gso_max_size'
  | 'gso_max_segs'
  | 'gro_max_size'
  | 'gso_ipv4_max_size'
  | 'gro_ipv4_max_size'
  | 'altnames';

export interface LinkDraft extends RawHolder {
  readonly plain: { -readonly [K in PlainMember]?: Link[K] };
  linkIndex: number | undefined;
  masterIndex: number;
  netnsid: number | undefined;
  info: LinkInfo | undefined;
  af: AfSpec | undefined;
}

const plain = <K extends Exclude<PlainMember, 'altnames'>>(
  name: string,
  type: number,
  codec: Codec<NonNullable<Link[K]>>,
  key: K,
): AttributeSpec<Link, LinkDraft> =>
  attribute<Link, LinkDraft, NonNullable<Link[K]>>(
    name,
    type,
    codec,
    (link) => link[key] ?? undefined,
    (draft, value) => {
      (draft.plain as { [P in K]?: Link[P] })[key] = value;
    },
    key,
  );

/** Encoding by itself: the messages that carry altnames, options or addrgenmode carry nothing else (link.ts). */
const writtenElsewhere = (): void => undefined;

const altnamesSpec: AttributeSpec<Link, LinkDraft> = {
  name: 'IFLA_PROP_LIST',
  type: IFLA_PROP_LIST,
  nested: { names: Object.assign([], { [IFLA_ALT_IFNAME]: { name: 'IFLA_ALT_IFNAME', type: IFLA_ALT_IFNAME } }) },
  decode: (bytes, start, end, draft) => {
    const list: string[] = [];
    eachAttribute(bytes, start, end, (type, from, to) => {
      if (type === IFLA_ALT_IFNAME) list.push(readString(bytes, from, to));
    });
    draft.plain.altnames = list.sort();
  },
  encode: writtenElsewhere,
};

const infoSpec: AttributeSpec<Link, LinkDraft> = {
  name: 'IFLA_LINKINFO',
  type: IFLA_LINKINFO,
  nested: { names: linkInfoNames(() => LINK_TABLE.byType) },
  decode: (bytes, start, end, draft, names) => {
    draft.info = readLinkInfo(bytes, start, end, names);
  },
  encode: writtenElsewhere,
};

const afSpec: AttributeSpec<Link, LinkDraft> = {
  name: 'IFLA_AF_SPEC',
  type: 26,
  nested: { names: AF_SPEC_NAMES },
  decode: (bytes, start, end, draft) => {
    draft.af = readAfSpec(bytes, start, end);
  },
  encode: writtenElsewhere,
};

const COUNTERS = 'counters';
const HARDWARE = 'a property of the driver or the hardware';
const VF = 'SR-IOV: not modelled, and belongs to the hardware';
const REQUEST = 'belongs to a request';
const FINDING = 'what the kernel found out, or decides by itself';

/**
 * IFLA_*: include/uapi/linux/if_link.h, in the order of writing (46 has two names there). Top-level attributes that are not here are dropped: no
 * link is recreated from them, and new ones are mostly reports.
 */
export const LINK_TABLE = defineTable<Link, LinkDraft>(
  [
    plain('IFLA_IFNAME', IFLA_IFNAME, string, 'name'),
    attribute<Link, LinkDraft, number>(
      'IFLA_LINK',
      5,
      u32,
      (link, names) => (typeof link.link === 'string' ? indexOfLink(names, link.link) : link.linkIndex),
      (draft, value) => {
        draft.linkIndex = value;
      },
      'link',
    ),
    attribute<Link, LinkDraft, number>(
      'IFLA_LINK_NETNSID',
      37,
      s32,
      (link) => link.linkNetnsid,
      (draft, value) => {
        draft.netnsid = value;
      },
      'link',
    ),
    attribute<Link, LinkDraft, number>(
      'IFLA_MASTER',
      10,
      u32,
      (link, names) => (link.master == null ? 0 : indexOfLink(names, link.master)),
      (draft, value) => {
        draft.masterIndex = value;
      },
      'master',
    ),
    plain('IFLA_MTU', 4, u32, 'mtu'),
    plain('IFLA_ADDRESS', 1, lladdr, 'lladdr'),
    plain('IFLA_TXQLEN', 13, u32, 'txqlen'),
    plain('IFLA_IFALIAS', 20, bareString, 'alias'),
    plain('IFLA_GROUP', 27, u32, 'group'),
    plain('IFLA_NUM_TX_QUEUES', 31, u32, 'numtxqueues'),
    plain('IFLA_NUM_RX_QUEUES', 32, u32, 'numrxqueues'),
    plain('IFLA_GSO_MAX_SEGS', 40, u32, 'gso_max_segs'),
    plain('IFLA_GSO_MAX_SIZE', 41, u32, 'gso_max_size'),
    plain('IFLA_GRO_MAX_SIZE', 58, u32, 'gro_max_size'),
    // behind the sizes above, which set these as well where they fit (net/core/dev.c netif_set_gso_max_size)
    plain('IFLA_GSO_IPV4_MAX_SIZE', 63, u32, 'gso_ipv4_max_size'),
    plain('IFLA_GRO_IPV4_MAX_SIZE', 64, u32, 'gro_ipv4_max_size'),
    altnamesSpec,
    infoSpec,
    afSpec,
  ],
  [
    ignored('IFLA_BROADCAST', 2, 'follows from the kind'),
    ignored('IFLA_QDISC', 6, 'traffic control'),
    ignored('IFLA_STATS', 7, COUNTERS),
    ignored('IFLA_COST', 8, 'unused'),
    ignored('IFLA_PRIORITY', 9, 'unused'),
    ignored('IFLA_PROTINFO', 12, 'only in messages of family AF_BRIDGE'),
    ignored('IFLA_MAP', 14, HARDWARE),
    ignored('IFLA_WEIGHT', 15, 'unused'),
    ignored('IFLA_OPERSTATE', 16, FINDING),
    ignored('IFLA_LINKMODE', 17, FINDING),
    ignored('IFLA_NET_NS_PID', 19, REQUEST),
    ignored('IFLA_NUM_VF', 21, VF),
    ignored('IFLA_VFINFO_LIST', 22, VF),
    ignored('IFLA_STATS64', 23, COUNTERS),
    ignored('IFLA_VF_PORTS', 24, VF),
    ignored('IFLA_PORT_SELF', 25, VF),
    ignored('IFLA_NET_NS_FD', IFLA_NET_NS_FD, REQUEST),
    ignored('IFLA_EXT_MASK', 29, REQUEST),
    ignored('IFLA_PROMISCUITY', 30, 'counts every user of promiscuity; IFF_PROMISC is the part that is set by hand'),
    ignored('IFLA_CARRIER', 33, FINDING),
    ignored('IFLA_PHYS_PORT_ID', 34, HARDWARE),
    ignored('IFLA_CARRIER_CHANGES', 35, COUNTERS),
    ignored('IFLA_PHYS_SWITCH_ID', 36, HARDWARE),
    ignored('IFLA_PHYS_PORT_NAME', 38, HARDWARE),
    ignored('IFLA_PROTO_DOWN', 39, 'set by protocol daemons for as long as they find a fault'),
    ignored('IFLA_PAD', 42, 'padding'),
    ignored('IFLA_XDP', 43, 'a program is attached by its file descriptor'),
    ignored('IFLA_EVENT', 44, 'says why a notification was sent'),
    ignored('IFLA_NEW_NETNSID', 45, 'only when a link leaves the namespace'),
    ignored('IFLA_TARGET_NETNSID', 46, REQUEST),
    ignored('IFLA_CARRIER_UP_COUNT', 47, COUNTERS),
    ignored('IFLA_CARRIER_DOWN_COUNT', 48, COUNTERS),
    ignored('IFLA_NEW_IFINDEX', IFLA_NEW_IFINDEX, 'only when a link leaves the namespace'),
    ignored('IFLA_MIN_MTU', 50, HARDWARE),
    ignored('IFLA_MAX_MTU', 51, HARDWARE),
    ignored('IFLA_ALT_IFNAME', IFLA_ALT_IFNAME, 'stands within IFLA_PROP_LIST'),
    ignored('IFLA_PERM_ADDRESS', 54, HARDWARE),
    ignored('IFLA_PROTO_DOWN_REASON', 55, 'as IFLA_PROTO_DOWN'),
    ignored('IFLA_PARENT_DEV_NAME', 56, HARDWARE),
    ignored('IFLA_PARENT_DEV_BUS_NAME', 57, HARDWARE),
    ignored('IFLA_TSO_MAX_SIZE', 59, HARDWARE),
    ignored('IFLA_TSO_MAX_SEGS', 60, HARDWARE),
    ignored('IFLA_ALLMULTI', 61, 'counts every user; IFF_ALLMULTI is the part that is set by hand'),
    ignored('IFLA_DEVLINK_PORT', 62, HARDWARE),
    ignored('IFLA_DPLL_PIN', 65, HARDWARE),
    ignored('IFLA_MAX_PACING_OFFLOAD_HORIZON', 66, HARDWARE),
    ignored('IFLA_NETNS_IMMUTABLE', 67, HARDWARE),
    ignored('IFLA_HEADROOM', 68, HARDWARE),
    ignored('IFLA_TAILROOM', 69, HARDWARE),
  ],
);
