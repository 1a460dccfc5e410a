import type { Declared } from '../model/desired.ts';
import type { MplsRoute } from '../model/mpls-route.ts';
import type { Route as ModelRoute } from '../model/route.ts';
import { joinRoutes, type RouteList } from '../model/route-list.ts';
import type { Entry, Surroundings } from './entry.ts';
import type { RouteRun } from './fold-routes.ts';
import { fitsColumns } from './keep-lists.ts';
import { normalizeMplsRoute } from './mpls-route.ts';
import type { FileReader } from './read-inputs.ts';
import { normalizeRoute } from './route.ts';
import { readRouteList } from './route-lists/read-route-list.ts';
import type { Route } from './schema.gen.ts';

/** Routes as they are read: one by one, and as lists. */
interface FileRoutes {
  readonly route: Declared<ModelRoute>[];
  readonly mpls: Declared<MplsRoute>[];
  readonly lists: RouteList[];
}

/**
 * Reads an entry of `routes`, and adds what it stands for to the routes of the files.
 * @param run - the like routes that were taken out of the text behind it
 */
export const normalizeRouteEntry = async (
  entry: Entry<Route>,
  run: RouteRun | undefined,
  { route: routes, mpls, lists }: FileRoutes,
  surroundings: Surroundings,
  reader: FileReader,
): Promise<void> => {
  const { to, to_file: toFile } = entry.value;
  if (entry.value.family === 'mpls') {
    const route = normalizeMplsRoute(entry, surroundings.names);
    if (route !== undefined && entry.partial !== true) mpls.push(route);
    return;
  }
  if (to !== undefined && toFile !== undefined)
    entry.problem('NR_CONTRADICTION', 'to_file takes the place of to', 'to_file');
  else if (to !== undefined) {
    const route = normalizeRoute(entry, surroundings);
    if (route === undefined || entry.partial === true) return;
    if (run === undefined) routes.push(route);
    else addRun(run, route, { route: routes, mpls, lists });
  } else if (toFile !== undefined) {
    const read = await readRouteList(entry, surroundings, reader);
    if (entry.partial === true) return;
    for (const list of read.lists) lists.push({ ...list, at: routes.length });
    for (const route of read.routes) routes.push(route);
  } else entry.problem('NR_SCHEMA', 'a route needs "to" or "to_file"');
};

/** The routes of a run, from the one that was left of them. */
const addRun = (
  { columns, column, prefix }: RouteRun,
  { object: { to: _, ...body }, adopt, fields, source }: Declared<ModelRoute>,
  { route: routes, lists }: FileRoutes,
): void => {
  const item = { source, column, width: prefix.length };
  const list = { ...columns, body, adopt, fields, file: source.file, item, at: routes.length };
  if (fitsColumns(body)) lists.push(list);
  else for (const route of joinRoutes({ single: [], lists: [{ ...list, at: 0 }] })) routes.push(route);
};
