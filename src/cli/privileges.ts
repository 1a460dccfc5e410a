import { readFileSync } from 'node:fs';
import { NetreconError } from '../model/errors.ts';

/** include/uapi/linux/capability.h */
const CAP_NET_ADMIN = 12n;

/** Whether CapEff of a /proc/PID/status holds a capability. */
export const hasCapability = (status: string, capability: bigint): boolean => {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(status);
  return match !== null && ((BigInt(`0x${match[1]}`) >> capability) & 1n) === 1n;
};

/**
 * Says before the first message what the kernel would say to it.
 * @throws {NetreconError} NR_NO_PRIVILEGE
 */
export const requireNetAdmin = (): void => {
  if (hasCapability(readFileSync('/proc/thread-self/status', 'latin1'), CAP_NET_ADMIN)) return;
  throw new NetreconError('NR_NO_PRIVILEGE', 'changing the network needs CAP_NET_ADMIN', {
    hint: 'run as root (sudo netrecon apply ...), or try the file in a private namespace with --sandbox',
  });
};
