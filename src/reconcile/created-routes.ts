import type { KernelPort } from '../model/kernel-port.ts';
import type { Ref } from '../model/kind.ts';
import { ROUTE, type Route } from '../model/route.ts';
import { type PrefixColumns, type RouteList, rowOf, sharePlace } from '../model/route-list.ts';
import type { State } from '../model/state.ts';
import { refKey } from './goal-restore.ts';
import { ListSieve } from './list-sieve.ts';
import type { PlanStep } from './plan-types.ts';

/** Routes that a transaction makes in places that were free, in a form that stays small in the record. */
export interface CreatedRoutes {
  readonly body: Omit<Route, 'to'>;
  /** network addresses, little-endian, in base64 */
  readonly to: string;
  /** prefix lengths, in base64 */
  readonly length: string;
}

/** What a transaction has to be able to undo. */
export interface Undo {
  readonly touched: readonly Ref[];
  readonly created?: readonly CreatedRoutes[];
}

/** As many routes as one pass deals with, each with the objects that a plan makes of it. */
export const ROUTES_A_PASS = 65_536;

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/** @param body - of a route of the list as it is sent: complete, the link of its gateway included */
export const createdRoutes = (body: Omit<Route, 'to'>, { to, length }: PrefixColumns): CreatedRoutes => ({
  body,
  to: bytesOf(to).toString('base64'),
  length: bytesOf(length).toString('base64'),
});

const listOf = ({ body, to, length }: CreatedRoutes): RouteList => {
  const addresses = Buffer.from(to, 'base64');
  const columns = {
    to: new Uint32Array(addresses.length / 4).map((_, i) => addresses.readUInt32LE(4 * i)),
    length: new Uint8Array(Buffer.from(length, 'base64')),
  };
  return { ...columns, line: new Uint32Array(columns.to.length), body, adopt: false, fields: {}, file: '', at: 0 };
};

const isIn = (lists: readonly RouteList[], route: Route): boolean =>
  lists.some((list) => sharePlace(list.body, route) && rowOf(list, route) >= 0);

/** The slots that steps fill with routes that are known to be undone as a list. */
export const slotsOfCreated = (created: readonly CreatedRoutes[], steps: readonly PlanStep[]): ReadonlySet<string> => {
  const lists = created.map(listOf);
  const made = steps.flatMap(({ op }) => (op.kind === 'route' && op.action === 'create' ? op.object : []));
  return new Set(made.filter((route) => isIn(lists, route)).map(ROUTE.slot));
};

/** What is to be looked at for a rollback. */
export interface LookBack {
  /** without most of the created routes, where there are many */
  readonly now: State;
  readonly touched: readonly Ref[];
  /** created routes that are there, and not in `now` */
  readonly rest: number;
}

/**
 * Dumps the kernel for a rollback, with as many of the created routes as one pass can deal with.
 * @param skip - objects (refKey) that have been given up
 */
export const lookBack = async (
  kernel: KernelPort,
  { touched, created }: Undo,
  skip: ReadonlySet<string> = new Set(),
): Promise<LookBack> => {
  if (created === undefined) return { now: await kernel.dump(), touched, rest: 0 };
  const lists = created.map(listOf);
  const sieve = new ListSieve({ single: [], lists }, []);
  const now = await kernel.dump({ sieve });
  const others = now.route.filter((route) => isIn(lists, route));
  const found = sieve.taken(ROUTES_A_PASS, (route) => skip.has(refKey('route', ROUTE.slot(route))));
  const refs = [...others, ...found].map((route): Ref => ({ kind: 'route', slot: ROUTE.slot(route) }));
  return {
    now: { ...now, route: [...now.route, ...found] },
    touched: [...touched, ...refs],
    rest: sieve.count - found.length,
  };
};
