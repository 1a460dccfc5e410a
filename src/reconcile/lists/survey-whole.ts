import type { Desired } from '../../model/desired.ts';
import { ConfigError } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import { type PlanFor, type Survey, Surveyor } from './survey.ts';

/** So many routes of a list that cannot be are told of: nobody reads of more. */
const MOST_PROBLEMS = 65_536;

/** One pass, of which one route of each sort of a list is planned where that tells of the others, else every route. */
export const WHOLE = { sample: 1, laidOut: true, routesAPass: Number.POSITIVE_INFINITY } as const;

/**
 * Looks at the kernel for a plan that tells of every route (PlanWalk), and of which as little as can be is objects.
 * @param pins - addresses that somebody will ask the plan about
 * @throws what `planFor` throws of the whole state, of a list of at most MOST_PROBLEMS routes
 */
export const surveyWhole = async (
  desired: Desired,
  kernel: KernelPort,
  planFor: PlanFor,
  pins: readonly string[],
): Promise<Survey> => {
  try {
    return await new Surveyor(desired, kernel, { pins, ...WHOLE }).look(planFor);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return new Surveyor(desired, kernel, { pins, sample: MOST_PROBLEMS }).look(planFor);
  }
};
