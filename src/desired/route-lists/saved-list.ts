import type { Family } from '../../model/ip.ts';
import type { TakePrefix } from '../../model/prefix-columns.ts';
import { createEntry, type Entry } from '../entry.ts';
import type { Route } from '../schema.gen.ts';
import { createFilePart } from '../source-file.ts';
import type { RouteGroups } from './route-groups.ts';

/** Routes of a dump that differ in nothing but their destination. */
export interface SavedRoute {
  readonly family: Family;
  /** as an entry of `routes`, with numbers for names of links; undefined where none says all of it */
  readonly keys: Route | undefined;
  /** one destination may come several times; default: that is a mistake */
  readonly repeats?: true;
}

/**
 * Goes through the routes of a dump; asks who takes those of a kind, by their numbers in the dump. Routes that the kernel
 * makes for itself are left out.
 * @throws {NetreconError} where it cannot be read
 */
export type SavedRoutes = (takerOf: (like: SavedRoute, message: number) => TakePrefix) => void;

const LINK_LOCAL = /^fe[89ab]/;

/** Whether a way can be found by its gateway alone. */
const findsLink = ({ via, onlink }: Pick<Route, 'via' | 'onlink'>): boolean =>
  via !== undefined && onlink === undefined && !LINK_LOCAL.test(via);

const WITHOUT_NAMES = 'a dump has the numbers of links and not their names';

/**
 * Puts the routes of a dump into their groups, those of the entry's family where it names one. Gateways are taken over, links and who made the routes are not: the entry may
 * say `dev` and `protocol`.
 */
export const readSavedList = (
  saved: SavedRoutes,
  file: string,
  groups: RouteGroups,
  { value: { dev: ownDev, family: ownFamily }, problems, valueAt }: Entry<Route>,
): void => {
  const links = new Set<string>();
  saved(({ family, keys, repeats }, message) => {
    if (ownFamily !== undefined && family !== ownFamily) return () => undefined;
    const source = { file, line: message, column: 1 };
    const refuse = (text: string, hint: string): TakePrefix => {
      problems.add('NR_BAD_VALUE', text, source, hint);
      return () => undefined;
    };
    if (keys === undefined)
      return refuse('the route has more to it than an entry of routes can say', 'save the others without it');
    const { to: _, protocol: __, dev, nexthops, ...rest } = keys;
    if (nexthops?.some((way) => !findsLink(way)) === true)
      return refuse(
        `a way of the route needs its link, and ${WITHOUT_NAMES}`,
        'save the routes as JSON: ip -j route show',
      );
    if (dev !== undefined) links.add(dev);
    if (dev !== undefined && ownDev === undefined && !findsLink(keys))
      return refuse(
        `the route needs link number ${dev}, and ${WITHOUT_NAMES}`,
        'name it: dev in the entry of the list',
      );
    const said = {
      ...rest,
      ...(nexthops !== undefined && { nexthops: nexthops.map(({ dev: ___, ...way }) => way) }),
      // without a gateway, that of the entry is not meant either
      ...(dev !== undefined && ownDev !== undefined && { dev: ownDev }),
    } as Route;
    const members = new Map(Object.keys(said).map((key) => [key, { start: 0, end: 0 }]));
    const place = { start: 0, end: 0, members };
    const { rows } = groups.of(family, createEntry(said, place, createFilePart(source, ''), problems), repeats);
    return (prefix, at) => rows.add(prefix, at);
  });
  if (ownDev !== undefined && links.size > 1) {
    const text = `dev is one link, and the routes of ${file} go by several: numbers ${[...links].join(', ')}`;
    problems.add('NR_CONTRADICTION', text, valueAt('dev'), 'save them one by one: ip route save dev NAME');
  }
};
