import type { Address } from '../../model/address.ts';
import { familyOf, prefixContains } from '../../model/ip.ts';
import { kindOf } from '../../model/kinds.ts';
import { memberIds } from '../../model/nexthop.ts';
import type { Op } from '../../model/op.ts';
import type { Route } from '../../model/route.ts';
import type { AnyObject, KindName } from '../../model/state.ts';
import type { Plan, PlanChange, PlanStep, PlanSummary } from './plan-types.ts';

/** What stays away (links also down) because the change that brings it is left out. */
interface Missing {
  readonly links: ReadonlySet<string>;
  readonly addresses: readonly Address[];
  readonly nexthops: ReadonlySet<number>;
}

/** Nexthop objects that things go by which stay as they are because their change is left out. */
const keptNexthops = (dropped: readonly PlanChange[], steps: readonly PlanStep[]): ReadonlySet<number> =>
  new Set(
    dropped
      .flatMap((change) => opsOf(change, steps))
      .flatMap((op) => (op.before === undefined ? [] : nexthopsOf({ ...op, object: op.before } as Op))),
  );

const deletesKept = (op: Op, kept: ReadonlySet<number>): boolean =>
  op.kind === 'nexthop' && op.action === 'delete' && kept.has(op.object.id);

const opsOf = (change: PlanChange, steps: readonly PlanStep[]): readonly Op[] =>
  change.steps.flatMap((i) => steps[i]?.op ?? []);

const missingBy = (dropped: readonly PlanChange[], steps: readonly PlanStep[]): Missing => {
  const links = new Set<string>();
  const addresses: Address[] = [];
  const nexthops = new Set<number>();
  for (const change of dropped) {
    for (const op of opsOf(change, steps)) {
      if (op.kind === 'link' && (op.action === 'create' || op.stage === 'up')) {
        links.add(op.object.name);
        if (typeof op.object.options?.peer === 'string') links.add(op.object.options.peer);
      } else if (op.kind === 'address' && op.action === 'create') addresses.push(op.object);
      else if (op.kind === 'nexthop' && op.action === 'create') nexthops.add(op.object.id);
    }
  }
  return { links, addresses, nexthops };
};

/** The kernel refuses a route whose gateway no address makes reachable, and a source that is no address of the host. */
const standsOnAddress = (route: Route, { address, prefixlen, family }: Address): boolean => {
  if (route.src === address) return true;
  return route.hops.some(
    ({ via }) => via !== undefined && familyOf(via) === family && prefixContains(`${address}/${prefixlen}`, via),
  );
};

/** The nexthop objects that an object goes by. */
const nexthopsOf = (op: Op): readonly number[] => {
  switch (op.kind) {
    case 'nexthop':
      return memberIds(op.object);
    case 'route':
      return op.object.nhid === undefined ? [] : [op.object.nhid];
    case 'neighbor':
      return op.object.type !== 'fdb' || op.object.nhid === undefined ? [] : [op.object.nhid];
    default:
      return [];
  }
};

const needsMissing = (op: Op, { links, addresses, nexthops }: Missing): boolean => {
  if (op.action === 'delete') return false;
  if (nexthops.size > 0 && nexthopsOf(op).some((id) => nexthops.has(id))) return true;
  if (
    kindOf(op.kind)
      .devs(op.object)
      .some((dev) => links.has(dev))
  )
    return true;
  return op.kind === 'route' && addresses.some((address) => standsOnAddress(op.object, address));
};

/** Numbers of the steps that only bring back what these steps take along. */
const restorationsOf = (dropped: ReadonlySet<number>, steps: readonly PlanStep[]): ReadonlySet<number> =>
  new Set([...dropped].flatMap((i) => (steps[i]?.cascades ?? []).flatMap(({ restoredBy }) => restoredBy ?? [])));

const summaryOf = (changes: readonly PlanChange[]): PlanSummary => {
  const count = (action: PlanChange['action']) =>
    changes.filter((change) => change.action === action && change.reason !== 'restore').length;
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
    restore: changes.filter(({ reason }) => reason === 'restore').length,
  };
};

/** The plan of some of its changes, its steps numbered anew. */
const planOf = (plan: Plan, changes: readonly PlanChange[]): Plan => {
  const numbers = [...new Set(changes.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  const renumbered = new Map(numbers.map((old, i) => [old, i]));
  const steps = numbers.map((old) => {
    const step = plan.steps[old] as PlanStep;
    const cascades = step.cascades.map(({ restoredBy, ...cascade }) => {
      const by = restoredBy === undefined ? undefined : renumbered.get(restoredBy);
      return by === undefined ? cascade : { ...cascade, restoredBy: by };
    });
    return { ...step, cascades };
  });
  return {
    changes: changes.map((change) => ({ ...change, steps: change.steps.map((i) => renumbered.get(i) as number) })),
    steps,
    summary: summaryOf(changes),
    warnings: plan.warnings,
  };
};

/**
 * The part of a plan that can be carried out while some of its changes wait: without those, without what stands on the
 * links, addresses and nexthops that they would bring, and without what would only mend their own damage. Pure.
 * @param keep false for a change that has to wait
 */
export const selectChanges = (plan: Plan, keep: (kind: KindName, key: string) => boolean): Plan => {
  const dropped = new Set(plan.changes.filter(({ kind, key }) => !keep(kind, key)));
  if (dropped.size === 0) return plan;
  for (;;) {
    const droppedSteps = new Set([...dropped].flatMap(({ steps }) => steps));
    const restorations = restorationsOf(droppedSteps, plan.steps);
    const missing = missingBy([...dropped], plan.steps);
    const kept = keptNexthops([...dropped], plan.steps);
    const next = plan.changes.filter(
      (change) =>
        !dropped.has(change) &&
        ((change.steps.length > 0 && change.steps.every((i) => restorations.has(i) || droppedSteps.has(i))) ||
          opsOf(change, plan.steps).some((op) => needsMissing(op, missing) || deletesKept(op, kept))),
    );
    if (next.length === 0) break;
    for (const change of next) dropped.add(change);
  }
  return planOf(
    plan,
    plan.changes.filter((change) => !dropped.has(change)),
  );
};

/** Whether an object stands on one of these links, or a route on one of these addresses. */
export const standsOn = (
  kind: KindName,
  object: AnyObject,
  links: ReadonlySet<string>,
  addresses: readonly Address[],
): boolean =>
  kindOf(kind)
    .devs(object)
    .some((dev) => links.has(dev)) ||
  (kind === 'route' && addresses.some((address) => standsOnAddress(object as Route, address)));
