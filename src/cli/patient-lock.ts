import { setTimeout as sleep } from 'node:timers/promises';
import { isNetreconError } from '../model/errors.ts';
import type { FileLock } from '../netlink/socket/file-lock.ts';
import type { StateDirectory } from './state-directory.ts';

const POLL_MS = 20;

/**
 * Takes the lock of the namespace, and waits for it while another netrecon has it.
 * @param withinMs how long at most
 * @throws {NetreconError} NR_LOCKED, exit status 6, where it is still held then
 */
export const lockPatiently = async (state: StateDirectory, command: string, withinMs: number): Promise<FileLock> => {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return state.lock(command, new Date());
    } catch (error) {
      if (!isNetreconError(error) || error.code !== 'NR_LOCKED' || performance.now() >= end) throw error;
    }
    await sleep(POLL_MS);
  }
};
