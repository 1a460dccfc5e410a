/**
 * The C library, as far as netrecon needs it: the only file that touches koffi. koffi converts arguments without a word
 * (2^40 becomes 0, 1.7 becomes 1, a string passes for a pointer), so everything is checked here, and every struct is bytes
 * that the caller built. Calls are synchronous on the main thread (setns(2) and unshare(2) act on the calling thread), but for
 * what says `Aside`: a thread of libuv does that.
 *
 * Importing this module loads the native library (some 7 ms): import it only when a socket is needed.
 */
import koffi from 'koffi';
import { ERRNO } from '../wire/errno.ts';
import { systemCallError } from '../wire/errors.ts';

// null: the symbols of the process itself, which finds glibc and musl alike.
const libc = koffi.load(null);

const native = {
  socket: libc.func('socket', 'int', ['int', 'int', 'int']),
  bind: libc.func('bind', 'int', ['int', 'void *', 'uint32']),
  close: libc.func('close', 'int', ['int']),
  send: libc.func('send', 'intptr', ['int', 'void *', 'size_t', 'int']),
  sendto: libc.func('sendto', 'intptr', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32']),
  recvfrom: libc.func('recvfrom', 'intptr', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']),
  recvmmsg: libc.func('recvmmsg', 'int', ['int', 'void *', 'uint32', 'int', 'void *']),
  setsockopt: libc.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32']),
  getsockopt: libc.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']),
  getsockname: libc.func('getsockname', 'int', ['int', 'void *', 'void *']),
  setns: libc.func('setns', 'int', ['int', 'int']),
  unshare: libc.func('unshare', 'int', ['int']),
  flock: libc.func('flock', 'int', ['int', 'int']),
  mount: libc.func('mount', 'int', ['const char *', 'const char *', 'const char *', 'ulong', 'void *']),
  umount2: libc.func('umount2', 'int', ['const char *', 'int']),
  dup: libc.func('dup', 'int', ['int']),
  dup2: libc.func('dup2', 'int', ['int', 'int']),
  ioctl: libc.func('ioctl', 'int', ['int', 'ulong', '...']),
  prctl: libc.func('prctl', 'int', ['int', '...']),
  execvp: libc.func('execvp', 'int', ['const char *', 'const char **']),
};

const INT_MAX = 0x7fffffff;

const assertInt = (value: number, name: string): void => {
  if (!Number.isSafeInteger(value) || value < 0 || value > INT_MAX)
    throw new RangeError(`${name} must be an int from 0`);
};

const assertBytes = (bytes: Uint8Array, name: string, least = 1): void => {
  if (!(bytes instanceof Uint8Array) || bytes.length < least)
    throw new TypeError(`${name} must be at least ${least} bytes`);
};

/** `result` where it is no failure; errno is read at once, before anything else can change it. */
const checked = (what: string, result: number): number => {
  if (result < 0) throw systemCallError(what, koffi.errno());
  return result;
};

/** A socklen_t that the kernel updates. */
const lengthOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(Uint32Array.of(bytes.length).buffer);

/** socket(2). @returns the descriptor; @throws {NetlinkError} */
export const socket = (domain: number, type: number, protocol: number): number => {
  assertInt(domain, 'domain');
  assertInt(type, 'type');
  assertInt(protocol, 'protocol');
  return checked('open netlink socket', native.socket(domain, type, protocol));
};

/** bind(2). @param address a sockaddr; @throws {NetlinkError} */
export const bind = (fd: number, address: Uint8Array): void => {
  assertInt(fd, 'fd');
  assertBytes(address, 'address', 2);
  checked('bind netlink socket', native.bind(fd, address, address.length));
};

/** close(2). Not repeated after EINTR: Linux has released the descriptor by then. @throws {NetlinkError} */
export const close = (fd: number): void => {
  assertInt(fd, 'fd');
  if (native.close(fd) < 0 && koffi.errno() !== ERRNO.EINTR) throw systemCallError('close descriptor', koffi.errno());
};

/** send(2), repeated after EINTR. @returns bytes sent; @throws {NetlinkError} */
export const send = (fd: number, bytes: Uint8Array, flags: number): number => {
  assertInt(fd, 'fd');
  assertBytes(bytes, 'bytes');
  assertInt(flags, 'flags');
  for (;;) {
    const sent: number = native.send(fd, bytes, bytes.length, flags);
    if (sent >= 0) return sent;
    const errno = koffi.errno();
    if (errno !== ERRNO.EINTR) throw systemCallError('send to the kernel', errno);
  }
};

/** What koffi makes of a function, as far as it is called on another thread. */
interface Asynchronous {
  readonly async: (...args: readonly unknown[]) => unknown;
}

/** Makes a call on a thread of libuv, which has all signals blocked. @returns its result, or a negative errno */
const callAside = (call: Asynchronous, ...args: readonly unknown[]): Promise<number> =>
  new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, result: number) => {
      // the errno of that call, as long as the callback lasts
      if (error === null || error === undefined) resolve(result < 0 ? -koffi.errno() : result);
      else reject(error);
    });
  });

