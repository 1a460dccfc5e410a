import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** One run of a whole process. */
export interface Sample {
  /** from the call of spawn to the exit of the process */
  readonly milliseconds: number;
  /** VmHWM as last seen; 0 where the process ended before the first look */
  readonly peakKilobytes: number;
}

/** How often the memory of a process is looked at; the kernel keeps the maximum, so only the last moments are missed. */
const LOOK_MS = 20;

/** The largest resident memory of a process so far, in kilobytes; 0 where it is no more. */
export const peakOf = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch (error) {
    // it ended between two looks
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
};

/**
 * Runs a command with its output thrown away and tells how long it took.
 * @param expected - the exit status of a run that does what it is meant to
 * @throws {Error} with what it wrote to standard error where it ends otherwise: a figure of a failed run means nothing
 */
export const measure = (command: Command, expected = 0): Promise<Sample> =>
  new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const start = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let peakKilobytes = 0;
    let complaints = '';
    const timer = setInterval(() => {
      if (child.pid !== undefined) peakKilobytes = Math.max(peakKilobytes, peakOf(child.pid));
    }, LOOK_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.on('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
    let milliseconds = 0;
    child.on('exit', () => {
      milliseconds = performance.now() - start;
      clearInterval(timer);
    });
    child.on('close', (status, signal) => {
      if (status === expected) resolve({ milliseconds, peakKilobytes });
      else reject(new Error(`${command.join(' ')}: ${signal ?? `exit status ${status}`}\n${complaints}`));
    });
  });

/** @param values at least one */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
};
