import type { Channel, Trace, VisitDatagram } from './channel.ts';
import { NetlinkError } from './wire/errors.ts';
import { MessageCursor } from './wire/framing.ts';

/** Requests and replies over one channel. Whoever breaks off in the middle of a reply must throw the channel away. */
export interface Conversation {
  readonly channel: Channel;
  /**
   * The next nlmsg_seq, or the first of so many that follow each other; never 0, which the kernel's own messages carry.
   */
  nextSequence(count?: number): number;
  /** Sends complete messages, in one datagram. @throws {NetlinkError} */
  send(bytes: Uint8Array): void;
  /**
   * The next datagram of replies.
   * @throws {NetlinkError} NR_TIMEOUT, NR_OVERRUN, NR_TRUNCATED, NR_SYSTEM_CALL
   */
  receive(): MessageCursor;
  /** The next datagrams of replies, of at most 512 bytes each; one at least. @throws as `receive` */
  receiveEach(visit: VisitDatagram): void;
  /**
   * The next datagrams of a long reply, one at least, while another thread takes those behind them, where there is one.
   * `endAhead` comes before anything else. @throws as `receive`
   */
  receiveAhead(visit: (messages: MessageCursor) => void): Promise<void>;
  endAhead(): Promise<void>;
}

const traceMessages = (trace: Trace, direction: 'out' | 'in', datagram: Uint8Array): void => {
  const cursor = new MessageCursor(datagram);
  while (cursor.next()) {
    const { type, flags, sequence, start, end } = cursor;
    trace({ direction, type, flags, sequence, bytes: datagram.subarray(start, end) });
  }
};

const noReply = (): NetlinkError => new NetlinkError('NR_TIMEOUT', 'the kernel did not reply in time');

/** Starts to talk over a channel. Sequence numbers begin at 1: the port id already tells conversations apart. */
export const converse = (channel: Channel, trace?: Trace): Conversation => {
  let next = 1;
  const receive = (): Uint8Array => {
    const datagram = channel.receive();
    if (datagram === undefined) throw noReply();
    if (trace !== undefined) traceMessages(trace, 'in', datagram);
    return datagram;
  };
  return {
    channel,
    nextSequence: (count = 1) => {
      const first = next + count > 0xffffffff ? 1 : next;
      next = first + count;
      return first;
    },
    send: (bytes) => {
      if (trace !== undefined) traceMessages(trace, 'out', bytes);
      channel.send(bytes);
    },
    receive: () => new MessageCursor(receive()),
    receiveEach: (visit) => {
      // what is traced is read one by one
      if (channel.receiveEach === undefined || trace !== undefined) {
        const datagram = receive();
        visit(datagram, 0, datagram.length);
      } else if (!channel.receiveEach(visit)) throw noReply();
    },
    receiveAhead: async (visit) => {
      // what is traced is read one by one
      const seen =
        trace === undefined
          ? await channel.receiveAhead?.((bytes, start, end) => visit(new MessageCursor(bytes.subarray(start, end))))
          : 0;
      if (seen === undefined || seen === 0) visit(new MessageCursor(receive()));
    },
    endAhead: async () => channel.endAhead?.(),
  };
};

/** Lets timers, signals and other sockets have their turn in a long synchronous conversation. */
export const takeTurns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
