import type { Family } from '../../model/ip.ts';
import type { RouteSieve } from '../../model/kernel-port.ts';
import { emptyRows, wordsOf } from '../../model/prefix-columns.ts';
import type { Route } from '../../model/route.ts';
import { NLMSG_HDRLEN } from '../wire/constants.ts';
import { eachAttribute } from '../wire/framing.ts';
import { readBe32, readU8 } from '../wire/reader.ts';
import type { MessageView } from './codec.ts';
import { RTMSG_LENGTH } from './route.ts';
import { ShapeTable } from './shape-table.ts';

/** Tables of more kinds of routes are decoded one by one. */
const MOST_SHAPES = 1024;

const RTA_DST = 1;

const WORD_BYTES = 4;

/** struct rtmsg: u8 rtm_family, u8 rtm_dst_len, ... */
export const DST_LEN = NLMSG_HDRLEN + 1;

/** Where the payload of RTA_DST begins, from the first byte of the message. */
export const destinationOf = (
  { bytes, start, end }: Pick<MessageView, 'bytes' | 'start' | 'end'>,
  family: Family,
): number | undefined => {
  const length = wordsOf(family) * WORD_BYTES;
  let at: number | undefined;
  eachAttribute(bytes, start + NLMSG_HDRLEN + RTMSG_LENGTH, end, (type, from, to) => {
    if (type === RTA_DST && to - from === length) at = from - start;
  });
  return at;
};

/**
 * Lets the routes of a dump through to a sieve without decoding them: one route of each shape is decoded, and those
 * whose messages are the same but for the destination are like it in everything else.
 */
export class RouteShapes {
  readonly #sieve: RouteSieve;
  #shapes = new ShapeTable();
  /** the datagram at hand, the buffer that it lies in, and its first word there */
  #datagram: Uint8Array | undefined;
  #words: Uint32Array | undefined;
  #first = 0;

  constructor(sieve: RouteSieve) {
    this.#sieve = sieve;
  }

  /** A dump of a family begins. */
  restart(family: Family): void {
    this.#shapes = new ShapeTable();
    this.#sieve.restart(family);
  }

  /** Whether the sieve takes the route of a message, by its shape. */
  takes({ bytes, start, end }: MessageView): boolean {
    const words = this.#wordsOf(bytes);
    if (words === undefined) return false;
    const at = this.#first + (start >> 2);
    const shape = this.#shapes.find(words, at, (end - start) / WORD_BYTES);
    if (shape === undefined) return false;
    const { to } = shape;
    for (let i = 0; i < to.words; i++) to.to[i] = readBe32(bytes, start + (shape.destination + i) * WORD_BYTES);
    to.length[0] = readU8(bytes, start + DST_LEN);
    return shape.take(to);
  }

  /** Whether the sieve takes a route that has been decoded, and from now on those of its shape. */
  learns(message: MessageView, route: Route): boolean {
    const { bytes, start, end } = message;
    const words = this.#wordsOf(bytes);
    if (this.#shapes.size >= MOST_SHAPES || words === undefined || (end - start) % 4 !== 0) return false;
    const destination = destinationOf(message, route.family);
    const at = this.#first + (start >> 2);
    const length = (end - start) / WORD_BYTES;
    if (destination === undefined || this.#shapes.find(words, at, length) !== undefined) return false;
    const take = this.#sieve.takerOf(route);
    if (take === undefined) return false;
    this.#shapes.add({
      words: words.slice(at, at + length),
      destination: destination / WORD_BYTES,
      to: emptyRows(wordsOf(route.family)),
      take,
    });
    return this.takes(message);
  }

  /** The buffer that a message lies in; undefined where its messages do not lie on words (those of the kernel do). */
  #wordsOf(datagram: Uint8Array): Uint32Array | undefined {
    if (datagram === this.#datagram) return this.#words;
    const { buffer, byteOffset } = datagram;
    const isOnWords = byteOffset % 4 === 0 && buffer.byteLength % 4 === 0;
    if (!isOnWords) this.#words = undefined;
    else if (this.#words?.buffer !== buffer) this.#words = new Uint32Array(buffer);
    this.#datagram = datagram;
    this.#first = byteOffset >> 2;
    return this.#words;
  }
}
