import type { SendOptions } from '../model/kernel-port.ts';
import type { OpResult } from '../model/op.ts';
import type { BulkAnswer, RouteBulk } from '../model/route-bulk.ts';
import { mostInFlight, receiveAcks, resultOf, WINDOW_BYTES } from './acknowledgement.ts';
import { type Conversation, takeTurns } from './conversation.ts';
import type { LinkNames } from './families/codec.ts';
import { RouteArena } from './route-arena.ts';
import { EchoTally } from './route-echo.ts';
import { EncodeError } from './wire/codec-errors.ts';
import { NLMSG, NLMSG_HDRLEN } from './wire/constants.ts';
import { ERRNO } from './wire/errno.ts';
import { readReply } from './wire/extack.ts';
import { MessageCursor } from './wire/framing.ts';
import { readS32, readU16, readU32 } from './wire/reader.ts';

/** struct nlmsgerr without the body of the request: an errno and the header that it answers. */
const PLAIN_ACK = NLMSG_HDRLEN + 4 + NLMSG_HDRLEN;

/** nlmsg_type and nlmsg_seq in a header. */
const TYPE = 4;
const SEQUENCE = 8;

/** The usual answer: done, and not a word more. */
const isPlain = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start === PLAIN_ACK &&
  readU16(bytes, start + TYPE) === NLMSG.ERROR &&
  readS32(bytes, start + NLMSG_HDRLEN) === 0;

/** Messages in one send, with consecutive sequence numbers. */
interface Window {
  readonly datagram: Uint8Array;
  readonly count: number;
  /** of the first */
  readonly sequence: number;
  /** what is to be done with the echo of the n-th, which has one at most; undefined: there are none */
  readonly noteEcho: ((message: MessageCursor, n: number) => void) | undefined;
}

/** Sends what was filled in and waits for the answer to each message; those that are not plain are told of. */
const exchange = (
  conversation: Conversation,
  arena: RouteArena,
  { datagram, count, sequence, noteEcho }: Window,
): ReadonlyMap<number, OpResult> => {
  conversation.send(datagram);
  const isAnswered = new Uint8Array(count);
  const told = new Map<number, OpResult>();
  let open = count;
  /** @returns the message that was answered, or -1 */
  const take = (answered: number): number => {
    const i = (answered - sequence) >>> 0;
    if (i >= count || isAnswered[i] === 1) return -1;
    isAnswered[i] = 1;
    open--;
    return i;
  };
  const isEchoed = new Uint8Array(noteEcho === undefined ? 0 : count);
  const takeEcho = (message: MessageCursor): void => {
    const i = (message.sequence - sequence) >>> 0;
    // only 0 is one of these that has had none
    if (isEchoed[i] !== 0) return;
    isEchoed[i] = 1;
    noteEcho?.(message, i);
  };
  const visit = (bytes: Uint8Array, start: number, end: number): void => {
    if (isPlain(bytes, start, end)) {
      take(readU32(bytes, start + SEQUENCE));
      return;
    }
    const message = new MessageCursor(bytes.subarray(start, end));
    while (message.next()) {
      const isReply = message.type === NLMSG.ERROR;
      if (!isReply) takeEcho(message);
      const i = isReply ? take(message.sequence) : -1;
      const reply = i < 0 ? undefined : readReply(message);
      if (reply !== undefined && (reply.errno !== 0 || reply.message !== undefined))
        told.set(i, resultOf(reply, arena.message(i)));
    }
  };
  while (open > 0) receiveAcks(open, () => conversation.receiveEach(visit));
  return told;
};

/**
 * Sends one operation for each of the rows, as many in flight as the receive buffer holds the answers to, and matches each
 * with its acknowledgement. Stops after the window in which one was refused.
 * @throws {NetlinkError} NR_ACK_LOST, NR_TIMEOUT, NR_SYSTEM_CALL: what became of the operations in flight is not known
 */
export const sendRoutes = async (
  conversation: Conversation,
  names: LinkNames,
  bulk: RouteBulk,
  rows: Uint32Array,
  { echo = false }: Pick<SendOptions, 'echo'> = {},
): Promise<BulkAnswer> => {
  let arena: RouteArena;
  try {
    arena = new RouteArena(bulk.like, names, { bytes: WINDOW_BYTES, most: mostInFlight(conversation, echo), echo });
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    const refusal = { errno: ERRNO.EINVAL, name: error.code, message: error.message };
    return { sent: 1, told: [{ at: 0, result: { ok: false, error: refusal } }] };
  }
  const tally = arena.isEchoed ? new EchoTally(names) : undefined;
  const told: { readonly at: number; readonly result: OpResult }[] = [];
  for (let from = 0; from < rows.length; ) {
    const until = Math.min(rows.length, from + arena.capacity);
    const count = until - from;
    const sequence = conversation.nextSequence(count);
    const datagram = arena.fill(bulk, rows, from, until, sequence);
    const first = from;
    const noteEcho =
      tally === undefined
        ? undefined
        : (message: MessageCursor, n: number): void =>
            tally.note(message, { bulk, row: rows[first + n] as number, at: first + n });
    const answers = exchange(conversation, arena, { datagram, count, sequence, noteEcho });
    for (const i of [...answers.keys()].sort((a, b) => a - b))
      told.push({ at: from + i, result: answers.get(i) as OpResult });
    from = until;
    if (told.some(({ result }) => !result.ok)) return { sent: until, told };
    await takeTurns();
  }
  return { sent: rows.length, told, ...(tally === undefined ? {} : { echoes: tally.echoes }) };
};
