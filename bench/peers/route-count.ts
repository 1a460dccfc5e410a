import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scratch } from '../scratch.ts';

/** Counts routes of a namespace from outside, without a dump. */
export interface RouteCount {
  /**
   * IPv4 routes of the main table and the local one, the kernel's own included. It takes some 10 ms for each 100,000 and no
   * lock that a writer waits for. @see fib_trie.c fib_triestat_seq_show
   */
  now(): number;
  /**
   * Waits until there are so many, for good.
   * @returns the moment at which it came to that, on the clock of `performance`
   * @throws {Error} where it does not come to that in time
   */
  reached(count: number): Promise<number>;
  /** Ends the process that looks: as long as it is there, the namespace stays. */
  close(): void;
}

const PATIENCE_MS = 120_000;

/** A number that stands for so long does not just happen to be passed. */
const REST_MS = 200;

/** Between two looks, or as long as a look takes: a writer has a processor of its own, and the memory in common. */
const LOOK_MS = 2;

/** Starts a process in the namespace, through which it can be seen; it ends with the row. */
export const openRouteCount = async (scratch: Scratch, ns: string): Promise<RouteCount> => {
  const child = spawn('ip', ['netns', 'exec', ns, 'sleep', 'infinity'], { stdio: 'ignore' });
  const close = (): void => void child.kill('SIGKILL');
  scratch.afterRow(close);
  const home = `net:[${statSync(`/run/netns/${ns}`).ino}]`;
  while (readlinkSync(`/proc/${child.pid}/ns/net`) !== home) await sleep(LOOK_MS);
  const now = (): number => {
    const text = readFileSync(`/proc/${child.pid}/net/fib_triestat`, 'latin1');
    return Number(/Prefixes:\s+(\d+)/.exec(text)?.[1] ?? 0);
  };
  return {
    now,
    close,
    reached: async (count) => {
      const end = performance.now() + PATIENCE_MS;
      for (let since: number | undefined; ; ) {
        const before = performance.now();
        const found = now();
        const at = performance.now();
        if (found !== count) since = undefined;
        else since ??= at;
        if (since !== undefined && at - since >= REST_MS) return since;
        if (at > end) throw new Error(`there are ${found} routes instead of ${count}`);
        await sleep(Math.max(LOOK_MS, at - before));
      }
    },
  };
};
