import type { Diagnostic } from './errors.ts';
import type { Path, Query } from './lookup.ts';
import { countRows } from './prefix-columns.ts';
import type { Route, RouteType } from './route.ts';
import { joinRoutes, type ListedRoutes } from './route-list.ts';
import type { AnyObject, KindName, KindTypes } from './state.ts';

/** A place in a file; line and column from 1. Standard input is `-`. */
export interface Source {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An object that the file names, and where. */
export interface Declared<T> {
  readonly object: T;
  /** `state: absent`: it must not exist (links: only the name counts) */
  readonly absent: boolean;
  /** take the slot over even from another daemon */
  readonly adopt: boolean;
  /** links: it may be missing, and then counts as not declared, with all that stands on it */
  readonly optional?: boolean;
  readonly source: Source;
  /** place of each field that the file writes, by the model's field name (`options.stp_state` for kind options) */
  readonly fields: Readonly<Record<string, Source>>;
  /** nexthop objects: no file names it; netrecon makes it for the routes that share its way (see Desired.nexthopObjects) */
  readonly shared?: true;
}

export type OnDrift = 'correct' | 'report';

/** Where the file expects a packet to go; what is absent does not matter. */
export interface Expectation {
  readonly query: Query;
  readonly wanted: Path & { readonly type?: RouteType };
  readonly source: Source;
}

/** What the files say, checked and in the model's form. Names are resolved; nothing of the kernel is in it. */
export interface Desired {
  readonly objects: { readonly [K in KindName]: readonly Declared<KindTypes[K]>[] };
  /** the routes again, where some are lists; those of `objects` are only made when they are asked for */
  readonly listed?: ListedRoutes;
  /** links that list `addresses`: any other static address of theirs goes */
  readonly exactAddresses: ReadonlyMap<string, Source>;
  readonly prune: 'own' | 'none' | 'all';
  /** routes that share a way go by a nexthop object that netrecon makes; absent: by that way itself, or by a number of theirs */
  readonly nexthopObjects?: 'auto';
  /** what watch does about changes by others, for the kinds of which the files say it */
  readonly onDrift: Readonly<Partial<Record<KindName, OnDrift>>>;
  /** where packets must go once the state is as the files say */
  readonly expectations: readonly Expectation[];
  /** what the files give reason to warn of */
  readonly warnings?: readonly Diagnostic[];
  /** every file that was read, in order */
  readonly files: readonly string[];
  /** other namespaces, by name; absent where the files name none */
  readonly namespaces?: readonly DesiredNamespace[];
}

/** What the files name one by one: the routes of lists that are kept as columns are left out. */
export const singleObjects = <K extends KindName>(
  { objects, listed }: Desired,
  kind: K,
): readonly Declared<KindTypes[K]>[] =>
  kind === 'route' && listed !== undefined
    ? (listed.single as readonly Declared<AnyObject>[] as readonly Declared<KindTypes[K]>[])
    : objects[kind];

/** The same with other routes, and none of lists. */
export const withRoutes = (
  { objects: { link, address, nexthop, mpls, rule, neighbor }, ...desired }: Desired,
  route: readonly Declared<Route>[],
): Desired => {
  const { listed: _, ...rest } = desired;
  return { ...rest, objects: { link, address, nexthop, route, mpls, rule, neighbor } };
};

/** The routes of lists become objects when somebody asks for all of them. */
export const withLists = <T extends object>(
  objects: T,
  listed: ListedRoutes,
): T & Pick<Desired['objects'], 'route'> => {
  let all: Desired['objects']['route'] | undefined;
  return {
    ...objects,
    get route() {
      all ??= joinRoutes(listed);
      return all;
    },
  };
};

/** How many objects of a kind the files name. */
export const countDesired = (desired: Desired, kind: KindName): number =>
  singleObjects(desired, kind).length +
  (kind === 'route' ? (desired.listed?.lists ?? []) : []).reduce((sum, list) => sum + countRows(list), 0);

/** A named network namespace (ip-netns(8)) and what the files want in it. */
export interface DesiredNamespace {
  /** of its file under /run/netns */
  readonly name: string;
  /** `state: absent`: it must not exist */
  readonly absent: boolean;
  readonly source: Source;
  /** without expectations and namespaces of its own */
  readonly desired: Desired;
}
