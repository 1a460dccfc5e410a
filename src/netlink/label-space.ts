import type { LabelSpace } from '../model/kernel-port.ts';
import type { Conversation } from './conversation.ts';
import { NLMSG } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { readReply } from './wire/extack.ts';
import { stampMessage } from './wire/framing.ts';
import { MessageWriter } from './wire/writer.ts';

/**
 * Asks for the route of a label, only to learn whether there could be one (net/mpls/af_mpls.c mpls_getroute). Takes no
 * privilege and some ten microseconds, and loads no module.
 * @returns `none`: this kernel has no MPLS, or has not loaded it; `short`: net.mpls.platform_labels is not above the label
 * @throws {NetlinkError} what the channel throws
 */
export const askLabelSpace = (conversation: Conversation, write: (writer: MessageWriter) => void): LabelSpace => {
  const writer = new MessageWriter(64);
  const sequence = conversation.nextSequence();
  write(writer);
  stampMessage(writer.bytes, 0, sequence, 0);
  conversation.send(writer.bytes.subarray(0, writer.length));
  for (;;) {
    const message = conversation.receive();
    while (message.next()) {
      if (message.sequence !== sequence) continue;
      if (message.type !== NLMSG.ERROR) return 'enough';
      const { errno } = readReply(message);
      if (errno === ERRNO.EOPNOTSUPP || errno === ERRNO.EAFNOSUPPORT) return 'none';
      return errno === ERRNO.EINVAL ? 'short' : 'enough';
    }
  }
};
