import { closeSync, constants, existsSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { ERRNO } from '../wire/errno.ts';
import { type NetlinkError, systemCallError } from '../wire/errors.ts';
import { CLONE_NEWNET, MS, mount, unmount, unshare } from './libc.ts';
import { type NamespaceHandle, openNamespace } from './namespace-switch.ts';

/** Where ip-netns(8) keeps named namespaces. */
const FOLDER = '/run/netns';

const OWN_NAMESPACE = '/proc/thread-self/ns/net';

const pathOf = (name: string): string => `${FOLDER}/${name}`;

/** Whether there is a file of that name, be it a namespace or what a crash left of one. */
export const hasNamespace = (name: string): boolean => existsSync(pathOf(name));

/** @throws {NetlinkError} NR_NO_NAMESPACE, NR_NO_PRIVILEGE */
export const openNamed = (name: string): NamespaceHandle => openNamespace(pathOf(name));

const fileError = (what: string, error: unknown): NetlinkError =>
  systemCallError(what, Math.abs((error as { errno?: number }).errno ?? ERRNO.EINVAL));

const check = (what: string, result: number): void => {
  if (result < 0) throw systemCallError(what, -result);
};

/** The folder as a mount that shares what is mounted in it, so that other mount namespaces see new namespaces come and go. */
const shareFolder = (): void => {
  try {
    mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw fileError(`make ${FOLDER}`, error);
  }
  if (mount('', FOLDER, MS.SHARED | MS.REC) === 0) return;
  check(`mount ${FOLDER}`, mount(FOLDER, FOLDER, MS.BIND | MS.REC));
  check(`share ${FOLDER}`, mount('', FOLDER, MS.SHARED | MS.REC));
};

/** Mounts a namespace under a name that nobody has. */
const bindName = (source: string, name: string): void => {
  const path = pathOf(name);
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, 0));
  } catch (error) {
    throw fileError(`make ${path}`, error);
  }
  const errno = -mount(source, path, MS.BIND);
  if (errno === 0) return;
  unlinkSync(path);
  throw systemCallError(`mount network namespace ${name}`, errno);
};

/** Gives a namespace that is held open a name. @throws {NetlinkError} NR_NO_PRIVILEGE, NR_SYSTEM_CALL */
export const giveName = (handle: NamespaceHandle, name: string): void => bindName(`/proc/self/fd/${handle.fd}`, name);

/** An empty network namespace, which goes with its descriptor. */
const createNameless = (): NamespaceHandle => {
  const own = openNamespace(OWN_NAMESPACE);
  try {
    return own.run(() => {
      check('make a network namespace', unshare(CLONE_NEWNET));
      return openNamespace(OWN_NAMESPACE);
    });
  } finally {
    own.close();
  }
};

/**
 * Makes an empty network namespace and gives it a name, as `ip netns add` does: a bind mount of its file in /run/netns, by
 * which it lives on without a process in it.
 * @param beforeName - called with the namespace while nobody else can reach it; where it throws there is none
 * @throws {NetlinkError} NR_NO_PRIVILEGE, NR_SYSTEM_CALL; there is no namespace of that name then
 */
export const createNamed = (name: string, beforeName: (made: NamespaceHandle) => void): NamespaceHandle => {
  shareFolder();
  const made = createNameless();
  try {
    beforeName(made);
    giveName(made, name);
  } finally {
    made.close();
  }
  return openNamed(name);
};

/**
 * Takes the name from a namespace, as `ip netns delete` does. It goes with all that stands in it as soon as no process and no
 * descriptor holds it.
 * @throws {NetlinkError} NR_NO_PRIVILEGE, NR_SYSTEM_CALL
 */
export const removeNamed = (name: string): void => {
  const path = pathOf(name);
  if (!existsSync(path)) return;
  const errno = -unmount(path);
  // EINVAL: nothing is mounted there, what a crash left behind is a plain file
  if (errno !== 0 && errno !== ERRNO.EINVAL) throw systemCallError(`unmount network namespace ${name}`, errno);
  try {
    unlinkSync(path);
  } catch (error) {
    throw fileError(`remove ${path}`, error);
  }
};
