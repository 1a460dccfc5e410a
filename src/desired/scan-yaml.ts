import type { Place, Placed } from './source-file.ts';

/** Thrown, and caught, in this file: the text has something that only the full parser can judge. */
class Irregular extends Error {}

/** Nothing but plain text: no tabs, no returns, no control characters. */
const ODD_CHARACTER = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe]/;

/** A key, and what makes it one. */
const KEY = /([A-Za-z0-9_][\w./@+-]{0,127}):(?=[ \n]|$)/y;
/** A word that means nothing but itself wherever it stands; a colon only where more of the word follows. */
const WORD = /[A-Za-z0-9_./+-](?:[\w./+%@=~-]|:(?=[\w./:%]))*/y;
const QUOTED = /"([^"\\\n]*)"|'([^'\n]*)'/y;
/** The rest of a line that says no more. */
const LINE_END = / *(?: #[^\n]*)?(?:\n|$)/y;

const DECIMAL = /^-?(?:0|[1-9][0-9]{0,14})$/;
const HEXADECIMAL = /^0x[0-9a-fA-F]{1,12}$/;
/** Other numbers of the core schema (YAML 1.2.2, 10.3.2), and those that are read differently elsewhere. */
const OTHER_NUMBER =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?[0-9]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);

/** Deeper than any state file. */
const MOST_NESTED = 32;

const resolveWord = (word: string): unknown => {
  const meaning = WORDS.get(word);
  if (meaning !== undefined) return meaning;
  if (DECIMAL.test(word) || HEXADECIMAL.test(word)) return Number(word);
  if (OTHER_NUMBER.test(word)) throw new Irregular();
  return word;
};

/** Members of a mapping, as they come. */
class Members {
  readonly #value: Record<string, unknown> = {};
  readonly #members = new Map<string, Place>();

