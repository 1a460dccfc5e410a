import { ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import { AF, NLMSG, NLMSG_HDRLEN, RTM } from './wire/constants.ts';
import { NetlinkError } from './wire/errors.ts';
import { readReply } from './wire/extack.ts';
import { eachAttribute } from './wire/framing.ts';
import { readS32 } from './wire/reader.ts';
import { MessageWriter } from './wire/writer.ts';

// include/uapi/linux/net_namespace.h
const NETNSA = { NSID: 1, FD: 3 } as const;
/** NETNSA_NSID_NOT_ASSIGNED */
const NOT_ASSIGNED = -1;
/** struct rtgenmsg, one byte, padded */
const RTGENMSG_LENGTH = 4;

/**
 * Asks by which number the namespace of the conversation calls another one (RTM_GETNSID).
 * @param fd - of the other namespace
 * @returns undefined where it has none for it
 * @throws {NetlinkError}
 * @see net/core/net_namespace.c rtnl_net_getid
 */
export const queryNamespaceId = (conversation: Conversation, fd: number): number | undefined => {
  const writer = new MessageWriter(64);
  writer.begin(RTM.GETNSID, 0);
  writer.u8(AF.UNSPEC);
  writer.zeros(RTGENMSG_LENGTH - 1);
  const at = writer.beginAttribute(NETNSA.FD);
  writer.u32(fd);
  writer.endAttribute(at);
  writer.end();
  return ask(conversation, writer, (reply) => {
    if (reply.type === NLMSG.ERROR)
      throw new NetlinkError('NR_SYSTEM_CALL', 'look up network namespace', { errno: readReply(reply).errno });
    if (reply.type !== RTM.NEWNSID) return undefined;
    let id = NOT_ASSIGNED;
    eachAttribute(reply.bytes, reply.start + NLMSG_HDRLEN + RTGENMSG_LENGTH, reply.end, (type, from) => {
      if (type === NETNSA.NSID) id = readS32(reply.bytes, from);
    });
    return { answer: id === NOT_ASSIGNED ? undefined : id };
  });
};
