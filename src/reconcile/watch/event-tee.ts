import type { KernelEvent, Subscription } from '../../model/kernel-port.ts';
import type { KindName } from '../../model/state.ts';

export type EventBatch = ReturnType<Subscription['drain']>;

/**
 * Hears what somebody else's subscription hears: a second socket for the same events would cost each pass its making, and
 * each event its reading.
 */
export class EventTee implements Subscription {
  readonly #kinds: ReadonlySet<KindName>;
  readonly #absorb: () => void;
  readonly #end: () => void;
  #events: KernelEvent[] = [];
  #overrun = false;
  #whenReadable: (() => void) | undefined;

  /**
   * @param kinds - of what it tells
   * @param absorb - reads what has come, and calls `take`
   * @param end - called when it is closed
   */
  constructor(kinds: readonly KindName[], absorb: () => void, end: () => void) {
    this.#kinds = new Set(kinds);
    this.#absorb = absorb;
    this.#end = end;
  }

  take({ events, overrun }: EventBatch): void {
    for (const event of events) if (this.#kinds.has(event.kind)) this.#events.push(event);
    this.#overrun ||= overrun;
    this.#whenReadable?.();
  }

  drain(): EventBatch {
    this.#absorb();
    const batch = { events: this.#events, overrun: this.#overrun };
    this.#events = [];
    this.#overrun = false;
    return batch;
  }

  onReadable(callback: () => void): void {
    this.#whenReadable = callback;
  }

  close(): void {
    this.#end();
  }
}
