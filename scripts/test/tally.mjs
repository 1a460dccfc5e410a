// Adds up what the tests came to over all kernels.

/** @typedef {import('./run-files.mjs').TestRecord} TestRecord */
/** @typedef {{ readonly kernel: string, readonly records: readonly TestRecord[] }} Run */

/** What no kernel of this machine and its lab has: counted, and no failure. */
const NOWHERE = /^no kernel here has \S/;

/**
 * Reasons for which a test may be skipped. There is no other: whatever this machine can run has to run.
 * What one kernel lacks, another must have run. A program that is not there is an excuse only for those who cannot
 * install it: the test command does that for root.
 * @param {boolean} canInstall
 */
const allowedSkips = (canInstall) => [/^kernel lacks \S/, NOWHERE, ...(canInstall ? [] : [/^no \S+ on this machine$/])];

/** @param {TestRecord} record */
const identity = ({ file, name }) => `${file} > ${name}`;

/**
 * @param {string} key
 * @returns {string[]} the identity itself, and those of the suites around it
 */
const withSuites = (key) => key.split(' > ').map((_, i, parts) => parts.slice(0, i + 1).join(' > '));

/**
 * @param {readonly Run[]} runs
 * @param {boolean} canInstall whether missing programs could have been installed
 * @returns {{ passed: number, failed: number, skipped: number, missed: string[], elsewhere: number, unexcused: string[] }}
 *   `skipped`: tests that ran on no kernel; `missed`: those of them that some kernel here could run, one line each; `elsewhere`:
 *   skipped on one kernel, run on another; `unexcused`: skipped for a reason that does not count, one line each
 */
export const tally = (runs, canInstall) => {
  const records = runs.flatMap((run) => run.records);
  // a suite that is skipped as a whole has one record, and where it ran, its tests have one each
  const ran = new Set(
    records.filter(({ outcome }) => outcome !== 'skip').flatMap((record) => withSuites(identity(record))),
  );
  const skips = records.filter(({ outcome }) => outcome === 'skip');
  const nowhere = new Set(skips.map(identity).filter((key) => !ran.has(key)));
  const excused = (/** @type {string} */ reason) => allowedSkips(canInstall).some((allowed) => allowed.test(reason));
  return {
    passed: records.filter(({ outcome }) => outcome === 'pass').length,
    failed: records.filter(({ outcome }) => outcome === 'fail').length,
    skipped: nowhere.size,
    missed: skips
      .filter((skip) => !ran.has(identity(skip)) && !NOWHERE.test(skip.reason ?? ''))
      .map((skip) => `${identity(skip)}: ${skip.reason}`),
    elsewhere: skips.filter((skip) => ran.has(identity(skip))).length,
    unexcused: skips
      .filter(({ reason = '' }) => !excused(reason))
      .map((skip) => `${identity(skip)}: ${skip.reason === '' ? 'no reason given' : skip.reason}`),
  };
};