/** sendto(2). @param address a sockaddr; @throws {NetlinkError} */
export const sendTo = (fd: number, bytes: Uint8Array, flags: number, address: Uint8Array): void => {
  assertInt(fd, 'fd');
  assertBytes(bytes, 'bytes');
  assertInt(flags, 'flags');
  assertBytes(address, 'address', 2);
  checked('send datagram', native.sendto(fd, bytes, bytes.length, flags, address, address.length));
};

/** The flags that {@link receiveFrom} is called with: include/linux/socket.h. */
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

/**
 * recvfrom(2), repeated after EINTR. With MSG_TRUNC it tells the datagram's whole length, also where that is more than
 * `buffer` holds.
 * @param address filled with the sender's sockaddr
 * @returns the length, or a negative errno (EAGAIN is a usual answer here, not worth an exception)
 */
export const receiveFrom = (fd: number, buffer: Uint8Array, flags: number, address: Uint8Array): number => {
  assertInt(fd, 'fd');
  assertBytes(buffer, 'buffer');
  assertInt(flags, 'flags');
  assertBytes(address, 'address', 2);
  const addressLength = lengthOf(address);
  for (;;) {
    const length: number = native.recvfrom(fd, buffer, buffer.length, flags, address, addressLength);
    if (length >= 0) return length;
    const errno = koffi.errno();
    if (errno !== ERRNO.EINTR) return -errno;
  }
};

/** MSG_WAITFORONE: waits for the first datagram only. */
export const MSG_WAITFORONE = 0x10000;

/** The address of bytes that are written to by later calls; it is theirs as long as somebody holds them. */
export const addressOf = (bytes: Uint8Array): bigint => {
  assertBytes(bytes, 'bytes');
  return koffi.address(bytes) as bigint;
};

/**
 * recvmmsg(2), repeated after EINTR.
 * @param headers - struct mmsghdr of each datagram, with pointers by `addressOf` to bytes that the caller holds
 * @returns how many have come, or a negative errno
 */
export const receiveMany = (fd: number, headers: Uint8Array, count: number, flags: number): number => {
  assertInt(fd, 'fd');
  assertBytes(headers, 'headers');
  assertInt(count, 'count');
  assertInt(flags, 'flags');
  for (;;) {
    const received: number = native.recvmmsg(fd, headers, count, flags, null);
    if (received >= 0) return received;
    const errno = koffi.errno();
    if (errno !== ERRNO.EINTR) return -errno;
  }
};

/** `receiveMany` on another thread. @param headers - whoever calls leaves them, and what they point to, alone until then */
export const receiveManyAside = (fd: number, headers: Uint8Array, count: number, flags: number): Promise<number> => {
  assertInt(fd, 'fd');
  assertBytes(headers, 'headers');
  assertInt(count, 'count');
  assertInt(flags, 'flags');
  return callAside(native.recvmmsg, fd, headers, count, flags, null);
};

/** setsockopt(2). @returns 0 or a negative errno: most options are asked for, not demanded */
export const setSocketOption = (fd: number, level: number, name: number, value: Uint8Array): number => {
  assertInt(fd, 'fd');
  assertInt(level, 'level');
  assertInt(name, 'name');
  assertBytes(value, 'value');
  return native.setsockopt(fd, level, name, value, value.length) < 0 ? -koffi.errno() : 0;
};

/** getsockopt(2) of an int. @throws {NetlinkError} */
export const getSocketOption = (fd: number, level: number, name: number): number => {
  assertInt(fd, 'fd');
  assertInt(level, 'level');
  assertInt(name, 'name');
  const value = new Int32Array(1);
  const bytes = new Uint8Array(value.buffer);
  checked('read socket option', native.getsockopt(fd, level, name, bytes, lengthOf(bytes)));
  return value[0] as number;
};

/** getsockopt(2) of a u64. @throws {NetlinkError} */
export const getSocketOption64 = (fd: number, level: number, name: number): bigint => {
  assertInt(fd, 'fd');
  assertInt(level, 'level');
  assertInt(name, 'name');
  const value = new BigUint64Array(1);
  const bytes = new Uint8Array(value.buffer);
  checked('read socket option', native.getsockopt(fd, level, name, bytes, lengthOf(bytes)));
  return value[0] as bigint;
};

/** getsockname(2). @param address filled with the socket's own sockaddr; @throws {NetlinkError} */
export const getSocketName = (fd: number, address: Uint8Array): void => {
  assertInt(fd, 'fd');
  assertBytes(address, 'address', 2);
  checked('read socket address', native.getsockname(fd, address, lengthOf(address)));
};

