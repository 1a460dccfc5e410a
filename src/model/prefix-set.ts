import { formatPrefixAt, type PrefixRows, rowsOfPrefix } from './prefix-columns.ts';

/** Tells almost all prefixes apart: what is not in the set is seldom made text of. */
const hashOf = ({ words, to, length }: PrefixRows, row: number): number => {
  let hash = length[row] as number;
  for (let word = 0; word < words; word++) hash = Math.imul(hash, 0x9e3779b1) ^ (to[row * words + word] as number);
  return hash;
};

/** Prefixes of both families. */
export class PrefixSet {
  readonly #hashes = new Set<number>();
  readonly #texts = new Set<string>();

  /** @param prefixes - canonical */
  constructor(prefixes: Iterable<string> = []) {
    for (const prefix of prefixes) this.add(prefix);
  }

  get size(): number {
    return this.#texts.size;
  }

  /** @param prefix - canonical */
  add(prefix: string): void {
    this.#hashes.add(hashOf(rowsOfPrefix(prefix), 0));
    this.#texts.add(prefix);
  }

  has(rows: PrefixRows, row = 0): boolean {
    return this.#hashes.size > 0 && this.#hashes.has(hashOf(rows, row)) && this.#texts.has(formatPrefixAt(rows, row));
  }
}
