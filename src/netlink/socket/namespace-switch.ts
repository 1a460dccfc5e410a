import { closeSync, openSync, writeSync } from 'node:fs';
import { ERRNO } from '../wire/errno.ts';
import { NetlinkError, systemCallError } from '../wire/errors.ts';
import { CLONE_NEWNET, setNamespace } from './libc.ts';

/** A network namespace held open: it stays the same one, whatever becomes of the path. */
export interface NamespaceHandle {
  readonly path: string;
  /** what a message to the kernel names it by (IFLA_NET_NS_FD), and what keeps it alive without a name */
  readonly fd: number;
  /** Runs `action` with the main thread in the namespace, and brings the thread back. `action` must be synchronous. */
  run<T>(action: () => T): T;
  close(): void;
}

const OWN_NAMESPACE = '/proc/thread-self/ns/net';

const errnoOf = (error: unknown): number => Math.abs((error as { errno?: number }).errno ?? 0);

const openNamespaceFile = (path: string): number => {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === ERRNO.EPERM || errno === ERRNO.EACCES) throw systemCallError(`open network namespace ${path}`, errno);
    throw new NetlinkError('NR_NO_NAMESPACE', `network namespace ${path} does not exist`, { errno, cause });
  }
};

const enter = (fd: number, path: string): void => {
  const errno = -setNamespace(fd, CLONE_NEWNET);
  if (errno === 0) return;
  // EINVAL: the file is there but is no network namespace (a leftover of a reboot under /run/netns is a plain file).
  if (errno === ERRNO.EINVAL)
    throw new NetlinkError('NR_NO_NAMESPACE', `${path} is not a network namespace`, {
      errno,
      hint: 'where a crash left it behind under /run/netns, `ip netns delete` takes it away',
    });
  throw systemCallError(`enter network namespace ${path}`, errno);
};

/** Going on in the wrong namespace would change someone else's network: better no process at all. */
const returnOrDie = (fd: number): void => {
  if (setNamespace(fd, CLONE_NEWNET) === 0) return;
  writeSync(2, 'netrecon: cannot return to its own network namespace; stopping\n');
  process.abort();
};

/**
 * Opens a network namespace by the path of its file (`/run/netns/NAME`, `/proc/PID/ns/net`).
 * @throws {NetlinkError} NR_NO_NAMESPACE, NR_NO_PRIVILEGE
 * @see setns(2): it moves only the calling thread, and a socket keeps the namespace it was made in
 */
export const openNamespace = (path: string): NamespaceHandle => {
  const target = openNamespaceFile(path);
  let open = true;
  return {
    path,
    fd: target,
    run: (action) => {
      const own = openNamespaceFile(OWN_NAMESPACE);
      try {
        enter(target, path);
        try {
          return action();
        } finally {
          returnOrDie(own);
        }
      } finally {
        closeSync(own);
      }
    },
    close: () => {
      if (open) closeSync(target);
      open = false;
    },
  };
};
