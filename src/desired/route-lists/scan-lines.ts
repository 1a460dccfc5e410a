import { type Family, familyOf } from '../../model/ip.ts';
import { type PrefixRows, rowsOfPrefix } from '../../model/prefix-columns.ts';
import { NAMED_ROUTE_TYPES } from '../../model/route.ts';
import { type PrefixReader, readersOf } from '../prefix-reader.ts';
import type { Problems } from '../problems.ts';
import { familyOfDefault } from '../route.ts';
import { checkPrefix } from '../scalars.ts';
import type { Route } from '../schema.gen.ts';
import { createKnownText, type KnownText, learnTail, MOST_KNOWN } from './known-text.ts';
import { readLineWords, splitWords, type Word } from './line-words.ts';
import { type ListText, placeIn } from './list-text.ts';
import { DEFAULT_ROWS, type RouteGroup, type RouteGroups } from './route-groups.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;

/** A line that is read word by word. */
interface PlainLine {
  readonly at: number;
  readonly text: string;
  readonly type: Word | undefined;
  readonly to: Word;
}

/** Reads a list of one route a line. What stands around a destination is read once, and known again in other lines. */
export class LineScanner {
  readonly #list: ListText;
  readonly #groups: RouteGroups;
  readonly #entry: Route;
  readonly #problems: Problems;
  readonly #bare: KnownText;
  readonly #known = new Map<string, KnownText>();
  /** of the last line that does not begin with its destination */
  #last: KnownText;

  /** @param entry - the entry of the list: its addresses tell the family of `default` */
  constructor(list: ListText, groups: RouteGroups, entry: Route, problems: Problems) {
    this.#list = list;
    this.#groups = groups;
    this.#entry = entry;
    this.#problems = problems;
    this.#bare = this.#knownOf('');
    this.#last = this.#bare;
  }

  /** Puts every line into its group; what is wrong is reported at its place. */
  read(): void {
    const { text } = this.#list;
    let [reader, other] = readersOf(text, true);
    for (let at = 0, end = 0; at < text.length; at = end + 1) {
      let known = this.#readPrefix(reader, at);
      if (known === undefined) {
        known = this.#readPrefix(other, at);
        if (known !== undefined) [reader, other] = [other, reader];
      }
      const from = known === undefined ? at : reader.at;
      end = text.charCodeAt(from) === NEWLINE ? from : text.indexOf('\n', from);
      if (end < 0) end = text.length;
      if (known === undefined) this.#readLine(at, text.slice(at, end));
      else {
        const group = knownGroup(known.groups[reader.family], text.slice(from, end));
        if (group === undefined) this.#readLine(at, text.slice(at, end));
        else group.rows.add(reader.rows, at + known.head.length + 1);
      }
    }
  }

  /** Reads the destination of a line that begins like the last, or with it. */
  #readPrefix(reader: PrefixReader, at: number): KnownText | undefined {
    const { text } = reader;
    const known = text.startsWith(this.#last.head, at) ? this.#last : this.#bare;
    reader.at = at + known.head.length;
    if (!reader.read()) return undefined;
    const behind = text.charCodeAt(reader.at);
    return behind > SPACE && behind !== HASH ? undefined : known;
  }

  #readLine(at: number, text: string): void {
    const [first, second] = splitWords(text, 0, 2);
    if (first === undefined) return;
    const type = NAMED_ROUTE_TYPES.has(first.text) ? first : undefined;
    const to = type === undefined ? first : second;
    if (to === undefined) {
      const source = placeIn(this.#list, at + first.at);
      this.#problems.add('NR_BAD_PREFIX', `"${first.text}" needs a destination`, source, 'write a prefix behind it');
      return;
    }
    const line = { at, text, type, to };
    if (to.text === 'default') this.#addDefault(line);
    else this.#addPrefix(line);
  }

  #addPrefix(line: PlainLine): void {
    const { to, text } = line;
    const prefix = checkPrefix(to.text);
    if (typeof prefix !== 'string') {
      this.#problems.add(prefix.code, prefix.message, placeIn(this.#list, line.at + to.at), prefix.hint);
      return;
    }
    const known = this.#knownOf(text.slice(0, to.at));
    const groups = known.groups[familyOf(prefix)];
    const tail = text.slice(to.at + to.text.length);
    const group = knownGroup(groups, tail) ?? this.#makeGroup(line, familyOf(prefix));
    if (group === undefined) return;
    this.#last = known;
    learnTail(groups, withoutComment(tail), group);
    this.#add(group, rowsOfPrefix(prefix), line);
  }

  #addDefault(line: PlainLine): void {
    const group = this.#makeGroup(line);
    if (group !== undefined) this.#add(group, DEFAULT_ROWS[group.family], line);
  }

  #add(group: RouteGroup, rows: PrefixRows, { at, to }: PlainLine): void {
    group.rows.add(rows, at + to.at + 1);
  }

  /** @param family - absent: what the line says, and the entry, tells it */
  #makeGroup({ at, text, type, to }: PlainLine, family?: Family): RouteGroup | undefined {
    const source = placeIn(this.#list, at + (type ?? to).at);
    const words = splitWords(text, to.at + to.text.length);
    const said = readLineWords({ text, source, type, words }, this.#problems);
    if (said === undefined) return undefined;
    return this.#groups.of(family ?? familyOfDefault({ ...this.#entry, ...said.value }), said);
  }

  #knownOf(head: string): KnownText {
    const known = this.#known.get(head) ?? createKnownText(head);
    if (this.#known.size < MOST_KNOWN) this.#known.set(head, known);
    return known;
  }
}

const withoutComment = (tail: string): string => {
  const hash = tail.indexOf('#');
  return (hash < 0 ? tail : tail.slice(0, hash)).trimEnd();
};

const knownGroup = (groups: Map<string, RouteGroup>, tail: string): RouteGroup | undefined =>
  groups.get(tail) ?? (tail === '' ? undefined : groups.get(withoutComment(tail)));
