// The test command.  npm test [-- OPTIONS] [FILTER...]
//
//   --unit --kernel     only these groups, on this machine's kernel, without the lab
//   --lab NAME          the lab kernel NAME besides (uml, qemu); without any group option: both, qemu only for what no other has
//   --no-lab            without the lab
//   --name PATTERN      only tests whose name matches
//   --proof FILE        writes which kernel passed which option of which kind of link (docs/link-kinds.json; then npm run docs)
//   --report FILE       writes every result as a JSON line, and no last line (the lab's side)
//   FILTER              only files whose path holds one of these words
//
// The last line is `N passed, N failed, N skipped` over all kernels. A test that one kernel cannot run has to run on
// another; the exit status is 1 for any failure and for any test that should have run and did not.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LabError, runInGuest } from '../test/lab/guest.mjs';
import { prepareKernel } from '../test/lab/kernels.mjs';
import { saveProof } from './test/proof.mjs';
import { runFiles } from './test/run-files.mjs';
import { tally } from './test/tally.mjs';
import { ensureTools } from './test/tools.mjs';

/** @typedef {import('./test/run-files.mjs').TestRecord} TestRecord */

const root = fileURLToPath(new URL('..', import.meta.url));
/** For what hangs: in a lab kernel on a slow machine the longest file takes a quarter of it. */
const FILE_SECONDS = 1800;
/** The guest ends what takes too long, and tells which test it was; before that it boots. */
const LAB_SECONDS = FILE_SECONDS + 600;

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: 'boolean', default: false },
    kernel: { type: 'boolean', default: false },
    lab: { type: 'string', multiple: true },
    'no-lab': { type: 'boolean', default: false },
    name: { type: 'string' },
    proof: { type: 'string' },
    report: { type: 'string' },
  },
});

/** Variables that a guest gets, too. */
const PASSED_ON = ['FC_SEED', 'NETRECON_LATE_OPTIONS'];

/** The part of any name. */
const ALL = [''];

/**
 * The lab's kernels in a run of everything, and the files that they run: QEMU emulates the processor, so it runs only what
 * tries the kinds that no other kernel has.
 * @type {readonly (readonly [kernel: string, only: readonly string[]])[]}
 */
const WHOLE_RUN = [
  ['uml', ALL],
  ['qemu', ['link-kinds', 'attributes-encap', 'wireguard', 'netkit']],
];

/** Guests of one processor run side by side; one of QEMU has two, of which each waits for the other's turn if it must share. */
const guestsAtATime = (/** @type {string} */ kernel) => (kernel === 'qemu' ? 1 : availableParallelism());

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

/** @param {'unit' | 'kernel'} group @param {readonly string[]} [only] parts of the names */
const testFiles = (group, only = ALL) => {
  const folder = join(root, 'dist/test', group);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js') && only.some((part) => file.includes(part)))
    .map((file) => relative(root, join(folder, file)))
    .filter((file) => filters.length === 0 || filters.some((word) => file.includes(word)))
    .sort();
};

/**
 * @param {string} file
 * @param {readonly TestRecord[]} records
 * @param {string} output
 */
const report = (file, records, output) => {
  const count = (/** @type {string} */ outcome) => records.filter((record) => record.outcome === outcome).length;
  const ms = records.reduce((sum, record) => sum + record.ms, 0);
  const skipped = count('skip') === 0 ? '' : `, ${count('skip')} skipped`;
  const failed = count('fail') === 0 ? '' : `, ${count('fail')} FAILED`;
  const name = file.replace('dist/test/', '').replace('.test.js', '');
  say(`${failed === '' ? 'ok  ' : 'FAIL'} ${name}: ${count('pass')} passed${failed}${skipped} (${ms} ms)`);
  const reasons = records.flatMap(({ outcome, reason = '' }) => (outcome === 'skip' ? [reason] : []));
  for (const reason of new Set(reasons)) {
    say(`       ${reasons.filter((other) => other === reason).length} skipped: ${reason || 'no reason given'}`);
  }
  for (const record of records) {
    if (record.outcome === 'fail') say(`  ${record.name}\n    ${(record.error ?? '').replaceAll('\n', '\n    ')}`);
  }
  if (failed !== '' && output.trim() !== '') say(`  output:\n    ${output.trim().replaceAll('\n', '\n    ')}`);
  if (values.report !== undefined) {
    appendFileSync(values.report, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }
};

/**
 * @param {'unit' | 'kernel'} group
 * @returns {Promise<TestRecord[]>}
 */
const runGroup = async (group) => {
  const files = testFiles(group);
  if (files.length === 0) return [];
  if (group === 'kernel' && process.getuid?.() !== 0) {
    say(`== kernel on Linux ${release()}: left out, network namespaces take root (the lab has it inside)`);
    return [];
  }
  say(`== ${group}${group === 'kernel' ? ` on Linux ${release()}` : ''}, Node ${process.version}`);
  return runFiles(files, {
    concurrency: availableParallelism(),
    seconds: FILE_SECONDS,
    namePattern: values.name,
    onFile: report,
  });
};

/**
 * Runs this script again inside a lab kernel, for one file.
 * @param {ReturnType<typeof prepareKernel>} boot
 * @param {string} file
 * @returns {Promise<TestRecord[]>}
 */
const runFileInGuest = async (boot, file) => {
  const folder = mkdtempSync(join(tmpdir(), 'netrecon-report-'));
  const results = join(folder, 'report');
  writeFileSync(results, '');
  const out = new PassThrough();
  try {
    const name = values.name === undefined ? [] : ['--name', values.name];
    const { status } = await runInGuest(boot, {
      command: [process.execPath, 'scripts/test.mjs', '--kernel', '--report', results, ...name, file],
      cwd: root,
      env: Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
      seconds: LAB_SECONDS,
      out,
    });
    const lines = readFileSync(results, 'utf8').split('\n');
    const records = lines.filter((line) => line !== '').map((line) => /** @type {TestRecord} */ (JSON.parse(line)));
    // the guest cannot know what other kernels run, so its status counts only where its report does not explain it
    const explained = records.some(({ outcome }) => outcome !== 'pass');
    if (status !== 0 && !explained) throw new LabError(`${file}: the tests ended with status ${status}`);
    return records;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    out.end();
    // only what its one file has to say
    const said = (await text(out)).split('\n').filter((line) => !/^$|^== /.test(line));
    say(said.join('\n'));
  }
};

/**
 * Goes on without what the lab could not do; any other error is one of this script.
 * @template T
 * @param {() => T | Promise<T>} action
 * @param {(error: LabError) => void} onTrouble
 * @returns {Promise<T | undefined>}
 */
const attempt = async (action, onTrouble) => {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    onTrouble(error);
    return undefined;
  }
};

