import type { LabelSpace } from '../model/kernel-port.ts';
import { ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import { NLMSG } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { readReply } from './wire/extack.ts';
import { MessageWriter } from './wire/writer.ts';

/**
 * Asks for the route of a label, only to learn whether there could be one (net/mpls/af_mpls.c mpls_getroute). Takes no
 * privilege and some ten microseconds, and loads no module.
 * @returns `none`: this kernel has no MPLS, or has not loaded it; `short`: net.mpls.platform_labels is not above the label
 * @throws {NetlinkError} what the channel throws
 */
export const askLabelSpace = (conversation: Conversation, write: (writer: MessageWriter) => void): LabelSpace => {
  const request = new MessageWriter(64);
  write(request);
  return ask(conversation, request, (reply) => {
    if (reply.type !== NLMSG.ERROR) return { answer: 'enough' };
    const { errno } = readReply(reply);
    if (errno === ERRNO.EOPNOTSUPP || errno === ERRNO.EAFNOSUPPORT) return { answer: 'none' };
    return { answer: errno === ERRNO.EINVAL ? 'short' : 'enough' };
  });
};
