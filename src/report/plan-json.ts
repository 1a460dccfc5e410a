import type { Source } from '../model/desired.ts';
import type { Diagnostic } from '../model/errors.ts';
import type { Cascade, FieldChange, NamespaceChange, Plan } from '../reconcile/plan/plan-types.ts';
import { shortenText } from '../reconcile/plan/row-text.ts';
import { PlanWalk, type ToldChange, type ToldStep } from '../reconcile/plan/walk-plan.ts';
import { indentedJson, JsonList } from './json-text.ts';
import { cascadesOf, slotOf, stepNumber } from './plan-text.ts';

/** Raised when a reader of the old form would go wrong; new members do not raise it. */
const PLAN_VERSION = 1;

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

const changeJson = ({ plan, change, numberOf }: ToldChange) => ({
  kind: change.kind,
  key: change.key,
  title: change.title,
  action: change.action,
  reason: change.reason,
  fields: change.fields.map(fieldJson),
  disruptive: change.disruptive,
  cascades: cascadesOf(plan, change).map(cascadeJson),
  ...(change.source === undefined ? {} : { source: sourceJson(change.source) }),
  steps: change.steps.map((step) => stepNumber(numberOf(step))),
  ...(change.netns === undefined ? {} : { netns: change.netns }),
});

const stepJson = ({ step, number }: ToldStep) => ({
  number: stepNumber(number),
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

type ChangeJson = ReturnType<typeof changeJson>;
type StepJson = ReturnType<typeof stepJson>;

const planMembers = <C, S>(
  { summary, warnings, namespaces }: Plan,
  rest: number | undefined,
  changes: C,
  steps: S,
) => ({
  version: PLAN_VERSION,
  summary: {
    create: summary.create,
    update: summary.update,
    replace: summary.replace,
    delete: summary.delete,
    restore: summary.restore,
  },
  changes,
  steps,
  warnings: warnings.map(diagnosticJson),
  ...(rest === undefined ? {} : { rest }),
  ...(namespaces === undefined ? {} : { namespaces: namespaces.map(namespaceJson) }),
});

/**
 * A plan for programs: schemas/plan.schema.json. Members come in the order written here, whatever made the plan. As a
 * document that is written (jsonPieces), one element of its lists after the other.
 */
export const planDocument = (plan: Plan) => {
  const walk = new PlanWalk(plan);
  const changes = new JsonList((indent) =>
    walk.eachChange((told) => indentedJson(changeJson(told), indent), shortenText),
  );
  const steps = new JsonList((indent) => walk.eachStep((told) => indentedJson(stepJson(told), indent), shortenText));
  return planMembers(plan, walk.rest, changes, steps);
};

/** The same as a value. */
export const planJson = (plan: Plan) => {
  const walk = new PlanWalk(plan);
  const changes: readonly ChangeJson[] = [...walk.eachChange(changeJson)];
  const steps: readonly StepJson[] = [...walk.eachStep(stepJson)];
  return planMembers(plan, walk.rest, changes, steps);
};
