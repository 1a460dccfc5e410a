import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DriftEvent, WatchEvent } from '../../src/reconcile/watch/events.ts';
import type { WatchStatus } from '../../src/reconcile/watch/status.ts';
import { runNetrecon } from './command.ts';
import { sleep } from './harness.ts';
import type { CommandResult } from './run-command.ts';
import { PATIENCE_MS, withNamespace } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'bin/netrecon');

/** Waits until `find` gives something, and fails with what was waited for when it does not in time. */
export const eventually = async <T>(what: string, find: () => T | undefined | false, pollMs = 10): Promise<T> => {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(pollMs)) {
    const found = find();
    if (found !== undefined && found !== false) return found;
  }
  assert.fail(`${what} did not happen within ${PATIENCE_MS / 1000} s`);
};

/** A running `netrecon watch` on a namespace and a file of its own. */
export interface Daemon {
  readonly process: ChildProcess;
  readonly folder: string;
  /** the state file that it watches */
  readonly path: string;
  readonly events: readonly WatchEvent[];
  /** the drift events about objects whose title matches, from `after` on */
  drift(title: RegExp, after?: number): DriftEvent | undefined;
  /** another netrecon command on the same namespace and records */
  run(...args: readonly string[]): CommandResult;
  status(): WatchStatus;
  /** ends it and tells its exit status */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export const startWatch = async (
  ns: string,
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Daemon> => {
  const path = join(folder, 'state.yaml');
  const common = ['--netns', ns, '--state-dir', join(folder, 'state')];
  const child = spawn(process.execPath, [BIN, 'watch', path, '--format', 'json', ...common, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: WatchEvent[] = [];
  let rest = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) events.push(JSON.parse(line) as WatchEvent);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const run = (...words: readonly string[]): CommandResult => runNetrecon([...words, ...common]);
  await eventually(`the first apply (${path})`, () => {
    if (child.exitCode !== null) throw new Error(`watch ended with ${child.exitCode}: ${complaints}`);
    return events.some(({ type }) => type === 'applied');
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    process: child,
    folder,
    path,
    events,
    drift: (title, after = 0) =>
      events.slice(after).find((event): event is DriftEvent => event.type === 'drift' && title.test(event.title)),
    run,
    status: () => JSON.parse(run('status', '--format', 'json').stdout) as WatchStatus,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill(signal);
        await ended;
      }
      assert.doesNotMatch(complaints, /\n\s+at |NR_BUG/, 'no stack trace ever reaches a user');
      return child.exitCode;
    },
  };
};

/** A fresh namespace, a folder with `state.yaml`, and a watch on it; all of it goes at the end. */
export const withWatch = (
  yaml: string,
  test: (ns: string, daemon: Daemon) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> =>
  withNamespace(async (ns) => {
    const folder = mkdtempSync(join(tmpdir(), 'netrecon-watch-'));
    try {
      writeFileSync(join(folder, 'state.yaml'), yaml);
      const daemon = await startWatch(ns, folder, args);
      try {
        await test(ns, daemon);
      } finally {
        await daemon.stop('SIGKILL');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

/** What a process takes: resident memory in KiB, open descriptors, processor time in milliseconds. */
export const usageOf = (
  pid: number,
): { readonly residentKiB: number; readonly descriptors: number; readonly cpuMs: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  // proc_pid_stat(5): fields 14 and 15, utime and stime in ticks of a hundredth of a second
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return {
    residentKiB: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    cpuMs: 10 * (Number(fields[11]) + Number(fields[12])),
  };
};

/** The size of a sample of a campaign; the whole of it is run by hand with NETRECON_WATCH_<name>. */
export const sampleSize = (name: string, sample: number): number =>
  Number(process.env[`NETRECON_WATCH_${name}`] ?? sample);

/** Shown with the result of the file, also where all is well. */
export const report = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** xorshift32: numbers from 0 to 1 that a seed brings back. */
export const createRandom = (seed: number): (() => number) => {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
};
