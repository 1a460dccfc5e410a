import { addressOf, MSG_TRUNC, receiveMany, receiveManyAside } from './libc.ts';

/** struct sockaddr_nl: u16 family, u16 pad, u32 nl_pid, u32 nl_groups. */
const SENDER_BYTES = 12;
const SENDER_PID = 4;

/** struct iovec of a 64-bit platform: u64 base, u64 length. */
const IOVEC_BYTES = 16;

/**
 * struct mmsghdr of a 64-bit platform: a struct msghdr (u64 name, u32 name length, u64 iov, u64 iov length, u64 control,
 * u64 control length, s32 flags) and u32 length received.
 */
const HEADER_BYTES = 64;
const HEADER = { NAME: 0, NAME_LENGTH: 8, IOV: 16, IOV_LENGTH: 24, FLAGS: 48, RECEIVED: 56 } as const;

/** Room for many small datagrams, received by one system call. */
export class DatagramSlots {
  readonly bytes: Uint8Array;
  /** bytes of a slot */
  readonly size: number;
  readonly #count: number;
  readonly #senders: DataView;
  readonly #iovecs: Uint8Array;
  readonly #headers: DataView;
  readonly #headerBytes: Uint8Array;

  /** @param size - bytes of the largest datagram */
  constructor(count: number, size: number) {
    this.#count = count;
    this.size = size;
    this.bytes = new Uint8Array(count * size);
    const senders = new Uint8Array(count * SENDER_BYTES);
    this.#iovecs = new Uint8Array(count * IOVEC_BYTES);
    this.#headerBytes = new Uint8Array(count * HEADER_BYTES);
    this.#senders = new DataView(senders.buffer);
    this.#headers = new DataView(this.#headerBytes.buffer);
    const iovecs = new DataView(this.#iovecs.buffer);
    const [base, sender, iovec] = [addressOf(this.bytes), addressOf(senders), addressOf(this.#iovecs)];
    for (let i = 0; i < count; i++) {
      iovecs.setBigUint64(i * IOVEC_BYTES, base + BigInt(i * size), true);
      iovecs.setBigUint64(i * IOVEC_BYTES + 8, BigInt(size), true);
      const at = i * HEADER_BYTES;
      this.#headers.setBigUint64(at + HEADER.NAME, sender + BigInt(i * SENDER_BYTES), true);
      this.#headers.setUint32(at + HEADER.NAME_LENGTH, SENDER_BYTES, true);
      this.#headers.setBigUint64(at + HEADER.IOV, iovec + BigInt(i * IOVEC_BYTES), true);
      this.#headers.setBigUint64(at + HEADER.IOV_LENGTH, 1n, true);
    }
  }

  /**
   * Takes as many datagrams as are there.
   * @param flags - MSG_WAITFORONE waits for the first, MSG_DONTWAIT for none
   * @returns how many, or a negative errno
   */
  receive(fd: number, flags: number): number {
    return receiveMany(fd, this.#headerBytes, this.#count, flags);
  }

  /** `receive` on another thread; nothing here is to be looked at until then. */
  receiveAside(fd: number, flags: number): Promise<number> {
    return receiveManyAside(fd, this.#headerBytes, this.#count, flags);
  }

  /** Where the n-th datagram begins in `bytes`. */
  start(n: number): number {
    return n * this.size;
  }

  /** Bytes of the n-th datagram. */
  length(n: number): number {
    return this.#headers.getUint32(n * HEADER_BYTES + HEADER.RECEIVED, true);
  }

  /** Whether the n-th datagram was longer than a slot. */
  isCut(n: number): boolean {
    return (this.#headers.getInt32(n * HEADER_BYTES + HEADER.FLAGS, true) & MSG_TRUNC) !== 0;
  }

  /** nl_pid of whoever sent the n-th datagram. */
  sender(n: number): number {
    return this.#senders.getUint32(n * SENDER_BYTES + SENDER_PID, true);
  }
}