/** include/uapi/linux/sched.h. */
export const CLONE_NEWNET = 0x40000000;

/** setns(2), for the calling thread. @returns 0 or a negative errno */
export const setNamespace = (fd: number, type: number): number => {
  assertInt(fd, 'fd');
  assertInt(type, 'type');
  return native.setns(fd, type) < 0 ? -koffi.errno() : 0;
};

/** unshare(2), for the calling thread. @returns 0 or a negative errno */
export const unshare = (flags: number): number => {
  assertInt(flags, 'flags');
  return native.unshare(flags) < 0 ? -koffi.errno() : 0;
};

/** include/uapi/linux/mount.h. */
export const MS = { BIND: 0x1000, REC: 0x4000, SHARED: 0x100000 } as const;

const assertPath = (path: string): void => {
  if (typeof path !== 'string' || path.includes('\0')) throw new TypeError('a path is text without NUL');
};

/** mount(2) without data. @returns 0 or a negative errno */
export const mount = (source: string, target: string, flags: number): number => {
  assertPath(source);
  assertPath(target);
  assertInt(flags, 'flags');
  return native.mount(source, target, 'none', flags, null) < 0 ? -koffi.errno() : 0;
};

/** umount2(2) with MNT_DETACH: from the tree at once, whoever still uses it. @returns 0 or a negative errno */
export const unmount = (target: string): number => {
  assertPath(target);
  const MNT_DETACH = 2;
  return native.umount2(target, MNT_DETACH) < 0 ? -koffi.errno() : 0;
};

/** flock(2) with LOCK_EX | LOCK_NB. @returns false where another open file holds the lock; @throws {NetlinkError} */
export const tryLock = (fd: number): boolean => {
  assertInt(fd, 'fd');
  const LOCK_EX_NB = 2 | 4;
  if (native.flock(fd, LOCK_EX_NB) >= 0) return true;
  const errno = koffi.errno();
  if (errno === ERRNO.EAGAIN) return false;
  throw systemCallError('lock file', errno);
};

/** ioctl(2) with a struct, which the kernel reads and may fill. @returns 0 or a negative errno */
export const ioctlBytes = (fd: number, request: number, bytes: Uint8Array): number => {
  assertInt(fd, 'fd');
  assertInt(request, 'request');
  assertBytes(bytes, 'bytes');
  return native.ioctl(fd, request, 'void *', bytes) < 0 ? -koffi.errno() : 0;
};

/** ioctl(2) with a number of 32 bits. @returns 0 or a negative errno */
export const ioctlInt = (fd: number, request: number, value: number): number => {
  assertInt(fd, 'fd');
  assertInt(request, 'request');
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError('value must be a u32');
  return native.ioctl(fd, request, 'ulong', value) < 0 ? -koffi.errno() : 0;
};

/** prctl(2) with PR_CAPBSET_DROP, for the calling thread and what it becomes by execve(2). @throws {NetlinkError} */
export const dropBoundingCapability = (capability: number): void => {
  assertInt(capability, 'capability');
  const PR_CAPBSET_DROP = 24;
  checked('drop capability', native.prctl(PR_CAPBSET_DROP, 'ulong', capability));
};

/**
 * execvp(3): this process becomes another program, with the same id, environment and standard streams. Returns only by
 * throwing.
 * @param program its name, looked up along PATH, or its path
 * @param args argv, the program's name included
 * @throws {NetlinkError}
 */
export const execute = (program: string, args: readonly string[]): never => {
  for (const text of [program, ...args]) {
    if (typeof text !== 'string' || text.includes('\0')) throw new TypeError('execvp takes strings without NUL');
  }
  // Node marks its standard streams close-on-exec; a descriptor made by dup2 is not.
  for (const fd of [0, 1, 2]) {
    const copy: number = native.dup(fd);
    if (copy < 0) continue; // not open: the new program gets none either
    checked('keep standard stream', native.dup2(copy, fd));
    native.close(copy);
  }
  native.execvp(program, [...args, null]);
  throw systemCallError(`run ${program}`, koffi.errno());
};

/** What koffi's handle on uv_poll_t can do; its own type gives the callback only one argument, which is wrong. */
export interface PollHandle {
  start(options: { readable: boolean }, callback: (status: number) => void): void;
  stop(): void;
  close(): void;
}

/** A started uv_poll_t on Node's event loop. `status` is 0 or a negative libuv error. */
export const pollReadable = (fd: number, callback: (status: number) => void): PollHandle => {
  assertInt(fd, 'fd');
  const onEvent = callback as (status: unknown) => void;
  return koffi.node.poll(fd, { readable: true }, onEvent) as unknown as PollHandle;
};
