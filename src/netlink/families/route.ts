import { addressBits } from '../../model/ip.ts';
import type { OpOf } from '../../model/op.ts';
import { ROUTE_TYPES, type Route, type RouteHop } from '../../model/route.ts';
import { readAttributes, writeAttributes, writeRaw } from '../wire/attributes.ts';
import { DecodeError, EncodeError } from '../wire/codec-errors.ts';
import { prefixLength } from '../wire/codecs.ts';
import { AF, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readU8, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { FamilyCodec, LinkNames, MessageView } from './codec.ts';
import { familyHeader, joinPrefix } from './prefix.ts';
import { onlyHop, ROUTE_TABLE, type RouteDraft } from './route-attributes.ts';
import { makeHop, takeHopEncap } from './route-hops.ts';
import { RTNH_F_ONLINK } from './rtnexthop.ts';

/** struct rtmsg: u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags. */
export const RTMSG_LENGTH = 12;
const RTM_F_CLONED = 0x200;
/** RTN_UNSPEC */
const ANY_TYPE = 0;
/** rtm_table of a table that does not fit into it; RTA_TABLE has the number. */
const RT_TABLE_COMPAT = 252;
/** Metric of an IPv6 route where none is asked for (IP6_RT_PRIO_USER, include/net/ip6_route.h). */
const IPV6_METRIC = 1024;

const HOPLESS_TYPES: readonly string[] = ['blackhole', 'unreachable', 'prohibit', 'throw'] satisfies Route['type'][];

/**
 * @returns undefined where a hop stands on a link that cannot be named
 */
const finishHops = (
  bytes: Uint8Array,
  draft: RouteDraft,
  type: string,
  flags: number,
  names: LinkNames,
): RouteHop[] | undefined => {
  // by a nexthop object, the hops are the object's (nexthop_compat_mode repeats them); IPv6 shows blackholes on lo
  if (draft.nhid !== undefined || HOPLESS_TYPES.includes(type)) return [];
  if (draft.hopsUnknown) return undefined;
  if (draft.hops !== undefined) return draft.hops;
  const encap = takeHopEncap(bytes, draft, names);
  if (draft.oif === 0 && draft.via === undefined) return [];
  const dev = draft.oif === 0 ? undefined : names.nameOf(draft.oif);
  if (dev === undefined && draft.oif !== 0) return undefined;
  return [makeHop(dev, draft.via, 1, (flags & RTNH_F_ONLINK) !== 0, undefined, encap, undefined)];
};

const decode = (message: MessageView, names: LinkNames): Route | undefined => {
  const at = familyHeader(message, 'rtmsg', RTMSG_LENGTH);
  const bytes = message.bytes;
  const protocolFamily = readU8(bytes, at);
  if (protocolFamily !== AF.INET && protocolFamily !== AF.INET6) return undefined;
  const flags = readU32(bytes, at + 8);
  if ((flags & RTM_F_CLONED) !== 0) return undefined;
  const type = ROUTE_TYPES[readU8(bytes, at + 7)];
  if (type === undefined) {
    throw new DecodeError('rtmsg', `route type ${readU8(bytes, at + 7)}`, bytes, at, at + RTMSG_LENGTH);
  }
  const family = protocolFamily === AF.INET ? 'inet' : 'inet6';
  const bits = addressBits(family);
  const draft: RouteDraft = {
    family,
    addressLength: bits / 8,
    raw: undefined,
    via: undefined,
    realm: undefined,
    encapType: 0,
    encapStart: 0,
    encapEnd: 0,
    to: undefined,
    from: undefined,
    oif: 0,
    metric: undefined,
    src: undefined,
    metrics: undefined,
    hops: undefined,
    hopsUnknown: false,
    table: readU8(bytes, at + 4),
    pref: undefined,
    nhid: undefined,
    expires: undefined,
  };
  readAttributes(ROUTE_TABLE, bytes, at + RTMSG_LENGTH, message.end, draft, names);
  const hops = finishHops(bytes, draft, type, flags, names);
  if (hops === undefined) return undefined;
  const sourceLength = readU8(bytes, at + 2);
  const route: { -readonly [K in keyof Route]: Route[K] } = {
    family,
    to: joinPrefix(message, 'RTA_DST', bits, draft.to, readU8(bytes, at + 1)),
    table: draft.table,
    metric: draft.metric ?? (family === 'inet' ? 0 : IPV6_METRIC),
    tos: readU8(bytes, at + 3),
    // what a nexthop object drops, fib_dump_info and rt6_fill_node call so: that is the object's doing, not the route's
    type: draft.nhid !== undefined && type === 'blackhole' ? 'unicast' : type,
    protocol: readU8(bytes, at + 5),
    scope: readU8(bytes, at + 6),
    hops,
  };
  if (sourceLength !== 0) route.from = joinPrefix(message, 'RTA_SRC', bits, draft.from, sourceLength);
  if (draft.src !== undefined) route.src = draft.src;
  if (draft.nhid !== undefined) route.nhid = draft.nhid;
  if (draft.realm !== undefined) route.realm = draft.realm;
  if (draft.pref !== undefined) route.pref = draft.pref;
  if (draft.expires !== undefined) route.expires = draft.expires;
  if (draft.metrics !== undefined) route.metrics = draft.metrics;
  if (draft.raw !== undefined) route.raw = draft.raw;
  return route;
};

/** NLM_F_* of an operation; an update replaces and never creates. */
const flagsOf = (op: OpOf<'route'>): number => {
  if (op.action === 'delete') return 0;
  if (op.action === 'update') return NLM_F.REPLACE;
  return op.append === true ? NLM_F.CREATE | NLM_F.APPEND : NLM_F.CREATE | NLM_F.EXCL;
};

/**
 * A deletion carries everything as well: what is missing is a wildcard to the kernel (net/ipv4/fib_trie.c
 * fib_table_delete), and another entry of the slot would go. Only the type of a route by a nexthop object is left open: the
 * object says enough, and the dump does not tell the route's own.
 */
const encode = (op: OpOf<'route'>, writer: MessageWriter, names: LinkNames): void => {
  const route = op.object;
  const bits = addressBits(route.family);
  const type = ROUTE_TYPES.indexOf(route.type);
  if (type < 0) throw new EncodeError(`${JSON.stringify(route.type)} is no route type`);
  writer.begin(op.action === 'delete' ? RTM.DELROUTE : RTM.NEWROUTE, flagsOf(op));
  writer.u8(route.family === 'inet' ? AF.INET : AF.INET6);
  writer.u8(prefixLength(route.to, bits));
  writer.u8(route.from === undefined ? 0 : prefixLength(route.from, bits));
  writer.u8(route.tos);
  writer.u8(route.table < 256 ? route.table : RT_TABLE_COMPAT);
  writer.u8(route.protocol);
  writer.u8(route.scope);
  writer.u8(op.action === 'delete' && route.nhid !== undefined ? ANY_TYPE : type);
  writer.u32(onlyHop(route)?.onlink === true ? RTNH_F_ONLINK : 0);
  writeAttributes(ROUTE_TABLE, writer, route, names);
  writeRaw(writer, route.raw);
  writeRaw(writer, onlyHop(route)?.raw);
  writer.end();
};

/** Strict checking takes the full header or refuses the dump. */
const dumpBody =
  (family: number) =>
  (writer: MessageWriter): void => {
    writer.u8(family);
    writer.zeros(RTMSG_LENGTH - 1);
  };

/** Routes of both families, in every table. */
export const routeCodec: FamilyCodec<'route'> = {
  kind: 'route',
  newType: RTM.NEWROUTE,
  deleteType: RTM.DELROUTE,
  groups: [RTNLGRP.IPV4_ROUTE, RTNLGRP.IPV6_ROUTE],
  dumps: [
    { type: RTM.GETROUTE, body: dumpBody(AF.INET), sifted: 'inet' },
    { type: RTM.GETROUTE, body: dumpBody(AF.INET6), sifted: 'inet6' },
  ],
  decode,
  encode,
};
