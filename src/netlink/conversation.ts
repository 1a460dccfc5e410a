import type { Channel, Trace } from './channel.ts';
import { NetlinkError } from './wire/errors.ts';
import { MessageCursor } from './wire/framing.ts';

/** Requests and replies over one channel. Whoever breaks off in the middle of a reply must throw the channel away. */
export interface Conversation {
  readonly channel: Channel;
  /** the next nlmsg_seq; never 0, which the kernel's own messages carry */
  nextSequence(): number;
  /** Sends complete messages, in one datagram. @throws {NetlinkError} */
  send(bytes: Uint8Array): void;
  /**
   * The next datagram of replies.
   * @throws {NetlinkError} NR_TIMEOUT, NR_OVERRUN, NR_TRUNCATED, NR_SYSTEM_CALL
   */
  receive(): MessageCursor;
}

const traceMessages = (trace: Trace, direction: 'out' | 'in', datagram: Uint8Array): void => {
  const cursor = new MessageCursor(datagram);
  while (cursor.next()) {
    const { type, flags, sequence, start, end } = cursor;
    trace({ direction, type, flags, sequence, bytes: datagram.subarray(start, end) });
  }
};

/** Starts to talk over a channel. Sequence numbers begin at 1: the port id already tells conversations apart. */
export const converse = (channel: Channel, trace?: Trace): Conversation => {
  let sequence = 0;
  return {
    channel,
    nextSequence: () => {
      sequence = sequence === 0xffffffff ? 1 : sequence + 1;
      return sequence;
    },
    send: (bytes) => {
      if (trace !== undefined) traceMessages(trace, 'out', bytes);
      channel.send(bytes);
    },
    receive: () => {
      const datagram = channel.receive();
      if (datagram === undefined) throw new NetlinkError('NR_TIMEOUT', 'the kernel did not reply in time');
      if (trace !== undefined) traceMessages(trace, 'in', datagram);
      return new MessageCursor(datagram);
    },
  };
};

/** Lets timers, signals and other sockets have their turn in a long synchronous conversation. */
export const takeTurns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
