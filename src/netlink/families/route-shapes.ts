import type { Family } from '../../model/ip.ts';
import type { RouteSieve, TakeRoute } from '../../model/kernel-port.ts';
import { emptyRows, type PrefixRows, wordsOf } from '../../model/prefix-columns.ts';
import type { Route } from '../../model/route.ts';
import { NLMSG_HDRLEN } from '../wire/constants.ts';
import { eachAttribute } from '../wire/framing.ts';
import { readBe32, readU8 } from '../wire/reader.ts';
import type { MessageView } from './codec.ts';
import { RTMSG_LENGTH } from './route.ts';

/**
 * What all routes of a list have in common: their messages differ in rtm_dst_len and in the payload of RTA_DST alone. That
 * holds for RTA_CACHEINFO of IPv6, too: of what is not a cached route it tells nothing but when the route expires
 * (route.c rt6_fill_node), and what expires at another time is another route.
 */
interface Shape {
  /** a message of it; all lengths in messages of routes are multiples of four */
  readonly words: Uint32Array;
  /** of the payload of RTA_DST, from the first word of the message */
  readonly destination: number;
  /** the destination of the message at hand */
  readonly to: PrefixRows;
  readonly take: TakeRoute;
}

/** A message that fits no shape is compared with the length and the end of each. */
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

/** nlmsghdr and rtmsg in words: length, type and flags, sequence number, port id; family, rtm_dst_len and two others. */
const WORD = { TYPE: 1, FAMILY: 4 } as const;
const TYPE_BITS = 0xffff;
const ALL_BUT_DST_LEN = 0xffff00ff;

/** Sequence number and port id are those of the dump. */
const isLike = ({ words: shape, destination, to }: Shape, words: Uint32Array, start: number): boolean => {
  const length = shape.length;
  // the end first: links and gateways stand there
  for (let i = length - 1; i > WORD.FAMILY; i--) {
    if (shape[i] !== words[start + i] && (i < destination || i >= destination + to.words)) return false;
  }
  const differs = (word: number): number => (shape[word] as number) ^ (words[start + word] as number);
  return (differs(WORD.FAMILY) & ALL_BUT_DST_LEN) === 0 && (differs(WORD.TYPE) & TYPE_BITS) === 0;
};

/**
 * Lets the routes of a dump through to a sieve without decoding them: one route of each shape is decoded, and those
 * whose messages are the same but for the destination are like it in everything else.
 */
export class RouteShapes {
  readonly #sieve: RouteSieve;
  #shapes: Shape[] = [];
  /** the datagram at hand, the buffer that it lies in, and its first word there */
  #datagram: Uint8Array | undefined;
  #words: Uint32Array | undefined;
  #first = 0;

  constructor(sieve: RouteSieve) {
    this.#sieve = sieve;
  }

  /** A dump of a family begins. */
  restart(family: Family): void {
    this.#shapes = [];
    this.#sieve.restart(family);
  }

  /** Whether the sieve takes the route of a message, by its shape. */
  takes({ bytes, start, end }: MessageView): boolean {
    const words = this.#wordsOf(bytes);
    if (words === undefined) return false;
    const at = this.#first + (start >> 2);
    for (const shape of this.#shapes) {
      if (end - start !== shape.words.byteLength || !isLike(shape, words, at)) continue;
      const { to } = shape;
      for (let i = 0; i < to.words; i++) to.to[i] = readBe32(bytes, start + (shape.destination + i) * WORD_BYTES);
      to.length[0] = readU8(bytes, start + DST_LEN);
      return shape.take(to);
    }
    return false;
  }

  /** Whether the sieve takes a route that has been decoded, and from now on those of its shape. */
  learns(message: MessageView, route: Route): boolean {
    const { bytes, start, end } = message;
    const words = this.#wordsOf(bytes);
    if (this.#shapes.length >= MOST_SHAPES || words === undefined || (end - start) % 4 !== 0) return false;
    const destination = destinationOf(message, route.family);
    const at = this.#first + (start >> 2);
    const isKnown = ({ words: shape }: Shape): boolean => shape.byteLength === end - start;
    if (destination === undefined || this.#shapes.some((shape) => isKnown(shape) && isLike(shape, words, at)))
      return false;
    const take = this.#sieve.takerOf(route);
    if (take === undefined) return false;
    this.#shapes.push({
      words: words.slice(at, at + (end - start) / WORD_BYTES),
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
