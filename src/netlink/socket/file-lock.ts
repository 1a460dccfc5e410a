import { closeSync, openSync } from 'node:fs';
import { tryLock } from './libc.ts';

/** A lock that the kernel drops with the process, however it ends. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the exclusive flock(2) of a file, which is created where it is missing. The lock lies on the open file, not on the
 * process: children do not inherit it, since the descriptor is close-on-exec.
 * @returns undefined where another process (or another lock of this one) holds it
 * @throws {NetlinkError} NR_SYSTEM_CALL; the errors of open(2) as Node raises them
 */
export const lockFile = (path: string): FileLock | undefined => {
  const fd = openSync(path, 'a', 0o600);
  try {
    if (tryLock(fd)) return { release: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
};
