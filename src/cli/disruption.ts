import type { Source } from '../model/desired.ts';
import { type Diagnostic, NetreconError } from '../model/errors.ts';
import type { Plan } from '../reconcile/plan/plan-types.ts';

/** What a plan does to traffic is more than the command line allows; every case at once. */
class DisruptionError extends NetreconError {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super('NR_DISRUPTIVE', 'the plan interrupts traffic');
    this.diagnostics = diagnostics;
  }
}

const disruptionBy = (title: string, why: string, source: Source | undefined): Diagnostic => ({
  code: 'NR_DISRUPTIVE',
  severity: 'error',
  message: `${title}: ${why}`,
  ...(source === undefined ? {} : { source }),
});

/** What a plan does to traffic, as errors NR_DISRUPTIVE. */
export const findDisruption = ({ changes, namespaces = [] }: Plan): readonly Diagnostic[] => [
  ...changes.flatMap(({ title, disruptive, source }) => disruptive.map((why) => disruptionBy(title, why, source))),
  ...namespaces.flatMap(({ name, action, source }) =>
    action === 'delete' ? [disruptionBy(`netns ${name}`, 'whatever goes through it stops', source)] : [],
  ),
];

/** @throws {DisruptionError} NR_DISRUPTIVE with every change that is marked */
export const refuseDisruption = (plan: Plan): void => {
  const diagnostics = findDisruption(plan);
  if (diagnostics.length > 0) throw new DisruptionError(diagnostics);
};

/** @throws {NetreconError} NR_MANAGEMENT_PATH where a plan may cut the session that it is run from */
export const refuseLockout = (plan: Plan): void => {
  if (!plan.warnings.some(({ code }) => code === 'NR_MANAGEMENT_PATH')) return;
  throw new NetreconError('NR_MANAGEMENT_PATH', 'the plan may cut the SSH session that you are in', {
    hint: 'give --confirm SECONDS, so that it is reverted unless you confirm it, or --force',
  });
};
