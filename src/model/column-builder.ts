import {
  comparePrefixes,
  countRows,
  emptyRows,
  filterColumns,
  type PrefixColumns,
  type PrefixRows,
  takeRows,
} from './prefix-columns.ts';

/** Values of one byte. */
const DIGITS = 256;

/** One number of each row. */
interface NumberColumn {
  readonly numbers: Uint32Array | Uint8Array;
  /** from that of one row to that of the next */
  readonly stride: number;
  /** of the first row */
  readonly offset: number;
}

/** Puts rows in order by one byte of their numbers; those that have the same stay in their order. */
const sortByByte = (order: Uint32Array, { numbers, stride, offset }: NumberColumn, shift: number): Uint32Array => {
  const places = new Uint32Array(DIGITS + 1);
  for (let row = 0, at = offset; row < order.length; row++, at += stride) {
    const digit = ((numbers[at] as number) >>> shift) & 255;
    places[digit + 1] = (places[digit + 1] as number) + 1;
  }
  // most bytes of most lists are all the same
  if (places.includes(order.length, 1)) return order;
  for (let digit = 1; digit < DIGITS; digit++)
    places[digit] = (places[digit] as number) + (places[digit - 1] as number);
  const sorted = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    const digit = ((numbers[row * stride + offset] as number) >>> shift) & 255;
    const place = places[digit] as number;
    sorted[place] = row;
    places[digit] = place + 1;
  }
  return sorted;
};

/** The rows in ascending order (comparePrefixes), by a radix sort: from the number that counts least to the one that counts most. */
const sortRows = ({ words, to, length }: PrefixRows): Uint32Array => {
  const inverted = length.map((bits) => 255 - bits);
  let order: Uint32Array = new Uint32Array(length.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  order = sortByByte(order, { numbers: inverted, stride: 1, offset: 0 }, 0);
  for (let offset = words - 1; offset >= 0; offset--)
    for (let shift = 0; shift < 32; shift += 8)
      order = sortByByte(order, { numbers: to, stride: words, offset }, shift);
  return order;
};

const hasEqualRows = (sorted: PrefixColumns): boolean => {
  for (let row = 1; row < countRows(sorted); row++)
    if (comparePrefixes(sorted, row - 1, sorted, row) === 0) return true;
  return false;
};

/** Columns that grow by a row at a time. */
export class ColumnBuilder {
  readonly #words: PrefixRows['words'];
  #rows: PrefixRows;
  #line = new Uint32Array(64);
  #count = 0;
  #inOrder = true;

  constructor(words: PrefixRows['words']) {
    this.#words = words;
    this.#rows = emptyRows(words, 64);
  }

  get count(): number {
    return this.#count;
  }

  /** @param prefix - of its first row */
  add(prefix: PrefixRows, line: number): void {
    if (this.#count === this.#line.length) this.#grow();
    const [words, rows, row] = [this.#words, this.#rows, this.#count++];
    for (let word = 0; word < words; word++) rows.to[row * words + word] = prefix.to[word] as number;
    rows.length[row] = prefix.length[0] as number;
    this.#line[row] = line;
    if (this.#inOrder && row > 0 && comparePrefixes(rows, row - 1, rows, row) >= 0) this.#inOrder = false;
  }

  /** The rows as they came, equal ones among them. */
  unsorted(): PrefixColumns {
    const [words, count] = [this.#words, this.#count];
    return {
      words,
      to: this.#rows.to.slice(0, count * words),
      length: this.#rows.length.slice(0, count),
      line: this.#line.slice(0, count),
    };
  }

  /** @returns the rows in ascending order; undefined where two prefixes are equal */
  finish(): PrefixColumns | undefined {
    const sorted = this.#sorted();
    return this.#inOrder || !hasEqualRows(sorted) ? sorted : undefined;
  }

  /** The rows in ascending order, of equal ones the first that came. */
  distinct(): PrefixColumns {
    const sorted = this.#sorted();
    return this.#inOrder
      ? sorted
      : filterColumns(sorted, (row) => row === 0 || comparePrefixes(sorted, row - 1, sorted, row) !== 0);
  }

  #sorted(): PrefixColumns {
    const columns = this.unsorted();
    return this.#inOrder ? columns : takeRows(columns, sortRows(columns));
  }

  #grow(): void {
    const rows = emptyRows(this.#words, this.#count * 2);
    rows.to.set(this.#rows.to);
    rows.length.set(this.#rows.length);
    this.#rows = rows;
    const line = new Uint32Array(this.#count * 2);
    line.set(this.#line);
    this.#line = line;
  }
}
