import { devOfAddressSlot } from '../../model/address.ts';
import type { Ref } from '../../model/kind.ts';
import { KINDS, kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { memberIds, type Nexthop } from '../../model/nexthop.ts';
import { type AnyObject, KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import type { Goal, Removal } from './goal.ts';
import { WorkingState } from './working-state.ts';

export const refKey = (kind: KindName, slot: string): string => `${kind} ${slot}`;

/** Links that the touched slots name or stand on: what else is on them may have been taken along unpredicted. */
const touchedLinks = (touched: readonly Ref[], before: State): ReadonlySet<string> => {
  const slots = new Set(touched.map(({ kind, slot }) => refKey(kind, slot)));
  const links = new Set<string>(touched.flatMap(({ kind, slot }) => (kind === 'link' ? [slot] : [])));
  for (const kind of KIND_NAMES) {
    if (kind === 'link') continue;
    const { slot, devs } = kindOf(kind);
    for (const object of before[kind])
      if (slots.has(refKey(kind, slot(object)))) for (const dev of devs(object)) links.add(dev);
  }
  return links;
};

/** Links that got addresses: what is on them goes with the last address when that is taken off again (fib_disable_ip). */
const lentLinks = (touched: readonly Ref[], before: State): ReadonlySet<string> => {
  const had = new Set(before.address.map(KINDS.address.slot));
  return new Set(
    touched.flatMap(({ kind, slot }) => (kind === 'address' && !had.has(slot) ? devOfAddressSlot(slot) : [])),
  );
};

/**
 * Nexthop objects that the touched slots name, or that stand on touched links, before or now, and the groups that these are
 * members of: what goes by one of them goes with it.
 */
const touchedNexthops = (
  slots: ReadonlySet<string>,
  links: ReadonlySet<string>,
  before: State,
  now: State,
): ReadonlySet<number> => {
  const ids = new Set<number>();
  for (const { id, dev } of [...before.nexthop, ...now.nexthop])
    if (slots.has(refKey('nexthop', `${id}`)) || (dev !== undefined && links.has(dev))) ids.add(id);
  for (const nexthop of before.nexthop) if (memberIds(nexthop).some((id) => ids.has(id))) ids.add(nexthop.id);
  return ids;
};

/** The nexthop object that something is, or goes by. */
const nexthopOf = (kind: KindName, object: AnyObject): number | undefined => {
  if (kind === 'nexthop') return (object as Nexthop).id;
  return 'nhid' in object ? object.nhid : undefined;
};

/** IPv6 addresses are dumped latest first (addrconf.c keeps them so): adding them in reverse gives the same dump. */
const inOrderOfCreation = (kind: KindName, objects: readonly AnyObject[]): readonly AnyObject[] => {
  if (kind !== 'address') return objects;
  const addresses = objects as State['address'];
  return [
    ...addresses.filter(({ family }) => family === 'inet'),
    ...addresses.filter(({ family }) => family === 'inet6').reverse(),
  ];
};

export interface RestoreOptions {
  /** objects (refKey) that have been given up */
  readonly skip?: ReadonlySet<string>;
  /** nothing has been put back yet: leave alone what comes right by itself once the rest is back */
  readonly first?: boolean;
  /** KernelPort.renamesUp; default true */
  readonly renamesUp?: boolean;
}

/**
 * The goal of a rollback: over all that a transaction touched or may have taken along, exactly the state before it.
 * Objects elsewhere are left as they are now, whoever changed them meanwhile. Pure.
 */
export const goalOfRestore = (
  before: State,
  now: State,
  touched: readonly Ref[],
  { skip = new Set(), first = false }: RestoreOptions = {},
): Goal => {
  const slots = new Set(touched.map(({ kind, slot }) => refKey(kind, slot)));
  const links = touchedLinks(touched, before);
  const nexthops = touchedNexthops(slots, links, before, now);
  const mayHaveGone = (kind: KindName, object: AnyObject): boolean => {
    if (
      kindOf(kind)
        .devs(object as never)
        .some((dev) => links.has(dev))
    )
      return true;
    const id = nexthopOf(kind, object);
    return id !== undefined && nexthops.has(id);
  };
  const lent = lentLinks(touched, before);
  const current = lent.size === 0 ? undefined : new WorkingState(now);
  /** what is there, and what nobody has touched, must survive as well */
  const mustSurvive = (kind: KindName, object: AnyObject): boolean =>
    kindOf(kind)
      .devs(object as never)
      .some((dev) => lent.has(dev)) && current?.find(kind, object as never) !== undefined;
  const old = new WorkingState(before);
  const preserved: { kind: KindName; object: AnyObject }[] = [];
  const removals: Removal[] = [];
  const present = new Set(now.link.map(({ name }) => name));
  for (const kind of KIND_NAMES) {
    const { slot, isKernels } = kindOf(kind);
    // a local entry of a bridge looks like the kernel's own, whoever made it: one that a step names is no cascade
    const isTheirs = (object: AnyObject) => kind !== 'neighbor' && isKernels(object);
    for (const object of inOrderOfCreation(kind, before[kind])) {
      const key = refKey(kind, slot(object));
      if (skip.has(key) || isTheirs(object)) continue;
      if (slots.has(key)) preserved.push({ kind, object: followsPorts(object, kind, present, first) });
      else if (!isKernels(object) && (mayHaveGone(kind, object) || mustSurvive(kind, object)))
        preserved.push({ kind, object });
    }
    for (const object of now[kind]) {
      const key = refKey(kind, slot(object));
      if (!slots.has(key) || skip.has(key) || isTheirs(object)) continue;
      if (kind === 'link' && (object as Link).kind === undefined) continue;
      if (old.inSlot(kind, slot(object)).length === 0 || isSurplus(kind, object, old))
        removals.push({ kind, object, reason: 'restore' });
    }
  }
  const hollow = unroutedAddresses(before, now, links);
  return { wanted: [], matches: new Set(), preserved, hollow, removals, fidelity: 'exact', restorable: () => true };
};

/**
 * IPv4 addresses without the local route that the kernel made for them. A link that is down loses it as it joins or leaves
 * a VRF (fib_frontend.c fib_netdev_event, NETDEV_CHANGEUPPER), and it comes back with the link, or with the address.
 */
const unroutedAddresses = (before: State, now: State, links: ReadonlySet<string>): ReadonlySet<AnyObject> => {
  const wasDown = new Set(
    before.link.flatMap(({ name, state }) => (state === 'down' && links.has(name) ? [name] : [])),
  );
  const down = new Set(now.link.flatMap(({ name, state }) => (state === 'down' && wasDown.has(name) ? [name] : [])));
  if (down.size === 0) return new Set();
  const localRoutes = ({ route }: State): ReadonlySet<string> =>
    new Set(
      route.flatMap(({ family, type, to, hops: [hop] }) =>
        family === 'inet' && type === 'local' && hop?.dev !== undefined && down.has(hop.dev)
          ? [`${to} ${hop.dev}`]
          : [],
      ),
    );
  const [had, has] = [localRoutes(before), localRoutes(now)];
  return new Set(
    now.address.filter(({ address, dev }) => had.has(`${address}/32 ${dev}`) && !has.has(`${address}/32 ${dev}`)),
  );
};

/**
 * The address and MTU of a bridge or bond follow its ports: with the ports back they are right by themselves, and set by
 * hand they would no longer follow. So the first plan leaves them out, and a later one sets what is still wrong.
 */
const followsPorts = (object: AnyObject, kind: KindName, present: ReadonlySet<string>, first: boolean): AnyObject => {
  const link = object as Link;
  if (!first || kind !== 'link' || !present.has(link.name)) return object;
  return link.kind === 'bridge' || link.kind === 'bond' ? { ...link, lladdr: undefined, mtu: undefined } : object;
};

/** An entry in a slot that held others: it goes unless it is one of them, or an altered form of the only one. */
const isSurplus = (kind: KindName, object: AnyObject, old: WorkingState): boolean => {
  if (kind === 'link') return false;
  if (old.find(kind, object as never) !== undefined) return false;
  const entries = old.inSlot(kind, kindOf(kind).slot(object)) as readonly AnyObject[];
  const { owner, coexists } = kindOf(kind);
  return !entries.some((entry) => !coexists(entry, object) && (owner(entry) === owner(object) || entries.length === 1));
};

/** Links that have another name now than before, told by their index: new name -> old name. */
export const renamedSince = (before: State, now: State): { readonly from: string; readonly to: string }[] => {
  const oldNames = new Map(before.link.map(({ index, name }) => [index, name]));
  const present = new Set(now.link.map(KINDS.link.slot));
  return now.link.flatMap(({ index, name }) => {
    const old = oldNames.get(index);
    return old === undefined || old === name || present.has(old) ? [] : [{ from: name, to: old }];
  });
};
