/**
 * Bytes that only the kernel may see. Whatever turns values into text (JSON of plans, records and snapshots, templates, the
 * console) gets `shown` instead, so a secret that has been written down is no longer one: it can still be compared by what it
 * shows, and not be set again.
 */
export class Secret {
  readonly #bytes: Uint8Array;
  /** stands for it in text: that it is hidden, and what may be known of it */
  readonly shown: string;

  constructor(bytes: Uint8Array, shown: string) {
    this.#bytes = Uint8Array.from(bytes);
    this.shown = shown;
  }

  /** For the one message that carries it. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  equals(other: Secret): boolean {
    const bytes = other.#bytes;
    return bytes.length === this.#bytes.length && this.#bytes.every((byte, i) => byte === bytes[i]);
  }

  toJSON(): string {
    return this.shown;
  }

  toString(): string {
    return this.shown;
  }
}

/** Two secrets by their bytes; one that has been written down by what it shows. */
export const sameSecret = (a: unknown, b: unknown): boolean => {
  if (a instanceof Secret && b instanceof Secret) return a.equals(b);
  const shown = (value: unknown): unknown => (value instanceof Secret ? value.shown : value);
  return shown(a) === shown(b);
};
