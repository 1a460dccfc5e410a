import type { Address } from '../../model/address.ts';
import { type Desired, singleObjects } from '../../model/desired.ts';
import type { KernelEvent } from '../../model/kernel-port.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Route } from '../../model/route.ts';
import { isListed } from '../../model/route-list.ts';
import { type AnyObject, KIND_NAMES, type KindName } from '../../model/state.ts';

/** One object of one kind, as text: what a Map is keyed by. */
export const objectKey = (kind: KindName, slot: string): string => `${kind} ${slot}`;

/** What of a host's changes the files have a say in. */
export interface Interest {
  /** the kinds to hear of: no more multicast groups than these */
  readonly kinds: readonly KindName[];
  /** whether a change may call for a correction; all others only make the last dump old */
  concerns(event: KernelEvent): boolean;
}

/** Links carry everything, and the last address of a link takes its routes with it: these two always count. */
const kindsOf = (desired: Desired): readonly KindName[] => {
  const isNamed = (kind: KindName): boolean =>
    (kind === 'route' && desired.listed !== undefined) || desired.objects[kind].length > 0;
  const named = KIND_NAMES.filter(isNamed);
  const heard = new Set<KindName>(['link', 'address', ...named]);
  if (heard.has('route')) heard.add('nexthop');
  if (desired.prune === 'all') for (const kind of KIND_NAMES) heard.add(kind);
  return KIND_NAMES.filter((kind) => heard.has(kind));
};

export const createInterest = (desired: Desired): Interest => {
  const { listed } = desired;
  const slots = new Set<string>();
  for (const kind of KIND_NAMES)
    for (const { object } of singleObjects(desired, kind)) slots.add(objectKey(kind, kindOf(kind).slot(object)));
  const isOurs = (kind: KindName, object: AnyObject): boolean => {
    const { slot, owner } = kindOf(kind);
    if (owner(object) === NETRECON_PROTOCOL || slots.has(objectKey(kind, slot(object)))) return true;
    return kind === 'route' && listed !== undefined && isListed(listed, object as Route);
  };
  return {
    kinds: kindsOf(desired),
    concerns: ({ kind, action, object }) => {
      if (object === undefined || kind === 'link' || kind === 'nexthop' || desired.prune === 'all') return true;
      if (kind === 'address' && (action === 'delete' || desired.exactAddresses.has((object as Address).dev)))
        return true;
      return isOurs(kind, object);
    },
  };
};
