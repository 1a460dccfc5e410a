import { DecodeError } from './codec-errors.ts';
import { NL_POLICY_TYPE_ATTR, NLM_F, NLMSG, NLMSG_HDRLEN, NLMSGERR_ATTR } from './constants.ts';
import { align4, eachAttribute, type FramedMessage } from './framing.ts';
import { readS32, readString, readU32, readU64 } from './reader.ts';

/** What an extended acknowledgement says beyond the errno (NETLINK_EXT_ACK). */
export interface ExtendedAck {
  /** NLMSGERR_ATTR_MSG: the kernel's own words */
  readonly message?: string;
  /** NLMSGERR_ATTR_OFFS: the attribute at fault, in bytes from the start of the request's nlmsghdr */
  readonly offset?: number;
  /** NLMSGERR_ATTR_MISS_TYPE: type of an attribute that should have been there */
  readonly missingType?: number;
  /** NLMSGERR_ATTR_MISS_NEST: offset of the nest that it is missing from; absent = the message itself */
  readonly missingNest?: number;
  /** NLMSGERR_ATTR_POLICY: what would have been accepted; values may exceed 2^53 */
  readonly accepts?: { readonly kind: 'value' | 'length'; readonly min?: bigint; readonly max?: bigint };
}

/** NLMSG_ERROR or NLMSG_DONE, read. */
export interface Reply extends ExtendedAck {
  /** positive errno; 0 = success */
  readonly errno: number;
}

interface MutableAck {
  message?: string;
  offset?: number;
  missingType?: number;
  missingNest?: number;
  accepts?: NonNullable<ExtendedAck['accepts']>;
}

/** An integer of four bytes or, as the policy's limits have it, of eight. */
const readInteger = (bytes: Uint8Array, from: number, to: number): bigint | undefined => {
  if (to - from >= 8) return readU64(bytes, from);
  return to - from >= 4 ? BigInt(readU32(bytes, from)) : undefined;
};

const readPolicy = (bytes: Uint8Array, start: number, end: number): ExtendedAck['accepts'] => {
  const limits = new Map<number, bigint>();
  eachAttribute(bytes, start, end, (type, from, to) => {
    const value = readInteger(bytes, from, to);
    if (value !== undefined) limits.set(type, value);
  });
  const signed = (value: bigint | undefined): bigint | undefined =>
    value === undefined ? undefined : BigInt.asIntN(64, value);
  const T = NL_POLICY_TYPE_ATTR;
  const range = (kind: 'value' | 'length', min?: bigint, max?: bigint): ExtendedAck['accepts'] =>
    min === undefined && max === undefined
      ? undefined
      : { kind, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return (
    range('value', limits.get(T.MIN_VALUE_U), limits.get(T.MAX_VALUE_U)) ??
    range('value', signed(limits.get(T.MIN_VALUE_S)), signed(limits.get(T.MAX_VALUE_S))) ??
    range('length', limits.get(T.MIN_LENGTH), limits.get(T.MAX_LENGTH))
  );
};

const readExtendedAck = (bytes: Uint8Array, start: number, end: number): MutableAck => {
  const ack: MutableAck = {};
  eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === NLMSGERR_ATTR.MSG) ack.message = readString(bytes, from, to);
    else if (type === NLMSGERR_ATTR.POLICY) {
      const accepts = readPolicy(bytes, from, to);
      if (accepts !== undefined) ack.accepts = accepts;
    } else if (to - from >= 4) {
      const value = readU32(bytes, from);
      if (type === NLMSGERR_ATTR.OFFS) ack.offset = value;
      else if (type === NLMSGERR_ATTR.MISS_TYPE) ack.missingType = value;
      else if (type === NLMSGERR_ATTR.MISS_NEST) ack.missingNest = value;
    }
  });
  return ack;
};

/** Where the attributes of the reply begin: behind the errno and, in NLMSG_ERROR, behind what is echoed of the request. */
const attributesOf = (message: FramedMessage): number => {
  const { bytes, start, end, type, flags } = message;
  const afterErrno = start + NLMSG_HDRLEN + 4;
  if (type === NLMSG.DONE) return afterErrno;
  const header = afterErrno + NLMSG_HDRLEN;
  if (header > end) throw new DecodeError('nlmsgerr', 'too short for the request it answers', bytes, start, end);
  if ((flags & NLM_F.CAPPED) !== 0) return header;
  const echoed = readU32(bytes, afterErrno);
  // A request without CAPPED is echoed whole; its length counts its header.
  if (echoed < NLMSG_HDRLEN || echoed > end - afterErrno) {
    throw new DecodeError('nlmsgerr', `echo of ${echoed} bytes`, bytes, afterErrno, end);
  }
  return afterErrno + align4(echoed);
};

/**
 * Reads an NLMSG_ERROR or NLMSG_DONE. Both begin with an errno, negative on the wire; NLMSG_ERROR then repeats the request's
 * header and, without NLM_F_CAPPED, its body; the extended ack follows where NLM_F_ACK_TLVS says so.
 * @throws {DecodeError}
 * @see include/uapi/linux/netlink.h struct nlmsgerr; Documentation/userspace-api/netlink/intro.rst "Extended ACK"
 */
export const readReply = (message: FramedMessage): Reply => {
  const { bytes, start, end, type, flags } = message;
  const errnoAt = start + NLMSG_HDRLEN;
  // Old kernels end some dumps with an empty NLMSG_DONE.
  if (type === NLMSG.DONE && end - errnoAt < 4) return { errno: 0 };
  if (end - errnoAt < 4) throw new DecodeError('nlmsgerr', 'too short for an errno', bytes, start, end);
  const errno = -readS32(bytes, errnoAt);
  const value = errno === 0 ? 0 : Math.abs(errno); // no negative zero
  if ((flags & NLM_F.ACK_TLVS) === 0) return { errno: value };
  return { errno: value, ...readExtendedAck(bytes, Math.min(attributesOf(message), end), end) };
};

/** The kernel's words with what it would have accepted: `integer out of range (0 to 4094)`; undefined where it said nothing. */
export const describeAck = (ack: ExtendedAck): string | undefined => {
  const { accepts, message } = ack;
  if (accepts === undefined || message === undefined) return message;
  const { min, max } = accepts;
  const range = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`];
  const limits = min !== undefined && max !== undefined ? `${min} to ${max}` : range.join('');
  return `${message} (${accepts.kind === 'length' ? 'length ' : ''}${limits})`;
};
