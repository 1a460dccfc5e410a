import type { MessageView } from '../families/codec.ts';
import { DecodeError } from './codec-errors.ts';
import { NLMSG_HDRLEN } from './constants.ts';
import { readU16, readU32 } from './reader.ts';

/** Everything on the wire starts on four bytes; lengths do not count the padding (netlink(7), NLMSG_ALIGN). */
export const align4 = (length: number): number => (length + 3) & ~3;

/** A place for nlmsghdr fields: u32 len, u16 type, u16 flags, u32 seq, u32 pid. */
const AT = { LENGTH: 0, TYPE: 4, FLAGS: 6, SEQUENCE: 8, PORT_ID: 12 } as const;

/** The header of the message at hand, and where it stands. */
export interface FramedMessage extends MessageView {
  readonly sequence: number;
  readonly portId: number;
}

/**
 * Walks over the messages of a datagram without an object for each: the cursor itself is the message at hand, and is valid
 * until the next call of `next`. Never reads outside of the datagram, and always moves on.
 */
export class MessageCursor implements FramedMessage {
  readonly bytes: Uint8Array;
  type = 0;
  flags = 0;
  sequence = 0;
  portId = 0;
  start = 0;
  end = 0;
  #next = 0;

  constructor(datagram: Uint8Array) {
    this.bytes = datagram;
  }

  /**
   * Goes to the next message.
   * @returns false at the end of the datagram; up to three bytes of padding may stand there
   * @throws {DecodeError} where nlmsg_len is less than a header or more than what is left
   */
  next(): boolean {
    const { bytes } = this;
    const start = this.#next;
    const left = bytes.length - start;
    if (left < 4) return false;
    const length = left < NLMSG_HDRLEN ? left : readU32(bytes, start + AT.LENGTH);
    if (left < NLMSG_HDRLEN || length < NLMSG_HDRLEN || length > left) {
      throw new DecodeError(
        'nlmsghdr',
        `message of ${length} bytes, ${left} left in the datagram`,
        bytes,
        start,
        bytes.length,
      );
    }
    this.start = start;
    this.end = start + length;
    this.type = readU16(bytes, start + AT.TYPE);
    this.flags = readU16(bytes, start + AT.FLAGS);
    this.sequence = readU32(bytes, start + AT.SEQUENCE);
    this.portId = readU32(bytes, start + AT.PORT_ID);
    this.#next = start + align4(length);
    return true;
  }
}

/** Sets nlmsg_seq of the message at `start`, and adds to its flags. */
export const stampMessage = (bytes: Uint8Array, start: number, sequence: number, flags: number): void => {
  const set = readU16(bytes, start + AT.FLAGS) | flags;
  bytes[start + AT.FLAGS] = set & 0xff;
  bytes[start + AT.FLAGS + 1] = set >>> 8;
  for (let i = 0; i < 4; i++) bytes[start + AT.SEQUENCE + i] = (sequence >>> (8 * i)) & 0xff;
};

/**
 * Calls `visit` with each attribute in [start, end): its type without the NLA_F_* bits, and where its payload stands. The
 * last attribute may lack its padding.
 * @throws {DecodeError} where nla_len is less than a header or more than what is left
 */
export const eachAttribute = (
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (type: number, from: number, to: number) => void,
): void => {
  let at = start;
  while (end - at >= 4) {
    const length = readU16(bytes, at);
    if (length < 4 || length > end - at) {
      throw new DecodeError('nlattr', `attribute of ${length} bytes, ${end - at} left`, bytes, at, end);
    }
    visit(readU16(bytes, at + 2) & 0x3fff, at + 4, at + length);
    at += align4(length);
  }
};
