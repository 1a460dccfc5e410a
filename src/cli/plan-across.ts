import type { Desired } from '../model/desired.ts';
import { planWorld, type WorldOptions, type WorldPlan } from '../reconcile/world/plan-world.ts';
import { lookAtWorld, namesOf } from '../reconcile/world/world-port.ts';
import type { Context } from './context.ts';
import { withHost } from './host.ts';
import { UsageError } from './usage-error.ts';

/** What `plan` was asked for beside the plan itself. */
interface Wishes {
  readonly against?: string;
  readonly out?: string;
  readonly rehearse?: string;
}

interface Task {
  readonly desired: Desired;
  /** the record of the namespace at hand, as far as it tells of others */
  readonly record: { readonly namespaces?: readonly string[] };
  readonly options: Wishes;
  readonly planOptions: WorldOptions;
}

const refuse = ({ against, out, rehearse }: Wishes): void => {
  if (against !== undefined)
    throw new UsageError(
      '--against cannot go with files that have "namespaces"',
      'a snapshot holds one namespace: plan each of them by itself, or plan against the kernel',
    );
  if (out !== undefined)
    throw new UsageError('--out cannot go with files that have "namespaces"', 'a saved plan is of one namespace');
  if (rehearse !== undefined)
    throw new UsageError(
      '--rehearse cannot go with files that have "namespaces"',
      'it rehearses one namespace: give it what the files say of that one',
    );
};

/**
 * The plan for files that are about several namespaces, or after which one has to go.
 * @returns undefined where they are about one
 * @throws {UsageError} where more is asked for than can be had across namespaces
 */
export const planAcross = async (
  context: Context,
  { desired, record, options, planOptions }: Task,
): Promise<WorldPlan | undefined> => {
  const isNamed = desired.namespaces !== undefined;
  if (isNamed) refuse(options);
  // what was made for other files goes with apply: it is no reason to refuse this one
  if (!isNamed && (record.namespaces === undefined || options.against !== undefined)) return undefined;
  return withHost(context, async ({ kernel, state, openWorld }) => {
    const world = openWorld?.();
    if (world === undefined)
      throw new UsageError('other namespaces cannot be reached from a sandbox', 'leave out the section "namespaces"');
    try {
      const names = namesOf(desired, state.records.read());
      const view = await lookAtWorld({ kernel, records: state.records }, world, names);
      return planWorld(desired, view, planOptions);
    } finally {
      world.close();
    }
  });
};
