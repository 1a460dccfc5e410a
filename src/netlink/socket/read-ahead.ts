import type { VisitDatagram } from '../channel.ts';
import { ERRNO } from '../wire/errno.ts';
import { DatagramSlots } from './datagram-slots.ts';
import { MSG_DONTWAIT } from './libc.ts';

/** The kernel writes a datagram of a dump whenever one is taken: of so many at once, so many are written. */
const SLOTS = 4;

/** Takes datagrams on another thread, into two sets of slots by turns: while one is filled, what the other holds is looked at. */
export class ReadAhead {
  readonly #fd: number;
  readonly #sets: readonly [DatagramSlots, DatagramSlots];
  #turn = 0;
  /** how many are being taken, or have been, and not been shown */
  #taken: Promise<number> | undefined;

  /** @param size - bytes of the largest datagram */
  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#sets = [new DatagramSlots(SLOTS, size), new DatagramSlots(SLOTS, size)];
  }

  /**
   * Shows what was taken, and takes what comes next meanwhile.
   * @param visit - shown each with the port that it is from, and whether it was longer than a slot
   * @returns how many there were, or a negative errno; after EAGAIN nothing is being taken
   */
  async receive(
    visit: (...args: [...datagram: Parameters<VisitDatagram>, from: number, isCut: boolean]) => void,
  ): Promise<number> {
    const count = await (this.#taken ?? this.#take());
    this.#taken = undefined;
    if (count < 0) return count;
    const full = this.#full();
    this.#turn++;
    this.#taken = this.#take();
    for (let i = 0; i < count; i++)
      visit(full.bytes, full.start(i), full.start(i) + full.length(i), full.sender(i), full.isCut(i));
    return count;
  }

  /** Waits until nothing is being taken. What has been taken and not been shown is lost. */
  async end(): Promise<void> {
    await this.#taken?.catch(() => -ERRNO.EAGAIN);
    this.#taken = undefined;
  }

  #full(): DatagramSlots {
    return this.#sets[(this.#turn & 1) as 0 | 1];
  }

  #take(): Promise<number> {
    return this.#full().receiveAside(this.#fd, MSG_DONTWAIT);
  }
}
