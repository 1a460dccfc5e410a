import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const sync = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/**
 * Replaces a file so that after a crash either the old text or the new one is there: written beside, synced, renamed over,
 * and the folder synced so that the rename itself lasts. Mode 0600.
 */
export const writeDurably = (path: string, text: string): void => {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(beside, 'w', 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  sync(dirname(path));
};

/**
 * Appends a line by one write(2), so that a process that is killed leaves all of it or nothing.
 * @param path of a file that is there
 * @param sync whether it must be on the disk when this returns
 */
export const appendLine = (path: string, line: string, sync: boolean): void => {
  const fd = openSync(path, 'a', 0o600);
  try {
    writeSync(fd, line);
    if (sync) fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
