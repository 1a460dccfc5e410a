import { accessSync, constants, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetreconError } from '../model/errors.ts';

export const SYSTEM_STATE_DIRECTORY = '/run/netrecon';

/**
 * Whether this is root of the host rather than of a user namespace, where user 0 may not write to /run.
 * @see user_namespaces(7): the map of the initial namespace is the identity over all 2^32-1 ids
 */
const isHostRoot = (uid: number): boolean => {
  if (uid !== 0) return false;
  return readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/).join(' ') === '0 0 4294967295';
};

/** Who this process runs as. */
export interface User {
  readonly uid: number;
  /** user 0 of the initial user namespace */
  readonly isHostRoot: boolean;
}

const currentUser = (): User => {
  const uid = process.getuid?.() ?? 0;
  return { uid, isHostRoot: isHostRoot(uid) };
};

/** Whether root keeps records that this user may not read: a plan is then made without them. */
export const isSystemStateHidden = (option: string | undefined): boolean => {
  if (option !== undefined || currentUser().isHostRoot || !existsSync(SYSTEM_STATE_DIRECTORY)) return false;
  try {
    accessSync(SYSTEM_STATE_DIRECTORY, constants.R_OK | constants.X_OK);
    return false;
  } catch {
    return true; // asking is all that access(2) is for
  }
};

/** Where the records are, and whether somebody else may have made that place. */
export interface StateLocation {
  readonly path: string;
  /** under the temporary directory, where anybody may make a folder of any name and then owns what the record says */
  readonly isShared: boolean;
}

/**
 * The folder of the records: --state-dir, else /run/netrecon for root, else $XDG_RUNTIME_DIR/netrecon, else a private folder
 * under the temporary directory. Nothing is made yet.
 */
export const locateStateDirectory = (
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  user: User = currentUser(),
): StateLocation => {
  if (option !== undefined) return { path: option, isShared: false };
  if (user.isHostRoot) return { path: SYSTEM_STATE_DIRECTORY, isShared: false };
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime?.startsWith('/') === true) return { path: join(runtime, 'netrecon'), isShared: false };
  return { path: join(tmpdir(), `netrecon-${user.uid}`), isShared: true };
};

/**
 * A folder in a shared place must be nobody else's.
 * @throws {NetreconError} NR_STATE_DIR
 */
export const requirePrivate = ({ path, isShared }: StateLocation): void => {
  const stat = isShared ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  if (stat === undefined || (stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0))
    return;
  throw new NetreconError('NR_STATE_DIR', `state directory ${path} is not a folder of yours alone`, {
    hint: 'remove it, or give another one with --state-dir',
  });
};

/**
 * Makes the folder of one namespace where it is missing (mode 0700).
 * @throws {NetreconError} NR_STATE_DIR
 */
export const makeStateDirectory = (location: StateLocation, namespace: string): void => {
  const own = join(location.path, namespace);
  try {
    mkdirSync(location.path, { recursive: true, mode: 0o700 });
    requirePrivate(location);
    mkdirSync(own, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof NetreconError) throw error;
    throw new NetreconError('NR_STATE_DIR', `cannot use state directory ${own}: ${(error as Error).message}`, {
      hint: 'give another one with --state-dir',
      cause: error,
    });
  }
};
