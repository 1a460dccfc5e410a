// Runs compiled test files, each in a process of its own, several at a time.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What one test came to.
 * @typedef {object} TestRecord
 * @property {string} file
 * @property {string} kernel the release of the kernel that it ran on
 * @property {string} name
 * @property {'pass' | 'fail' | 'skip'} outcome
 * @property {number} ms
 * @property {string} [reason] of a skip
 * @property {string} [error] of a failure
 */

const REPORTER = fileURLToPath(new URL('reporter.mjs', import.meta.url));
/** node's word for tests that --test-name-pattern leaves out, on releases that report them */
const NOT_SELECTED = 'test name does not match pattern';
const OUTPUT_LIMIT = 20_000;
const NAMESPACES = '/run/netns';

/**
 * Deletes the network namespaces that a test process was killed in the middle of (test/kernel/support.ts names them).
 * @param {number} pid
 */
const removeNamespaces = (pid) => {
  const names = existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : [];
  for (const name of names.filter((candidate) => candidate.startsWith(`nr-${pid}-`))) {
    spawnSync('ip', ['netns', 'del', name], { stdio: 'inherit' });
  }
};

/**
 * @param {string} path
 * @returns {{ records: any[], notes: string[], ended: boolean }}
 */
const readReport = (path) => {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const parsed = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  return {
    records: parsed.filter(
      ({ outcome, reason }) => ['pass', 'fail', 'skip'].includes(outcome) && reason !== NOT_SELECTED,
    ),
    notes: parsed.filter(({ outcome }) => outcome === 'note').map(({ error }) => error),
    ended: parsed.some(({ outcome }) => outcome === 'end'),
  };
};

/**
 * Runs a process to its end or its time limit, with everything it started.
 * @param {readonly string[]} args
 * @param {number} seconds
 * @returns {Promise<{ status: number | null, output: string, timedOut: boolean }>}
 */
const runNode = (args, seconds) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let timedOut = false;
    const killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup();
    }, seconds * 1000);
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk).slice(-OUTPUT_LIMIT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    // `exit`, then the group: a grandchild that kept the pipes open would hold `close` back for ever
    child.on('exit', killGroup);
    child.on('close', (status) => {
      clearTimeout(timer);
      if (child.pid !== undefined) removeNamespaces(child.pid);
      resolve({ status, output, timedOut });
    });
  });

/**
 * @param {string} file
 * @param {{ seconds: number, namePattern: string | undefined }} options
 * @returns {Promise<{ records: TestRecord[], output: string }>}
 */
const runFile = async (file, { seconds, namePattern }) => {
  const folder = mkdtempSync(join(tmpdir(), 'netrecon-test-'));
  try {
    const report = join(folder, 'report');
    const pattern = namePattern === undefined ? [] : [`--test-name-pattern=${namePattern}`];
    const reporter = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`];
    const { status, output, timedOut } = await runNode([...reporter, ...pattern, file], seconds);
    const { records, notes, ended } = readReport(report);
    /** @param {string} error */
    const broken = (error) => records.push({ name: '(the file itself)', outcome: 'fail', ms: 0, error });
    const failed = records.some(({ outcome }) => outcome === 'fail');
    if (timedOut) broken(`not done within ${seconds} s`);
    else if (status === 0 && records.length === 0 && namePattern === undefined) broken('holds no test');
    else if ((status !== 0 && !failed) || (!ended && records.length > 0)) {
      broken([`ended with status ${status}`, ...notes, output.trim()].join('\n'));
    }
    return { records: records.map((record) => ({ ...record, file, kernel: release() })), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * @param {readonly string[]} files
 * @param {{ concurrency: number, seconds: number, namePattern: string | undefined, onFile: (file: string, records: TestRecord[], output: string) => void }} options
 *   `seconds`: time limit of one file
 * @returns {Promise<TestRecord[]>}
 */
export const runFiles = async (files, { concurrency, onFile, ...options }) => {
  /** @type {TestRecord[]} */
  const all = [];
  const queue = [...files];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { records, output } = await runFile(file, options);
      onFile(file, records, output);
      all.push(...records);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return all;
};
