import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import type { Route } from '../../model/route.ts';
import { type AnyObject, KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import { compare } from '../plan/compare.ts';
import type { Discrepancy } from './rehearse-types.ts';

/** RTPROT_KERNEL: the routes that follow from addresses. */
const KERNEL_PROTOCOL = 2;

const LINK_LOCAL_OR_MULTICAST = /^(fe80:|ff00:)/;

/**
 * Objects that tell one state from another: what somebody asked for, and of the kernel's own the routes to connected
 * networks. Link-local state comes with a carrier, sooner or later, and what is in the local table follows from addresses.
 */
const counts = (kind: KindName, object: AnyObject): boolean => {
  if (!kindOf(kind).isKernels(object)) return true;
  if (kind !== 'route') return false;
  const { protocol, table, to, cached } = object as Route;
  return protocol === KERNEL_PROTOCOL && table !== 255 && cached !== true && !LINK_LOCAL_OR_MULTICAST.test(to);
};

const keyOf = (kind: KindName, object: AnyObject): string => {
  const { slot, identity, owner } = kindOf(kind);
  // the entries of one slot are told apart by more than a change of one of them leaves alone
  return kind === 'route' ? `${slot(object)} ${owner(object)}` : identity(object);
};

const group = (kind: KindName, objects: readonly AnyObject[]): Map<string, AnyObject[]> => {
  const groups = new Map<string, AnyObject[]>();
  for (const object of objects) {
    if (!counts(kind, object)) continue;
    const key = keyOf(kind, object);
    const held = groups.get(key);
    if (held === undefined) groups.set(key, [object]);
    else held.push(object);
  }
  return groups;
};

/** Fields by which the object is another one now; the other way round, too: what was absent counts as well. */
const changedFields = (kind: KindName, was: AnyObject, is: AnyObject): readonly string[] => {
  const fields = compare(kind, was as never, is as never, 'exact').map(({ field }) => field);
  if (kind !== 'link') return fields;
  const back = compare(kind, is as never, was as never, 'exact').map(({ field }) => field);
  return [...new Set([...fields, ...back])];
};

const discrepancy = (
  kind: KindName,
  object: AnyObject,
  how: Discrepancy['how'],
  fields: readonly string[] = [],
): Discrepancy => {
  const { slot, describe } = kindOf(kind);
  return { kind, key: slot(object), title: describe(object), how, fields };
};

/** Pairs the entries of one key off, those that are equal first. */
const compareEntries = (
  kind: KindName,
  was: readonly AnyObject[],
  is: readonly AnyObject[],
): readonly Discrepancy[] => {
  const left = [...is];
  const unmatched = was.filter((object) => {
    const at = left.findIndex((other) => changedFields(kind, object, other).length === 0);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...unmatched.map((object) => {
      const other = left.shift();
      return other === undefined
        ? discrepancy(kind, object, 'missing')
        : discrepancy(kind, object, 'changed', changedFields(kind, object, other));
    }),
    ...left.map((object) => discrepancy(kind, object, 'extra')),
  ];
};

/**
 * In what a state is not as another one, object for object and field for field, as exactly as a rollback has to be. Pure;
 * linear in the number of objects.
 * @returns what is missing, changed or too much now; empty = the same state
 */
export const compareStates = (was: State, is: State): readonly Discrepancy[] =>
  KIND_NAMES.flatMap((kind): readonly Discrepancy[] => {
    const before = group(kind, was[kind]);
    const after = group(kind, is[kind]);
    const keys = new Set([...before.keys(), ...after.keys()]);
    return [...keys].flatMap((key) => compareEntries(kind, before.get(key) ?? [], after.get(key) ?? []));
  });

/** Whether every link that is up has a carrier where it had one. */
export const hasCarriers = (was: State, is: State): boolean => {
  const carriers = new Map<string, Link>(is.link.map((link) => [link.name, link]));
  return was.link.every(({ name, state, carrier }) => state !== 'up' || carriers.get(name)?.carrier === carrier);
};
