import { ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import type { LinkNames, MessageView } from './families/codec.ts';
import { DecodeError } from './wire/codec-errors.ts';
import { AF, NLMSG, NLMSG_HDRLEN, RTM } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { NetlinkError } from './wire/errors.ts';
import { readReply } from './wire/extack.ts';
import { eachAttribute } from './wire/framing.ts';
import { readS32, readString, readU8 } from './wire/reader.ts';
import { MessageWriter } from './wire/writer.ts';

// include/uapi/linux/if_link.h, include/uapi/linux/if.h
const IFLA = { IFNAME: 3, EXT_MASK: 29, ALT_IFNAME: 53 } as const;
const RTEXT_FILTER_SKIP_STATS = 8;
const IFNAMSIZ = 16;
const IFINFOMSG_LENGTH = 16;
const IFINFOMSG_INDEX = 4;

/** Name and index of a link message; undefined for messages of other families (AF_BRIDGE tells of ports). */
export const readLinkName = (message: MessageView): { readonly index: number; readonly name: string } | undefined => {
  const { bytes, start, end } = message;
  const header = start + NLMSG_HDRLEN;
  if (end - header < IFINFOMSG_LENGTH) throw new DecodeError('ifinfomsg', 'too short', bytes, start, end);
  if (readU8(bytes, header) !== AF.UNSPEC) return undefined;
  let name: string | undefined;
  eachAttribute(bytes, header + IFINFOMSG_LENGTH, end, (type, from, to) => {
    if (type === IFLA.IFNAME) name = readString(bytes, from, to);
  });
  return name === undefined ? undefined : { index: readS32(bytes, header + IFINFOMSG_INDEX), name };
};

/** The names of a namespace's links, as far as they are known. */
export interface LinkTable extends LinkNames {
  /** forgets everything and learns the links of a dump */
  replace(links: readonly { readonly index: number; readonly name: string }[]): void;
  learn(index: number, name: string): void;
  /** the link has gone */
  remove(index: number): void;
  /** the name may belong to another link by now: look again when it is needed */
  doubt(name: string): void;
  /** any name may: a deleted link takes others along */
  doubtAll(): void;
}

/**
 * @param find asked for a name that is not known (a link made since the last dump)
 * @param fallback asked for an index that is not known
 * @param namespaceFd see LinkNames
 */
export const createLinkTable = (
  find: (name: string) => number | undefined,
  fallback: (index: number) => string | undefined = () => undefined,
  namespaceFd: LinkTable['namespaceFd'] = () => undefined,
): LinkTable => {
  const indexes = new Map<string, number>();
  const names = new Map<number, string>();
  const learn = (index: number, name: string): void => {
    const former = names.get(index);
    if (former !== undefined && indexes.get(former) === index) indexes.delete(former);
    names.set(index, name);
    indexes.set(name, index);
  };
  return {
    indexOf: (name) => {
      const known = indexes.get(name);
      if (known !== undefined) return known;
      const found = find(name);
      if (found !== undefined) learn(found, name);
      return found;
    },
    knowsIndexOf: (name) => indexes.has(name),
    nameOf: (index) => names.get(index) ?? fallback(index),
    replace: (links) => {
      indexes.clear();
      names.clear();
      for (const { index, name } of links) learn(index, name);
    },
    learn,
    remove: (index) => {
      const name = names.get(index);
      names.delete(index);
      if (name !== undefined && indexes.get(name) === index) indexes.delete(name);
    },
    doubt: (name) => void indexes.delete(name),
    doubtAll: () => indexes.clear(),
    namespaceFd,
  };
};

/**
 * Asks the kernel for the index of a link by name or altname.
 * @returns undefined where there is no such link
 * @throws {NetlinkError}
 */
export const findLinkIndex = (conversation: Conversation, name: string): number | undefined => {
  const { channel } = conversation;
  const isShort = Buffer.byteLength(name) < IFNAMSIZ;
  return isShort && channel.linkIndex !== undefined ? channel.linkIndex(name) : queryLinkIndex(conversation, name);
};

/** By RTM_GETLINK, which describes the link in its answer. */
const queryLinkIndex = (conversation: Conversation, name: string): number | undefined => {
  const writer = new MessageWriter(128);
  writer.begin(RTM.GETLINK, 0);
  writer.zeros(IFINFOMSG_LENGTH);
  const nameAt = writer.beginAttribute(Buffer.byteLength(name) < IFNAMSIZ ? IFLA.IFNAME : IFLA.ALT_IFNAME);
  writer.text(name);
  writer.u8(0);
  writer.endAttribute(nameAt);
  const maskAt = writer.beginAttribute(IFLA.EXT_MASK);
  writer.u32(RTEXT_FILTER_SKIP_STATS);
  writer.endAttribute(maskAt);
  writer.end();
  return ask(conversation, writer, (reply) => {
    if (reply.type === RTM.NEWLINK) return { answer: readLinkName(reply)?.index };
    if (reply.type !== NLMSG.ERROR) return undefined;
    const { errno } = readReply(reply);
    // ERANGE, EINVAL: no link can have such a name.
    if (errno === ERRNO.ENODEV || errno === ERRNO.EINVAL || errno === ERRNO.ERANGE) return { answer: undefined };
    throw new NetlinkError('NR_SYSTEM_CALL', `look up link ${name}`, { errno });
  });
};