/**
 * As runFileInGuest; a kernel that does not come up says nothing of the tests, and is started once more.
 * @param {ReturnType<typeof prepareKernel>} boot
 * @param {string} file
 */
const runFileInFreshGuest = async (boot, file) => {
  try {
    return await runFileInGuest(boot, file);
  } catch (error) {
    if (!(error instanceof LabError) || error.hadStarted) throw error;
    say(`${file}: started once more, for ${error.message}`);
    return runFileInGuest(boot, file);
  }
};

/**
 * Every file in a guest of its own.
 * @param {string} kernel
 * @param {readonly string[]} only parts of the names of the files
 * @returns {Promise<TestRecord[]>}
 */
const runLab = async (kernel, only) => {
  const boot = prepareKernel(kernel);
  const begun = Date.now();
  say(`== lab ${kernel}`);
  const queue = testFiles('kernel', only).values();
  /** @type {TestRecord[]} */
  const records = [];
  const work = async () => {
    for (const file of queue) {
      const done = await attempt(
        () => runFileInFreshGuest(boot, file),
        ({ message }) => {
          say(`FAIL ${file}: ${message}`);
          records.push({ file, kernel, name: `runs in the lab ${kernel}`, outcome: 'fail', ms: 0, error: message });
        },
      );
      records.push(...(done ?? []));
    }
  };
  await Promise.all(Array.from({ length: guestsAtATime(kernel) }, work));
  say(`   lab ${kernel}: done in ${Date.now() - begun} ms`);
  return records;
};

const main = async () => {
  const groups = /** @type {const} */ (['unit', 'kernel']).filter((group) => values[group]);
  const everything = groups.length === 0 && values.lab === undefined;
  const named = (values.lab ?? []).map((kernel) => /** @type {const} */ ([kernel, ALL]));
  const labs = values['no-lab'] ? [] : everything ? WHOLE_RUN : named;
  const canInstall = process.getuid?.() === 0;
  let trouble = false;
  /** @param {LabError} error @param {string} what */
  const note = (error, what) => {
    trouble = true;
    say(`${what}: ${error.message}`);
  };
  if (everything && canInstall) await attempt(ensureTools, (error) => note(error, 'tools for the tests'));
  const runs = [];
  for (const group of everything ? /** @type {const} */ (['unit', 'kernel']) : groups) {
    runs.push({ kernel: 'host', records: await runGroup(group) });
  }
  for (const [kernel, only] of labs.filter(([, part]) => testFiles('kernel', part).length > 0)) {
    const records = await attempt(
      () => runLab(kernel, only),
      (error) => note(error, `lab ${kernel} did not run`),
    );
    runs.push({ kernel, records: records ?? [] });
  }
  if (values.proof !== undefined)
    saveProof(
      values.proof,
      runs.flatMap(({ records }) => records),
    );
  const { passed, failed, skipped, missed, elsewhere, unexcused } = tally(runs, canInstall);
  for (const line of unexcused) say(`skipped without an excuse: ${line}`);
  if (elsewhere > 0) say(`${elsewhere} skipped on one kernel and run on another`);
  const total = passed + failed + skipped;
  if (total === 0) say('no test was found: build first (npm run build), or loosen the filter');
  // A whole run must leave nothing out. Who cannot install what the lab needs may go without it, but not in CI.
  const strict = canInstall || process.env.CI !== undefined;
  const whole = everything && !values['no-lab'];
  if (whole) for (const line of missed) say(`ran on no kernel: ${line}`);
  const incomplete = strict && (trouble || (whole && missed.length > 0));
  // inside a lab the host adds up
  if (values.report === undefined) say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || (total === 0 && values.report === undefined) || unexcused.length > 0 || incomplete ? 1 : 0;
};

process.exitCode = await main();
