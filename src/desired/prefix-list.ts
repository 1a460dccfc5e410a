import type { Declared } from '../model/desired.ts';
import { type Family, familyOf } from '../model/ip.ts';
import type { Route as ModelRoute } from '../model/route.ts';
import { joinRoutes, type RouteList } from '../model/route-list.ts';
import { declare, type Entry, type Surroundings } from './entry.ts';
import { fitsColumns } from './keep-lists.ts';
import { type FileReader, readText, resolvePath } from './read-inputs.ts';
import { normalizeRouteBody, type RouteBody, routeFields } from './route.ts';
import { checkPrefix } from './scalars.ts';
import { scanPrefixes } from './scan-prefixes.ts';
import type { Route } from './schema.gen.ts';

/** The routes of a `to_file` entry: as columns, or one by one. */
export type PrefixList =
  | { readonly list: Omit<RouteList, 'at'> }
  | { readonly routes: readonly Declared<ModelRoute>[] };

const NOTHING: PrefixList = { routes: [] };

/** Each line for itself: all that a list may hold, and each bad line reported at its own place. */
const readLines = (text: string, file: string, entry: Entry<Route>, surroundings: Surroundings): PrefixList => {
  const { problems } = entry;
  const bodies = new Map<Family, RouteBody | undefined>();
  const shared = declare(entry, undefined, routeFields(entry));
  const routes: Declared<ModelRoute>[] = [];
  let empty = true;
  for (const [i, line] of text.split('\n').entries()) {
    const content = line.replace(/#.*/, '');
    const word = content.trim();
    if (word === '') continue;
    empty = false;
    const source = { file, line: i + 1, column: content.indexOf(word) + 1 };
    const to = checkPrefix(word);
    if (typeof to !== 'string') {
      problems.add(to.code, to.message, source, to.hint);
      continue;
    }
    const family = familyOf(to);
    if (!bodies.has(family)) bodies.set(family, normalizeRouteBody(entry, family, surroundings));
    const body = bodies.get(family);
    if (body !== undefined) routes.push({ ...shared, object: { ...body, to }, source });
  }
  if (empty) {
    problems.add(
      'NR_EMPTY_FILE',
      `list ${file} holds no prefix`,
      entry.valueAt('to_file'),
      'an empty list never means "no routes": remove the entry instead',
    );
  }
  return { routes };
};

/**
 * The routes of a `to_file` entry, one for each prefix of the list; the rest of the entry is read once a family.
 * @returns columns where the list is plain and of one family (scanPrefixes) and its routes fit; problems are reported with the places
 */
export const normalizeRouteList = async (
  entry: Entry<Route>,
  surroundings: Surroundings,
  reader: FileReader,
): Promise<PrefixList> => {
  const file = resolvePath(entry.value.to_file as string, entry.file.name);
  const text = await readText(file, reader, entry.problems, entry.valueAt('to_file'));
  if (text === undefined) return NOTHING;
  const { absent, adopt, fields } = declare(entry, undefined, routeFields(entry));
  const columns = absent ? undefined : scanPrefixes(text);
  if (columns === undefined) return readLines(text, file, entry, surroundings);
  const body = normalizeRouteBody(entry, columns.words === 1 ? 'inet' : 'inet6', surroundings);
  if (body === undefined) return NOTHING;
  const list = { ...columns, body, adopt, fields, file };
  return fitsColumns(body) ? { list } : { routes: joinRoutes({ single: [], lists: [{ ...list, at: 0 }] }) };
};
