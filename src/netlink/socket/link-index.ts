import { ERRNO } from '../wire/errno.ts';
import { systemCallError } from '../wire/errors.ts';
import { IFREQ_VALUE, ifreqOf } from './ifreq.ts';
import { ioctlBytes } from './libc.ts';

const SIOCGIFINDEX = 0x8933;

/**
 * The index of a link, in the namespace of a socket. Unlike RTM_GETLINK it waits for no lock that changes of links hold, and
 * describes nothing: a microsecond. Of a name that no link has the kernel tries to load a module netdev-NAME, as for `ip`.
 * @param name - or altname, of at most 15 octets
 * @returns undefined: no link has the name
 * @throws {NetlinkError} NR_SYSTEM_CALL
 * @see netdevice(7), net/core/dev_ioctl.c dev_ifsioc_locked
 */
export const readLinkIndex = (fd: number, name: string): number | undefined => {
  const request = ifreqOf(name);
  const errno = -ioctlBytes(fd, SIOCGIFINDEX, request);
  if (errno === ERRNO.ENODEV) return undefined;
  if (errno !== 0) throw systemCallError(`look up link ${name}`, errno);
  return request.readInt32LE(IFREQ_VALUE);
};
