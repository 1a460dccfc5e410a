import type { Channel, ChannelOptions, VisitDatagram } from '../channel.ts';
import { AF } from '../wire/constants.ts';
import { ERRNO } from '../wire/errno.ts';
import { NetlinkError, systemCallError } from '../wire/errors.ts';
import { DatagramSlots } from './datagram-slots.ts';
import { echoFilter } from './event-filter.ts';
import {
  bind,
  close,
  getSocketName,
  getSocketOption,
  MSG_DONTWAIT,
  MSG_TRUNC,
  MSG_WAITFORONE,
  receiveFrom,
  send,
  setSocketOption,
  socket,
} from './libc.ts';
import { readLinkIndex } from './link-index.ts';
import { createPoller } from './poller.ts';
import { ReadAhead } from './read-ahead.ts';

export interface NetlinkSocketOptions extends ChannelOptions {
  /** bytes asked for; the kernel doubles it, and clamps it to net.core.rmem_max without CAP_NET_ADMIN */
  readonly receiveBuffer?: number;
  /** how long `receive` waits, in milliseconds */
  readonly timeoutMs?: number;
}

/** Holds the acknowledgements of a full 64 KiB send, each with an extended ack. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
const SEND_BUFFER = 1024 * 1024;
const TIMEOUT_MS = 5000;

/** The kernel fills at most 32 KiB a dump datagram; a single message (a link with many VFs) may be larger. */
const DATAGRAM_MAX = 64 * 1024;

// include/linux/socket.h, include/uapi/asm-generic/socket.h, include/uapi/linux/netlink.h
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO = { SNDBUF: 7, RCVBUF: 8, RCVTIMEO: 20, ATTACH_FILTER: 26, SNDBUFFORCE: 32, RCVBUFFORCE: 33 } as const;
const SOL_NETLINK = 270;
const NETLINK = { ADD_MEMBERSHIP: 1, CAP_ACK: 10, EXT_ACK: 11, GET_STRICT_CHK: 12 } as const;

/** struct sockaddr_nl: u16 family, u16 pad, u32 nl_pid, u32 nl_groups. */
const SOCKADDR_NL_LENGTH = 12;
const SOCKADDR_NL_PID = 4;

/** For acknowledgements: with a text and a policy they have some 200 bytes. */
const SLOT_BYTES = 512;
const SLOTS = 512;

/** For events: the description of a link has some two kilobytes, and more where it has virtual functions. */
const EVENT_SLOTS = 16;
/** Room for those, a megabyte, is made once a socket has heard so many datagrams: most hear fewer, and are soon closed. */
const FEW_EVENTS = 16;

/** The structs of recvmmsg(2) are laid out for these. */
const IS_64_BIT = process.arch !== 'arm' && process.arch !== 'ia32';

const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

/** struct timeval: two longs, of 8 bytes or on 32-bit machines of 4. */
const timeval = (milliseconds: number): Uint8Array => {
  const seconds = Math.trunc(milliseconds / 1000);
  const microseconds = (milliseconds % 1000) * 1000;
  return IS_64_BIT
    ? new Uint8Array(BigInt64Array.of(BigInt(seconds), BigInt(microseconds)).buffer)
    : new Uint8Array(Int32Array.of(seconds, microseconds).buffer);
};

const sizeBuffer = (fd: number, bytes: number, force: number, plain: number): void => {
  if (setSocketOption(fd, SOL_SOCKET, force, int(bytes)) < 0) setSocketOption(fd, SOL_SOCKET, plain, int(bytes));
};

const configure = (fd: number, options: NetlinkSocketOptions): void => {
  // Each of the three came later than netlink itself (4.20 at the latest); without them less is known, but all works.
  for (const option of [NETLINK.EXT_ACK, NETLINK.CAP_ACK, NETLINK.GET_STRICT_CHK]) {
    const errno = -setSocketOption(fd, SOL_NETLINK, option, int(1));
    if (errno !== 0 && errno !== ERRNO.ENOPROTOOPT) throw systemCallError('set netlink option', errno);
  }
  sizeBuffer(fd, options.receiveBuffer ?? RECEIVE_BUFFER, SO.RCVBUFFORCE, SO.RCVBUF);
  sizeBuffer(fd, SEND_BUFFER, SO.SNDBUFFORCE, SO.SNDBUF);
  const timeout = -setSocketOption(fd, SOL_SOCKET, SO.RCVTIMEO, timeval(options.timeoutMs ?? TIMEOUT_MS));
  if (timeout !== 0) throw systemCallError('set receive timeout', timeout);
};

/** Best effort: what comes all the same is told by its port id. */
const leaveOut = (fd: number, portId: number): void => {
  if (!IS_64_BIT) return;
  const { value, program } = echoFilter(portId);
  setSocketOption(fd, SOL_SOCKET, SO.ATTACH_FILTER, value);
  // alive until the kernel has copied it
  program.fill(0);
};

/** Only after bind(2), which sets the first 32 groups to those of its address: to none. */
const joinGroups = (fd: number, groups: readonly number[]): void => {
  for (const group of groups) {
    // EINVAL: the kernel is older than the group, and has nothing to tell of it
    const errno = -setSocketOption(fd, SOL_NETLINK, NETLINK.ADD_MEMBERSHIP, int(group));
    if (errno !== 0 && errno !== ERRNO.EINVAL) throw systemCallError(`join multicast group ${group}`, errno);
  }
};

/** Binds to a port id that the kernel chooses, and tells it. */
const bindAnyPort = (fd: number): number => {
  const address = Buffer.alloc(SOCKADDR_NL_LENGTH);
  address.writeUInt16LE(AF.NETLINK, 0);
  bind(fd, address);
  getSocketName(fd, address);
  return address.readUInt32LE(SOCKADDR_NL_PID);
};

