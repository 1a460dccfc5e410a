import { AF } from '../wire/constants.ts';
import { ERRNO } from '../wire/errno.ts';
import { NetlinkError } from '../wire/errors.ts';
import { close, getSocketOption64, socket } from './libc.ts';

// include/linux/socket.h, include/uapi/asm-generic/socket.h
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_NETNS_COOKIE = 71;

/**
 * The number that tells the thread's network namespace from every other since boot. The inode of a namespace does not: the
 * kernel gives it to the next one as soon as it is free.
 * @returns undefined before Linux 5.14
 * @throws {NetlinkError} NR_SYSTEM_CALL
 * @see net/core/sock.c sk_getsockopt
 */
export const readNamespaceCookie = (): bigint | undefined => {
  const fd = socket(AF.NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE);
  try {
    return getSocketOption64(fd, SOL_SOCKET, SO_NETNS_COOKIE);
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ERRNO.ENOPROTOOPT) return undefined;
    throw error;
  } finally {
    close(fd);
  }
};
