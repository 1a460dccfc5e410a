import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetreconError } from '../model/errors.ts';
import type { Context } from './context.ts';

/** The guardian says this once it has the namespace open. */
export const GUARDIAN_READY = 'ready\n';

/** It starts a runtime and opens a socket; on a machine under load that takes its time. */
const START_MS = 60_000;

/** The process that reverts an apply which nobody confirms. */
export interface Guardian {
  /** Starts it, and resolves with its process id when it is ready; once for all. */
  start(): Promise<number>;
  /**
   * Lets it look at the record: what the apply had to write is written. Where it was never started, nothing.
   * @param keys - for a reversion, what the record cannot hold (guardian-keys.ts)
   */
  release(keys?: string): void;
}

const guardianArguments = ({ options }: Context): readonly string[] => [
  'guardian',
  // it runs in the root folder, so that it keeps no file system busy
  ...(options.netns === undefined
    ? []
    : ['--netns', options.netns.includes('/') ? resolve(options.netns) : options.netns]),
  ...(options.stateDir === undefined ? [] : ['--state-dir', resolve(options.stateDir)]),
];

const startFailed = (why: string): NetreconError =>
  new NetreconError('NR_GUARDIAN', `the guardian that would revert an unconfirmed apply did not start: ${why}`, {
    hint: 'nothing was changed; without --confirm no guardian is needed',
  });

const untilReady = async (child: ChildProcess): Promise<void> => {
  const ready = (async () => {
    let text = '';
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      if (text.includes(GUARDIAN_READY)) return undefined;
    }
    return `it ended${child.exitCode === null ? '' : ` with status ${child.exitCode}`}`;
  })();
  const failed = once(child, 'error').then(([error]) => (error as Error).message);
  const timer = new AbortController();
  const late = sleep(START_MS, `it was not ready within ${START_MS / 1000} s`, { signal: timer.signal }).catch(
    () => undefined, // nobody waits for it any more
  );
  const why = await Promise.race([ready, failed, late]);
  timer.abort();
  if (why === undefined) return;
  child.kill('SIGKILL');
  throw startFailed(why);
};

/**
 * Prepares a guardian: this program, started again in a session of its own, where neither the death of the terminal nor
 * that of this process reaches it. Its standard input tells it when this process has come to its end, however it did, and before that what it
 * alone may know.
 */
export const prepareGuardian = (context: Context): Guardian => {
  let child: ChildProcess | undefined;
  let started: Promise<number> | undefined;
  const start = async (): Promise<number> => {
    child = spawn(
      process.execPath,
      [...process.execArgv, process.argv[1] as string, ...guardianArguments(context)],
      // detached: setsid(2)
      { detached: true, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] },
    );
    // a guardian that has ended reads no more; that it has is seen elsewhere
    child.stdin?.on('error', () => undefined);
    await untilReady(child);
    child.unref();
    return child.pid as number;
  };
  return {
    start: () => {
      started ??= start();
      return started;
    },
    release: (keys = '') => {
      child?.stdin?.end(keys);
      child?.stdout?.destroy();
    },
  };
};
