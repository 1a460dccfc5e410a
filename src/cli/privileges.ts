import { readFileSync } from 'node:fs';
import { NetreconError } from '../model/errors.ts';
import { CAPABILITY, hasCapability, keepCapabilities } from '../netlink/socket/capabilities.ts';

/**
 * Says before the first message what the kernel would say to it.
 * @throws {NetreconError} NR_NO_PRIVILEGE
 */
export const requireNetAdmin = (): void => {
  if (hasCapability(readFileSync('/proc/thread-self/status', 'latin1'), CAPABILITY.NET_ADMIN)) return;
  throw new NetreconError('NR_NO_PRIVILEGE', 'changing the network needs CAP_NET_ADMIN', {
    hint: 'run as root (sudo netrecon apply ...), or try the file in a private namespace with --sandbox',
  });
};

/**
 * Lets go of what a program that runs for months as root does not need: all but CAP_NET_ADMIN, and CAP_SYS_ADMIN where
 * sockets are to be opened in another namespace (setns(2)). The program may start again: call this first.
 */
export const keepNetAdmin = (inOtherNamespace: boolean): void =>
  keepCapabilities([CAPABILITY.NET_ADMIN, ...(inOtherNamespace ? [CAPABILITY.SYS_ADMIN] : [])]);
