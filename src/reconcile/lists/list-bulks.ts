import type { Op, OpOf } from '../../model/op.ts';
import { countRows, type PrefixColumns } from '../../model/prefix-columns.ts';
import type { Route } from '../../model/route.ts';
import { type RouteList, rowOf, sharePlace } from '../../model/route-list.ts';
import { sameValue, type Value } from '../../model/value.ts';
import type { Plan, PlanBulk, PlanStep } from '../plan/plan-types.ts';
import { goesTheSameWay } from './list-rows.ts';

/** Routes to which the same happens, each for itself. */
export type BulkPart =
  /** rows of a list whose places are free; `append`: what somebody puts there meanwhile stays beside them */
  | { readonly action: 'create'; readonly append?: true; readonly list: RouteList; readonly columns: PrefixColumns }
  /** routes of ours of one shape, which become what a list wants */
  | {
      readonly action: 'update';
      readonly list: RouteList;
      readonly body: Omit<Route, 'to'>;
      readonly columns: PrefixColumns;
    }
  /** routes of ours of one shape, which go */
  | { readonly action: 'delete'; readonly body: Omit<Route, 'to'>; readonly columns: PrefixColumns };

const isRouteOp = (op: Op): op is OpOf<'route'> => op.kind === 'route';

/** Whether a route differs from others of a sort in its destination at most. */
export const isOfShape = (route: Route | undefined, body: Omit<Route, 'to'>): boolean =>
  route !== undefined && sameValue({ ...route, to: '' } as unknown as Value, { ...body, to: '' } as unknown as Value);

/** Whether a route that is to be as some list wants it is in the place of a row of this one. */
export const isForList = (route: Route, list: RouteList): boolean =>
  goesTheSameWay(route, list.body) && sharePlace(list.body, route) && rowOf(list, route) >= 0;

/** Whether a step does to one route what is to be done to those of the part. */
const standsFor = ({ op }: PlanStep, part: BulkPart): boolean => {
  if (!isRouteOp(op) || op.action !== part.action) return false;
  switch (part.action) {
    case 'create':
      return op.append === part.append && isForList(op.object, part.list);
    case 'update':
      return isForList(op.object, part.list) && isOfShape(op.before, part.body);
    case 'delete':
      return isOfShape(op.object, part.body);
  }
};

/**
 * Whether what happens to a route of the plan can be told without looking at any other: nothing else moves, or goes along. A
 * nexthop object that is changed in its place leads all routes that go by it elsewhere, and takes none along; nothing goes by
 * one that is only made; and of one that goes, see `coversDoomed`.
 */
export const leavesRoutesAlone = ({ steps }: Plan): boolean =>
  steps.every(({ op: { kind } }) => kind === 'route' || kind === 'rule' || kind === 'nexthop');

/** Routes that go by a nexthop object, and that a plan does not look at one by one. */
export interface AsideByNexthop {
  readonly nhid: number | undefined;
  readonly count: number;
}

/** Whether all that go by nexthop objects which a plan deletes have gone by then, or go by others: with a bulk of the plan. */
export const coversDoomed = ({ steps, bulks = [] }: Plan, aside: Iterable<AsideByNexthop>): boolean => {
  const doomed = new Set(
    steps.flatMap(({ op }) => (op.kind === 'nexthop' && op.action === 'delete' ? op.object.id : [])),
  );
  if (doomed.size === 0) return true;
  let left = 0;
  for (const { nhid, count } of aside) if (nhid !== undefined && doomed.has(nhid)) left += count;
  for (const { like, columns } of bulks) {
    const op = steps[like]?.op;
    const old = op?.kind === 'route' ? op.before?.nhid : undefined;
    if (old !== undefined && doomed.has(old)) left -= countRows(columns);
  }
  return left <= 0;
};

/** The gateways of the routes that a plan makes. */
export const gatewaysOf = ({ steps }: Plan): ReadonlySet<string> =>
  new Set(
    steps.flatMap(({ op }) =>
      isRouteOp(op) && op.action !== 'delete' ? op.object.hops.flatMap(({ via }) => via ?? []) : [],
    ),
  );

/**
 * What can be done in the manner of a step of the plan, without planning each: the plan shows of one route what becomes of
 * all, since it moves nothing but routes and rules, takes nothing along, and each of the routes stands for itself.
 * @returns in the order of the parts; a part that no step stands for is left out
 */
export const findBulks = (plan: Plan, parts: readonly BulkPart[]): readonly PlanBulk[] => {
  if (!leavesRoutesAlone(plan) || plan.steps.some(({ cascades }) => cascades.length > 0)) return [];
  return parts.flatMap((part) => {
    // one that stands for itself would do as well, but the bulk would then be in nobody's bundle
    const inBundle = plan.steps.findIndex((step) => step.bundle !== undefined && standsFor(step, part));
    const like = inBundle >= 0 ? inBundle : plan.steps.findIndex((step) => standsFor(step, part));
    return like < 0 ? [] : { like, columns: part.columns, ...('list' in part ? { list: part.list } : {}) };
  });
};
