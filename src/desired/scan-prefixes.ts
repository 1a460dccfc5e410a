import { ColumnBuilder } from '../model/prefix-columns.ts';
import type { PrefixColumns } from '../model/route-list.ts';
import { PrefixReader } from './prefix-reader.ts';

const NEWLINE = 0x0a;
const HASH = 0x23;

/**
 * Reads a list of IPv4 prefixes in their plainest form: one a line from its first character on, empty lines and whole lines
 * of comment between them. Fast, and knows nothing else.
 * @returns undefined where anything else stands in the text, two prefixes are equal, or there is none: read it line by line
 */
export const scanPrefixes = (text: string): PrefixColumns | undefined => {
  const reader = new PrefixReader(text);
  const columns = new ColumnBuilder();
  for (let line = 1; reader.at < text.length; line++) {
    if (reader.take(NEWLINE)) continue;
    if (text.charCodeAt(reader.at) === HASH) {
      const end = text.indexOf('\n', reader.at);
      reader.at = end < 0 ? text.length : end + 1;
      continue;
    }
    if (!reader.read() || !(reader.at >= text.length || reader.take(NEWLINE))) return undefined;
    columns.add(reader.to, reader.length, line);
  }
  return columns.count === 0 ? undefined : columns.finish();
};
