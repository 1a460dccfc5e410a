// Runs one command under another kernel, on the host's own files. What differs between User-Mode Linux and QEMU is how
// the kernel is started (uml.mjs, qemu.mjs); the guest's side is guest-init.sh.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The lab itself failed: the kernel did not start, hung or crashed. Never the command's own failure. */
export class LabError extends Error {
  /**
   * @param {string} message
   * @param {boolean} [hadStarted] whether the command had been reached
   */
  constructor(message, hadStarted = true) {
    super(message);
    this.hadStarted = hadStarted;
  }
}

/**
 * @typedef {object} Boot
 * @property {string} name
 * @property {string} modulesDir holds one folder a kernel release, as /lib/modules does
 * @property {readonly string[]} modules one modprobe line each
 * @property {number} bootSeconds the guest must have reached the command by then
 * @property {(lab: string) => { command: string, args: readonly string[], env?: Record<string, string> }} start
 */

const POLL_MS = 50;
/** how often to look whether the guest is off by itself before it is killed */
const POWER_OFF_POLLS = 60;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

/** @param {string} text */
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * @param {string} lab
 * @param {Boot} boot
 * @param {{ command: readonly string[], cwd: string, env: Record<string, string> }} job
 */
const prepare = (lab, boot, job) => {
  copyFileSync(fileURLToPath(new URL('guest-init.sh', import.meta.url)), join(lab, 'init'));
  mkdirSync(join(lab, 'root/lib'), { recursive: true });
  symlinkSync(boot.modulesDir, join(lab, 'root/lib/modules'));
  writeFileSync(join(lab, 'modules'), `${boot.modules.join('\n')}\n`);
  const exports = Object.entries(job.env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  writeFileSync(
    join(lab, 'command.sh'),
    `${exports.join('')}cd ${quote(job.cwd)} || exit 127\nexec ${job.command.map(quote).join(' ')}\n`,
  );
  writeFileSync(join(lab, 'output'), '');
};

/**
 * Hands on what a growing file has gained since the last call.
 * @param {string} path
 * @param {NodeJS.WritableStream} out
 */
const follow = (path, out) => {
  let at = 0;
  return async () => {
    const size = statSync(path).size;
    if (size <= at) return;
    for await (const chunk of createReadStream(path, { start: at, end: size - 1 })) {
      at += chunk.length;
      out.write(chunk);
    }
  };
};

/** @param {string} path */
const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '');

/**
 * Boots the kernel, runs the command as root, powers off.
 * @param {Boot} boot
 * @param {{ command: readonly string[], cwd: string, env?: Record<string, string>, seconds: number, out: NodeJS.WritableStream }} job
 *   `seconds`: the whole run, boot included, is killed after that
 * @returns {Promise<{ status: number, bootMs: number, totalMs: number }>} exit status of the command, and what it took
 * @throws {LabError}
 */
export const runInGuest = async (boot, job) => {
  const lab = mkdtempSync(join(tmpdir(), `netrecon-lab-${boot.name}-`));
  const begun = Date.now();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  // the guest kernel is many processes; they share a group of their own so that one signal ends them all
  const kill = () => {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  };
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    kill();
    rmSync(lab, { recursive: true, force: true });
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    prepare(lab, boot, { command: job.command, cwd: job.cwd, env: job.env ?? {} });
    const { command, args, env } = boot.start(lab);
    let console_ = '';
    const machine = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    child = machine;
    /** @type {string | undefined} */
    let ended;
    machine.on('error', (error) => {
      ended = error.message;
    });
    machine.on('exit', (code, signal) => {
      ended ??= signal ?? `exit status ${code}`;
    });
    const keep = (/** @type {Buffer} */ chunk) => {
      console_ = (console_ + chunk).slice(-4000);
    };
    machine.stdout.on('data', keep);
    machine.stderr.on('data', keep);

    const pump = follow(join(lab, 'output'), job.out);
    let bootMs = 0;
    /** @param {string} what */
    const giveUp = (what) => {
      const detail = [readIfThere(join(lab, 'trouble')), console_.trim()].filter((text) => text !== '').join('\n');
      return new LabError(`${boot.name}: ${what}${detail === '' ? '' : `\n${detail}`}`, bootMs > 0);
    };
    for (;;) {
      await pause();
      const last = ended; // read before the files: what a machine wrote before it ended is there
      if (bootMs === 0 && existsSync(join(lab, 'started'))) bootMs = Date.now() - begun;
      await pump();
      const status = readIfThere(join(lab, 'status'));
      if (status !== '') {
        await pump();
        for (let i = 0; i < POWER_OFF_POLLS && ended === undefined; i++) await pause();
        return { status: Number(status), bootMs, totalMs: Date.now() - begun };
      }
      if (last !== undefined) throw giveUp(`ended before the command did (${last})`);
      if (bootMs === 0 && Date.now() - begun > boot.bootSeconds * 1000) {
        throw giveUp(`did not start within ${boot.bootSeconds} s`);
      }
      if (Date.now() - begun > job.seconds * 1000) throw giveUp(`not done within ${job.seconds} s`);
    }
  } finally {
    kill();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    rmSync(lab, { recursive: true, force: true });
  }
};
