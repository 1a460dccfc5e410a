import type { Place } from './source-file.ts';

interface MutablePlace {
  start: number;
  end: number;
  key?: number;
  members?: Map<string, Place>;
  items?: Place[];
}

/** A key that occurs twice in one object, which JSON.parse passes over in silence. */
export interface DuplicateKey {
  readonly key: string;
  readonly first: number;
  readonly second: number;
}

const SPACE = new Set([' ', '\t', '\n', '\r']);
const SCALAR = /[^\s,\]}]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;

/**
 * Where every value of a JSON text stands. The text must be valid (JSON.parse has accepted it); this walk only counts
 * brackets and quotes. O(length), no recursion.
 */
export const locateJson = (text: string): { readonly root: Place; readonly duplicates: readonly DuplicateKey[] } => {
  const duplicates: DuplicateKey[] = [];
  const open: MutablePlace[] = [];
  let root: MutablePlace = { start: 0, end: text.length };
  let key: { readonly name: string; readonly at: number } | undefined;
  let at = 0;

  const attach = (place: MutablePlace): void => {
    const parent = open.at(-1);
    if (parent === undefined) root = place;
    else if (parent.items !== undefined) parent.items.push(place);
    else if (key !== undefined) {
      place.key = key.at;
      const earlier = parent.members?.get(key.name);
      if (earlier !== undefined) duplicates.push({ key: key.name, first: earlier.key as number, second: key.at });
      parent.members?.set(key.name, place);
      key = undefined;
    }
  };
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? '';
  };

  while (at < text.length) {
    const char = text[at] as string;
    if (SPACE.has(char) || char === ',' || char === ':') at++;
    else if (char === '{' || char === '[') {
      const place: MutablePlace = { start: at, end: at };
      if (char === '{') place.members = new Map();
      else place.items = [];
      attach(place);
      open.push(place);
      at++;
    } else if (char === '}' || char === ']') {
      at++;
      const closed = open.pop();
      if (closed !== undefined) closed.end = at;
    } else {
      const token = match(char === '"' ? STRING : SCALAR);
      if (token === '') break;
      const isKey = char === '"' && open.at(-1)?.members !== undefined && key === undefined;
      if (isKey) key = { name: token.includes('\\') ? JSON.parse(token) : token.slice(1, -1), at };
      else attach({ start: at, end: at + token.length });
      at += token.length;
    }
  }
  return { root, duplicates };
};
