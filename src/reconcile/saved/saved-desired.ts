import { type Declared, type Desired, type Expectation, type Source, withLists } from '../../model/desired.ts';
import { wordsOf } from '../../model/prefix-columns.ts';
import type { ListedRoutes, RouteList } from '../../model/route-list.ts';
import { type AnyObject, emptyState, type KindName } from '../../model/state.ts';
import { packNumbers, unpackBytes, unpackNumbers } from '../lists/undo-lists.ts';

/** A list of routes, its columns as base64 (little-endian). */
interface PackedList extends Omit<RouteList, 'words' | 'to' | 'length' | 'line' | 'lineStarts'> {
  readonly to: string;
  readonly length: string;
  readonly line: string;
  /** which of `lineStarts` it has; absent: none */
  readonly starts?: number;
}

/** Desired state as JSON: the one Map of it as a list, lists of routes as columns. */
export interface DesiredJson {
  /** routes: without those of lists */
  readonly objects: { readonly [K in KindName]: readonly Declared<AnyObject>[] };
  readonly exactAddresses: readonly (readonly [string, Source])[];
  readonly prune: Desired['prune'];
  readonly expectations: readonly Expectation[];
  readonly files: readonly string[];
  /** absent where there are none */
  readonly lists?: readonly PackedList[];
  /** where the lines of files of lists begin: many lists may be of one file */
  readonly lineStarts?: readonly string[];
}

const packLists = ({ lists }: ListedRoutes): Pick<DesiredJson, 'lists' | 'lineStarts'> => {
  const starts = [...new Set(lists.flatMap(({ lineStarts }) => lineStarts ?? []))];
  const packed = lists.map(({ words: _, to, length, line, lineStarts, ...list }) => ({
    ...list,
    to: packNumbers(to),
    length: packNumbers(length),
    line: packNumbers(line),
    ...(lineStarts === undefined ? {} : { starts: starts.indexOf(lineStarts) }),
  }));
  return { lists: packed, lineStarts: starts.map(packNumbers) };
};

const unpackLists = ({ lists = [], lineStarts = [] }: DesiredJson): readonly RouteList[] => {
  const allStarts = lineStarts.map(unpackNumbers);
  return lists.map(({ to, length, line, starts, ...list }) => {
    const own = starts === undefined ? undefined : allStarts[starts];
    return {
      ...list,
      words: wordsOf(list.body.family),
      to: unpackNumbers(to),
      length: unpackBytes(length),
      line: unpackNumbers(line),
      ...(own === undefined ? {} : { lineStarts: own }),
    };
  });
};

/** Desired state in the form of a saved plan. */
export const packDesired = ({ listed, objects, exactAddresses, ...desired }: Desired): DesiredJson => {
  const { link, address, nexthop, mpls, rule, neighbor } = objects;
  return {
    ...desired,
    objects: { link, address, nexthop, route: listed?.single ?? objects.route, mpls, rule, neighbor },
    exactAddresses: [...exactAddresses],
    ...(listed === undefined ? {} : packLists(listed)),
  };
};

/** And back again. */
export const unpackDesired = (json: DesiredJson): Desired => {
  const { exactAddresses, prune, expectations, files } = json;
  // perhaps of a netrecon that knew fewer kinds
  const objects = { ...emptyState(), ...json.objects } as unknown as Desired['objects'];
  const lists = unpackLists(json);
  const listed = { single: objects.route, lists };
  return {
    ...(lists.length === 0 ? { objects } : { objects: withLists(objects, listed), listed }),
    exactAddresses: new Map(exactAddresses),
    prune,
    // watch alone asks for it
    onDrift: {},
    expectations,
    files,
  };
};
