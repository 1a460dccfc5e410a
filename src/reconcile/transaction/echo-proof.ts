import { NEXTHOP, type Nexthop } from '../../model/nexthop.ts';
import type { Op, OpOf, RouteEcho } from '../../model/op.ts';
import { isOneEntry, ROUTE } from '../../model/route.ts';
import type { State } from '../../model/state.ts';
import { compare } from '../plan/compare.ts';
import type { Plan, PlanStep } from '../plan/plan-types.ts';

/** In whose echoes an apply may see that it has come to what was wanted; `cheaper`: where dumping takes longer. */
export type EchoUse = 'never' | 'cheaper' | 'always';

/** A dump of fewer routes takes a few milliseconds. */
const WORTH_SPARING = 4096;

/** So many routes for each change: an echo takes as long as one or two of a dump, which is shorter where routes have gone. */
const ROUTES_A_CHANGE = 4;

/** An operation that makes a nexthop object or changes it in its place: the routes that go by it stay. */
const isLastingNexthop = (op: Op): op is OpOf<'nexthop'> => op.kind === 'nexthop' && op.action !== 'delete';

/** Whether a step does something to one route, or says where one nexthop object leads to, and does nothing else. */
const isPlain = ({ op, cascades }: PlanStep): boolean =>
  cascades.length === 0 &&
  (isLastingNexthop(op) || (op.kind === 'route' && isOneEntry(op.object) && op.append !== true));

/** Whether each place that the steps name holds one entry at most, before and after; each nexthop object has its own. */
const haveSinglePlaces = (steps: readonly PlanStep[], { route: routes }: State): boolean => {
  const ops = steps.flatMap(({ op }) => (op.kind === 'route' ? op : []));
  const slots = new Map(ops.map(({ object }) => [ROUTE.slot(object), 0]));
  if (slots.size < ops.length) return false;
  // most routes are told apart by their destination, which is there already
  const destinations = new Set(ops.map(({ object }) => object.to));
  for (const route of routes) {
    const slot = destinations.has(route.to) ? ROUTE.slot(route) : '';
    const count = slots.get(slot);
    if (count !== undefined) slots.set(slot, isOneEntry(route) ? count + 1 : Number.POSITIVE_INFINITY);
  }
  return ops.every(({ action, object }) => slots.get(ROUTE.slot(object)) === (action === 'create' ? 0 : 1));
};

/** Whether the kernel says of an operation that it has done just what was asked. Pure. */
export const isAsAsked = ({ action, object }: OpOf<'route'>, { action: told, route }: RouteEcho): boolean => {
  if (action === 'delete') return told === 'delete' && ROUTE.identity(object) === ROUTE.identity(route);
  return (
    told === 'new' &&
    ROUTE.slot(object) === ROUTE.slot(route) &&
    compare('route', object, route, 'declared').length === 0
  );
};

/**
 * What the kernel says of the changes of a plan while it makes them (NLM_F_ECHO), in the place of a dump afterwards, which
 * takes as long as the rest of a small change of a long table.
 *
 * It is as good as that dump, if besides nobody else has changed anything since before the dump that the plan was made from
 * (RaceWatch.isQuiet):
 * - An echo is the notification of the very entry that the request has put into the table or taken out of it
 *   (fib_trie.c fib_table_insert and fib_table_delete call rtmsg_fib; ip6_fib.c fib6_add_rt2node and fib6_del_route call
 *   inet6_rt_notify), written by the function that writes dumps (fib_semantics.c fib_dump_info; route.c rt6_fill_node). What
 *   the kernel acknowledged and did not do has none, and what it made otherwise than it was asked shows in it.
 * - Each place is free or holds one entry, and is named once: after the operation it holds what the echo shows, or nothing.
 *   Rows of bulks stand for themselves as well (findBulks).
 * - Nexthop objects are few, and dumped afterwards: their echo would bring along that of each route that goes by them
 *   (nexthop.c __nexthop_replace_notify, unless nexthop_compat_mode is 0). Such a route names the object's number alone, before
 *   and after, and stays where it is: a change that it does not bear is refused (fib_check_nexthop, fib6_check_nexthop).
 * - A change of a route changes nothing else. Those that others make are heard, and so is what routes go with in
 *   silence: links, addresses, nexthop objects. Of proxy neighbors the kernel tells nothing; no route stands on them.
 *
 * So the state is what was dumped, with the operations of the plan; and a plan for a route that is as it was asked for, in a
 * place of its own, is empty. Anything else, one echo that is missing or different, and there has to be a dump of all.
 */
export class EchoProof {
  #open: number;
  #nexthops: readonly Nexthop[];

  constructor(plan: Plan) {
    this.#nexthops = plan.steps.flatMap(({ op }) => (isLastingNexthop(op) ? op.object : []));
    this.#open = plan.steps.length - this.#nexthops.length + (plan.rest ?? 0);
  }

  /**
   * Takes note of what came back of an operation.
   * @param count - of so many that are like it in all but their destination
   */
  note(op: OpOf<'route'>, echo: RouteEcho, count = 1): void {
    if (isAsAsked(op, echo)) this.#open -= count;
  }

  /** Takes note of the nexthop objects that are there. */
  noteNexthops(observed: readonly Nexthop[]): void {
    const bySlot = new Map(observed.map((nexthop) => [NEXTHOP.slot(nexthop), nexthop]));
    this.#nexthops = this.#nexthops.filter((nexthop) => {
      const found = bySlot.get(NEXTHOP.slot(nexthop));
      return found === undefined || compare('nexthop', nexthop, found, 'declared').length > 0;
    });
  }

  /** All operations on routes have come back as they were asked, and only nexthop objects are still to be noted. */
  get needsNexthops(): boolean {
    return this.#open === 0 && this.#nexthops.length > 0;
  }

  /** Every operation of the plan has come to what was asked. */
  get isWhole(): boolean {
    return this.#open === 0 && this.#nexthops.length === 0;
  }
}

/**
 * Begins a proof, where echoes can be one and it pays. Pure.
 * @param before - the dump that the plan was made from, without routes of lists
 * @param routes - how many routes that dump had
 */
export const beginProof = (
  plan: Plan,
  { before, routes, use }: { readonly before: State; readonly routes: number; readonly use: EchoUse },
): EchoProof | undefined => {
  const changes = plan.steps.length + (plan.rest ?? 0);
  const isCheaper = routes >= WORTH_SPARING && routes >= ROUTES_A_CHANGE * changes;
  if (use === 'never' || (use === 'cheaper' && !isCheaper)) return undefined;
  return plan.steps.every(isPlain) && haveSinglePlaces(plan.steps, before) ? new EchoProof(plan) : undefined;
};
