import type { Desired } from '../../model/desired.ts';
import type { ListSieve } from '../list-sieve.ts';
import { createSieve } from '../survey.ts';

/** So many routes of a list that have drifted are planned and told of one by one; where there are more, the others go in bulk. */
export const ROUTES_A_PASS = 8192;

/** Enough of each sort of route to know what becomes of the others. */
export const SAMPLE = 16;

/** What keeps the routes of lists that are as they should be; undefined where the files have none. */
export const sieveOf = (desired: Desired): ListSieve | undefined =>
  desired.listed === undefined ? undefined : createSieve(desired, { routesAPass: ROUTES_A_PASS });
