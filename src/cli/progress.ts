import type { Context } from './context.ts';

/** Work that is done sooner shows none. */
const QUIET_MS = 1000;

/** A person reads no faster. */
const TERMINAL_MS = 200;
const LINES_MS = 1000;

/** How far a transaction is. */
export interface ProgressReport {
  /** operations sent so far */
  readonly done: number;
  /** of how many; absent where nobody knows, as in a rollback */
  readonly total?: number;
  readonly perSecond: number;
  readonly secondsLeft?: number;
}

const number = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `123,456 of 1,000,000 operations, 45,678/s, 19 s left`. */
export const progressText = ({ done, total, perSecond, secondsLeft }: ProgressReport): string =>
  [
    `${number(done)}${total === undefined ? '' : ` of ${number(total)}`} operations`,
    `${number(perSecond)}/s`,
    ...(secondsLeft === undefined ? [] : [`${number(secondsLeft)} s left`]),
  ].join(', ');

/** @param elapsedMs - since the first of them; more than 0 */
export const reportOf = (done: number, total: number | undefined, elapsedMs: number): ProgressReport => {
  const perSecond = (done * 1000) / elapsedMs;
  if (total === undefined || done > total) return { done, perSecond: Math.round(perSecond) };
  const secondsLeft = Math.round((total - done) / perSecond);
  return { done, total, perSecond: Math.round(perSecond), secondsLeft };
};

/** Counts operations and shows them while they take longer than a second. */
export interface Progress {
  /** operations begin: so many, where that is known */
  begin(total?: number): void;
  /** so many more are sent */
  advance(count: number): void;
  /** leaves a clean line behind */
  end(): void;
}

/**
 * On a terminal one line that is written over, with --format json a line of JSON a second on standard error
 * (`{"progress": {done, total, perSecond, secondsLeft}}`), else nothing.
 * @param now - milliseconds of a clock that does not jump
 */
export const createProgress = ({ process: { stderr }, options }: Context, now: () => number): Progress => {
  const isJson = options.format === 'json';
  const isShown = options.quiet !== true && options.verbose === 0 && (isJson || stderr.isTTY === true);
  let startedAt = 0;
  let shownAt = 0;
  let done = 0;
  let most: number | undefined;
  let isLineOpen = false;
  const show = (report: ProgressReport): void => {
    if (isJson) stderr.write(`${JSON.stringify({ progress: report })}\n`);
    else {
      // ESC [ K clears what is left of a longer line
      stderr.write(`\r${progressText(report)}\u001b[K`);
      isLineOpen = true;
    }
  };
  return {
    begin: (total) => {
      startedAt = now();
      shownAt = startedAt + QUIET_MS;
      done = 0;
      most = total;
    },
    advance: (count) => {
      done += count;
      // looking at the clock costs more than counting
      if (!isShown || (count === 1 && done % 64 !== 0)) return;
      const at = now();
      if (at - shownAt < (isJson ? LINES_MS : TERMINAL_MS)) return;
      shownAt = at;
      show(reportOf(done, most, at - startedAt));
    },
    end: () => {
      if (isLineOpen) stderr.write('\r\u001b[K');
      isLineOpen = false;
    },
  };
};
