import { ColumnBuilder } from '../model/column-builder.ts';
import type { PrefixColumns } from '../model/prefix-columns.ts';
import { type PrefixReader, readersOf } from './prefix-reader.ts';

const NEWLINE = 0x0a;
const HASH = 0x23;

/** Goes over the end of a line, if it is what stands there. */
const takeNewline = (reader: PrefixReader): boolean => {
  if (reader.text.charCodeAt(reader.at) !== NEWLINE) return false;
  reader.at++;
  return true;
};

const scan = (reader: PrefixReader): PrefixColumns | undefined => {
  const { text } = reader;
  const columns = new ColumnBuilder(reader.rows.words);
  for (let line = 1; reader.at < text.length; line++) {
    if (takeNewline(reader)) continue;
    if (text.charCodeAt(reader.at) === HASH) {
      const end = text.indexOf('\n', reader.at);
      reader.at = end < 0 ? text.length : end + 1;
      continue;
    }
    if (!reader.read() || !(reader.at >= text.length || takeNewline(reader))) return undefined;
    columns.add(reader.rows, line);
  }
  return columns.count === 0 ? undefined : columns.finish();
};

/**
 * Reads a list of prefixes of one family in their plainest form: one a line from its first character on, empty lines and
 * whole lines of comment between them. Fast, and knows nothing else.
 * @returns undefined where anything else stands in the text, two prefixes are equal, or there is none: read it line by line
 */
export const scanPrefixes = (text: string): PrefixColumns | undefined => {
  for (const reader of readersOf(text)) {
    const columns = scan(reader);
    if (columns !== undefined) return columns;
  }
  return undefined;
};
