import type { Desired } from '../../model/desired.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import type { ListSieve } from '../lists/list-sieve.ts';
import type { Numbers } from '../nexthops/numbers.ts';
import { isSameChoice, SHARING_KINDS, type SharingView } from '../nexthops/share.ts';
import { shareOnHost } from '../nexthops/share-on-host.ts';

/**
 * The nexthop objects of files that leave them to netrecon, as long as the files are in force. A way that goes by an object
 * and loses it with the carrier of its link goes by itself from then on: routes of their own outlive the next loss, and
 * nothing is moved to and fro while a link flaps. What is applied next, or new files, choose anew.
 */
export class NexthopChoice {
  readonly #files: Desired;
  readonly #barred = new Set<string>();
  #numbers: Numbers = new Map();
  #desired: Desired | undefined;
  /** what the choice was made by: a mirror gives the same lists as long as nothing has changed in them */
  #seen: SharingView | undefined;

  constructor(files: Desired) {
    this.#files = files;
  }

  /**
   * Chooses as things are now.
   * @returns the files with the objects; the very same as long as the choice is
   */
  async look(kernel: KernelPort, sieveFor: (desired: Desired) => ListSieve | undefined): Promise<Desired> {
    if (this.#files.nexthopObjects === undefined) return this.#files;
    const seen = await kernel.dump({ kinds: SHARING_KINDS });
    const before = this.#seen;
    if (
      this.#desired !== undefined &&
      before !== undefined &&
      SHARING_KINDS.every((kind) => seen[kind] === before[kind])
    )
      return this.#desired;
    const { desired, numbers, unusable } = await shareOnHost(this.#files, kernel, sieveFor, { barred: this.#barred });
    for (const key of this.#numbers.keys()) if (unusable.has(key)) this.#barred.add(key);
    if (this.#desired === undefined || !isSameChoice(numbers, this.#numbers)) this.#desired = desired;
    this.#numbers = numbers;
    this.#seen = seen;
    return this.#desired;
  }
}
