import { readFileSync } from 'node:fs';
import { dropBoundingCapability, execute } from './libc.ts';

/** include/uapi/linux/capability.h */
export const CAPABILITY = { SETPCAP: 8, NET_ADMIN: 12, SYS_ADMIN: 21 } as const;

const setOf = (status: string, name: 'CapEff' | 'CapBnd'): bigint =>
  BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);

const has = (set: bigint, capability: number): boolean => ((set >> BigInt(capability)) & 1n) === 1n;

/** Whether CapEff of a /proc/PID/status holds a capability. */
export const hasCapability = (status: string, capability: number): boolean => has(setOf(status, 'CapEff'), capability);

/**
 * Which capabilities of a process have to go, so that it keeps no more than it needs. Nothing where it has no other, or may
 * not drop them (an ordinary user whom a file or the service manager gave some).
 * @param status text of /proc/PID/status
 */
export const superfluousCapabilities = (status: string, needed: readonly number[]): readonly number[] => {
  if (!hasCapability(status, CAPABILITY.SETPCAP)) return [];
  const bounding = setOf(status, 'CapBnd');
  return Array.from({ length: 64 }, (_, capability) => capability).filter(
    (capability) => has(bounding, capability) && !needed.includes(capability),
  );
};

/**
 * Keeps these capabilities and no others, for good. capset(2) would change the calling thread alone, and Node has several: so
 * the others are taken out of the bounding set, and the program starts again with the same arguments, process id and streams;
 * execve(2) gives root no more than the bounding set (capabilities(7)). Call this before anything is opened. Does nothing
 * where there is nothing to drop.
 * @throws {NetlinkError}
 */
export const keepCapabilities = (needed: readonly number[]): void => {
  const superfluous = superfluousCapabilities(readFileSync('/proc/thread-self/status', 'latin1'), needed);
  if (superfluous.length === 0) return;
  // the right to drop goes last
  for (const capability of superfluous) if (capability !== CAPABILITY.SETPCAP) dropBoundingCapability(capability);
  if (superfluous.includes(CAPABILITY.SETPCAP)) dropBoundingCapability(CAPABILITY.SETPCAP);
  execute(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
};
