import { ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import { NLMSG } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { readReply } from './wire/extack.ts';
import { MessageWriter } from './wire/writer.ts';

/** The number of no object: a kernel that knows the message says so (net/ipv4/nexthop.c, nh_valid_get_del_req). */
const NONE = 0;

/**
 * Whether the kernel has nexthop objects (Linux 5.3 on). Takes no privilege.
 * @throws {NetlinkError} what the channel throws
 */
export const askForNexthops = (
  conversation: Conversation,
  write: (writer: MessageWriter, id: number) => void,
): boolean => {
  const request = new MessageWriter(64);
  write(request, NONE);
  return ask(conversation, request, (reply) => ({
    answer: reply.type !== NLMSG.ERROR || readReply(reply).errno !== ERRNO.EOPNOTSUPP,
  }));
};