  add(name: string, key: number, { value, place }: Placed): void {
    // a key that is there twice, or that would change the object itself
    if (this.#members.has(name) || name === '__proto__') throw new Irregular();
    this.#value[name] = value;
    this.#members.set(name, { ...place, key });
  }

  finish(start: number, end: number): Placed {
    return { value: this.#value, place: { start, end, members: this.#members } };
  }
}

/** Items of a list, as they come. */
class Items {
  readonly #value: unknown[] = [];
  readonly #items: Place[] = [];

  add({ value, place }: Placed): void {
    this.#value.push(value);
    this.#items.push(place);
  }

  finish(start: number, end: number): Placed {
    return { value: this.#value, place: { start, end, items: this.#items } };
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  /** of the line that is read: spaces before its first character; -1 behind the last line */
  #indent = 0;
  /** behind the last value */
  #end = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Placed {
    if (this.#text.startsWith('---\n')) this.#at = 4;
    this.#toContent();
    const placed = this.#block();
    if (this.#indent >= 0) throw new Irregular();
    return placed;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match ?? undefined;
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }

  /** From the beginning of a line to the first character of the next one that is neither empty nor a comment. */
  #toContent(): void {
    for (;;) {
      const lineStart = this.#at;
      this.#skipSpaces();
      this.#indent = this.#at - lineStart;
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#indent = -1;
        return;
      }
      if (char !== '\n' && char !== '#') break;
      const newline = this.#text.indexOf('\n', this.#at);
      this.#at = newline < 0 ? this.#text.length : newline + 1;
    }
    if (this.#indent === 0 && /^(---|\.\.\.)/.test(this.#text.slice(this.#at, this.#at + 3))) throw new Irregular();
  }

  #endLine(): void {
    this.#end = this.#at;
    if (this.#match(LINE_END) === undefined) throw new Irregular();
    this.#toContent();
  }

  #isItem(): boolean {
    return this.#text.startsWith('- ', this.#at);
  }

  /** A mapping or list whose first line begins here. */
  #block(): Placed {
    if (++this.#depth > MOST_NESTED) throw new Irregular();
    const placed = this.#isItem() ? this.#blockList(this.#indent) : this.#blockMapping(this.#indent);
    this.#depth--;
    return placed;
  }

  #blockMapping(indent: number): Placed {
    const start = this.#at;
    const members = new Members();
    while (this.#indent === indent && !this.#isItem()) {
      const key = this.#at;
      const name = this.#match(KEY)?.[1];
      if (name === undefined) throw new Irregular();
      members.add(name, key, this.#memberValue(indent));
    }
    if (this.#indent > indent) throw new Irregular();
    return members.finish(start, this.#end);
  }

  /** What stands behind a key and its colon: on the same line, or in lines that belong to it. */
  #memberValue(indent: number): Placed {
    if (this.#match(LINE_END) === undefined) return this.#lineValue();
    this.#toContent();
    // a list may stand under the key itself; a key without anything is null, at a place of the parser's choice
    if (this.#indent < indent || (this.#indent === indent && !this.#isItem())) throw new Irregular();
    return this.#block();
  }

  #lineValue(): Placed {
    this.#skipSpaces();
    const placed = this.#inline(false);
    this.#endLine();
    return placed;
  }

  #blockList(indent: number): Placed {
    const start = this.#at;
    const items = new Items();
    while (this.#indent === indent && this.#isItem()) {
      const dash = this.#at;
      this.#at += 2;
      this.#skipSpaces();
      KEY.lastIndex = this.#at;
      if (KEY.test(this.#text)) {
        this.#indent = indent + this.#at - dash;
        items.add(this.#block());
      } else items.add(this.#lineValue());
    }
    if (this.#indent > indent) throw new Irregular();
    return items.finish(start, this.#end);
  }

  /** A value within a line. */
  #inline(inFlow: boolean): Placed {
    const start = this.#at;
    const char = this.#text[start];
    if (char === '{' || char === '[') {
      if (++this.#depth > MOST_NESTED) throw new Irregular();
      this.#at++;
      const placed = char === '{' ? this.#flowMapping(start) : this.#flowList(start);
      this.#depth--;
      return placed;
    }
    if (char === '"' || char === "'") {
      const quoted = this.#match(QUOTED);
      if (quoted === undefined) throw new Irregular();
      return { value: quoted[1] ?? quoted[2], place: { start, end: this.#at } };
    }
    const word = this.#match(WORD)?.[0];
    // a dash may begin an item, dots may end a document
    if (word === undefined || (inFlow && word === '-') || /^[-.]+$/.test(word)) throw new Irregular();
    return { value: resolveWord(word), place: { start, end: this.#at } };
  }

  /** Behind a member or item: on to the next, or past the bracket that closes. */
  #hasMore(close: string): boolean {
    this.#skipSpaces();
    const char = this.#text[this.#at++];
    if (char === close) return false;
    if (char !== ',') throw new Irregular();
    this.#skipSpaces();
    return true;
  }

  #isEmpty(close: string): boolean {
    this.#skipSpaces();
    if (this.#text[this.#at] !== close) return false;
    this.#at++;
    return true;
  }

  #flowMapping(start: number): Placed {
    const members = new Members();
    if (!this.#isEmpty('}')) {
      do {
        const key = this.#at;
        const name = this.#match(KEY)?.[1];
        if (name === undefined) throw new Irregular();
        this.#skipSpaces();
        members.add(name, key, this.#inline(true));
      } while (this.#hasMore('}'));
    }
    return members.finish(start, this.#at);
  }

  #flowList(start: number): Placed {
    const items = new Items();
    if (!this.#isEmpty(']')) {
      do items.add(this.#inline(true));
      while (this.#hasMore(']'));
    }
    return items.finish(start, this.#at);
  }
}

/**
 * Reads the YAML that nearly every state file is written in: mappings and lists, in lines or in brackets within a line, of
 * plain words, numbers and quoted texts. It takes a twentieth of the parser's time. Whatever else is in the text, and any
 * mistake, is left to the parser: what this reads, the parser reads in the same way (the ends of what goes over several lines
 * excepted).
 * @returns undefined where the text is not such
 */
export const scanYaml = (text: string): Placed | undefined => {
  if (ODD_CHARACTER.test(text)) return undefined;
  try {
    return new Scanner(text).scan();
  } catch (error) {
    if (error instanceof Irregular) return undefined;
    throw error;
  }
};
