import { type Attempts, type BackoffLimits, countAttempt, heldUntil, isCalm, isFight } from './backoff.ts';

/** What a correction came to, as far as the fight over its object goes. */
export interface Verdict {
  /** corrections so far without a calm between them */
  readonly count: number;
  /** milliseconds until the next one */
  readonly delay: number;
  /** it has just become a fight */
  readonly fightBegins: boolean;
}

/** Remembers which objects are being fought over, or cannot be put right, and how long they have to wait. */
export interface Restraint {
  /** counts a correction of an object, or one that failed */
  count(key: string, now: number, failed: boolean): Verdict;
  /** 0 where the object need not wait */
  heldUntil(key: string): number;
  isFight(key: string): boolean;
  /** whether any object of a kind is to wait until later than that */
  holdsAny(kind: string, now: number): boolean;
  /** forgets what has been left alone for long; @returns the keys whose fight is over */
  forgetCalm(now: number): readonly string[];
  /** a new file: everything may be tried again */
  forgetFailures(): void;
  fights(): readonly string[];
}

/** @param random a number from 0 to 1 at each call */
export const createRestraint = (limits: BackoffLimits, random: () => number): Restraint => {
  const objects = new Map<string, Attempts>();
  const fights = (): string[] => [...objects].flatMap(([key, a]) => (isFight(a, limits) ? [key] : []));
  return {
    count: (key, now, failed) => {
      const before = objects.get(key);
      const after = countAttempt(before, { now, random: random(), failed }, limits);
      objects.set(key, after);
      const wasFight = before !== undefined && !isCalm(before, now, limits) && isFight(before, limits);
      return { count: after.count, delay: after.delay, fightBegins: !wasFight && isFight(after, limits) };
    },
    heldUntil: (key) => {
      const attempts = objects.get(key);
      return attempts === undefined ? 0 : heldUntil(attempts);
    },
    holdsAny: (kind, now) =>
      [...objects].some(([key, attempts]) => key.startsWith(`${kind} `) && heldUntil(attempts) > now),
    isFight: (key) => {
      const attempts = objects.get(key);
      return attempts !== undefined && isFight(attempts, limits);
    },
    forgetCalm: (now) => {
      const over: string[] = [];
      for (const [key, attempts] of objects) {
        if (!isCalm(attempts, now, limits)) continue;
        objects.delete(key);
        if (isFight(attempts, limits)) over.push(key);
      }
      return over;
    },
    forgetFailures: () => {
      for (const [key, { failed }] of objects) if (failed) objects.delete(key);
    },
    fights,
  };
};
