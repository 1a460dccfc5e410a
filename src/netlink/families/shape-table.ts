import type { TakeRoute } from '../../model/kernel-port.ts';
import type { PrefixRows } from '../../model/prefix-columns.ts';

/**
 * What all routes of a list have in common: their messages differ in rtm_dst_len and in the payload of RTA_DST alone. That
 * holds for RTA_CACHEINFO of IPv6, too: of what is not a cached route it tells nothing but when the route expires
 * (route.c rt6_fill_node), and what expires at another time is another route.
 */
export interface Shape {
  /** a message of it; all lengths in messages of routes are multiples of four */
  readonly words: Uint32Array;
  /** of the payload of RTA_DST, from the first word of the message */
  readonly destination: number;
  /** the destination of the message at hand */
  readonly to: PrefixRows;
  readonly take: TakeRoute;
}

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

/** Shapes whose messages are as long as each other, and have the destination in the same place. */
interface Layout {
  readonly length: number;
  readonly destination: number;
  /** words of the destination */
  readonly size: number;
  /** by the hash of a message */
  readonly shapes: Map<number, Shape[]>;
}

/** Of the words in which messages of other shapes are likely to differ: those behind struct rtmsg's first, but for RTA_DST. */
const hashOf = ({ length, destination, size }: Layout, words: Uint32Array, start: number): number => {
  let hash = 0;
  for (let i = WORD.FAMILY + 1; i < length; i++) {
    if (i === destination) i += size;
    if (i < length) hash = Math.imul(hash ^ (words[start + i] as number), 0x9e3779b1) ^ (hash >>> 15);
  }
  return hash;
};

/** Finds the shape of a message, however many there are. */
export class ShapeTable {
  readonly #layouts: Layout[] = [];
  /** that of the last message */
  #last: Shape | undefined;
  size = 0;

  add(shape: Shape): void {
    const { words, destination, to } = shape;
    const isSame = (one: Layout): boolean =>
      one.length === words.length && one.destination === destination && one.size === to.words;
    const known = this.#layouts.find(isSame);
    const layout = known ?? { length: words.length, destination, size: to.words, shapes: new Map() };
    if (known === undefined) this.#layouts.push(layout);
    const hash = hashOf(layout, words, 0);
    layout.shapes.set(hash, [...(layout.shapes.get(hash) ?? []), shape]);
    this.size++;
  }

  /** @param at - the first word of the message, which is so many words long */
  find(words: Uint32Array, at: number, length: number): Shape | undefined {
    const last = this.#last;
    if (last !== undefined && last.words.length === length && isLike(last, words, at)) return last;
    for (const layout of this.#layouts) {
      if (layout.length !== length) continue;
      for (const shape of layout.shapes.get(hashOf(layout, words, at)) ?? []) {
        if (!isLike(shape, words, at)) continue;
        this.#last = shape;
        return shape;
      }
    }
    return undefined;
  }
}
