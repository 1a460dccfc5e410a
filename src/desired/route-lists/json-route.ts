import type { Source } from '../../model/desired.ts';
import { createEntry, type Entry } from '../entry.ts';
import { locateJson } from '../parse-json.ts';
import type { Problems } from '../problems.ts';
import type { Route } from '../schema.gen.ts';
import { fitsRoute } from '../schema-problems.ts';
import { createFilePart, type Place, type SourceFile, sourceAt } from '../source-file.ts';
import { readIpRoute } from './ip-route-json.ts';

/** A route as an item of a JSON list says it. */
export interface JsonRoute {
  /** as it is written */
  readonly to: string;
  /** of `to`, in the text of the item */
  readonly place: Place;
  /** the rest */
  readonly said?: Entry<Route>;
}

/** A mapping with the keys of a routes entry, and where each of them is written. */
export interface JsonKeys {
  readonly value: Readonly<Record<string, unknown>>;
  readonly members: ReadonlyMap<string, Place>;
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys of a mapping of either kind; undefined where it stands for no route. */
const keysOf = (
  value: Readonly<Record<string, unknown>>,
  members: ReadonlyMap<string, Place>,
  problem: (key: string, message: string, hint?: string) => void,
): JsonKeys | undefined => {
  if (value.dst !== undefined) return readIpRoute(value, members, problem);
  if (value.to_file === undefined && value.family !== 'mpls') return { value, members };
  const key = value.to_file === undefined ? 'family' : 'to_file';
  problem(key, 'a list holds routes of IPv4 and IPv6 alone', 'write this entry into the state file');
  return undefined;
};

const readMapping = (
  value: Readonly<Record<string, unknown>>,
  place: Place,
  file: SourceFile,
  problems: Problems,
): JsonRoute | undefined => {
  // iproute2 6.1 writes an empty object for a route that its filter drops
  if (Object.keys(value).length === 0) return undefined;
  const at = (key: string) => sourceAt(file, place.members?.get(key)?.key ?? place.start);
  const keys = keysOf(value, place.members ?? new Map(), (key, message, hint) =>
    problems.add('NR_BAD_VALUE', message, at(key), hint),
  );
  if (keys === undefined) return undefined;
  const placed = { value: keys.value, place: { ...place, members: keys.members } };
  if (!fitsRoute(placed, file, problems)) return undefined;
  const { to, ...rest } = keys.value;
  const toPlace = keys.members.get('to');
  if (typeof to !== 'string' || toPlace === undefined) {
    const hint = 'write "to", or "dst" as ip -j does';
    problems.add('NR_SCHEMA', 'a route of a list needs a destination', at('to'), hint);
    return undefined;
  }
  const members = new Map([...keys.members].filter(([key]) => key !== 'to'));
  return { to, place: toPlace, said: createEntry(rest as Route, { ...place, members }, file, problems) };
};

/**
 * Reads an item of a JSON list: a destination, or a mapping with the keys of a routes entry, or of what `ip -j route` prints.
 * @returns undefined where it stands for no route; the problems say why, unless it is one that is left out
 */
export const readJsonRoute = (text: string, source: Source, problems: Problems): JsonRoute | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    problems.add('NR_YAML', `not JSON: ${JSON.stringify(text.slice(0, 40))}`, source);
    return undefined;
  }
  const { root, duplicates } = locateJson(text);
  const file = createFilePart(source, text);
  if (typeof value === 'string') return { to: value, place: root };
  for (const { key, second } of duplicates)
    problems.add('NR_DUPLICATE_KEY', `key "${key}" is here for the second time`, sourceAt(file, second));
  if (duplicates.length > 0) return undefined;
  if (isMapping(value)) return readMapping(value, root, file, problems);
  problems.add('NR_SCHEMA', 'an item of a list must be a prefix in quotes, or a mapping', source);
  return undefined;
};
