import { summarise } from '../plan/describe-plan.ts';
import type { NamespaceChange, Plan, PlanChange, PlanStep } from '../plan/plan-types.ts';
import { inNamespace, type ScopeName } from './world.ts';

/** What is to be done in one namespace, one after the other. */
export interface WorldPart {
  readonly netns: ScopeName;
  readonly plan: Plan;
}

/** A plan that says of everything where it is. */
export const placePlan = (netns: ScopeName, plan: Plan): Plan => {
  if (netns === undefined) return plan;
  const step = (s: PlanStep): PlanStep => ({ ...s, netns, title: inNamespace(netns, s.title) });
  const change = (c: PlanChange): PlanChange => ({ ...c, netns, title: inNamespace(netns, c.title) });
  return { ...plan, steps: plan.steps.map(step), changes: plan.changes.map(change) };
};

const moveStep = (step: PlanStep, by: number): PlanStep => ({
  ...step,
  cascades: step.cascades.map((cascade) =>
    cascade.restoredBy === undefined ? cascade : { ...cascade, restoredBy: cascade.restoredBy + by },
  ),
});

/** A link that one part makes, with what a later one does to it. */
const continued = (made: PlanChange, change: PlanChange, numbers: readonly number[]): PlanChange => {
  const known = new Set(made.fields.map(({ field }) => field));
  const further = change.fields.filter(({ field }) => !known.has(field));
  return {
    ...made,
    fields: [...made.fields, ...further.map((field) => ({ ...field, before: undefined }))],
    steps: [...made.steps, ...numbers],
  };
};

/**
 * The plans of several namespaces as one, in the order in which they are carried out. What one part makes and a later one
 * goes on with is one change.
 */
export const mergePlans = (parts: readonly WorldPart[], namespaces: readonly NamespaceChange[]): Plan => {
  const steps: PlanStep[] = [];
  const changes: PlanChange[] = [];
  const made = new Map<string, number>();
  for (const { plan } of parts) {
    const offset = steps.length;
    for (const step of plan.steps) steps.push(moveStep(step, offset));
    for (const change of plan.changes) {
      const numbers = change.steps.map((number) => number + offset);
      const key = `${change.netns ?? ''} ${change.kind} ${change.key}`;
      const at = made.get(key);
      const earlier = at === undefined ? undefined : changes[at];
      if (earlier === undefined || at === undefined) {
        if (change.kind === 'link' && change.action === 'create') made.set(key, changes.length);
        changes.push({ ...change, steps: numbers });
      } else changes[at] = continued(earlier, change, numbers);
    }
  }
  const summary = summarise(changes);
  const count = (action: NamespaceChange['action']) => namespaces.filter((one) => one.action === action).length;
  return {
    changes,
    steps,
    summary: { ...summary, create: summary.create + count('create'), delete: summary.delete + count('delete') },
    warnings: parts.flatMap(({ plan }) => plan.warnings),
    ...(namespaces.length === 0 ? {} : { namespaces }),
  };
};
