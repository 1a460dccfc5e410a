import { ask } from './ask.ts';
import type { OpenChannel, Trace } from './channel.ts';
import { type Conversation, converse } from './conversation.ts';
import { eachAttribute } from './wire/attributes.ts';
import { NLM_F, NLMSG } from './wire/constants.ts';
import { ERRNO, errnoName } from './wire/errno.ts';
import { NetlinkError } from './wire/errors.ts';
import { readReply } from './wire/extack.ts';
import { GENL_HDRLEN, writeGenericHeader } from './wire/generic.ts';
import { readString, readU16 } from './wire/reader.ts';
import { MessageWriter } from './wire/writer.ts';

// include/uapi/linux/netlink.h, include/uapi/linux/genetlink.h
const NETLINK_GENERIC = 16;
const GENL_ID_CTRL = 16;
const CTRL_VERSION = 2;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2 } as const;

/** The number of a family, which is the type of its messages; undefined where the kernel has no such family. */
const findFamily = (conversation: Conversation, name: string): number | undefined => {
  const writer = new MessageWriter(64);
  writer.begin(GENL_ID_CTRL, NLM_F.ACK);
  writeGenericHeader(writer, CTRL_CMD_GETFAMILY, CTRL_VERSION);
  const at = writer.beginAttribute(CTRL_ATTR.FAMILY_NAME);
  writer.text(name);
  writer.u8(0);
  writer.endAttribute(at);
  writer.end();
  let family: number | undefined;
  return ask(conversation, writer, (reply) => {
    if (reply.type === NLMSG.ERROR) {
      const { errno } = readReply(reply);
      if (errno === 0 || errno === ERRNO.ENOENT) return { answer: family };
      throw new NetlinkError('NR_DUMP_REFUSED', `generic netlink family ${name}: ${errnoName(errno)}`, { errno });
    }
    eachAttribute(reply.bytes, reply.start + GENL_HDRLEN, reply.end, (type, from, to) => {
      if (type === CTRL_ATTR.FAMILY_ID && to - from >= 2) family = readU16(reply.bytes, from);
      else if (type === CTRL_ATTR.FAMILY_NAME && readString(reply.bytes, from, to) !== name) family = undefined;
    });
    return undefined;
  });
};

/** A family of generic netlink, and how its messages may be shown. */
export interface GenericFamily {
  readonly name: string;
  /** a copy of a message without what nobody may see */
  readonly mask: (message: Uint8Array) => Uint8Array;
}

/**
 * Talks to a family of generic netlink over a socket of its own, which is closed at the end.
 * @returns undefined where the kernel has no such family
 * @throws {NetlinkError}
 */
export const talkGeneric = async <T>(
  open: OpenChannel,
  trace: Trace | undefined,
  { name, mask }: GenericFamily,
  job: (conversation: Conversation, family: number) => Promise<T>,
): Promise<T | undefined> => {
  const channel = open({ protocol: NETLINK_GENERIC });
  try {
    let known: number | undefined;
    const shown: Trace | undefined =
      trace &&
      ((frame) => {
        if (frame.type === GENL_ID_CTRL) trace({ ...frame, generic: 'nlctrl' });
        else if (frame.type === known) trace({ ...frame, generic: name, bytes: mask(frame.bytes) });
        else trace(frame);
      });
    const conversation = converse(channel, shown);
    known = findFamily(conversation, name);
    return known === undefined ? undefined : await job(conversation, known);
  } finally {
    channel.close();
  }
};
