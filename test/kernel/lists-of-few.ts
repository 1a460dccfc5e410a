import { canStayColumns, fitsColumns } from '../../src/desired/keep-lists.ts';
import { ColumnBuilder } from '../../src/model/column-builder.ts';
import type { Declared, Desired } from '../../src/model/desired.ts';
import type { Family } from '../../src/model/ip.ts';
import { rowsOfPrefix, wordsOf } from '../../src/model/prefix-columns.ts';
import type { Route } from '../../src/model/route.ts';
import { joinRoutes, type ListedRoutes, type RouteList } from '../../src/model/route-list.ts';

/** Everything of a route but its destination, to tell which can be rows of one list. */
const bodyKey = ({ object: { to: _, ...body }, adopt }: Declared<Route>): string => JSON.stringify([body, adopt]);

const canBeRow = ({ object, absent }: Declared<Route>): boolean => !absent && fitsColumns(object);

/**
 * The first two of a list in every order are those that are planned one by one: the witness of its link, and the sample. So
 * that all that the test knows of goes in bulk.
 */
const decoys = (n: number, family: Family): readonly string[] =>
  family === 'inet' ? [`1.2.${n}.0/24`, `1.3.${n}.0/24`] : [`1:2:${n + 1}::/48`, `1:3:${n + 1}::/48`];

/** Whether a prefix, or a slot that has one in it, is of a route that is in no file of the test. */
export const isDecoy = (text: string): boolean => /\b1(\.[23]\.\d+\.0\/24|:[23]:[\da-f]+::\/48)\b/.test(text);

const listOf = (
  rows: readonly [Declared<Route>, ...Declared<Route>[]],
  at: number,
  n: number,
): RouteList | undefined => {
  const [{ object, adopt, source, fields }] = rows;
  const { to, ...body } = object;
  const builder = new ColumnBuilder(wordsOf(object.family));
  for (const decoy of decoys(n, object.family)) builder.add(rowsOfPrefix(decoy), 0);
  for (const { object: route, source: place } of rows) builder.add(rowsOfPrefix(route.to), place.line);
  const columns = builder.finish();
  const item = { source, column: fields.to?.column ?? source.column, width: to.length };
  return columns === undefined ? undefined : { ...columns, body, adopt, fields, file: source.file, item, at };
};

/**
 * What the files say, with each run of like routes as a list, though it were of one, and a decoy before it: the bulk
 * path, which else only long lists take, for every test that asks for it.
 */
export const withListsOfFew = (desired: Desired): Desired => {
  if (desired.listed !== undefined || desired.namespaces !== undefined) return desired;
  const single: Declared<Route>[] = [];
  const lists: RouteList[] = [];
  const routes = desired.objects.route;
  for (let from = 0; from < routes.length; ) {
    const first = routes[from] as Declared<Route>;
    let end = from + 1;
    if (canBeRow(first))
      while (end < routes.length && bodyKey(routes[end] as Declared<Route>) === bodyKey(first)) end++;
    const list = canBeRow(first)
      ? listOf([first, ...routes.slice(from + 1, end)], single.length, lists.length)
      : undefined;
    if (list === undefined) single.push(...routes.slice(from, end));
    else lists.push(list);
    from = end;
  }
  const listed: ListedRoutes = { single, lists };
  const links = new Map(desired.objects.link.map((link) => [link.object.name, link] as const));
  return lists.length === 0 || !canStayColumns(listed, links as never)
    ? desired
    : { ...desired, listed, objects: { ...desired.objects, route: joinRoutes(listed) } };
};
