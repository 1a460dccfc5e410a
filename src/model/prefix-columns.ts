import { addressBits, type Family, familyOf, formatAddress, parseAddress } from './ip.ts';

/** Prefixes of one family, one a row. */
export interface PrefixRows {
  /** of 32 bits, in an address: one of IPv4, four of IPv6 */
  readonly words: 1 | 4;
  /** network addresses, `words` numbers a row, each in host order */
  readonly to: Uint32Array;
  readonly length: Uint8Array;
}

/** Prefixes in ascending order (comparePrefixes), and where they stand. No two are equal. */
export interface PrefixColumns extends PrefixRows {
  /** from 1, ascending in the file that names them: its line, or its offset (RouteList) */
  readonly line: Uint32Array;
}

/** Takes a prefix (one row, valid during the call) and where it stands, from 1. */
export type TakePrefix = (prefix: PrefixRows, place: number) => void;

/** How many words of 32 bits an address has. */
export const wordsOf = (family: Family): PrefixRows['words'] => (family === 'inet' ? 1 : 4);

export const countRows = ({ length }: PrefixRows): number => length.length;

/** Room for rows, all of them `::/0` or its like. */
export const emptyRows = (words: PrefixRows['words'], count = 1): PrefixRows => ({
  words,
  to: new Uint32Array(words * count),
  length: new Uint8Array(count),
});

const formatInet = (to: number): string => `${to >>> 24}.${(to >>> 16) & 255}.${(to >>> 8) & 255}.${to & 255}`;

const formatInet6 = (to: Uint32Array, at: number): string => {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = (to[at + (i >> 2)] as number) >>> (24 - 8 * (i & 3));
  return formatAddress(bytes);
};

/** `192.0.2.0/24`: the canonical text of a row. */
export const formatPrefixAt = ({ words, to, length }: PrefixRows, row = 0): string =>
  `${words === 1 ? formatInet(to[row] as number) : formatInet6(to, row * words)}/${length[row]}`;

const inetWord = (text: string): number => {
  const [a, b, c, d] = text.split('.', 4).map(Number) as [number, number, number, number];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
};

const inet6Words = (text: string): Uint32Array => {
  const bytes = new DataView((parseAddress(text) as Uint8Array).buffer);
  return Uint32Array.from({ length: 4 }, (_, i) => bytes.getUint32(4 * i));
};

/** One row, of a canonical prefix. */
export const rowsOfPrefix = (prefix: string): PrefixRows => {
  const slash = prefix.indexOf('/');
  const address = prefix.slice(0, slash);
  const family = familyOf(address);
  return {
    words: wordsOf(family),
    to: family === 'inet' ? Uint32Array.of(inetWord(address)) : inet6Words(address),
    length: Uint8Array.of(Number(prefix.slice(slash + 1))),
  };
};

/** One row, of a canonical address: its prefix is that address alone. */
export const rowsOfAddress = (address: string): PrefixRows =>
  rowsOfPrefix(`${address}/${addressBits(familyOf(address))}`);

/** Whether the address of the one row of `address` is in the prefix of a row. */
export const containsAddress = ({ words, to, length }: PrefixRows, row: number, address: PrefixRows): boolean => {
  if (words !== address.words) return false;
  for (let i = 0, left = length[row] as number; left > 0; i++, left -= 32) {
    const differing = (to[row * words + i] as number) ^ (address.to[i] as number);
    if (left >= 32 ? differing !== 0 : differing >>> (32 - left) !== 0) return false;
  }
  return true;
};

/**
 * Less than 0 where a row stands before one of others of the same family: by address, the longer prefix first. That is how
 * the kernel dumps IPv4 (fib_trie.c: leaves by key, aliases by fa_slen). Of IPv6 it dumps what lies within a prefix before
 * the prefix (ip6_fib.c fib6_walk_continue), which is the same where none does.
 */
export const comparePrefixes = (a: PrefixRows, row: number, b: PrefixRows, other: number): number => {
  const { words } = a;
  for (let i = 0; i < words; i++) {
    const order = (a.to[row * words + i] as number) - (b.to[other * words + i] as number);
    if (order !== 0) return order;
  }
  return (b.length[other] as number) - (a.length[row] as number);
};

/**
 * Where a prefix stands in sorted columns.
 * @param from - the place to look at first; a reader that goes through both in order finds what it looks for there
 * @returns its place; where there is none, -1 - the place at which it would be
 */
export const findPrefix = (columns: PrefixColumns, wanted: PrefixRows, row = 0, from = 0): number => {
  let low = 0;
  let high = countRows(columns);
  let middle = from;
  while (low < high) {
    if (middle < low || middle >= high) middle = (low + high) >>> 1;
    const order = comparePrefixes(wanted, row, columns, middle);
    if (order === 0) return middle;
    if (order < 0) high = middle;
    else low = middle + 1;
    middle = (low + high) >>> 1;
  }
  return -1 - low;
};

/** Some of the rows; the columns themselves where that is all of them. */
export const filterColumns = (columns: PrefixColumns, keeps: (row: number) => boolean): PrefixColumns => {
  const kept = new Uint32Array(countRows(columns));
  let count = 0;
  for (let row = 0; row < kept.length; row++) if (keeps(row)) kept[count++] = row;
  return pickColumns(columns, kept.subarray(0, count));
};

/** Rows by number, ascending; the columns themselves where those are all. */
export const pickColumns = (columns: PrefixColumns, kept: Uint32Array): PrefixColumns =>
  kept.length === countRows(columns) ? columns : takeRows(columns, kept);

/** A copy of the rows, in the order of their numbers. */
export const takeRows = ({ words, to, length, line }: PrefixColumns, rows: Uint32Array): PrefixColumns => {
  const taken = { ...emptyRows(words, rows.length), line: new Uint32Array(rows.length) };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    for (let word = 0; word < words; word++) taken.to[i * words + word] = to[row * words + word] as number;
    taken.length[i] = length[row] as number;
    taken.line[i] = line[row] as number;
  }
  return taken;
};
