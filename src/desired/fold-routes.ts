import { ColumnBuilder } from '../model/column-builder.ts';
import { countRows, formatPrefixAt, type PrefixColumns } from '../model/prefix-columns.ts';
import { type PrefixReader, readersOf } from './prefix-reader.ts';

/** Items of a YAML list that are the same but for the prefix behind `to:`. The first is left in the text, for all of them. */
export interface RouteRun {
  /** all rows, the first included; `line` is that of each item's first line, from 1 */
  readonly columns: PrefixColumns;
  /** of the item that is left */
  readonly line: number;
  /** from 1, of its prefix */
  readonly column: number;
  /** `192.0.2.0/24`, as it is written */
  readonly prefix: string;
}

/** Lines that were taken out of a text. */
export interface Cut {
  /** the first line behind the cut, from 1, in what is left */
  readonly line: number;
  readonly lines: number;
}

export interface FoldedText {
  readonly text: string;
  /** `line` ascending */
  readonly cuts: readonly Cut[];
  /** by the offset of the item's value in what is left: of its brace, or of its first key */
  readonly runs: ReadonlyMap<number, RouteRun>;
}

/** Shorter runs gain nothing. */
const FEWEST = 64;

/** What an item begins with: the dash, perhaps a brace, the key, and perhaps a quote. */
const HEAD = /^( *)- (\{ ?)?to: ["']?/;

/** What may follow the prefix in each item: words and numbers, perhaps in quotes, nothing that means more than itself. */
const FLOW_TAIL = /^(, \w+: (["']?)[\w.:/-]+\2)* ?\}\n$/;
const BLOCK_TAIL = /^\n( +\w+: (["']?)[\w.:/-]+\2\n)*$/;

const DASH = '- ';

/** The rest of an item up to the next that begins in the same way; undefined where it is not regular. */
const tailAt = (text: string, at: number, head: string): string | undefined => {
  const next = text.indexOf(`\n${head}`, at);
  if (next < 0 || next - at > 400) return undefined;
  const tail = text.slice(at, next + 1);
  const quote = /["']?$/.exec(head)?.[0] ?? '';
  const rest = tail.slice(quote.length);
  if (!tail.startsWith(quote)) return undefined;
  if (head.includes('{')) return FLOW_TAIL.test(rest) ? tail : undefined;
  // keys of a block item stand under its first
  const indent = head.indexOf(DASH) + DASH.length;
  const isAligned = tail
    .split('\n')
    .slice(1, -1)
    .every((line) => line.search(/\S/) === indent);
  return isAligned && BLOCK_TAIL.test(rest) ? tail : undefined;
};

/** Reads a prefix in canonical form: where things stand behind it follows from its width (RepeatedItem). */
const readCanonical = (reader: PrefixReader, at: number): boolean => {
  reader.at = at;
  return reader.read() && (reader.isCanonical || reader.text.startsWith(formatPrefixAt(reader.rows), at));
};

/** Whether an item whose dash stands in column `dash` has nothing more to it: what comes next stands no further in. */
const isOver = (text: string, at: number, dash: number): boolean => {
  let next = at;
  while (text[next] === ' ') next++;
  return next === text.length || (next - at <= dash && !/[\s#]/.test(text[next] as string));
};

/** A run in the text; offsets. */
interface FoundRun {
  /** of the first item's dash */
  readonly start: number;
  readonly prefixAt: number;
  readonly prefixEnd: number;
  readonly firstEnd: number;
  readonly end: number;
  /** of the first item, from 1 */
  readonly line: number;
  readonly itemLines: number;
  readonly columns: PrefixColumns;
}

function* findRuns(text: string): Generator<FoundRun> {
  const heads = new RegExp(HEAD, 'gm');
  const readers = readersOf(text);
  let line = 1;
  let lineAt = 0;
  for (let match = heads.exec(text); match !== null; match = heads.exec(text)) {
    const [head] = match;
    const prefixAt = match.index + head.length;
    const reader = readers.find((one) => readCanonical(one, prefixAt));
    if (reader === undefined) continue;
    const prefixEnd = reader.at;
    const tail = tailAt(text, prefixEnd, head);
    if (tail === undefined) continue;
    for (let at = text.indexOf('\n', lineAt); at >= 0 && at < match.index; at = text.indexOf('\n', at + 1)) line++;
    lineAt = match.index;
    const itemLines = tail.split('\n').length - 1;
    const builder = new ColumnBuilder(reader.rows.words);
    const dash = head.indexOf(DASH);
    // of what stands between two prefixes: where it is all there, the item before it is over and the next one begins
    const between = tail + head;
    let end = match.index;
    for (let isItem = true; isItem; ) {
      const hasNext = text.startsWith(between, reader.at);
      const itemEnd = reader.at + tail.length;
      if (!hasNext && !(text.startsWith(tail, reader.at) && isOver(text, itemEnd, dash))) break;
      builder.add(reader.rows, line + builder.count * itemLines);
      end = itemEnd;
      isItem = hasNext && readCanonical(reader, end + head.length);
    }
    heads.lastIndex = end;
    const columns = builder.count < FEWEST ? undefined : builder.finish();
    const start = match.index + dash;
    const firstEnd = prefixEnd + tail.length;
    if (columns !== undefined) yield { start, prefixAt, prefixEnd, firstEnd, end, line, itemLines, columns };
    line += builder.count * itemLines;
    lineAt = end;
  }
}

/**
 * Takes long runs of like routes out of a YAML text, so that the parser sees one of each. Whether what looks like a route is
 * one is known only when the rest has been parsed: then the item that is left is a route, and so is each of its run.
 * @returns undefined where there is no such run
 */
export const foldRoutes = (text: string): FoldedText | undefined => {
  const runs = new Map<number, RouteRun>();
  const cuts: Cut[] = [];
  const kept: string[] = [];
  let keptTo = 0;
  let keptLength = 0;
  let cutLines = 0;
  for (const run of findRuns(text)) {
    const { start, prefixAt, prefixEnd, firstEnd, end, line, itemLines, columns } = run;
    const value = keptLength + start - keptTo + DASH.length;
    const prefix = text.slice(prefixAt, prefixEnd);
    const column = prefixAt - (text.lastIndexOf('\n', prefixAt) + 1) + 1;
    runs.set(value, { columns, line, column, prefix });
    kept.push(text.slice(keptTo, firstEnd));
    keptLength += firstEnd - keptTo;
    keptTo = end;
    const lines = (countRows(columns) - 1) * itemLines;
    cuts.push({ line: line + itemLines - cutLines, lines });
    cutLines += lines;
  }
  if (runs.size === 0) return undefined;
  kept.push(text.slice(keptTo));
  return { text: kept.join(''), cuts, runs };
};
