import type { TakeRoute } from '../model/kernel-port.ts';
import type { Op, RouteEcho } from '../model/op.ts';
import { comparePrefixes, type PrefixRows } from '../model/prefix-columns.ts';
import type { Route } from '../model/route.ts';
import type { BulkEcho } from '../model/route-bulk.ts';
import type { LinkNames, MessageView } from './families/codec.ts';
import { routeCodec } from './families/route.ts';
import { RouteShapes } from './families/route-shapes.ts';
import { DecodeError } from './wire/codec-errors.ts';
import { RTM } from './wire/constants.ts';

/** Of a request. Its echo has a few attributes more at most, and fits into the slot of an acknowledgement. */
const MOST_BYTES = 256;

/**
 * Whether an operation is sent with NLM_F_ECHO where echoes are wanted: that of a route whose echo is short for certain.
 * What a nexthop object stands for is in the echo as well, and may be of any length (fib_semantics.c fib_dump_info, route.c
 * rt6_fill_node), and so are the other ways of an IPv6 route.
 * @param size - bytes of the request
 */
export const isEchoed = (op: Op, size: number): boolean =>
  op.kind === 'route' &&
  op.object.nhid === undefined &&
  (op.object.family === 'inet' || op.object.hops.length <= 1) &&
  size <= MOST_BYTES;

const actionOf = (type: number): RouteEcho['action'] | undefined =>
  type === RTM.NEWROUTE ? 'new' : type === RTM.DELROUTE ? 'delete' : undefined;

/** @returns undefined where the message is no echo that can be read */
export const readEcho = (message: MessageView, names: LinkNames): RouteEcho | undefined => {
  const action = actionOf(message.type);
  if (action === undefined) return undefined;
  try {
    const route = routeCodec.decode(message, names);
    return route === undefined ? undefined : { action, route };
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
};

/** The row that an echo is about. */
interface EchoedRow {
  readonly bulk: PrefixRows;
  readonly row: number;
  /** its place among those that were asked for */
  readonly at: number;
}

/** Counts the echoes of a bulk by what they say, decoding one of each shape. */
export class EchoTally {
  readonly #names: LinkNames;
  readonly #found: { at: number; echo: RouteEcho; count: number }[] = [];
  /** of the message at hand */
  #row: EchoedRow | undefined;
  #action: RouteEcho['action'] = 'new';
  readonly #shapes = new RouteShapes({ restart: () => undefined, takerOf: (route) => this.#takerOf(route) });

  constructor(names: LinkNames) {
    this.#names = names;
  }

  /** Echoes of another route than that of the row, or that cannot be read, are not counted. */
  note(message: MessageView, row: EchoedRow): void {
    this.#row = row;
    if (this.#shapes.takes(message)) return;
    const echo = readEcho(message, this.#names);
    if (echo === undefined) return;
    this.#action = echo.action;
    this.#shapes.learns(message, echo.route);
  }

  get echoes(): readonly BulkEcho[] {
    return this.#found.filter(({ count }) => count > 0);
  }

  #takerOf(route: Route): TakeRoute {
    const entry = { at: this.#row?.at ?? 0, echo: { action: this.#action, route }, count: 0 };
    this.#found.push(entry);
    return (to) => {
      if (this.#row === undefined || comparePrefixes(to, 0, this.#row.bulk, this.#row.row) !== 0) return false;
      entry.count++;
      return true;
    };
  }
}
