import type { KernelPort } from '../model/kernel-port.ts';
import type { Ref } from '../model/kind.ts';
import { ROUTE, type Route } from '../model/route.ts';
import { formatInetPrefix, type PrefixColumns, type RouteList, rowOf, sharePlace } from '../model/route-list.ts';
import type { State } from '../model/state.ts';
import { refKey } from './goal-restore.ts';
import { ROW } from './list-rows.ts';
import { ListSieve } from './list-sieve.ts';
import type { PlanStep } from './plan-types.ts';

/** Routes that differ in nothing but their destination, in a form that stays small in the record. */
export interface PackedRoutes {
  readonly body: Omit<Route, 'to'>;
  /** network addresses, little-endian, in base64 */
  readonly to: string;
  /** prefix lengths, in base64 */
  readonly length: string;
}

/** Routes of long lists that a transaction has to be able to undo without naming each. */
export interface UndoLists {
  /** made in places that were free */
  readonly created?: readonly PackedRoutes[];
  /** there before, and changed or deleted */
  readonly old?: readonly PackedRoutes[];
}

/** What a transaction has to be able to undo. */
export interface Undo extends UndoLists {
  readonly touched: readonly Ref[];
}

/** As many routes as one pass deals with, each with the objects that a plan makes of it. */
export const ROUTES_A_PASS = 65_536;

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/** @param body - complete, the link of the gateway included */
export const packRoutes = (body: Omit<Route, 'to'>, { to, length }: PrefixColumns): PackedRoutes => ({
  body,
  to: bytesOf(to).toString('base64'),
  length: bytesOf(length).toString('base64'),
});

const listOf = ({ body, to, length }: PackedRoutes): RouteList => {
  const addresses = Buffer.from(to, 'base64');
  const columns = {
    to: new Uint32Array(addresses.length / 4).map((_, i) => addresses.readUInt32LE(4 * i)),
    length: new Uint8Array(Buffer.from(length, 'base64')),
  };
  return { ...columns, line: new Uint32Array(columns.to.length), body, adopt: false, fields: {}, file: '', at: 0 };
};

/** The slot of each route. */
export function* slotsOf(packed: PackedRoutes): Generator<string> {
  const { body, to, length } = listOf(packed);
  for (let i = 0; i < to.length; i++)
    yield ROUTE.slot({ ...body, to: formatInetPrefix(to[i] as number, length[i] as number) });
}

const isIn = (lists: readonly RouteList[], route: Route): boolean =>
  lists.some((list) => sharePlace(list.body, route) && rowOf(list, route) >= 0);

/** The slots of steps that are known to be undone as part of a list. */
export const slotsOfLists = (
  { created = [], old = [] }: UndoLists,
  steps: readonly PlanStep[],
): ReadonlySet<string> => {
  const made = created.map(listOf);
  const were = old.map(listOf);
  const routes = steps.flatMap(({ op }) =>
    op.kind === 'route' && isIn(op.action === 'create' ? [...made, ...were] : were, op.object) ? op.object : [],
  );
  return new Set(routes.map(ROUTE.slot));
};

/** What is to be looked at for a rollback. */
export interface LookBack {
  /** without most of the routes of lists, where there are many */
  readonly now: State;
  /** routes of lists that were there before, and are to be put back in this pass */
  readonly lost: readonly Route[];
  readonly touched: readonly Ref[];
  /** routes of lists that are left to the next pass */
  readonly rest: number;
}

/**
 * Dumps the kernel for a rollback, with as many of the routes of lists as one pass can deal with.
 * @param skip - objects (refKey) that have been given up
 */
export const lookBack = async (
  kernel: KernelPort,
  { touched, created = [], old = [] }: Undo,
  skip: ReadonlySet<string> = new Set(),
): Promise<LookBack> => {
  if (created.length + old.length === 0) return { now: await kernel.dump(), lost: [], touched, rest: 0 };
  const lists = [...created, ...old].map(listOf);
  const sieve = new ListSieve({ single: [], lists }, { most: ROUTES_A_PASS });
  const now = await kernel.dump({ sieve });
  const found: Route[] = [];
  const lost: Route[] = [];
  let rest = sieve.held;
  for (const n of lists.keys()) {
    const isOld = n >= created.length;
    const to = isOld ? lost : found;
    const isGivenUp = (route: Route): boolean => skip.has(refKey('route', ROUTE.slot(route)));
    const rows = sieve.rowsOf(n, isOld ? ROW.OPEN : ROW.SETTLED, ROUTES_A_PASS - to.length, isGivenUp);
    for (const route of rows.routes) to.push(route);
    rest += rows.rest;
  }
  const others = now.route.filter((route) => isIn(lists, route));
  const refs = [...others, ...found, ...lost].map((route): Ref => ({ kind: 'route', slot: ROUTE.slot(route) }));
  return { now: { ...now, route: [...now.route, ...found] }, lost, touched: [...touched, ...refs], rest };
};
