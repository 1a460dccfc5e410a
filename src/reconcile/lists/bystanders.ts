import type { Address } from '../../model/address.ts';
import type { Declared } from '../../model/desired.ts';
import { networkOf } from '../../model/ip.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import type { LinkStage } from '../../model/op.ts';
import { ROUTE, type Route } from '../../model/route.ts';
import { type ListedRoutes, rowOf } from '../../model/route-list.ts';
import type { State } from '../../model/state.ts';
import type { Plan, PlanStep } from '../plan/plan-types.ts';

/** Of the routes of lists that are as they should be, one of each sort: they differ in nothing but their destination. */
export interface Bystanders {
  readonly observed: readonly Route[];
  /** the same as the files name them */
  readonly declared: readonly Declared<Route>[];
}

/** Whether the list names what the kernel makes a route to for an address (fib_frontend.c fib_add_ifaddr). */
const isNamedNetwork = ({ lists }: ListedRoutes, { family, address, peer, prefixlen }: Address): boolean => {
  const to = networkOf(peer ?? address, prefixlen);
  return lists.some((list) => list.body.family === family && rowOf(list, { ...list.body, to }) >= 0);
};

/** The addresses of the links that a plan does something to, those that it makes included. */
const addressesOn = (steps: readonly PlanStep[], { address: addresses }: State): readonly Address[] => {
  const devs = new Set(steps.flatMap(({ op }) => (op.kind === 'link' ? op.object.name : [])));
  const own = steps.flatMap(({ op }) => (op.kind === 'address' ? op.object : []));
  return [...addresses.filter(({ dev }) => devs.has(dev)), ...own];
};

/** Whether the routes of a link stay with it when an address that a step makes is taken off again: it has another one. */
const isNotTheLast = ({ op }: PlanStep, { address: addresses }: State, devs: ReadonlySet<string>): boolean =>
  op.kind !== 'address' ||
  op.action !== 'create' ||
  !devs.has(op.object.dev) ||
  addresses.some(({ dev, family }) => dev === op.object.dev && family === op.object.family);

/** A link that gets another name, or goes elsewhere, is another way for the routes through it. */
const isAnotherLink = ({ op }: PlanStep): boolean =>
  op.kind === 'link' && (op.stage === 'rename' || op.stage === 'netns');

/**
 * Whether a plan that changes more than routes does nothing to the routes of lists that stand beside it, and its reversal
 * neither: what happens to a route follows from its links, source, nexthop object and table, in which it is like one of the
 * bystanders. What its destination adds to that is looked at here: the kernel's own routes for addresses. Pure.
 * @param plan - made with the bystanders among the routes of both sides
 * @param observed - what it was made from
 */
export const leavesAlone = (
  { steps }: Plan,
  observed: State,
  bystanders: Bystanders,
  listed: ListedRoutes,
): boolean => {
  const standing = new Set(bystanders.observed.map(ROUTE.slot));
  const owned = observed.route.flatMap((route) => (route.protocol === NETRECON_PROTOCOL ? ROUTE.slot(route) : []));
  const routes = new Set([...owned, ...standing]);
  const devs = new Set(bystanders.observed.flatMap(({ hops }) => hops.flatMap(({ dev }) => dev ?? [])));
  return (
    steps.every(
      (step) =>
        !isAnotherLink(step) &&
        isNotTheLast(step, observed, devs) &&
        !(step.op.kind === 'route' && standing.has(ROUTE.slot(step.op.object))) &&
        step.cascades.every(({ kind, key }) => kind !== 'route' || !routes.has(key)),
    ) && !addressesOn(steps, observed).some((address) => isNamedNetwork(listed, address))
  );
};

/** After which a link is not there any more for routes: by its name, at all, or in their table. */
const TAKING_STAGES: ReadonlySet<LinkStage | undefined> = new Set(['netns', 'rename', 'down', 'master']);

/**
 * Whether a plan takes nothing away that routes could stand on which a later pass changes: until then they have to stay. Pure.
 */
export const takesNothingAway = ({ steps }: Plan): boolean =>
  steps.every(({ op }) => {
    if (op.kind === 'route' || op.kind === 'rule' || op.kind === 'neighbor' || op.action === 'create') return true;
    return op.action === 'update' && (op.kind !== 'link' || !TAKING_STAGES.has(op.stage));
  });
