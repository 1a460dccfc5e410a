import type { Desired } from '../model/desired.ts';
import { ConfigError } from '../model/errors.ts';
import type { KernelPort } from '../model/kernel-port.ts';
import { gatewaysOf } from './list-bulks.ts';
import { type PlanFor, type Survey, Surveyor } from './survey.ts';
import { PlanWalk } from './walk-plan.ts';

/** So many routes of a list that cannot be are told of: nobody reads of more. */
const MOST_PROBLEMS = 65_536;

const isWhole = ({ plan }: Survey): boolean => new PlanWalk(plan).rest === undefined;

/**
 * Looks at the kernel for a plan that tells of every route (PlanWalk), and of which as little as can be is objects: one route
 * of each sort of a list. Where that leaves any out, all that lead to a gateway are planned too, and at last every route is.
 * @param pins - addresses that somebody will ask the plan about
 * @throws what `planFor` throws of the whole state, of a list of at most MOST_PROBLEMS routes
 */
export const surveyWhole = async (
  desired: Desired,
  kernel: KernelPort,
  planFor: PlanFor,
  pins: readonly string[],
): Promise<Survey> => {
  const look = (more: Iterable<string>): Promise<Survey> =>
    new Surveyor(desired, kernel, { pins: [...pins, ...more], sample: 1, laidOut: true }).look(planFor);
  try {
    const survey = await look([]);
    if (isWhole(survey)) return survey;
    const wider = await look(gatewaysOf(survey.plan));
    if (isWhole(wider)) return wider;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return new Surveyor(desired, kernel, { pins, sample: MOST_PROBLEMS }).look(planFor);
  }
  return new Surveyor(desired, kernel, { sieve: null }).look(planFor);
};
