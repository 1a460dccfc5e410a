import type { RouteSieve, TakeRoute } from '../../model/kernel-port.ts';
import type { Route } from '../../model/route.ts';
import { NLMSG_HDRLEN } from '../wire/constants.ts';
import { eachAttribute } from '../wire/framing.ts';
import { readBe32, readU8 } from '../wire/reader.ts';
import type { MessageView } from './codec.ts';
import { RTMSG_LENGTH } from './route.ts';

/** Bytes that all routes of a list have in common: their messages differ in rtm_dst_len and in the payload of RTA_DST alone. */
interface Shape {
  readonly bytes: Uint8Array;
  /** of the payload of RTA_DST, from the first byte of the message */
  readonly destination: number;
  readonly take: TakeRoute;
}

/** A message that fits no shape is compared with the length and the end of each. */
const MOST_SHAPES = 64;

const RTA_DST = 1;

/** struct rtmsg: u8 rtm_family, u8 rtm_dst_len, ... */
export const DST_LEN = NLMSG_HDRLEN + 1;

/** Where the payload of RTA_DST begins, from the first byte of the message. */
export const destinationOf = ({
  bytes,
  start,
  end,
}: Pick<MessageView, 'bytes' | 'start' | 'end'>): number | undefined => {
  let at: number | undefined;
  eachAttribute(bytes, start + NLMSG_HDRLEN + RTMSG_LENGTH, end, (type, from, to) => {
    if (type === RTA_DST && to - from === 4) at = from - start;
  });
  return at;
};

/** nlmsg_seq and nlmsg_pid, from 8 to 16, are those of the dump. */
const isLike = ({ bytes: shape, destination }: Shape, { bytes, start, end }: MessageView): boolean => {
  if (end - start !== shape.length) return false;
  // the end first: links and gateways stand there
  for (let i = shape.length - 1; i >= destination + 4; i--) if (shape[i] !== bytes[start + i]) return false;
  for (let i = destination - 1; i > DST_LEN; i--) if (shape[i] !== bytes[start + i]) return false;
  return shape[NLMSG_HDRLEN] === bytes[start + NLMSG_HDRLEN] && shape[4] === bytes[start + 4];
};

/**
 * Lets the routes of an IPv4 dump through to a sieve without decoding them: one route of each shape is decoded, and those
 * whose messages are the same but for the destination are like it in everything else.
 */
export class RouteShapes {
  readonly #sieve: RouteSieve;
  #shapes: Shape[] = [];

  constructor(sieve: RouteSieve) {
    this.#sieve = sieve;
  }

  /** A dump begins. */
  restart(): void {
    this.#shapes = [];
    this.#sieve.restart();
  }

  /** Whether the sieve takes the route of a message, by its shape. */
  takes(message: MessageView): boolean {
    for (const shape of this.#shapes) {
      if (!isLike(shape, message)) continue;
      const { bytes, start } = message;
      return shape.take(readBe32(bytes, start + shape.destination), readU8(bytes, start + DST_LEN));
    }
    return false;
  }

  /** Whether the sieve takes a route that has been decoded, and from now on those of its shape. */
  learns(message: MessageView, route: Route): boolean {
    if (this.#shapes.length >= MOST_SHAPES) return false;
    const destination = destinationOf(message);
    if (destination === undefined || this.#shapes.some((shape) => isLike(shape, message))) return false;
    const take = this.#sieve.takerOf(route);
    if (take === undefined) return false;
    this.#shapes.push({ bytes: message.bytes.slice(message.start, message.end), destination, take });
    return this.takes(message);
  }
}
