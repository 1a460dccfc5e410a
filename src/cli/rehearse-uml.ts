import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetreconError } from '../model/errors.ts';
import type { RehearsalSubject } from '../reconcile/rehearse/rehearse-types.ts';
import { packSubject, type Told, unpackResult } from './rehearse-protocol.ts';
import { umlInit } from './rehearse-uml-init.ts';

const MODULES = '/usr/lib/uml/modules';

/** An ordinary user's PATH lacks them. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'] as const;

/** It takes five to ten seconds on a machine that has nothing else to do. */
const BOOT_MS = 120_000;
const POLL_MS = 50;

/** Virtual: pages that the guest never touches are never there. */
const MEMORY = '2G';

const noUml = (message: string, hint: string): NetreconError => new NetreconError('NR_NO_UML', message, { hint });

const hasProgram = (name: string): boolean =>
  [...(process.env.PATH ?? '').split(':'), ...SYSTEM_FOLDERS].some((folder) => existsSync(join(folder, name)));

const requireUml = (): void => {
  const missing = [
    ...(hasProgram('linux.uml') && existsSync(MODULES) ? [] : ['user-mode-linux']),
    ...(hasProgram('modprobe') ? [] : ['kmod']),
  ];
  if (missing.length === 0) return;
  throw noUml(
    `--rehearse=uml needs a package that is not installed: ${missing.join(', ')}`,
    `on Debian: apt-get install ${missing.join(' ')}; plain --rehearse takes the running kernel`,
  );
};

/** What the guest finds in its folder, beside what it leaves there. */
const writeFolder = (folder: string, subject: RehearsalSubject): void => {
  writeFileSync(join(folder, 'subject'), packSubject(subject));
  const command = [process.execPath, ...process.execArgv, resolve(process.argv[1] as string), 'rehearse'];
  writeFileSync(join(folder, 'init'), umlInit(folder, command), { mode: 0o700 });
  // modprobe -d looks for lib/modules below the folder that it is given
  mkdirSync(join(folder, 'root/lib'), { recursive: true });
  symlinkSync(MODULES, join(folder, 'root/lib/modules'));
};

const textIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '');

const boot = (folder: string): ChildProcess =>
  spawn(
    'linux.uml',
    [
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      `init=${join(folder, 'init')}`,
      `mem=${MEMORY}`,
      'con0=null,fd:1',
      'con=null',
      'ssl=null',
      'quiet',
      'panic=-1',
      `uml_dir=${folder}`,
      'umid=machine',
    ],
    // a kernel is many processes: they are ended as a group
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const killGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
};

/** The end of what the kernel printed, for the case that it has come to nothing. */
const followConsole = (kernel: ChildProcess): (() => string) => {
  let text = '';
  for (const stream of [kernel.stdout, kernel.stderr])
    stream?.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(-500);
    });
  return () => text.trim().split('\n').at(-1) ?? '';
};

/** @throws {NetreconError} NR_NO_UML where the kernel does not come up */
const untilBooted = async (folder: string, hasEnded: () => boolean, lastWords: () => string): Promise<void> => {
  const isBooted = () => existsSync(join(folder, 'started'));
  const begun = performance.now();
  while (!isBooted() && !hasEnded() && performance.now() - begun < BOOT_MS) await sleep(POLL_MS);
  if (isBooted()) return;
  const why = textIfThere(join(folder, 'trouble')) || lastWords();
  throw noUml(
    `linux.uml did not start${why === '' ? '' : `: ${why}`}`,
    'it needs ptrace(2), and a /dev/shm or TMPDIR from which programs may run',
  );
};

/** Leaves no kernel behind, however this process ends. */
const guarding = async <T>(kernel: ChildProcess, folder: string, action: () => Promise<T>): Promise<T> => {
  const clear = (): void => {
    killGroup(kernel);
    rmSync(folder, { recursive: true, force: true });
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    clear();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    return await action();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    clear();
  }
};

const play = async (folder: string): Promise<Told> => {
  const kernel = boot(folder);
  const lastWords = followConsole(kernel);
  let hasEnded = false;
  const end = once(kernel, 'close')
    .catch(() => undefined) // it could not be run; what is missing then shows below
    .then(() => {
      hasEnded = true;
    });
  return guarding(kernel, folder, async () => {
    await untilBooted(folder, () => hasEnded, lastWords);
    await end;
    const result = join(folder, 'result');
    const ended = textIfThere(join(folder, 'errors')) || 'its kernel stopped';
    return unpackResult(existsSync(result) ? readFileSync(result) : Buffer.alloc(0), ended);
  });
};

/**
 * Rehearses on Debian's User-Mode Linux, a kernel that is an ordinary process and has nearly every kind of link. It runs this
 * very program, on the host's own files, which it can only read; what goes in and out is in a folder of its own.
 * @throws {NetreconError} NR_NO_UML; else as rehearseHere
 */
export const rehearseInUml = async (subject: RehearsalSubject): Promise<Told> => {
  requireUml();
  // it becomes a word of the command line of a kernel, and an option of mount
  const base = /^[\w./+-]+$/.test(tmpdir()) ? tmpdir() : '/tmp';
  const folder = mkdtempSync(join(base, 'netrecon-rehearsal-'));
  writeFolder(folder, subject);
  return play(folder);
};
