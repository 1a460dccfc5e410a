import type { Source } from '../model/desired.ts';
import type { Diagnostic } from '../model/errors.ts';
import type {
  Cascade,
  FieldChange,
  NamespaceChange,
  Plan,
  PlanChange,
  PlanStep,
  PlanSummary,
} from '../reconcile/plan-types.ts';
import { cascadesOf, slotOf, stepNumber } from './plan-text.ts';

/** Raised when a reader of the old form would go wrong; new members do not raise it. */
export const PLAN_VERSION = 1;

export const sourceJson = ({ file, line, column }: Source) => ({ file, line, column });

// null stands for an absent field: a member that is there in every case is easier to read by programs
const fieldJson = (change: FieldChange) => ({
  field: change.field,
  before: change.before ?? null,
  after: change.after ?? null,
  forcesReplace: change.forcesReplace,
  ...(change.source === undefined ? {} : { source: sourceJson(change.source) }),
});

const cascadeJson = (cascade: Cascade) => ({
  kind: cascade.kind,
  key: cascade.key,
  title: cascade.title,
  why: cascade.why,
  effect: cascade.effect,
  foreign: cascade.foreign,
  ...(cascade.owner === undefined ? {} : { owner: cascade.owner }),
  ...(cascade.restoredBy === undefined ? {} : { restoredBy: stepNumber(cascade.restoredBy) }),
});

const changeJson = (plan: Plan, change: PlanChange) => ({
  kind: change.kind,
  key: change.key,
  title: change.title,
  action: change.action,
  reason: change.reason,
  fields: change.fields.map(fieldJson),
  disruptive: change.disruptive,
  cascades: cascadesOf(plan, change).map(cascadeJson),
  ...(change.source === undefined ? {} : { source: sourceJson(change.source) }),
  steps: change.steps.map(stepNumber),
  ...(change.netns === undefined ? {} : { netns: change.netns }),
});

const stepJson = (step: PlanStep, index: number) => ({
  number: stepNumber(index),
  title: step.title,
  kind: step.op.kind,
  key: slotOf(step),
  action: step.op.action,
  ...(step.op.stage === undefined ? {} : { stage: step.op.stage }),
  ...(step.op.fields === undefined ? {} : { fields: step.op.fields }),
  cascades: step.cascades.map(cascadeJson),
  ...(step.source === undefined ? {} : { source: sourceJson(step.source) }),
  ...(step.netns === undefined ? {} : { netns: step.netns }),
});

const namespaceJson = ({ name, action, reason, contents, source }: NamespaceChange) => ({
  name,
  action,
  reason,
  ...(contents === undefined ? {} : { contents }),
  ...(source === undefined ? {} : { source: sourceJson(source) }),
});

export const diagnosticJson = (diagnostic: Diagnostic) => ({
  code: diagnostic.code,
  severity: diagnostic.severity,
  message: diagnostic.message,
  ...(diagnostic.hint === undefined ? {} : { hint: diagnostic.hint }),
  ...(diagnostic.source === undefined ? {} : { source: sourceJson(diagnostic.source) }),
});

export interface PlanJson {
  readonly version: typeof PLAN_VERSION;
  readonly summary: PlanSummary;
  readonly changes: readonly ReturnType<typeof changeJson>[];
  readonly steps: readonly ReturnType<typeof stepJson>[];
  readonly warnings: readonly ReturnType<typeof diagnosticJson>[];
  readonly rest?: number;
  readonly namespaces?: readonly ReturnType<typeof namespaceJson>[];
}

/** A plan for programs: schemas/plan.schema.json. Members come in the order written here, whatever made the plan. */
export const planJson = (plan: Plan): PlanJson => ({
  version: PLAN_VERSION,
  summary: {
    create: plan.summary.create,
    update: plan.summary.update,
    replace: plan.summary.replace,
    delete: plan.summary.delete,
    restore: plan.summary.restore,
  },
  changes: plan.changes.map((change) => changeJson(plan, change)),
  steps: plan.steps.map(stepJson),
  warnings: plan.warnings.map(diagnosticJson),
  ...(plan.rest === undefined ? {} : { rest: plan.rest }),
  ...(plan.namespaces === undefined ? {} : { namespaces: plan.namespaces.map(namespaceJson) }),
});
