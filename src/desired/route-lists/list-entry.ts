import type { Entry } from '../entry.ts';
import { isDeadEnd } from '../route-hops.ts';
import type { Route } from '../schema.gen.ts';

type Key = keyof Route & string;

/** All that says where a route sends. */
const WAY: readonly Key[] = ['via', 'dev', 'onlink', 'encap', 'nexthops', 'nhid'];

/** What a list says in one key takes the place of what the entry says in these. */
const REPLACED: ReadonlyMap<string, readonly Key[]> = new Map<Key, readonly Key[]>([
  ['via', ['nhid', 'nexthops']],
  ['dev', ['via', 'onlink', 'nhid', 'nexthops']],
  ['nhid', WAY],
  ['nexthops', WAY],
  ['table', ['vrf']],
  ['vrf', ['table']],
  ['cc_algo', ['congctl']],
  ['congctl', ['cc_algo']],
]);

/** The keys of an entry that are put aside for what its list says of routes. */
const findReplaced = (base: Route, said: Route): ReadonlySet<string> => {
  const written = Object.keys(said);
  const replaced = new Set(written.flatMap((key) => [key, ...(REPLACED.get(key) ?? [])]));
  if (isDeadEnd(said.type)) for (const key of WAY) replaced.add(key);
  if (isDeadEnd(base.type) && WAY.some((key) => key in said)) replaced.add('type');
  return replaced;
};

/**
 * The entry of a list with what the list says of some of its routes, which goes before the entry's own keys. A way that
 * the list says takes the place of the entry's: `dev` without `via` is a network reached directly, `via` keeps the link.
 */
export const withSaid = (base: Entry<Route>, said: Entry<Route>): Entry<Route> => {
  const replaced = findReplaced(base.value, said.value);
  const kept = <T>(pairs: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] =>
    [...pairs].filter(([key]) => !replaced.has(key));
  const ownerOf = (key: string): Entry<Route> => (said.place.members?.has(key) === true ? said : base);
  return {
    ...base,
    value: { ...Object.fromEntries(kept(Object.entries(base.value))), ...said.value },
    // the fields of a route that its list says stand where the route does
    place: { ...base.place, members: new Map(kept(base.place.members ?? [])) },
    at: (key) => (key === undefined ? said.at() : ownerOf(key).at(key)),
    valueAt: (key, index) => ownerOf(key).valueAt(key, index),
    origin: (key) => ownerOf(key).origin(key),
    problem: (code, message, key, hint) => (key === undefined ? said : ownerOf(key)).problem(code, message, key, hint),
  };
};
