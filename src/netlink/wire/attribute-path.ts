import { ADDRESS_TABLE } from '../families/address.ts';
import { BR_VLAN_MSG_LENGTH, VLANDB_NAMES } from '../families/bridge-vlan.ts';
import { FDB_TABLE } from '../families/fdb.ts';
import { IFINFOMSG_LENGTH } from '../families/ifinfomsg.ts';
import { LINK_TABLE } from '../families/link-attributes.ts';
import { BR_PORT_MSG_LENGTH, MDB_NAMES } from '../families/mdb.ts';
import { MPLS_TABLE } from '../families/mpls-route-attributes.ts';
import { NDMSG_LENGTH } from '../families/ndmsg.ts';
import { NEIGHBOR_TABLE } from '../families/neighbor.ts';
import { NEXTHOP_TABLE } from '../families/nexthop-attributes.ts';
import { ROUTE_TABLE } from '../families/route-attributes.ts';
import { RULE_TABLE } from '../families/rule.ts';
import { TUNNEL_MSG_LENGTH, VNIFILTER_NAMES } from '../families/vxlan-vni.ts';
import { type AttributeNames, attributeEnd, attributeType, type NestedNames, nextAttribute } from './attributes.ts';
import { DecodeError } from './codec-errors.ts';
import { AF, NLA_HDRLEN, NLMSG_HDRLEN, RTM } from './constants.ts';
import { readString, readU8, readU16 } from './reader.ts';

type Names = readonly (AttributeNames | undefined)[];

/** The messages of a family by their types, the length of its header behind the nlmsghdr, and its attributes. */
export interface MessageLayout {
  readonly first: number;
  readonly last: number;
  readonly header: number;
  readonly names: Names;
}

/** Those of rtnetlink. Three types each, NEW, DEL and GET; SETLINK is the fourth. */
const MESSAGES: readonly MessageLayout[] = [
  { first: RTM.NEWLINK, last: RTM.SETLINK, header: IFINFOMSG_LENGTH, names: LINK_TABLE.byType },
  { first: RTM.NEWADDR, last: RTM.GETADDR, header: 8, names: ADDRESS_TABLE.byType },
  { first: RTM.NEWROUTE, last: RTM.GETROUTE, header: 12, names: ROUTE_TABLE.byType },
  { first: RTM.NEWNEIGH, last: RTM.GETNEIGH, header: NDMSG_LENGTH, names: NEIGHBOR_TABLE.byType },
  { first: RTM.NEWRULE, last: RTM.GETRULE, header: 12, names: RULE_TABLE.byType },
  { first: RTM.NEWNEXTHOP, last: RTM.GETNEXTHOP, header: 8, names: NEXTHOP_TABLE.byType },
  { first: RTM.NEWLINKPROP, last: RTM.DELLINKPROP, header: IFINFOMSG_LENGTH, names: LINK_TABLE.byType },
  { first: RTM.NEWMDB, last: RTM.GETMDB, header: BR_PORT_MSG_LENGTH, names: MDB_NAMES },
  { first: RTM.NEWVLAN, last: RTM.GETVLAN, header: BR_VLAN_MSG_LENGTH, names: VLANDB_NAMES },
  { first: RTM.NEWTUNNEL, last: RTM.GETTUNNEL, header: TUNNEL_MSG_LENGTH, names: VNIFILTER_NAMES },
];

const RTNEXTHOP_LENGTH = 8;

const nameOf = (names: Names, type: number): string => names[type]?.name ?? `attribute ${type}`;

/** The text of the attribute `sibling` in [start, end); '' where it is missing. */
const textOf = (bytes: Uint8Array, start: number, end: number, sibling: number): string => {
  for (let at = start; at < end; ) {
    const stop = attributeEnd(bytes, at, end);
    if (attributeType(bytes, at) === sibling) return readString(bytes, at + NLA_HDRLEN, stop);
    at = nextAttribute(at, stop);
  }
  return '';
};

/** The path within the attributes in [start, end) to the one that holds `offset`. */
const findIn = (bytes: Uint8Array, start: number, end: number, offset: number, names: Names): string | undefined => {
  for (let at = start; at < end; ) {
    const stop = attributeEnd(bytes, at, end);
    const next = nextAttribute(at, stop);
    if (offset < next) {
      const type = attributeType(bytes, at);
      const name = nameOf(names, type);
      const nested = names[type]?.nested;
      if (offset < at + NLA_HDRLEN || nested === undefined) return name;
      const inner = findNested(bytes, at + NLA_HDRLEN, stop, offset, nested, [start, end]);
      return inner === undefined ? name : `${name}.${inner}`;
    }
    at = next;
  }
  return undefined;
};

const findNested = (
  bytes: Uint8Array,
  start: number,
  end: number,
  offset: number,
  nested: NestedNames,
  siblings: readonly [number, number],
): string | undefined => {
  if ('choose' in nested) {
    return findIn(bytes, start, end, offset, nested.choose(textOf(bytes, ...siblings, nested.sibling)));
  }
  if ('names' in nested) {
    const from = start + (nested.skip ?? 0);
    return offset < from ? undefined : findIn(bytes, from, end, offset, nested.names);
  }
  for (let at = start; at + RTNEXTHOP_LENGTH <= end; ) {
    const stop = at + readU16(bytes, at);
    if (stop < at + RTNEXTHOP_LENGTH || stop > end) return undefined;
    if (offset < stop) {
      return offset < at + RTNEXTHOP_LENGTH
        ? undefined
        : findIn(bytes, at + RTNEXTHOP_LENGTH, stop, offset, nested.hops);
    }
    at = (stop + 3) & ~3;
  }
  return undefined;
};

/** Some messages have other attributes for some address families. */
const namesFor = ({ first, names }: MessageLayout, family: number): Names => {
  if (first === RTM.NEWNEIGH && family === AF.BRIDGE) return FDB_TABLE.byType;
  return first === RTM.NEWROUTE && family === AF.MPLS ? MPLS_TABLE.byType : names;
};

/**
 * The attribute that an extended acknowledgement points at (NLMSGERR_ATTR_OFFS).
 * @param message the request as it was sent, from its nlmsghdr on
 * @param offset bytes from the start of the nlmsghdr
 * @param layouts default: those of rtnetlink
 * @returns names joined by dots, `IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VLAN_ID`; undefined where the offset points into a header,
 *   or nowhere
 */
export const attributePathAt = (
  message: Uint8Array,
  offset: number,
  layouts: readonly MessageLayout[] = MESSAGES,
): string | undefined => {
  if (message.length < NLMSG_HDRLEN) return undefined;
  const type = readU16(message, 4);
  const family = layouts.find((entry) => type >= entry.first && type <= entry.last);
  if (family === undefined || offset < NLMSG_HDRLEN + family.header) return undefined;
  try {
    const names = namesFor(family, readU8(message, NLMSG_HDRLEN));
    return findIn(message, NLMSG_HDRLEN + family.header, message.length, offset, names);
  } catch (error) {
    // a request whose attributes do not parse has no path, and its refusal is told without one
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
};
