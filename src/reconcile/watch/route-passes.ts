import type { Desired } from '../../model/desired.ts';
import type { ListSieve } from '../list-sieve.ts';
import { createSieve } from '../survey.ts';

/** Drift of a list is put right in passes of so many: more make a burst take more memory, fewer take more looks. */
export const ROUTES_A_PASS = 8192;

/** Enough of each sort of route to know what becomes of the others. */
export const SAMPLE = 16;

/** What keeps the routes of lists that are as they should be; undefined where the files have none. */
export const sieveOf = (desired: Desired): ListSieve | undefined =>
  desired.listed === undefined ? undefined : createSieve(desired, { routesAPass: ROUTES_A_PASS });
