import { comparePrefixes, type PrefixColumns } from './route-list.ts';

/** Sorts columns by one number a row: address and inverted length fit into 38 bits. */
const sortColumns = ({ to, length, line }: PrefixColumns): PrefixColumns => {
  const keyOf = (i: number) => (to[i] as number) * 64 + (32 - (length[i] as number));
  const order = Float64Array.from(to, (_, i) => keyOf(i)).sort();
  const sorted = {
    to: new Uint32Array(to.length),
    length: new Uint8Array(to.length),
    line: new Uint32Array(to.length),
  };
  for (const [place, key] of order.entries()) {
    sorted.to[place] = Math.floor(key / 64);
    sorted.length[place] = 32 - (key % 64);
  }
  for (let i = 0; i < to.length; i++) {
    let low = 0;
    let high = to.length - 1;
    const key = keyOf(i);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((order[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    sorted.line[low] = line[i] as number;
  }
  return sorted;
};

/** Columns that grow by a row at a time. */
export class ColumnBuilder {
  #to = new Uint32Array(64);
  #length = new Uint8Array(64);
  #line = new Uint32Array(64);
  #count = 0;
  #inOrder = true;

  get count(): number {
    return this.#count;
  }

  add(to: number, length: number, line: number): void {
    const last = this.#count - 1;
    if (this.#count === this.#to.length) this.#grow();
    if (
      last >= 0 &&
      this.#inOrder &&
      comparePrefixes(this.#to[last] as number, this.#length[last] as number, to, length) >= 0
    )
      this.#inOrder = false;
    this.#to[this.#count] = to;
    this.#length[this.#count] = length;
    this.#line[this.#count++] = line;
  }

  /** @returns the rows in the order of a dump; undefined where two prefixes are equal */
  finish(): PrefixColumns | undefined {
    const count = this.#count;
    const columns = {
      to: this.#to.slice(0, count),
      length: this.#length.slice(0, count),
      line: this.#line.slice(0, count),
    };
    if (this.#inOrder) return columns;
    const { to, length, line } = sortColumns(columns);
    for (let i = 1; i < count; i++) if (to[i] === to[i - 1] && length[i] === length[i - 1]) return undefined;
    return { to, length, line };
  }

  #grow(): void {
    const larger = <T extends Uint32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const size = this.#count * 2;
    this.#to = larger(this.#to, new Uint32Array(size));
    this.#length = larger(this.#length, new Uint8Array(size));
    this.#line = larger(this.#line, new Uint32Array(size));
  }
}
