import { comparePrefixes, countRows, emptyRows, type PrefixColumns, type PrefixRows } from './prefix-columns.ts';

/** Values of one byte of a row. */
const DIGITS = 256;

/** One byte of a row: of its inverted length, or of its address. */
type ByteOf = (row: number) => number;

/** The bytes by which rows are compared, from the last to the first. */
const bytesOf = ({ words, to, length }: PrefixRows): readonly ByteOf[] => [
  (row) => 255 - (length[row] as number),
  ...Array.from({ length: words * 4 }, (_, i): ByteOf => {
    const word = words - 1 - (i >> 2);
    const shift = 8 * (i & 3);
    return (row) => ((to[row * words + word] as number) >>> shift) & 255;
  }),
];

/** The rows in ascending order: a radix sort, which a comparison at a time would take five times as long as. */
const sortRows = (rows: PrefixRows): Uint32Array => {
  const count = countRows(rows);
  let order = Uint32Array.from(rows.length, (_, row) => row);
  let next = new Uint32Array(count);
  const places = new Uint32Array(DIGITS + 1);
  for (const byteOf of bytesOf(rows)) {
    places.fill(0);
    for (let row = 0; row < count; row++) (places[byteOf(row) + 1] as number)++;
    // most bytes of most lists are all the same
    if (places.includes(count, 1)) continue;
    for (let digit = 1; digit < DIGITS; digit++)
      places[digit] = (places[digit] as number) + (places[digit - 1] as number);
    for (let i = 0; i < count; i++) {
      const row = order[i] as number;
      const digit = byteOf(row);
      next[places[digit] as number] = row;
      (places[digit] as number)++;
    }
    [order, next] = [next, order];
  }
  return order;
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

  /** @returns the rows in ascending order; undefined where two prefixes are equal */
  finish(): PrefixColumns | undefined {
    const [words, count] = [this.#words, this.#count];
    const columns = {
      words,
      to: this.#rows.to.slice(0, count * words),
      length: this.#rows.length.slice(0, count),
      line: this.#line.slice(0, count),
    };
    if (this.#inOrder) return columns;
    const order = sortRows(columns);
    const sorted = {
      words,
      to: Uint32Array.from(
        columns.to,
        (_, i) => columns.to[(order[Math.floor(i / words)] as number) * words + (i % words)] as number,
      ),
      length: columns.length.map((_, i) => columns.length[order[i] as number] as number),
      line: columns.line.map((_, i) => columns.line[order[i] as number] as number),
    };
    for (let row = 1; row < count; row++) if (comparePrefixes(sorted, row - 1, sorted, row) === 0) return undefined;
    return sorted;
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
