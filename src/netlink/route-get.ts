import { addressBits, type Family, familyOf, formatAddress } from '../model/ip.ts';
import type { KernelAnswer, Query } from '../model/lookup.ts';
import { ROUTE_TYPES } from '../model/route.ts';
import { ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import type { LinkNames } from './families/codec.ts';
import { address, indexOfLink, prefixLength } from './wire/codecs.ts';
import { AF, NLMSG, NLMSG_HDRLEN, RTM } from './wire/constants.ts';
import { errnoName } from './wire/errno.ts';
import { readReply } from './wire/extack.ts';
import { eachAttribute, type FramedMessage } from './wire/framing.ts';
import { readS32, readU8, readU32 } from './wire/reader.ts';
import { MessageWriter } from './wire/writer.ts';

// include/uapi/linux/rtnetlink.h
const RTA = {
  DST: 1,
  SRC: 2,
  IIF: 3,
  OIF: 4,
  GATEWAY: 5,
  PREFSRC: 7,
  TABLE: 15,
  MARK: 16,
  VIA: 18,
  IP_PROTO: 27,
  SPORT: 28,
  DPORT: 29,
} as const;
const RTMSG_LENGTH = 12;
/** Name the table that decided rather than main: IPv4 only, IPv6 always does and refuses the flag. */
const RTM_F_LOOKUP_TABLE = 0x1000;

const writeQuery = (writer: MessageWriter, query: Query, names: LinkNames): void => {
  const family: Family = familyOf(query.to);
  const bits = addressBits(family);
  const attribute = (type: number, write: () => void): void => {
    const at = writer.beginAttribute(type);
    write();
    writer.endAttribute(at);
  };
  const link = (type: number, name: string | undefined): void => {
    if (name !== undefined) attribute(type, () => writer.u32(indexOfLink(names, name)));
  };
  const host = (type: number, text: string): void => attribute(type, () => address.write(writer, text, names));
  writer.begin(RTM.GETROUTE, 0);
  writer.u8(family === 'inet' ? AF.INET : AF.INET6);
  writer.u8(prefixLength(`${query.to}/${bits}`, bits));
  writer.u8(query.from === undefined ? 0 : bits);
  writer.u8(query.tos ?? 0);
  writer.zeros(4);
  writer.u32(family === 'inet' ? RTM_F_LOOKUP_TABLE : 0);
  host(RTA.DST, query.to);
  if (query.from !== undefined) host(RTA.SRC, query.from);
  link(RTA.IIF, query.iif);
  link(RTA.OIF, query.oif);
  if (query.mark !== undefined) attribute(RTA.MARK, () => writer.u32(query.mark as number));
  if (query.ipproto !== undefined) attribute(RTA.IP_PROTO, () => writer.u8(query.ipproto as number));
  if (query.sport !== undefined) attribute(RTA.SPORT, () => writer.be16(query.sport as number));
  if (query.dport !== undefined) attribute(RTA.DPORT, () => writer.be16(query.dport as number));
  writer.end();
};

const readAnswer = ({ bytes, start, end }: FramedMessage, names: LinkNames): KernelAnswer => {
  const header = start + NLMSG_HDRLEN;
  let dev: string | undefined;
  let via: string | undefined;
  let src: string | undefined;
  let table = readU8(bytes, header + 4);
  eachAttribute(bytes, header + RTMSG_LENGTH, end, (type, from, to) => {
    if (type === RTA.OIF) dev = names.nameOf(readS32(bytes, from));
    else if (type === RTA.GATEWAY) via = formatAddress(bytes, from, to - from);
    else if (type === RTA.VIA) via = formatAddress(bytes, from + 2, to - from - 2);
    else if (type === RTA.PREFSRC) src = formatAddress(bytes, from, to - from);
    else if (type === RTA.TABLE) table = readU32(bytes, from);
  });
  return {
    type: ROUTE_TYPES[readU8(bytes, header + 7)] ?? 'unspec',
    table,
    ...(dev === undefined ? {} : { dev }),
    ...(via === undefined ? {} : { via }),
    ...(src === undefined ? {} : { src }),
  };
};

/**
 * Asks the kernel which way a packet would go (RTM_GETROUTE, `ip route get`). About ten microseconds.
 * @returns ENODEV, without asking, where the query names a link that does not exist
 * @throws {NetlinkError} what the channel throws
 */
export const getRoute = (conversation: Conversation, query: Query, names: LinkNames): KernelAnswer => {
  const missing = [query.iif, query.oif].some((name) => name !== undefined && names.indexOf(name) === undefined);
  if (missing) return { error: 'ENODEV' };
  const writer = new MessageWriter(256);
  writeQuery(writer, query, names);
  return ask(conversation, writer, (reply) => {
    if (reply.type === RTM.NEWROUTE) return { answer: readAnswer(reply, names) };
    if (reply.type === NLMSG.ERROR) return { answer: { error: errnoName(readReply(reply).errno) } };
    return undefined;
  });
};
