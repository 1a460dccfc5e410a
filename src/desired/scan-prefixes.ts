import { comparePrefixes, type PrefixColumns } from '../model/route-list.ts';

const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const NEWLINE = 0x0a;
const HASH = 0x23;

/** No line with a prefix is shorter: `0.0.0.0/0` and its end. */
const SHORTEST_LINE = 10;

const hasHostBits = (to: number, length: number): boolean => length < 32 && (to & (0xffffffff >>> length)) !== 0;

/** Reads IPv4 prefixes off a text, one by one. */
class PrefixScanner {
  readonly #text: string;
  #at = 0;
  #line = 1;
  to = 0;
  length = 0;
  /** the line of the prefix that was read last */
  line = 0;
  /** something stands there that this scanner does not know */
  failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns false at the end, and where it `failed` */
  next(): boolean {
    this.#skipLines();
    if (this.#at >= this.#text.length) return false;
    this.line = this.#line;
    const to = this.#address();
    const length = this.#take(SLASH) ? this.#number(32) : -1;
    const ends = this.#at >= this.#text.length || this.#take(NEWLINE);
    if (to < 0 || length < 0 || !ends || hasHostBits(to, length)) {
      this.failed = true;
      return false;
    }
    this.#line++;
    this.to = to;
    this.length = length;
    return true;
  }

  /** Empty lines, and those that are a comment from their first character on. */
  #skipLines(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === HASH) {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else if (code === NEWLINE) this.#at++;
      else return;
      this.#line++;
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  /** Decimal without leading zeros, or -1. */
  #number(max: number): number {
    const start = this.#at;
    let value = 0;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (!(code >= ZERO && code <= NINE) || this.#at - start > 2) break;
      value = value * 10 + code - ZERO;
    }
    const digits = this.#at - start;
    const isPlain = digits === 1 || (digits > 1 && this.#text.charCodeAt(start) !== ZERO);
    return isPlain && value <= max ? value : -1;
  }

  #address(): number {
    let address = 0;
    for (let i = 0; i < 4; i++) {
      const part = this.#number(255);
      if (part < 0 || (i < 3 && !this.#take(DOT))) return -1;
      address = address * 256 + part;
    }
    return address;
  }
}

/** Sorts columns that are not, by one number a row: address and inverted length fit into 38 bits. */
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

/**
 * Reads a list of IPv4 prefixes in their plainest form: one a line from its first character on, empty lines and whole lines
 * of comment between them. Fast, and knows nothing else.
 * @returns undefined where anything else stands in the text, two prefixes are equal, or there is none: read it line by line
 */
export const scanPrefixes = (text: string): PrefixColumns | undefined => {
  const most = Math.ceil(text.length / SHORTEST_LINE) + 1;
  const to = new Uint32Array(most);
  const length = new Uint8Array(most);
  const line = new Uint32Array(most);
  const scanner = new PrefixScanner(text);
  let count = 0;
  let inOrder = true;
  while (scanner.next()) {
    const before = count - 1;
    if (count > 0 && inOrder) {
      const order = comparePrefixes(to[before] as number, length[before] as number, scanner.to, scanner.length);
      if (order >= 0) inOrder = false;
    }
    to[count] = scanner.to;
    length[count] = scanner.length;
    line[count++] = scanner.line;
  }
  if (scanner.failed || count === 0) return undefined;
  const columns = { to: to.slice(0, count), length: length.slice(0, count), line: line.slice(0, count) };
  if (inOrder) return columns;
  const sorted = sortColumns(columns);
  for (let i = 1; i < count; i++)
    if (sorted.to[i] === sorted.to[i - 1] && sorted.length[i] === sorted.length[i - 1]) return undefined;
  return sorted;
};
