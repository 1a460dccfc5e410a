import {
  closeSync,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const sync = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

const takeAfter = (fd: number, { uid, gid, mode }: Stats): void => {
  const own = fstatSync(fd);
  if (own.uid !== uid || own.gid !== gid) fchownSync(fd, uid, gid);
  // after the owner: a change of it takes set-id bits away
  fchmodSync(fd, mode & 0o7777);
};

/**
 * Replaces a file so that after a crash either the old text or the new one is there: written beside, synced, renamed over,
 * and the folder synced so that the rename itself lasts.
 * @param like mode and owner that it gets; default: 0600, and whoever runs this
 */
export const writeDurably = (path: string, text: string, like?: Stats): void => {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(beside, 'w', 0o600);
    try {
      writeFileSync(fd, text);
      if (like !== undefined) takeAfter(fd, like);
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
