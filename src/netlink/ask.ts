import type { Conversation } from './conversation.ts';
import { type FramedMessage, stampMessage } from './wire/framing.ts';
import type { MessageWriter } from './wire/writer.ts';

/**
 * Sends one request and reads replies until one of them settles it.
 * @param request - one complete message; its sequence number is written here
 * @param settle - called with each message that answers the request; undefined: the next one tells
 * @returns what settled it
 * @throws {NetlinkError} what the channel throws, and what `settle` throws
 */
export const ask = <T>(
  conversation: Conversation,
  request: MessageWriter,
  settle: (reply: FramedMessage) => { readonly answer: T } | undefined,
): T => {
  const sequence = conversation.nextSequence();
  stampMessage(request.bytes, 0, sequence, 0);
  conversation.send(request.bytes.subarray(0, request.length));
  for (;;) {
    const reply = conversation.receive();
    while (reply.next()) {
      const settled = reply.sequence === sequence ? settle(reply) : undefined;
      if (settled !== undefined) return settled.answer;
    }
  }
};
