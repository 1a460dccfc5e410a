/**
 * Numbers of the netlink protocol that every part of the transport shares, in the kernel's spelling. Integers on the wire are
 * in host order, and every platform that netrecon's socket layer runs on is little-endian.
 */

/** Message headers and padding: include/uapi/linux/netlink.h. */
export const NLMSG_HDRLEN = 16;
export const NLA_HDRLEN = 4;

/** Control messages: include/uapi/linux/netlink.h. */
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4, MIN_TYPE: 16 } as const;

/** nlmsg_flags: include/uapi/linux/netlink.h. The upper byte means different things by the kind of message. */
export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  ECHO: 0x8,
  DUMP_INTR: 0x10,
  DUMP_FILTERED: 0x20,
  /** GET requests: NLM_F_ROOT | NLM_F_MATCH */
  DUMP: 0x300,
  /** NEW requests */
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
  /** NLMSG_ERROR and NLMSG_DONE: the request was not echoed whole */
  CAPPED: 0x100,
  /** NLMSG_ERROR and NLMSG_DONE: extended-ack attributes follow */
  ACK_TLVS: 0x200,
} as const;

/** nla_type: include/uapi/linux/netlink.h. */
export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;

/** Attributes of an extended acknowledgement: enum nlmsgerr_attrs, include/uapi/linux/netlink.h. */
export const NLMSGERR_ATTR = { MSG: 1, OFFS: 2, COOKIE: 3, POLICY: 4, MISS_TYPE: 5, MISS_NEST: 6 } as const;

/** What the kernel would have accepted: enum netlink_policy_type_attr, include/uapi/linux/netlink.h. */
export const NL_POLICY_TYPE_ATTR = {
  TYPE: 1,
  MIN_VALUE_S: 2,
  MAX_VALUE_S: 3,
  MIN_VALUE_U: 4,
  MAX_VALUE_U: 5,
  MIN_LENGTH: 6,
  MAX_LENGTH: 7,
  MASK: 12,
} as const;

/** Message types: include/uapi/linux/rtnetlink.h. */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  NEWMDB: 84,
  DELMDB: 85,
  GETMDB: 86,
  NEWNSID: 88,
  GETNSID: 90,
  NEWNEXTHOP: 104,
  DELNEXTHOP: 105,
  GETNEXTHOP: 106,
  NEWLINKPROP: 108,
  DELLINKPROP: 109,
  NEWVLAN: 112,
  DELVLAN: 113,
  GETVLAN: 114,
  NEWTUNNEL: 120,
  DELTUNNEL: 121,
  GETTUNNEL: 122,
} as const;

/** Multicast groups by number (not by bit): enum rtnetlink_groups, include/uapi/linux/rtnetlink.h. */
export const RTNLGRP = {
  LINK: 1,
  NEIGH: 3,
  IPV4_IFADDR: 5,
  IPV4_ROUTE: 7,
  IPV4_RULE: 8,
  IPV6_IFADDR: 9,
  IPV6_ROUTE: 11,
  IPV6_RULE: 19,
  MDB: 26,
  MPLS_ROUTE: 27,
  NEXTHOP: 32,
  BRVLAN: 33,
  TUNNEL: 35,
} as const;

/** Address families: include/linux/socket.h. */
export const AF = { UNSPEC: 0, INET: 2, BRIDGE: 7, INET6: 10, NETLINK: 16, PACKET: 17, MPLS: 28 } as const;
