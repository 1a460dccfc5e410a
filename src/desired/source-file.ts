import type { Source } from '../model/desired.ts';
import { lineAt } from '../model/route-list.ts';
import type { Cut } from './fold-routes.ts';

/** Where a value stands in its file: offsets in UTF-16 units from the start of the text. */
export interface Place {
  /** first unit of the value */
  readonly start: number;
  /** behind its last unit */
  readonly end: number;
  /** first unit of the key that holds the value; absent in a list and at the root */
  readonly key?: number;
  readonly members?: ReadonlyMap<string, Place>;
  readonly items?: readonly Place[];
}

/** A value as plain data, and where each part of it stands. */
export interface Placed {
  readonly value: unknown;
  readonly place: Place;
}

/** Text of one input with its line starts, so that an offset becomes a line and a column. */
export interface SourceFile {
  /** as the user wrote it; `-` is standard input */
  readonly name: string;
  /** what is parsed */
  readonly text: string;
  /** offset of each line's first unit, ascending */
  readonly lineStarts: readonly number[];
  /** lines of the file that are not in `text` */
  readonly cuts: readonly Cut[];
  /** what stands before `text` on its first line, in UTF-16 units */
  readonly indent: number;
}

export const createSourceFile = (name: string, text: string, cuts: readonly Cut[] = []): SourceFile => {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { name, text, lineStarts, cuts, indent: 0 };
};

/**
 * A part of a file that is read by itself.
 * @param at - where it begins
 */
export const createFilePart = ({ file, line, column }: Source, text: string): SourceFile => ({
  ...createSourceFile(file, text, [{ line: 1, lines: line - 1 }]),
  indent: column - 1,
});

/** Line and column (both from 1) in the file of an offset in its text. */
export const sourceAt = (file: SourceFile, offset: number): Source => {
  const { line: row, column } = lineAt(file.name, file.lineStarts, offset);
  let line = row;
  for (const cut of file.cuts) if (cut.line <= row) line += cut.lines;
  return { file: file.name, line, column: column + (row === 1 ? file.indent : 0) };
};

/** The place at a path of keys and indexes, or of the deepest part of the path that is written. */
export const placeAt = (root: Place, path: readonly string[]): Place => {
  let place = root;
  for (const step of path) {
    const next = place.members?.get(step) ?? place.items?.[Number(step)];
    if (next === undefined) break;
    place = next;
  }
  return place;
};
