import { addressBits, type Family, maskBytes } from '../../model/ip.ts';

type Key = number | string;

/** The first `length` bits of an address; IPv4 as a number, which hashes faster than text. */
const keyOf = (bytes: Uint8Array, length: number): Key => {
  if (bytes.length > 4) return Buffer.from(maskBytes(bytes, length)).toString('latin1');
  if (length === 0) return 0;
  const [a, b, c, d] = bytes as unknown as [number, number, number, number];
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) >>> (32 - length);
};

/**
 * Values by prefix, found from the longest match to the shortest. One hash table for each length that occurs: a full table
 * builds in linear time, and a look-up costs one probe for each of its lengths (about 25 for IPv4).
 */
export class PrefixMap<T> {
  readonly #bits: number;
  readonly #byLength: (Map<Key, T> | undefined)[];
  /** lengths in use, longest first */
  #lengths: number[] = [];

  constructor(family: Family) {
    this.#bits = addressBits(family);
    this.#byLength = new Array<Map<Key, T> | undefined>(this.#bits + 1).fill(undefined);
  }

  /** The value of exactly this prefix, made if there is none. */
  at(bytes: Uint8Array, length: number, make: () => T): T {
    let values = this.#byLength[length];
    if (values === undefined) {
      values = new Map();
      this.#byLength[length] = values;
      this.#lengths = [...this.#lengths, length].sort((a, b) => b - a);
    }
    const key = keyOf(bytes, length);
    const found = values.get(key);
    if (found !== undefined) return found;
    const made = make();
    values.set(key, made);
    return made;
  }

  /** Every prefix that holds the address, longest first. */
  *matches(bytes: Uint8Array): Generator<{ readonly length: number; readonly value: T }> {
    for (const length of this.#lengths) {
      const value = this.#byLength[length]?.get(keyOf(bytes, length));
      if (value !== undefined) yield { length, value };
    }
  }

  *values(): Generator<T> {
    for (const length of this.#lengths) yield* this.#byLength[length]?.values() ?? [];
  }
}
