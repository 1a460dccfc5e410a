import { comparePrefixes, countRows, type PrefixRows } from './prefix-columns.ts';

/** The bits of a word of 32 that an address of a prefix may have beyond those of the prefix. */
const hostBits = (length: number, word: number): number => {
  const left = length - 32 * word;
  return left >= 32 ? 0 : left <= 0 ? 0xffffffff : 0xffffffff >>> left;
};

/** By the last address of each, the longer prefix first: what is within a prefix comes before it. */
const compareEnds = (a: PrefixRows, row: number, b: PrefixRows, other: number): number => {
  const [length, otherLength] = [a.length[row] as number, b.length[other] as number];
  for (let word = 0; word < a.words; word++) {
    const end = ((a.to[row * a.words + word] as number) | hostBits(length, word)) >>> 0;
    const otherEnd = ((b.to[other * b.words + word] as number) | hostBits(otherLength, word)) >>> 0;
    if (end !== otherEnd) return end - otherEnd;
  }
  return otherLength - length;
};

/**
 * Less than 0 where the kernel dumps one row of a table before another: IPv4 before IPv6, of IPv4 as comparePrefixes says, of
 * IPv6 what is within a prefix before the prefix (ip6_fib.c fib6_walk_continue).
 */
export const compareInDump = (a: PrefixRows, row: number, b: PrefixRows, other: number): number => {
  if (a.words !== b.words) return a.words - b.words;
  return a.words === 1 ? comparePrefixes(a, row, b, other) : compareEnds(a, row, b, other);
};

/** Rows by number in an order; undefined where that is the one that they have. */
export const sortedRows = (
  rows: PrefixRows,
  compare: (row: number, other: number) => number,
): Uint32Array | undefined => {
  const count = countRows(rows);
  let row = 1;
  while (row < count && compare(row - 1, row) < 0) row++;
  return row >= count ? undefined : Uint32Array.from({ length: count }, (_, i) => i).sort(compare);
};
