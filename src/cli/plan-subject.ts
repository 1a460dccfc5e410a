import type { NameTables } from '../desired/names.ts';
import type { Desired } from '../model/desired.ts';
import { createSieve, type PlanFor, Surveyor } from '../reconcile/lists/survey.ts';
import { surveyWhole } from '../reconcile/lists/survey-whole.ts';
import { shareOnHost } from '../reconcile/nexthops/share-on-host.ts';
import type { GoalOptions } from '../reconcile/plan/goal-desired.ts';
import { planDesired } from '../reconcile/plan/plan.ts';
import type { Plan } from '../reconcile/plan/plan-types.ts';
import type { Context } from './context.ts';
import { type Ground, knowHost, readGround } from './ground.ts';
import { type Host, withHost } from './host.ts';
import { readDesired } from './read-files.ts';

/** What a plan is made of. */
export interface PlanSubject {
  readonly desired: Desired;
  readonly ground: Ground;
  /** present where long lists were looked at in part: made of some of their routes, the others counted */
  readonly plan?: Plan;
}

/** What `plan` was asked for, as far as it tells what is to be looked at. */
interface Wishes {
  readonly files: readonly string[];
  readonly against?: string;
  /** so many routes of a list are planned one by one, the others counted; `all`: every one is told of; undefined: all of them */
  readonly sample: number | 'all' | undefined;
  /** addresses that somebody asks the plan about */
  readonly pins: readonly string[];
  readonly options: Pick<GoalOptions, 'protocolName' | 'allowMassDelete'>;
}

const lookAtHost = async (host: Host, known: Omit<Ground, 'observed'>, desired: Desired, wishes: Wishes) => {
  const { sample, pins, options } = wishes;
  // what goes on in several namespaces is looked at as a whole
  const isOne = desired.namespaces === undefined && known.namespaces === undefined;
  if (sample === undefined || !isOne) return { observed: await host.kernel.dump() };
  const expected = desired.expectations.map(({ query }) => query.to);
  const { owned, renamesUp } = known;
  const planFor: PlanFor = (wanted, observed, aside) =>
    planDesired(wanted, observed, { ...options, owned, aside, renamesUp });
  const allPins = [...pins, ...expected];
  return sample === 'all'
    ? surveyWhole(desired, host.kernel, planFor, allPins)
    : new Surveyor(desired, host.kernel, { pins: allPins, sample }).look(planFor);
};

const shareAtHand = async (asked: Desired, { kernel }: Host, { pins, sample }: Wishes): Promise<Desired> => {
  const options = { pins, ...(sample === undefined ? {} : { sample: sample === 'all' ? 1 : sample }) };
  return (await shareOnHost(asked, kernel, (wanted) => createSieve(wanted, options))).desired;
};

/**
 * Reads the files, and looks at the kernel or at what --against names.
 * @throws {ConfigError} where the files, or the files and the host, contradict each other
 */
export const readPlanSubject = async (context: Context, names: NameTables, wishes: Wishes): Promise<PlanSubject> => {
  const { files, against } = wishes;
  const read = () => readDesired(context.process, files, names, { keys: 'ifThere' });
  if (against !== undefined) {
    const ground = await readGround(context, against);
    return { ground, desired: await read() };
  }
  // the namespace first: --sandbox may start the process again, and standard input can be read only once
  return withHost(context, async (host) => {
    const known = knowHost(context, host);
    const asked = await read();
    // chosen once for everything that is made of it: the plan, what is saved of it, and its rehearsal
    const desired = asked.nexthopObjects === undefined ? asked : await shareAtHand(asked, host, wishes);
    const { observed, ...made } = await lookAtHost(host, known, desired, wishes);
    return { desired, ground: { ...known, observed }, ...('plan' in made ? { plan: made.plan } : {}) };
  });
};
