import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetreconError } from '../model/errors.ts';
import { type FileLock, lockFile } from '../netlink/socket/file-lock.ts';
import type { NamespaceRecord, RecordStore } from '../reconcile/transaction/record.ts';
import { removeLeftovers, removeOldRecords } from './record-retention.ts';
import { formatProgress, formatRecord, parseRecord, recordSum } from './record-text.ts';
import { makeStateDirectory, requirePrivate, type StateLocation } from './state-location.ts';
import { appendLine, writeDurably } from './write-durably.ts';

/** Another netrecon works on the namespace. */
class LockError extends NetreconError {
  constructor(message: string, hint: string) {
    super('NR_LOCKED', message, { hint, exitStatus: 6 });
  }
}

/** Who holds a lock, as its file says. */
interface LockHolder {
  readonly pid: number;
  readonly command: string;
  /** ISO 8601 */
  readonly since: string;
  /** `net:[4026531840]`: by it a later run sees that the namespace is gone */
  readonly namespace?: string;
}

export interface StateDirectory {
  /** the folder, where there is one; it exists once the lock has been taken */
  readonly path?: string;
  readonly records: RecordStore;
  /** changes whenever the record is written; undefined where there is none */
  recordStamp(): string | undefined;
  /**
   * Takes the namespace for this process.
   * @param command for the message that others get
   * @throws {LockError} NR_LOCKED, exit status 6
   */
  lock(command: string, now: Date): FileLock;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const readBootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();

/** The holder writes this right after it has the lock: for a moment the file may still be empty. */
const readHolder = (path: string): LockHolder | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
};

const lockedError = (path: string): LockError => {
  const holder = readHolder(path);
  const who =
    holder === undefined
      ? 'another netrecon'
      : `netrecon ${holder.command} (process ${holder.pid}, since ${holder.since})`;
  return new LockError(`${who} is at work on this network namespace`, 'wait until it is done');
};

const recordError = (path: string, error: unknown): NetreconError =>
  error instanceof NetreconError
    ? error
    : new NetreconError('NR_RECORD', `record ${path}: ${(error as Error).message}`, { cause: error });

/** Tells one writing of a file from another without reading it: every one has an inode of its own, or another length. */
const stampOf = (path: string): string | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
};

/** A line that was not synced is lost with the machine, and the state of the kernel with it: seldom is enough. */
const SYNC_INTERVAL_MS = 250;

const fileRecords = (path: string, boot: string): RecordStore => {
  /** of the record that this process wrote; only that one may be appended to */
  let sum: string | undefined;
  let syncedAt = 0;
  /** what the file said last: one apply asks several times, and long lists make a record megabytes long */
  let last: { readonly stamp: string; readonly record: NamespaceRecord | undefined } | undefined;
  return {
    read() {
      try {
        // before the file is read: one that is replaced meanwhile is read again next time
        const stamp = stampOf(path);
        if (stamp === undefined) return undefined;
        if (last?.stamp !== stamp) last = { stamp, record: parseRecord(readFileSync(path, 'utf8'), boot, path) };
        return last.record;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw recordError(path, error);
      }
    },
    write(record) {
      try {
        const text = formatRecord(record, boot);
        writeDurably(path, text);
        sum = recordSum(text);
      } catch (error) {
        throw recordError(path, error);
      }
    },
    acknowledge(operations) {
      if (sum === undefined) return;
      const now = performance.now();
      const sync = now - syncedAt >= SYNC_INTERVAL_MS;
      if (sync) syncedAt = now;
      try {
        appendLine(path, formatProgress(sum, operations), sync);
      } catch (error) {
        throw recordError(path, error);
      }
    },
  };
};

/**
 * What netrecon keeps of one namespace: `FOLDER/NAMESPACE/record` and `lock`. Only `lock` makes folders.
 * @param location see locateStateDirectory
 * @param namespace what tells the namespace from all others; becomes a folder name
 * @param identity the target of the namespace's link under /proc/PID/ns, where it is known
 * @throws {NetreconError} NR_STATE_DIR
 */
export const openStateDirectory = (location: StateLocation, namespace: string, identity?: string): StateDirectory => {
  requirePrivate(location);
  const own = join(location.path, namespace);
  const lockPath = join(own, 'lock');
  const recordPath = join(own, 'record');
  const boot = readBootId();
  return {
    path: own,
    records: fileRecords(recordPath, boot),
    recordStamp: () => stampOf(recordPath),
    lock(command, now) {
      makeStateDirectory(location, namespace);
      const lock = lockFile(lockPath);
      if (lock === undefined) throw lockedError(lockPath);
      const holder: LockHolder = {
        pid: process.pid,
        command,
        since: now.toISOString(),
        ...(identity === undefined ? {} : { namespace: identity }),
      };
      // the same inode: the lock lies on it, so the file must be neither replaced nor removed
      writeFileSync(lockPath, `${JSON.stringify(holder)}\n`);
      removeLeftovers(own);
      removeOldRecords(location.path, { now, boot });
      return lock;
    },
  };
};

/**
 * Whether the record that another one points at (NamespaceRecord.partOf) still has its transaction open.
 * @throws {NetreconError} NR_RECORD
 */
export const isOpenRecord = (folder: string): boolean => {
  const phase = fileRecords(join(folder, 'record'), readBootId()).read()?.transaction?.phase;
  return phase === 'open' || phase === 'unconfirmed' || phase === 'incomplete';
};

/** For a namespace that goes with the process: nobody could ever read a record of it, nor lock it. */
export const openTransientState = (): StateDirectory => {
  let record: NamespaceRecord | undefined;
  return {
    records: {
      read: () => record,
      write: (next) => {
        record = next;
      },
    },
    recordStamp: () => undefined,
    lock: () => ({ release: () => undefined }),
  };
};
