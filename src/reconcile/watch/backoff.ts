/** How often an object is put right at once, and how corrections slow down after that. Milliseconds. */
export interface BackoffLimits {
  /** corrections of one object without delay */
  readonly free: number;
  /** an object that is left alone for this long starts anew */
  readonly calm: number;
  /** the first delay; each further one is twice as long */
  readonly base: number;
  readonly most: number;
}

export const BACKOFF: BackoffLimits = { free: 5, calm: 60_000, base: 250, most: 60_000 };

/** What is remembered of an object that had to be put right, or could not be. */
export interface Attempts {
  /** corrections and failures without a calm between them */
  readonly count: number;
  readonly last: number;
  /** how long it waits after the last one */
  readonly delay: number;
  /** the last one failed */
  readonly failed: boolean;
}

const calmAfter = ({ delay }: Attempts, limits: BackoffLimits): number => Math.max(limits.calm, 2 * delay);

/** Whether the object has been left alone for long enough to be forgotten. */
export const isCalm = (attempts: Attempts, now: number, limits: BackoffLimits): boolean =>
  now - attempts.last > calmAfter(attempts, limits);

/** Undone again and again: more often than what is let pass as chance. */
export const isFight = ({ count, failed }: Attempts, { free }: BackoffLimits): boolean => !failed && count > free;

export const heldUntil = ({ last, delay }: Attempts): number => last + delay;

/**
 * Counts a correction, or one that failed, which is never free.
 * @param random from 0 to 1; spreads the delays by a quarter up and down, so that two fighters fall out of step
 */
export const countAttempt = (
  before: Attempts | undefined,
  attempt: { readonly now: number; readonly random: number; readonly failed: boolean },
  limits: BackoffLimits,
): Attempts => {
  const { now, random, failed } = attempt;
  const earlier = before === undefined || isCalm(before, now, limits) ? 0 : before.count;
  const count = failed ? Math.max(earlier, limits.free) + 1 : earlier + 1;
  const doublings = count - limits.free - 1;
  const delay = doublings < 0 ? 0 : Math.min(limits.most, limits.base * 2 ** Math.min(doublings, 30));
  return { count, last: now, delay: Math.min(limits.most, delay * (0.75 + random / 2)), failed };
};
