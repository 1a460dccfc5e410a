import { EncodeError } from './codec-errors.ts';
import { NLA_F_NESTED, NLA_HDRLEN, NLM_F } from './constants.ts';

/** Largest attribute, header included: nla_len is 16 bits wide. */
const NLA_MAX = 0xffff;

/**
 * Messages, one behind the other, in one growing buffer that is reused from send to send. Host order is little-endian
 * (see reader.ts). Pad bytes are always zero, whatever the buffer held before.
 */
export class MessageWriter {
  /** the buffer; only the first `length` bytes count. Replaced by a larger copy when it grows */
  bytes: Uint8Array;
  /** bytes written */
  length = 0;
  #message = -1;

  /** @param capacity bytes to begin with */
  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.length = 0;
    this.#message = -1;
  }

  /**
   * Starts a message with sequence 0 and port id 0.
   * @param flags NLM_F_*; NLM_F_REQUEST is added, for the kernel drops messages without it
   */
  begin(type: number, flags: number): void {
    this.#message = this.length;
    this.u32(0);
    this.u16(type);
    this.u16(flags | NLM_F.REQUEST);
    this.u32(0);
    this.u32(0);
  }

  /** Finishes the message that `begin` started: nlmsg_len is set. */
  end(): void {
    const start = this.#message;
    this.#message = -1;
    this.#set32(start, this.length - start);
  }

  /** Throws the unfinished message away (its encoding failed); a no-op outside of one. */
  abandon(): void {
    if (this.#message >= 0) this.length = this.#message;
    this.#message = -1;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    const at = this.length;
    this.bytes[at] = value;
    this.bytes[at + 1] = value >>> 8;
    this.length = at + 2;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#set32(this.length, value);
    this.length += 4;
  }

  u64(value: bigint): void {
    this.u32(Number(value & 0xffffffffn));
    this.u32(Number((value >> 32n) & 0xffffffffn));
  }

  /** Network order. */
  be16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  /** Network order. */
  be32(value: number): void {
    this.be16(value >>> 16);
    this.be16(value);
  }

  /** Network order. */
  be64(value: bigint): void {
    this.be32(Number((value >> 32n) & 0xffffffffn));
    this.be32(Number(value & 0xffffffffn));
  }

  octets(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  hex(text: string): void {
    this.octets(Buffer.from(text, 'hex'));
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.bytes.fill(0, this.length, this.length + count);
    this.length += count;
  }

  /** UTF-8 without a terminator. */
  text(text: string): void {
    this.octets(Buffer.from(text, 'utf8'));
  }

  /**
   * Starts an attribute; the payload follows.
   * @returns where it stands, for `endAttribute`
   */
  beginAttribute(type: number): number {
    const at = this.length;
    this.u16(0);
    this.u16(type);
    return at;
  }

  /** Starts a nest: an attribute with NLA_F_NESTED. */
  beginNest(type: number): number {
    return this.beginAttribute(type | NLA_F_NESTED);
  }

  /**
   * Sets nla_len and pads to four bytes.
   * @throws {EncodeError} above 65,535 bytes, which no attribute can have
   */
  endAttribute(at: number): void {
    const size = this.length - at;
    if (size > NLA_MAX) throw new EncodeError(`attribute of ${size} bytes: 65535 is the most`);
    this.bytes[at] = size;
    this.bytes[at + 1] = size >>> 8;
    if (size % 4 !== 0) this.zeros(4 - (size % 4));
  }

  /** Ends a nest, or takes it back where nothing was written into it. */
  endNest(at: number): void {
    if (this.length === at + NLA_HDRLEN) this.length = at;
    else this.endAttribute(at);
  }

  /** Sets a u16 that was written before (rtnh_len). */
  patchU16(at: number, value: number): void {
    this.bytes[at] = value;
    this.bytes[at + 1] = value >>> 8;
  }

  #set32(at: number, value: number): void {
    const bytes = this.bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
