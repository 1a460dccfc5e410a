/** When passes run. Milliseconds. */
export interface ScheduleLimits {
  /** a pass starts once no event has come for this long ... */
  readonly quiet: number;
  /** ... but no later than this after the first one */
  readonly most: number;
  /** a look at everything, whether anything was heard or not */
  readonly interval: number;
}

export const SCHEDULE: ScheduleLimits = { quiet: 5, most: 100, interval: 300_000 };

/**
 * What is known of the time of the next pass. Plain data; the functions below give the next one. Times are of any clock
 * that only goes forward.
 */
export interface Schedule {
  /** first and last event since the last pass */
  readonly dirty?: { readonly first: number; readonly last: number };
  /** an object that waits may be tried again */
  readonly retryAt?: number;
  readonly fullAt: number;
  /** no pass before: passes may take a third of the time, whatever happens */
  readonly restUntil: number;
}

/** At the start everything is due. */
export const startSchedule = (now: number): Schedule => ({ fullAt: now, restUntil: now });

export const markDirty = (schedule: Schedule, now: number): Schedule => ({
  ...schedule,
  dirty: { first: schedule.dirty?.first ?? now, last: now },
});

/** Something that has to wait until then was heard of. */
export const markHeld = (schedule: Schedule, until: number): Schedule => ({
  ...schedule,
  retryAt: Math.min(schedule.retryAt ?? until, until),
});

/** A lost event may be anything: look at everything. */
export const markFull = (schedule: Schedule, now: number): Schedule => ({ ...schedule, fullAt: now });

/** How much longer than a pass the rest after it is, where it took more than a few milliseconds. */
const REST = 2;
const SHORT_PASS = 10;
/** Nobody waits longer, however large the tables are. */
const MOST_REST = 1000;

/**
 * The schedule after a pass. What came in meanwhile must be marked again by the caller, but for what has to wait.
 * @param retryAt when the first of the objects that wait may be tried again
 */
export const passDone = (
  pass: { readonly startedAt: number; readonly endedAt: number; readonly full: boolean; readonly retryAt?: number },
  before: Schedule,
  limits: ScheduleLimits,
): Schedule => {
  const took = pass.endedAt - pass.startedAt;
  const retries = [pass.retryAt, before.retryAt].filter((time) => time !== undefined);
  return {
    fullAt: pass.full ? pass.endedAt + limits.interval : before.fullAt,
    restUntil: pass.endedAt + (took > SHORT_PASS ? Math.min(MOST_REST, took * REST) : 0),
    ...(retries.length === 0 ? {} : { retryAt: Math.min(...retries) }),
  };
};

/** When the next pass has to start. */
export const dueAt = ({ dirty, retryAt, fullAt, restUntil }: Schedule, limits: ScheduleLimits): number => {
  const settled = dirty === undefined ? fullAt : Math.min(dirty.last + limits.quiet, dirty.first + limits.most);
  return Math.max(restUntil, Math.min(settled, retryAt ?? fullAt, fullAt));
};

/** Whether the next pass has to look at everything. */
export const isFullDue = ({ fullAt }: Schedule, now: number): boolean => now >= fullAt;
