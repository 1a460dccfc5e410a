import type { KernelRefusal, OpResult } from '../model/op.ts';
import type { Conversation } from './conversation.ts';
import { attributePathAt, type MessageLayout } from './wire/attribute-path.ts';
import { NLA_HDRLEN } from './wire/constants.ts';
import { errnoName } from './wire/errno.ts';
import { NetlinkError } from './wire/errors.ts';
import { describeAck, type Reply } from './wire/extack.ts';

/** Larger sends gain nothing; this is some thousand routes. */
export const WINDOW_BYTES = 64 * 1024;

/**
 * What an acknowledgement takes of the receive buffer at most: a plain one is accounted 832 bytes, one with a text and a policy
 * up to two kilobytes. What does not fit is lost, although the operation was carried out.
 */
const ACK_BYTES = 2048;

/** The same of the echo of a route (see isEchoed): accounted about as much where it is plain. */
const ECHO_BYTES = 4096;

/**
 * Operations that may wait for their answers at the same time.
 * @param echo - each may have an echo beside its acknowledgement
 */
export const mostInFlight = ({ channel }: Conversation, echo = false): number =>
  Math.max(1, Math.floor(channel.receiveBuffer / (echo ? ACK_BYTES + ECHO_BYTES : ACK_BYTES)));

/**
 * The path of an attribute that should have been in the request, read from a copy of the request in which it is: behind the
 * others, or, within a nest, in the place of the nest's first.
 */
const missingAttribute = (
  { missingNest, missingType }: Reply,
  request: Uint8Array,
  layouts: readonly MessageLayout[] | undefined,
): string | undefined => {
  if (missingType === undefined) return undefined;
  const header = [NLA_HDRLEN, 0, missingType & 0xff, missingType >>> 8];
  if (missingNest === undefined)
    return attributePathAt(Uint8Array.from([...request, ...header]), request.length, layouts);
  const first = missingNest + NLA_HDRLEN;
  if (first + NLA_HDRLEN > request.length) return attributePathAt(request, missingNest, layouts);
  const copy = new Uint8Array(request);
  copy.set(header.slice(2), first + 2);
  return attributePathAt(copy, first, layouts);
};

const refusalOf = (reply: Reply, request: Uint8Array, layouts: readonly MessageLayout[] | undefined): KernelRefusal => {
  const message = describeAck(reply);
  const attribute =
    reply.offset === undefined
      ? missingAttribute(reply, request, layouts)
      : attributePathAt(request, reply.offset, layouts);
  return {
    errno: reply.errno,
    name: errnoName(reply.errno),
    ...(message === undefined ? {} : { message }),
    ...(attribute === undefined ? {} : { attribute }),
  };
};

/**
 * What an answer says of the request that it is to.
 * @param layouts - of the requests; default: those of rtnetlink
 */
export const resultOf = (reply: Reply, request: Uint8Array, layouts?: readonly MessageLayout[]): OpResult => {
  if (reply.errno !== 0) return { ok: false, error: refusalOf(reply, request, layouts) };
  return reply.message === undefined ? { ok: true } : { ok: true, warning: reply.message };
};

/**
 * Runs something that receives answers.
 * @param open - how many are still to come
 * @throws {NetlinkError} NR_ACK_LOST instead of NR_OVERRUN
 */
export const receiveAcks = <T>(open: number, receive: () => T): T => {
  try {
    return receive();
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'NR_OVERRUN') throw error;
    throw new NetlinkError('NR_ACK_LOST', `acknowledgements were lost, up to ${open} operations are in doubt`, {
      errno: error.errno,
      cause: error,
    });
  }
};
