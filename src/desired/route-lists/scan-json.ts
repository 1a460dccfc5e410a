import { type Family, familyOf } from '../../model/ip.ts';
import { rowsOfPrefix } from '../../model/prefix-columns.ts';
import { type PrefixReader, readersOf } from '../prefix-reader.ts';
import type { Problems } from '../problems.ts';
import { familyOfDefault } from '../route.ts';
import { checkPrefix } from '../scalars.ts';
import type { Route } from '../schema.gen.ts';
import { type JsonRoute, readJsonRoute } from './json-route.ts';
import { createKnownText, type KnownText, learnTail } from './known-text.ts';
import { type ListText, placeIn } from './list-text.ts';
import { DEFAULT_ROWS, type RouteGroup, type RouteGroups } from './route-groups.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** So many different texts in front of a destination are looked for in an item. */
const MOST_HEADS = 16;

/** A text in quotes, a bracket, or what is between them. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^"{}[\]]+/y;
const SCALAR = /[^\s,\]}]+/y;

const BEGINS: ReadonlySet<string | undefined> = new Set(['{', '[', '"']);

/** Behind the value that begins at a place; less than 0 where it does not end. */
const endOfValue = (text: string, from: number): number => {
  if (!BEGINS.has(text[from])) {
    SCALAR.lastIndex = from;
    return SCALAR.test(text) ? SCALAR.lastIndex : -1;
  }
  let depth = 0;
  TOKEN.lastIndex = from;
  for (;;) {
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return -1;
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    if (depth === 0) return TOKEN.lastIndex;
  }
};

/** A text in front of a destination, and how many braces close behind one. */
interface KnownItem extends KnownText {
  braces: number;
}

const countBraces = (text: string): number => text.split('}').length - 1;

/**
 * Reads a list as JSON: one array of items, or items one behind the other. What stands around a destination is parsed once,
 * and known again in other items: a text that is JSON stays so with another prefix in quotes.
 */
export class JsonScanner {
  readonly #list: ListText;
  readonly #groups: RouteGroups;
  readonly #entry: Route;
  readonly #problems: Problems;
  readonly #readers: readonly PrefixReader[];
  /** that of the last item first */
  readonly #known: KnownItem[] = [];

  /** @param entry - the entry of the list: its addresses tell the family of `default` */
  constructor(list: ListText, groups: RouteGroups, entry: Route, problems: Problems) {
    this.#list = list;
    this.#groups = groups;
    this.#entry = entry;
    this.#problems = problems;
    this.#readers = readersOf(list.text, true);
  }

  /** Puts every item into its group; what is wrong is reported at its place. */
  read(): void {
    const { text } = this.#list;
    let at = this.#skipSpace(0);
    if (text.charCodeAt(at) !== OPEN_LIST) {
      while (at >= 0 && at < text.length) at = this.#skipSpace(this.#readItem(at));
      return;
    }
    at = this.#skipSpace(at + 1);
    while (at >= 0 && text.charCodeAt(at) !== CLOSE_LIST) {
      at = this.#skipSpace(this.#readItem(at));
      if (text.charCodeAt(at) === COMMA) at = this.#skipSpace(at + 1);
      else if (at >= 0 && text.charCodeAt(at) !== CLOSE_LIST) at = this.#refuse(at, 'a comma or ] is missing here');
    }
    const end = at < 0 ? at : this.#skipSpace(at + 1);
    if (end >= 0 && end < text.length) this.#refuse(end, 'the list is over, but the file is not');
  }

  /** @returns the next place that is no white space; what is less than 0 stays so */
  #skipSpace(from: number): number {
    const { text } = this.#list;
    let at = from;
    while (at >= 0 && text.charCodeAt(at) <= SPACE) at++;
    return at;
  }

  #refuse(at: number, message: string): number {
    this.#problems.add('NR_YAML', `not JSON: ${message}`, placeIn(this.#list, at));
    return -1;
  }

  /** @returns behind the item; less than 0 where its end cannot be found */
  #readItem(at: number): number {
    const end = this.#readKnown(at);
    return end < 0 ? this.#readNew(at) : end;
  }

  /** Reads an item whose text is known but for the destination. */
  #readKnown(at: number): number {
    const { text } = this.#list;
    for (const known of this.#known) {
      if (!text.startsWith(known.head, at)) continue;
      const from = at + known.head.length;
      for (const reader of this.#readers) {
        reader.at = from;
        if (!reader.read()) continue;
        const end = this.#endOfTail(reader.at, known.braces);
        const group = end < 0 ? undefined : known.groups[reader.family].get(text.slice(reader.at, end));
        if (group === undefined) return -1;
        group.rows.add(reader.rows, at + 1);
        return end;
      }
    }
    return -1;
  }

  /** Behind the quote that ends a destination and so many braces. */
  #endOfTail(from: number, braces: number): number {
    const { text } = this.#list;
    if (text.charCodeAt(from) !== QUOTE) return -1;
    let end = from + 1;
    for (let i = 0; i < braces && end > 0; i++) end = text.indexOf('}', end) + 1;
    return end === 0 ? -1 : end;
  }

  #readNew(at: number): number {
    const { text } = this.#list;
    const end = endOfValue(text, at);
    if (end < 0)
      return this.#refuse(at, BEGINS.has(text[at]) ? 'what begins here does not end' : 'a value is missing here');
    const item = text.slice(at, end);
    const route = readJsonRoute(item, placeIn(this.#list, at), this.#problems);
    if (route !== undefined) this.#add(at, item, route);
    return end;
  }

  #add(at: number, item: string, { to, place, said }: JsonRoute): void {
    const prefix = to === 'default' ? undefined : checkPrefix(to);
    if (typeof prefix === 'object') {
      this.#problems.add(prefix.code, prefix.message, placeIn(this.#list, at + place.start), prefix.hint);
      return;
    }
    const family = prefix === undefined ? familyOfDefault({ ...this.#entry, ...said?.value }) : familyOf(prefix);
    const group = this.#groups.of(family, said);
    group.rows.add(prefix === undefined ? DEFAULT_ROWS[family] : rowsOfPrefix(prefix), at + 1);
    // in quotes, and nothing in it that is written otherwise than it is read; only the item tells what `default` is
    if (prefix !== undefined && item.slice(place.start + 1, place.end - 1) === to)
      this.#learn(item, place.start + 1, place.end - 1, family, group);
  }

  #learn(item: string, from: number, to: number, family: Family, group: RouteGroup): void {
    const [head, tail] = [item.slice(0, from), item.slice(to)];
    const i = this.#known.findIndex((known) => known.head === head);
    const known = i < 0 ? { ...createKnownText(head), braces: 0 } : (this.#known.splice(i, 1)[0] as KnownItem);
    known.braces = countBraces(tail);
    learnTail(known.groups[family], tail, group);
    this.#known.unshift(known);
    this.#known.splice(MOST_HEADS);
  }
}
