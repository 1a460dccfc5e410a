import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scratch } from '../scratch.ts';

/** A process of which only its consumption counts. */
export interface Background {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a command with its output thrown away. */
export const startBackground = (command: readonly [string, ...string[]]): Background => {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return {
    pid: child.pid as number,
    stop: async () => {
      if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended by itself`);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const PATIENCE_MS = 30_000;

/** Starts `netrecon watch` and waits until `isReady` says that its first apply is done. */
export const startWatch = async (
  scratch: Scratch,
  { ns, file, args }: { readonly ns: string; readonly file: string; readonly args: readonly string[] },
  isReady: () => Promise<boolean>,
): Promise<Background> => {
  const watch = startBackground(scratch.netrecon(ns, 'watch', file, '--format', 'json', ...args));
  for (const end = performance.now() + PATIENCE_MS; !(await isReady()); await sleep(50)) {
    if (performance.now() < end) continue;
    await watch.stop();
    throw new Error('netrecon watch did not apply its file');
  }
  // the first apply is verified, and the code has been compiled where it is hot
  await sleep(1000);
  return watch;
};
