import type { Declared } from '../../model/desired.ts';
import { NetreconError } from '../../model/errors.ts';
import { countRows } from '../../model/prefix-columns.ts';
import type { Route as ModelRoute } from '../../model/route.ts';
import { joinRoutes, type RouteList } from '../../model/route-list.ts';
import { declare, type Entry, type Surroundings } from '../entry.ts';
import { fitsColumns } from '../keep-lists.ts';
import { type FileReader, readListContent, resolvePath } from '../read-inputs.ts';
import { normalizeRouteBody, routeFields } from '../route.ts';
import type { Route } from '../schema.gen.ts';
import { withSaid } from './list-entry.ts';
import { createListText } from './list-text.ts';
import { type RouteGroup, RouteGroups } from './route-groups.ts';
import { readSavedList, type SavedRoutes } from './saved-list.ts';
import { JsonScanner } from './scan-json.ts';
import { LineScanner } from './scan-lines.ts';

/** The routes of a `to_file` entry: those that are kept as columns, and the others. */
export interface ReadList {
  readonly lists: readonly Omit<RouteList, 'at'>[];
  readonly routes: readonly Declared<ModelRoute>[];
}

/** So many lists are made of one file, of its largest groups: each route of a dump may be looked for in each of them. */
const MOST_LISTS = 1024;

/** No line of a list begins like that. */
const isJsonText = (text: string): boolean => /^\s*["[{]/.test(text);

/** What the routes of a list have in common: the file, and where its lines begin, if it has any. */
type ListOrigin = Pick<RouteList, 'file' | 'lineStarts'>;

const readText = (file: string, text: string, groups: RouteGroups, entry: Entry<Route>): ListOrigin => {
  const list = createListText(file, text);
  const Scanner = isJsonText(text) ? JsonScanner : LineScanner;
  new Scanner(list, groups, entry.value, entry.problems).read();
  return { file, lineStarts: list.lineStarts };
};

const readSaved = (file: string, saved: SavedRoutes, groups: RouteGroups, entry: Entry<Route>): ListOrigin => {
  try {
    readSavedList(saved, file, groups, entry);
  } catch (error) {
    if (!(error instanceof NetreconError)) throw error;
    entry.problems.add('NR_FILE', `cannot read ${file}: ${error.message}`, entry.valueAt('to_file'));
  }
  return { file };
};

/** A group as the routes that the entry makes of it; undefined where they cannot be read. */
interface GroupRoutes {
  readonly list: Omit<RouteList, 'at'>;
  readonly absent: boolean;
  readonly isFit: boolean;
}

const routesOf = (
  { family, said, rows, repeats }: RouteGroup,
  origin: ListOrigin,
  entry: Entry<Route>,
  surroundings: Surroundings,
): GroupRoutes | undefined => {
  const whole = said === undefined ? entry : withSaid(entry, said);
  const body = normalizeRouteBody(whole, family, surroundings);
  if (body === undefined) return undefined;
  const { absent, adopt, fields } = declare(whole, undefined, routeFields(whole));
  const columns = repeats === true ? rows.distinct() : rows.finish();
  const list = { ...(columns ?? rows.unsorted()), body, adopt, fields, ...origin };
  return { list, absent, isFit: columns !== undefined && !absent && fitsColumns(body) };
};

const objectsOf = ({ list, absent }: GroupRoutes): readonly Declared<ModelRoute>[] =>
  joinRoutes({ single: [], lists: [{ ...list, at: 0 }] }).map((route) => (absent ? { ...route, absent } : route));

/**
 * The routes of a `to_file` entry, one for each destination of the list; the rest of the entry is read once for all that
 * say the same.
 * @returns columns where the routes fit; problems are reported with their places
 */
export const readRouteList = async (
  entry: Entry<Route>,
  surroundings: Surroundings,
  reader: FileReader,
): Promise<ReadList> => {
  const { problems } = entry;
  const file = resolvePath(entry.value.to_file as string, entry.file.name);
  const content = await readListContent(file, reader, problems, entry.valueAt('to_file'));
  if (content === undefined) return { lists: [], routes: [] };
  const before = problems.count;
  const groups = new RouteGroups();
  const origin =
    typeof content === 'string' ? readText(file, content, groups, entry) : readSaved(file, content, groups, entry);
  if (groups.all.length === 0 && problems.count === before) {
    const hint = 'an empty list never means "no routes": remove the entry instead';
    problems.add('NR_EMPTY_FILE', `list ${file} holds no route`, entry.valueAt('to_file'), hint);
  }
  const found = groups.all.flatMap((group) => routesOf(group, origin, entry, surroundings) ?? []);
  const kept = new Set(
    found
      .filter(({ isFit }) => isFit)
      .toSorted((a, b) => countRows(b.list) - countRows(a.list))
      .slice(0, MOST_LISTS),
  );
  return {
    lists: found.flatMap((group) => (kept.has(group) ? group.list : [])),
    routes: found.flatMap((group) => (kept.has(group) ? [] : objectsOf(group))),
  };
};
