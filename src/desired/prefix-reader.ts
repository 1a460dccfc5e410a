import type { Family } from '../model/ip.ts';
import { emptyRows, type PrefixRows } from '../model/prefix-columns.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

const hasHostBits = (to: number, length: number): boolean => length < 32 && (to & (0xffffffff >>> length)) !== 0;

/** Whether an address is over before this character: white space, a quote, a comment, or the end of the text. */
const endsAddress = (code: number): boolean => !(code > SPACE) || code === QUOTE || code === HASH;

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** The value of a hexadecimal digit, less than 0 of any other character. */
const hexDigit = (code: number): number => {
  if (isDigit(code)) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
};

/** Reads prefixes of one family out of a text, without making a string of any. */
export interface PrefixReader {
  readonly text: string;
  /** where the next prefix is looked for; behind the one that was read */
  at: number;
  readonly family: Family;
  /** one row, the prefix that was read */
  readonly rows: PrefixRows;
  /** whether it reads nothing but canonical text */
  readonly isCanonical: boolean;
  /** @returns whether a prefix stands at `at`, without host bits. What follows its length is not looked at. */
  read(): boolean;
}

class InetReader implements PrefixReader {
  readonly text: string;
  at = 0;
  readonly family = 'inet';
  readonly rows = emptyRows(1);
  readonly isCanonical: boolean;
  readonly #takesHosts: boolean;

  constructor(text: string, takesHosts: boolean) {
    this.text = text;
    this.#takesHosts = takesHosts;
    this.isCanonical = !takesHosts;
  }

  read(): boolean {
    const { text, rows } = this;
    let { at } = this;
    let to = 0;
    // in one loop over locals: most lists are over before V8 has compiled what it calls
    for (let part = 0; part < 5; part++) {
      const first = text.charCodeAt(at);
      if (!isDigit(first)) return false;
      let value = first - ZERO;
      at++;
      for (let digits = 1; digits < 3 && value > 0; digits++, at++) {
        const code = text.charCodeAt(at);
        if (!isDigit(code)) break;
        value = value * 10 + code - ZERO;
      }
      if (part === 4) {
        if (value > 32 || isDigit(text.charCodeAt(at)) || hasHostBits(to, value)) return false;
        rows.length[0] = value;
      } else {
        if (value > 255) return false;
        to = to * 256 + value;
        const behind = text.charCodeAt(at);
        if (part === 3 && this.#takesHosts && endsAddress(behind)) {
          rows.length[0] = 32;
          break;
        }
        if (behind !== (part < 3 ? DOT : SLASH)) return false;
        at++;
      }
    }
    rows.to[0] = to;
    this.at = at;
    return true;
  }
}

const GROUPS = 8;

class Inet6Reader implements PrefixReader {
  readonly text: string;
  at = 0;
  readonly family = 'inet6';
  readonly rows = emptyRows(4);
  readonly isCanonical = false;
  readonly #takesHosts: boolean;
  readonly #groups = new Uint16Array(GROUPS);

  constructor(text: string, takesHosts: boolean) {
    this.text = text;
    this.#takesHosts = takesHosts;
  }

  read(): boolean {
    const { rows, text } = this;
    const slash = this.#readAddress(this.at);
    if (slash < 0) return false;
    if (text.charCodeAt(slash) !== SLASH) {
      rows.length[0] = 128;
      this.at = slash;
      return true;
    }
    const end = slash + 1;
    let at = end;
    let length = 0;
    for (; at - end < 3 && isDigit(text.charCodeAt(at)); at++) length = length * 10 + text.charCodeAt(at) - ZERO;
    const hasZeros = at - end > 1 && text.charCodeAt(end) === ZERO;
    if (at === end || hasZeros || length > 128 || isDigit(text.charCodeAt(at))) return false;
    for (let word = length >> 5; word < 4; word++)
      if (hasHostBits(rows.to[word] as number, Math.max(0, length - 32 * word))) return false;
    rows.length[0] = length;
    this.at = at;
    return true;
  }

  /** Whether an address may be over before what stands at a place. */
  #isEnd(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === SLASH || (this.#takesHosts && endsAddress(code));
  }

  /** @returns what is behind it, less than 0 where no address stands there */
  #readAddress(from: number): number {
    const { text } = this;
    const groups = this.#groups;
    let at = from;
    let count = 0;
    /** so many groups stand before `::` */
    let head = -1;
    if (text.charCodeAt(at) === COLON) {
      if (text.charCodeAt(at + 1) !== COLON) return -1;
      head = 0;
      at += 2;
    }
    for (;;) {
      let value = 0;
      const first = at;
      for (let digit = hexDigit(text.charCodeAt(at)); digit >= 0; digit = hexDigit(text.charCodeAt(++at)))
        value = (value << 4) | digit;
      const digits = at - first;
      if (text.charCodeAt(at) === DOT) {
        at = count > GROUPS - 2 ? -1 : this.#readTail(first, count);
        count += 2;
        if (at < 0) return -1;
        break;
      }
      const isEnd = this.#isEnd(at);
      if (digits === 0 && isEnd && head === count) break;
      if (digits < 1 || digits > 4 || count === GROUPS) return -1;
      groups[count++] = value;
      if (isEnd) break;
      if (text.charCodeAt(at++) !== COLON) return -1;
      if (text.charCodeAt(at) !== COLON) continue;
      if (head >= 0) return -1;
      head = count;
      at++;
    }
    if (head < 0 ? count !== GROUPS : count === GROUPS) return -1;
    this.#spread(count, head < 0 ? count : head);
    return at;
  }

  /**
   * Reads the last two groups where they are written as an IPv4 address.
   * @returns what is behind it, less than 0 where none stands there
   */
  #readTail(from: number, count: number): number {
    const { text } = this;
    let at = from;
    let tail = 0;
    for (let part = 0; part < 4; part++, at++) {
      const first = at;
      let value = 0;
      for (; at - first < 3 && isDigit(text.charCodeAt(at)); at++) value = value * 10 + text.charCodeAt(at) - ZERO;
      const hasZeros = at - first > 1 && text.charCodeAt(first) === ZERO;
      if (at === first || hasZeros || value > 255) return -1;
      if (part < 3 ? text.charCodeAt(at) !== DOT : !this.#isEnd(at)) return -1;
      tail = tail * 256 + value;
    }
    this.#groups[count] = tail >>> 16;
    this.#groups[count + 1] = tail & 0xffff;
    return at - 1;
  }

  /** Puts the groups into their places: `head` of them at the start, the others at the end. */
  #spread(count: number, head: number): void {
    const { to } = this.rows;
    to.fill(0);
    for (let i = 0; i < count; i++) {
      const place = i < head ? i : i + GROUPS - count;
      to[place >> 1] = (to[place >> 1] as number) | ((this.#groups[i] as number) << (16 * (1 - (place & 1))));
    }
  }
}

/**
 * Readers of either family, the more frequent first.
 * @param takesHosts - an address without a length is the prefix of that address alone, and white space, a quote or a comment
 * must be behind it
 */
export const readersOf = (text: string, takesHosts = false): readonly [PrefixReader, PrefixReader] => [
  new InetReader(text, takesHosts),
  new Inet6Reader(text, takesHosts),
];
