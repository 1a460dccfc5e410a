import type { Desired } from '../../model/desired.ts';
import type { ListSieve } from '../lists/list-sieve.ts';
import { createSieve } from '../lists/survey.ts';
import type { ApplyOptions } from '../transaction/reconcile.ts';

/** So many routes of a list that have drifted are planned one by one; where there are more, they go in bulk. */
const ROUTES_A_PASS = 8192;

/** Enough of each sort of route to know what becomes of the others. */
export const SAMPLE = 16;

/** What keeps the routes of lists that are as they should be; undefined where the files have none. */
export const sieveOf = (desired: Desired): ListSieve | undefined =>
  desired.listed === undefined ? undefined : createSieve(desired, { routesAPass: ROUTES_A_PASS });

/**
 * How lists are put right: where more routes are missing than are planned one by one in a pass, in bulk.
 * @param mayGoInBulk - asked where there are as many: none of them has to wait, or is only reported
 */
export const listManner = (
  sieve: ListSieve,
  mayGoInBulk: () => boolean,
): Pick<ApplyOptions, 'sieve' | 'routesAPass' | 'burst'> => ({
  sieve,
  routesAPass: ROUTES_A_PASS,
  burst: { from: ROUTES_A_PASS + 1, sample: SAMPLE, mayGoInBulk },
});
