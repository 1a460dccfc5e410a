import type { OpOf } from '../model/op.ts';
import type { RouteBulk } from '../model/route-bulk.ts';
import type { LinkNames } from './families/codec.ts';
import { routeCodec } from './families/route.ts';
import { DST_LEN, destinationOf } from './families/route-shapes.ts';
import { isEchoed } from './route-echo.ts';
import { NLM_F } from './wire/constants.ts';
import { stampMessage } from './wire/framing.ts';
import { MessageWriter } from './wire/writer.ts';

/** Any prefix whose message has an RTA_DST. */
const PATTERN = { inet: '192.0.2.0/24', inet6: '2001:db8::/32' } as const;

const NLMSG_SEQ_WORD = 2;

const toNetworkOrder = (address: number): number =>
  ((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24);

/**
 * A buffer full of copies of one message, of which only sequence number, prefix length and destination are written anew
 * from send to send: some ten nanoseconds a route, where encoding takes a microsecond.
 */
export class RouteArena {
  /** messages that it holds */
  readonly capacity: number;
  /** what the kernel makes of each comes back as well */
  readonly isEchoed: boolean;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** of one message, in bytes; a multiple of four, as all attributes are padded */
  readonly #size: number;
  readonly #destinationWord: number;

  /**
   * @param most - messages at most
   * @param echo - they are to be echoed, if they can be
   * @throws {EncodeError} where a link has no index
   */
  constructor(
    like: OpOf<'route'>,
    names: LinkNames,
    { bytes, most, echo = false }: { bytes: number; most: number; echo?: boolean },
  ) {
    const { family } = like.object;
    const writer = new MessageWriter(256);
    routeCodec.encode({ ...like, object: { ...like.object, to: PATTERN[family] } }, writer, names);
    this.isEchoed = echo && isEchoed(like, writer.length);
    stampMessage(writer.bytes, 0, 0, this.isEchoed ? NLM_F.ACK | NLM_F.ECHO : NLM_F.ACK);
    const pattern = writer.bytes.subarray(0, writer.length);
    this.#size = pattern.length;
    this.#destinationWord = (destinationOf({ bytes: pattern, start: 0, end: pattern.length }, family) as number) >> 2;
    this.capacity = Math.max(1, Math.min(most, Math.floor(bytes / this.#size)));
    this.#bytes = new Uint8Array(this.capacity * this.#size);
    this.#bytes.set(pattern);
    for (let filled = this.#size; filled < this.#bytes.length; filled *= 2) this.#bytes.copyWithin(filled, 0, filled);
    this.#words = new Int32Array(this.#bytes.buffer);
  }

  /**
   * Writes the messages of rows[from, to).
   * @param sequence - of the first
   * @returns them, valid until the next call
   */
  fill(
    { words: width, to, length }: RouteBulk,
    rows: Uint32Array,
    from: number,
    until: number,
    sequence: number,
  ): Uint8Array {
    const [bytes, words, size] = [this.#bytes, this.#words, this.#size];
    let at = 0;
    for (let i = from; i < until; i++, at += size) {
      const row = rows[i] as number;
      words[(at >> 2) + NLMSG_SEQ_WORD] = sequence + i - from;
      bytes[at + DST_LEN] = length[row] as number;
      const destination = (at >> 2) + this.#destinationWord;
      for (let k = 0; k < width; k++) words[destination + k] = toNetworkOrder(to[row * width + k] as number);
    }
    return bytes.subarray(0, at);
  }

  /** The n-th message of the last fill. */
  message(n: number): Uint8Array {
    return this.#bytes.subarray(n * this.#size, (n + 1) * this.#size);
  }
}