/**
 * Opens a netlink socket, of rtnetlink unless said otherwise, in the namespace that the thread is in.
 * @throws {NetlinkError} NR_NO_PRIVILEGE, NR_SYSTEM_CALL
 * @see netlink(7), socket(7)
 */
export const openNetlinkSocket = (options: NetlinkSocketOptions = {}): Channel => {
  const fd = socket(AF.NETLINK, SOCK_RAW_CLOEXEC, options.protocol ?? NETLINK_ROUTE);
  try {
    configure(fd, options);
    const portId = bindAnyPort(fd);
    if (options.otherThan !== undefined) leaveOut(fd, options.otherThan);
    joinGroups(fd, options.groups ?? []);
    return channelOf(fd, portId);
  } catch (error) {
    close(fd);
    throw error;
  }
};

const receiveError = (errno: number): NetlinkError =>
  errno === ERRNO.ENOBUFS
    ? new NetlinkError('NR_OVERRUN', 'netlink socket overran: messages were lost', { errno })
    : systemCallError('receive from the kernel', errno);

const tooLong = (length: number, most: number): NetlinkError =>
  new NetlinkError('NR_TRUNCATED', `the kernel sent ${length} bytes at once, more than ${most}`);

const channelOf = (fd: number, portId: number): Channel => {
  const buffer = new Uint8Array(DATAGRAM_MAX);
  const sender = Buffer.alloc(SOCKADDR_NL_LENGTH);
  const poller = createPoller(fd);
  let open = true;

  const assertOpen = (): void => {
    if (!open) throw new NetlinkError('NR_SYSTEM_CALL', 'the netlink socket is closed');
  };
  let slots: DatagramSlots | undefined;
  let eventSlots: DatagramSlots | undefined;
  /** Shows what one call takes, or several where other processes have written to our port. @returns how many; 0 = EAGAIN */
  const receiveInto = (into: DatagramSlots, flags: number, visit: VisitDatagram): number => {
    for (;;) {
      const count = into.receive(fd, flags);
      if (count === -ERRNO.EAGAIN) return 0;
      if (count < 0) throw receiveError(-count);
      let visited = 0;
      for (let i = 0; i < count; i++) {
        if (into.sender(i) !== 0) continue;
        if (into.isCut(i)) throw tooLong(into.length(i), into.size);
        visit(into.bytes, into.start(i), into.start(i) + into.length(i));
        visited++;
      }
      if (visited > 0) return visited;
    }
  };
  const receiveEach = (visit: VisitDatagram): boolean => {
    assertOpen();
    slots ??= new DatagramSlots(SLOTS, SLOT_BYTES);
    return receiveInto(slots, MSG_WAITFORONE, visit) > 0;
  };
  let heard = 0;
  const receiveEachNow = (visit: VisitDatagram): number => {
    assertOpen();
    if (heard < FEW_EVENTS) {
      const datagram = receiveWith(MSG_DONTWAIT);
      if (datagram === undefined) return 0;
      heard++;
      visit(datagram, 0, datagram.length);
      return 1;
    }
    eventSlots ??= new DatagramSlots(EVENT_SLOTS, DATAGRAM_MAX);
    return receiveInto(eventSlots, MSG_DONTWAIT, visit);
  };
  let ahead: ReadAhead | undefined;
  const endAhead = async (): Promise<void> => {
    await ahead?.end();
    ahead = undefined;
  };
  const receiveAhead = async (visit: VisitDatagram): Promise<number> => {
    for (;;) {
      assertOpen();
      ahead ??= new ReadAhead(fd, DATAGRAM_MAX);
      let visited = 0;
      const count = await ahead.receive((bytes, start, end, from, isCut) => {
        if (from !== 0) return;
        if (isCut) throw tooLong(end - start, DATAGRAM_MAX);
        visit(bytes, start, end);
        visited++;
      });
      if (count === -ERRNO.EAGAIN) return 0;
      if (count === -ERRNO.EINTR) continue;
      if (count < 0) throw receiveError(-count);
      if (visited > 0) return visited;
    }
  };
  const receiveWith = (flags: number): Uint8Array | undefined => {
    assertOpen();
    for (;;) {
      const length = receiveFrom(fd, buffer, flags | MSG_TRUNC, sender);
      if (length === -ERRNO.EAGAIN) return undefined;
      if (length < 0) throw receiveError(-length);
      // Any process of the namespace may write to our port; only port 0 is the kernel.
      if (sender.readUInt32LE(SOCKADDR_NL_PID) !== 0) continue;
      if (length > buffer.length) throw tooLong(length, buffer.length);
      return buffer.subarray(0, length);
    }
  };

  return {
    portId,
    receiveBuffer: getSocketOption(fd, SOL_SOCKET, SO.RCVBUF),
    send: (bytes) => {
      assertOpen();
      send(fd, bytes, 0);
    },
    receive: () => receiveWith(0),
    ...(IS_64_BIT ? { receiveEach, receiveEachNow, receiveAhead, endAhead } : {}),
    receiveNow: () => receiveWith(MSG_DONTWAIT),
    linkIndex: (name) => {
      assertOpen();
      return readLinkIndex(fd, name);
    },
    whenReadable: (callback) => {
      assertOpen();
      poller.arm(callback);
    },
    close: () => {
      if (!open) return;
      open = false;
      poller.close();
      // while another thread is in a call on it, its number must not become that of something else
      if (ahead === undefined) close(fd);
      else void endAhead().then(() => close(fd));
    },
  };
};
