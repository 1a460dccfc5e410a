import { sameValue } from '../../model/value.ts';
import type { NamespaceChange, Plan, PlanChange } from '../plan/plan-types.ts';

/** Whether a new object is the very one that was asked for before, so that its fields need no look. */
const isSameCreation = (a: Plan, b: Plan, x: PlanChange, y: PlanChange): boolean => {
  const [op, other] = [a.steps[x.steps[0] ?? -1]?.op, b.steps[y.steps[0] ?? -1]?.op];
  return x.kind !== 'link' && x.action === 'create' && op !== undefined && op.object === other?.object;
};

/** Equal to comparing their signatures, and much cheaper for a plan with many new objects. */
export const isSamePlan = (a: Plan, b: Plan): boolean =>
  a === b ||
  (a.rest === b.rest &&
    sameValue(a.namespaces?.map(shownOf), b.namespaces?.map(shownOf)) &&
    a.steps.length === b.steps.length &&
    a.changes.length === b.changes.length &&
    a.steps.every(({ title }, i) => title === b.steps[i]?.title) &&
    a.changes.every((x, i) => {
      const y = b.changes[i] as PlanChange;
      if (x.key !== y.key || x.action !== y.action) return false;
      return isSameCreation(a, b, x, y) || planFieldsText(x) === planFieldsText(y);
    }));

const shownOf = ({ name, action }: NamespaceChange) => ({ name, action });

const planFieldsText = ({ fields }: PlanChange): string => JSON.stringify(fields);
