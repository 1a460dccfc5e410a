import { DecodeError } from '../wire/codec-errors.ts';
import { NLMSG_HDRLEN } from '../wire/constants.ts';
import type { MessageView } from './codec.ts';

/**
 * Checks that a message lies within its datagram and holds the family header.
 * @param header name of the header, for the error: `rtmsg`
 * @param size bytes of the header, behind nlmsghdr
 * @returns where the header starts
 * @throws {DecodeError}
 */
export const familyHeader = (message: MessageView, header: string, size: number): number => {
  const { bytes, start, end } = message;
  if (start < 0 || end > bytes.length || end - start < NLMSG_HDRLEN + size) {
    throw new DecodeError(header, `message of ${end - start} bytes`, bytes, Math.max(start, 0), end);
  }
  return start + NLMSG_HDRLEN;
};

/**
 * `address/length` of a header's prefix length and the attribute that it belongs to.
 * @param address absent: the kernel leaves a prefix of length 0 out
 * @throws {DecodeError} where the length does not fit the family
 */
export const joinPrefix = (
  message: MessageView,
  name: string,
  bits: 32 | 128,
  address: string | undefined,
  length: number,
): string => {
  if (length > bits) {
    throw new DecodeError(name, `prefix length ${length}`, message.bytes, message.start, message.end);
  }
  return `${address ?? (bits === 32 ? '0.0.0.0' : '::')}/${length}`;
};
