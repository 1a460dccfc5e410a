import { rowsOfPrefix, type TakePrefix } from '../model/prefix-columns.ts';
import type { Route } from '../model/route.ts';
import type { LinkNames } from './families/codec.ts';
import { RTMSG_LENGTH, routeCodec } from './families/route.ts';
import { RouteShapes } from './families/route-shapes.ts';
import { DecodeError } from './wire/codec-errors.ts';
import { NLMSG_HDRLEN } from './wire/constants.ts';
import { MessageCursor } from './wire/framing.ts';
import { readBe32, readU32 } from './wire/reader.ts';

/** What `ip route save` writes first, in the byte order of its host (iproute.c IPROUTE_DUMP_MAGIC). */
const MAGIC = 0x45311224;
const MAGIC_BYTES = 4;

/** rtm_flags of struct rtmsg, and the mark of what the kernel remembers of a lookup */
const RTM_FLAGS = NLMSG_HDRLEN + RTMSG_LENGTH - 4;
const RTM_F_CLONED = 0x200;

/** The names of the links have stayed on the host of the dump: they are called by their numbers. */
const NUMBERS: LinkNames = {
  indexOf: () => undefined,
  nameOf: String,
};

/** Whether bytes are a dump of `ip route save`. */
export const isSavedRoutes = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC_BYTES && (readU32(bytes, 0) === MAGIC || readBe32(bytes, 0) === MAGIC);

/**
 * Goes through the routes that `ip route save` wrote: messages of RTM_NEWROUTE as the kernel sent them.
 * @param takerOf - asked once for routes that differ in nothing but their destination, with the first of them, in which links
 * are called by their numbers; routes stand at their numbers in the dump. What the kernel remembers of lookups is left out
 * @throws {DecodeError} where the bytes break the format, or are of a host of the other byte order
 */
export const readSavedRoutes = (bytes: Uint8Array, takerOf: (route: Route, message: number) => TakePrefix): void => {
  if (readU32(bytes, 0) !== MAGIC) {
    throw new DecodeError('magic', 'saved on a host of the other byte order', bytes, 0, MAGIC_BYTES);
  }
  let number = 0;
  const shapes = new RouteShapes({
    restart: () => undefined,
    takerOf: (route) => {
      const take = takerOf(route, number);
      return (to) => {
        take(to, number);
        return true;
      };
    },
  });
  const message = new MessageCursor(bytes.subarray(MAGIC_BYTES));
  while (message.next()) {
    number++;
    if (message.type !== routeCodec.newType) continue;
    if (shapes.takes(message)) continue;
    const route = routeCodec.decode(message, NUMBERS);
    if (route !== undefined) {
      if (!shapes.learns(message, route)) takerOf(route, number)(rowsOfPrefix(route.to), number);
    } else if ((readU32(message.bytes, message.start + RTM_FLAGS) & RTM_F_CLONED) === 0) {
      throw new DecodeError('rtmsg', 'no route that is known here', message.bytes, message.start, message.end);
    }
  }
};
