import type { Declared, Desired } from '../../model/desired.ts';
import { type Diagnostic, formatSource } from '../../model/errors.ts';
import { countRows, findPrefix } from '../../model/prefix-columns.ts';
import { ROUTE, type Route, TABLE_LOCAL, TABLE_MAIN } from '../../model/route.ts';
import { type ListedRoutes, type RouteList, rowOf } from '../../model/route-list.ts';
import { advise } from './advice.ts';

const TABLE_DEFAULT = 253;

const present = <T>(declared: readonly Declared<T>[]): readonly Declared<T>[] =>
  declared.filter(({ absent }) => !absent);

const wayOf = ({ family, to, from, table, tos, type, hops, nhid }: Route): string =>
  JSON.stringify([family, to, from, table, tos, type, hops, nhid]);

/** One prefix twice by the same way: the metric chooses between two that are one. */
const lintPrefixes = (routes: readonly Declared<Route>[]): readonly Diagnostic[] => {
  const best = new Map<string, Declared<Route>>();
  const ordered = routes.toSorted((a, b) => a.object.metric - b.object.metric);
  return ordered.flatMap((route) => {
    const way = wayOf(route.object);
    const first = best.get(way);
    if (first === undefined) {
      best.set(way, route);
      return [];
    }
    const message = `${ROUTE.describe(route.object)} goes the same way as ${ROUTE.describe(first.object)} (${formatSource(first.source)}), which comes first`;
    return [advise('NR_LINT_DUPLICATE_PREFIX', message, route.source)];
  });
};

/** Tables with routes that neither a rule nor a VRF of the files sends anything to; one advice a table. */
const lintTables = (desired: Desired, routes: readonly Declared<Route>[]): readonly Diagnostic[] => {
  const used = new Set<unknown>([TABLE_MAIN, TABLE_LOCAL, TABLE_DEFAULT]);
  for (const { object } of present(desired.objects.rule)) used.add(object.table);
  for (const { object } of present(desired.objects.link)) used.add(object.options?.table);
  return routes.flatMap(({ object: { table, family }, source }) => {
    if (used.has(table)) return [];
    used.add(table);
    return [advise('NR_LINT_UNUSED_TABLE', `no rule and no VRF leads to table ${table} (${family})`, source)];
  });
};

const lintDown = (desired: Desired, routes: readonly Declared<Route>[]): readonly Diagnostic[] => {
  const down = new Map(
    present(desired.objects.link).flatMap(({ object, source }) =>
      object.state === 'down' ? [[object.name, source] as const] : [],
    ),
  );
  return routes.flatMap(({ object, source, fields }) =>
    ROUTE.devs(object).flatMap((dev) => {
      const at = down.get(dev);
      if (at === undefined) return [];
      const message = `${ROUTE.describe(object)} goes through ${dev}, which is to be down (${formatSource(at)})`;
      return [advise('NR_LINT_ROUTE_THROUGH_DOWN', message, fields.dev ?? source)];
    }),
  );
};

/** Rows of a list whose prefix another list, or a single route, names with the same way. */
function* rowsTwice(list: RouteList, { single, lists }: ListedRoutes): Generator<number> {
  const isSameWay = (body: Omit<Route, 'to'>): boolean =>
    wayOf({ ...body, to: '' }) === wayOf({ ...list.body, to: '' });
  for (const other of lists) {
    if (other === list || !isSameWay(other.body)) continue;
    for (let row = 0, at = 0; row < countRows(list); row++) {
      const found = findPrefix(other, list, row, at);
      if (found >= 0) yield row;
      at = found >= 0 ? found + 1 : -1 - found;
    }
  }
  for (const { object, absent } of single) {
    const row = absent || object.family !== list.body.family || !isSameWay(object) ? -1 : rowOf(list, object);
    if (row >= 0) yield row;
  }
}

/** The routes of lists that there may be more to say of than of the first of their list. */
export const rowsToLint = (desired: Desired): ((list: RouteList) => Iterable<number>) => {
  const { listed, objects } = desired;
  const down = new Set(present(objects.link).flatMap(({ object }) => (object.state === 'down' ? object.name : [])));
  return (list) => {
    const goesThroughDown = list.body.hops.some(({ dev }) => dev !== undefined && down.has(dev));
    if (goesThroughDown) return Array.from(list.line, (_, row) => row);
    return listed === undefined ? [] : rowsTwice(list, listed);
  };
};

export const lintRoutes = (desired: Desired): readonly Diagnostic[] => {
  const routes = present(desired.objects.route);
  return [...lintPrefixes(routes), ...lintTables(desired, routes), ...lintDown(desired, routes)];
};
