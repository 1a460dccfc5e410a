import { closeSync, openSync } from 'node:fs';
import type { TunRefusal, TunRequest } from '../tun-ops.ts';
import { ERRNO } from '../wire/errno.ts';
import { IFREQ_VALUE, ifreqOf } from './ifreq.ts';
import { ioctlBytes, ioctlInt } from './libc.ts';

// include/uapi/linux/if_tun.h: _IOW('T', n, int)
const TUN = {
  SETIFF: 0x400454ca,
  SETPERSIST: 0x400454cb,
  SETOWNER: 0x400454cc,
  SETGROUP: 0x400454ce,
  SETIFINDEX: 0x400454da,
} as const;

const openTun = (): number | TunRefusal => {
  try {
    return openSync('/dev/net/tun', 'r+');
  } catch (error) {
    return { call: 'open /dev/net/tun', errno: Math.abs((error as NodeJS.ErrnoException).errno ?? ERRNO.ENODEV) };
  }
};

/** Whether there is a /dev/net/tun to open; opening it loads the module. */
export const hasTun = (): boolean => {
  const fd = openTun();
  if (typeof fd === 'number') closeSync(fd);
  return typeof fd === 'number';
};

/**
 * Makes a persistent device in the namespace that the thread is in, or attaches to the one of that name, and sets what is
 * asked for. A device that this call makes goes again where a later part of it fails.
 * @returns undefined, or which call was refused
 * @see Documentation/networking/tuntap.rst
 */
export const setTun = ({ name, flags, index, user, group }: TunRequest): TunRefusal | undefined => {
  const fd = openTun();
  if (typeof fd !== 'number') return fd;
  try {
    const request = ifreqOf(name);
    request.writeUInt16LE(flags, IFREQ_VALUE);
    const wanted = Buffer.alloc(4);
    wanted.writeUInt32LE(index);
    const calls: readonly (readonly [call: string, run: () => number])[] = [
      ...(index === 0 ? [] : [['TUNSETIFINDEX', () => ioctlBytes(fd, TUN.SETIFINDEX, wanted)] as const]),
      ['TUNSETIFF', () => ioctlBytes(fd, TUN.SETIFF, request)],
      ...(user === undefined ? [] : [['TUNSETOWNER', () => ioctlInt(fd, TUN.SETOWNER, user)] as const]),
      ...(group === undefined ? [] : [['TUNSETGROUP', () => ioctlInt(fd, TUN.SETGROUP, group)] as const]),
      ['TUNSETPERSIST', () => ioctlInt(fd, TUN.SETPERSIST, 1)],
    ];
    for (const [call, run] of calls) {
      const errno = -run();
      if (errno > 0) return { call, errno };
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
};
