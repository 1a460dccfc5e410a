/** One message that went over a channel, for tests and `-vv`. `bytes` holds the nlmsghdr and is valid only during the call. */
export interface TraceFrame {
  readonly direction: 'out' | 'in';
  /** nlmsg_type */
  readonly type: number;
  /** nlmsg_flags */
  readonly flags: number;
  /** nlmsg_seq */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** generic netlink: name of the family, whose number `type` is; what must stay secret is zero in `bytes` */
  readonly generic?: string;
}
export type Trace = (frame: TraceFrame) => void;

export type VisitDatagram = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * A netlink socket as datagrams in and out, and no more: the seam at which unit tests put recorded bytes. Only what the
 * kernel sent comes out.
 */
export interface Channel {
  /** nl_pid of this socket, as it stands in the events that its requests cause */
  readonly portId: number;
  /** what the receive buffer holds, in the kernel's accounting of bytes (SO_RCVBUF as read back) */
  readonly receiveBuffer: number;
  /** @throws {NetlinkError} NR_SYSTEM_CALL */
  send(bytes: Uint8Array): void;
  /**
   * Waits for one datagram, at most the channel's timeout.
   * @returns a view that the next receive overwrites; undefined = nothing came in time
   * @throws {NetlinkError} NR_OVERRUN once after messages were lost, NR_TRUNCATED, NR_SYSTEM_CALL
   */
  receive(): Uint8Array | undefined;
  /**
   * Waits as `receive` does, and takes what is there besides: for many datagrams of at most 512 bytes. Absent where the
   * platform has no call for it.
   * @param visit - shown each, in a buffer that the next receive overwrites
   * @returns false = nothing came in time
   * @throws as `receive`
   */
  receiveEach?(visit: VisitDatagram): boolean;
  /** `receive` without waiting; undefined = nothing is there. */
  receiveNow(): Uint8Array | undefined;
  /**
   * `receiveNow` for as many datagrams as one call takes. Absent where the platform has no call for it.
   * @param visit - as that of `receiveEach`
   * @returns how many there were; 0 = nothing is there
   * @throws as `receive`; what came before in the same call has been shown
   */
  receiveEachNow?(visit: VisitDatagram): number;
  /**
   * `receiveNow` for some datagrams, with another thread that takes the next ones meanwhile: the kernel writes those of a dump
   * as they are taken. Nothing else may be done until it has found nothing, or `endAhead` is over. Absent where the platform
   * has no other thread for it.
   * @param visit - as that of `receiveEach`
   * @returns how many there were; 0 = nothing is there
   * @throws as `receive`
   */
  receiveAhead?(visit: VisitDatagram): Promise<number>;
  /** Nothing more is taken ahead; what has been and was not shown is lost. */
  endAhead?(): Promise<void>;
  /**
   * The index of the link that has a name, or an altname, of at most 15 octets. Absent where there is no kernel behind.
   * @returns undefined = there is none
   * @throws {NetlinkError} NR_SYSTEM_CALL
   */
  linkIndex?(name: string): number | undefined;
  /** Calls back once when there is something to receive (or an overrun to report); call again to be told again. */
  whenReadable(callback: () => void): void;
  close(): void;
}

export interface ChannelOptions {
  /** multicast groups to join (RTNLGRP_*); default none */
  readonly groups?: readonly number[];
  /** NETLINK_*; default NETLINK_ROUTE */
  readonly protocol?: number;
  /** port whose changes are not heard of but for those of links, where the platform can leave them out; default none */
  readonly otherThan?: number;
}
export type OpenChannel = (options?: ChannelOptions) => Channel;
