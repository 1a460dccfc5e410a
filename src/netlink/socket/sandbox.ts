import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ERRNO } from '../wire/errno.ts';
import { NetlinkError, systemCallError } from '../wire/errors.ts';
import { CLONE_NEWNET, execute, unshare } from './libc.ts';

/** Set for the second start of the program, so that a refusal there ends it instead of starting it a third time. */
const RESTARTED = 'NETRECON_SANDBOX_RESTARTED';

/** util-linux unshare(1): a user namespace in which the caller is root. */
const AS_ROOT = ['--user', '--map-root-user', '--'] as const;

/** Settings that forbid user namespaces, with the value that does (kernel.* are of distributions, user.* is every kernel's). */
const FORBIDDING: Readonly<Record<string, string>> = {
  'user.max_user_namespaces': '0',
  'user.max_net_namespaces': '0',
  'kernel.unprivileged_userns_clone': '0',
  'kernel.apparmor_restrict_unprivileged_userns': '1',
};

const readSetting = (name: string): string | undefined => {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined; // this kernel has no such setting
  }
};

/** What to do about it: the setting that stands in the way, where it is one. */
const hintOf = (isInstalled: boolean): string => {
  if (!isInstalled) return 'run as root, or install util-linux: unshare makes the namespaces';
  const found = Object.entries(FORBIDDING).flatMap(([name, value]) =>
    readSetting(name) === value ? [`${name} is ${value}`] : [],
  );
  if (found.length > 0) return `run as root, or let its owner allow user namespaces: ${found.join(', ')}`;
  return 'run as root, or allow user namespaces: a security module or the container may forbid them';
};

/**
 * Moves the main thread into a fresh, empty network namespace, which vanishes with the process. Sockets opened and child
 * processes started from then on are in it; other threads (and so asynchronous file reads of /proc and /sys) are not.
 *
 * With CAP_SYS_ADMIN this is unshare(2). An ordinary user needs a user namespace as well, which the kernel does not give to a
 * process with several threads (unshare(2): EINVAL), and Node always has several. So the program becomes unshare(1), which
 * starts it again, from the beginning and with the same arguments, as the root of a user namespace: the process id, the
 * streams and the exit status stay. Call this before anything is done or read from standard input.
 *
 * @throws {NetlinkError} NR_NO_PRIVILEGE where the host allows no user namespaces
 */
export const enterSandbox = (): void => {
  const errno = -unshare(CLONE_NEWNET);
  if (errno === 0) {
    delete process.env[RESTARTED]; // no business of the programs that this one starts
    return;
  }
  if (errno !== ERRNO.EPERM || process.env[RESTARTED] !== undefined)
    throw systemCallError('make a network namespace', errno);
  const trial = spawnSync('unshare', [...AS_ROOT, 'true'], { stdio: 'ignore' });
  if (trial.status !== 0) {
    throw new NetlinkError('NR_NO_PRIVILEGE', 'this host gives ordinary users no private network namespace', {
      errno,
      hint: hintOf(trial.error === undefined),
    });
  }
  process.env[RESTARTED] = '1';
  execute('unshare', ['unshare', ...AS_ROOT, process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
};
