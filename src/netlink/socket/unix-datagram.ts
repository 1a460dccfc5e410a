import { close, sendTo, socket } from './libc.ts';

// include/linux/socket.h, include/uapi/linux/un.h
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SUN_PATH_MAX = 108;

/** struct sockaddr_un; a path that begins with @ is a name in the abstract namespace. @see unix(7) */
const unixAddress = (path: string): Uint8Array => {
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`);
  if (name.length > SUN_PATH_MAX) throw new RangeError(`socket path is longer than ${SUN_PATH_MAX} bytes`);
  const address = Buffer.alloc(2 + name.length);
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
};

/**
 * Sends one datagram to a Unix socket, which Node itself cannot do.
 * @throws {NetlinkError} NR_SYSTEM_CALL
 */
export const sendUnixDatagram = (path: string, text: string): void => {
  const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  try {
    sendTo(fd, Buffer.from(text), 0, unixAddress(path));
  } finally {
    close(fd);
  }
};
