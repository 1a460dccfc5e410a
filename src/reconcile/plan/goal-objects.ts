import type { Declared, Desired } from '../../model/desired.ts';
import { type Kind, NETRECON_PROTOCOL, type Ref } from '../../model/kind.ts';
import { KINDS } from '../../model/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import type { AnyObject, KindName, KindTypes } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { compare } from './compare.ts';
import type { Removal, Wanted } from './goal.ts';
import type { ChangeReason } from './plan-types.ts';
import type { Problems } from './problems.ts';
import type { WorkingState } from './working-state.ts';

type Slotted = Exclude<KindName, 'link'>;

/** Fields that say which object is meant even where the file does not write them. */
const ALWAYS_MEANT: { readonly [K in Slotted]: readonly string[] } = {
  address: ['dev', 'family', 'address', 'prefixlen', 'peer'],
  nexthop: ['id'],
  route: ['family', 'table', 'to', 'from'],
  mpls: ['label'],
  rule: ['family', 'priority'],
  neighbor: ['type', 'dev', 'to', 'lladdr'],
};

/** Whether `present` is what a `state: absent` entry means: equal in every field that the file writes. */
const isMeant = <K extends Slotted>(kind: K, declared: Declared<KindTypes[K]>, present: KindTypes[K]): boolean => {
  // a rule is what it selects: fewer words mean another rule, not any rule
  if (kind === 'rule' && KINDS.rule.slot(declared.object as Rule) !== KINDS.rule.slot(present as Rule)) return false;
  const asked = declared.object as unknown as Record<string, unknown>;
  const have = present as unknown as Record<string, unknown>;
  const written = Object.keys(declared.fields).filter((name) => name in asked && asked[name] !== undefined);
  const meant =
    kind === 'neighbor' && asked.type === 'neighbor' ? ALWAYS_MEANT.neighbor.slice(0, 3) : ALWAYS_MEANT[kind];
  const hops = written.includes('via') || written.includes('dev') || written.includes('nexthops') ? ['hops'] : [];
  return [...new Set([...meant, ...written, ...(kind === 'route' ? hops : [])])].every((name) => {
    const field = (KINDS[kind] as Kind<K>).fields(declared.object)[name];
    return (field?.same ?? sameValue)(asked[name] as never, have[name] as never);
  });
};

const ownerText = (protocolName: (protocol: number) => string, owner: number | undefined): string =>
  owner === undefined ? 'another program' : `protocol ${protocolName(owner)}`;

/** What is needed to tell whose an object is. */
export interface Ownership {
  readonly owned: ReadonlySet<string>;
  readonly protocolName: (protocol: number) => string;
}

export const ownedKey = ({ kind, slot }: Ref): string => `${kind} ${slot}`;

const isOurs = <K extends KindName>(kind: K, object: KindTypes[K], { owned }: Ownership): boolean => {
  const owner = KINDS[kind].owner(object);
  return owner === undefined
    ? owned.has(ownedKey({ kind, slot: KINDS[kind].slot(object) }))
    : owner === NETRECON_PROTOCOL;
};

const NONE: readonly never[] = [];

const CONFLICT_HINTS: Readonly<Partial<Record<KindName, string>>> = {
  nexthop: 'choose another id, or say adopt: true to take it over',
  mpls: 'choose another label, or say adopt: true to take it over',
};

/**
 * The entry of a slot that will become the wanted object, and those in its way: an entry that already is it, else ours,
 * else a hand-made one. Kernel and daemon entries are in the way unless `adopt`.
 */
const pickEntry = <K extends Slotted>(
  wanted: Declared<KindTypes[K]>,
  kind: K,
  entries: readonly KindTypes[K][],
  ownership: Ownership,
): { readonly match?: KindTypes[K]; readonly settled?: true; readonly foreign: readonly KindTypes[K][] } => {
  const descriptor: Kind<K> = KINDS[kind] as Kind<K>;
  const mine = (entry: KindTypes[K]) => isOurs(kind, entry, ownership) || descriptor.isHandMade(entry);
  const same = entries.find((entry) => compare(kind, wanted.object, entry, 'declared').length === 0);
  if (same !== undefined) return { match: same, settled: true, foreign: NONE };
  const match =
    entries.find((entry) => isOurs(kind, entry, ownership)) ??
    entries.find(mine) ??
    (wanted.adopt ? entries[0] : undefined);
  const foreign = entries.filter((entry) => entry !== match && !mine(entry));
  return match === undefined ? { foreign } : { match, foreign };
};

/** What the file asks of one kind other than links, and which of ours it no longer names. */
export const objectGoals = <K extends Slotted>(
  kind: K,
  desired: Desired,
  state: WorkingState,
  ownership: Ownership,
  problems: Problems,
): { readonly wanted: Wanted<K>[]; readonly removals: Removal[] } => {
  const descriptor: Kind<K> = KINDS[kind] as Kind<K>;
  const wanted: Wanted<K>[] = [];
  const removals = new Map<AnyObject, Removal>();
  const kept = new Set<AnyObject>();
  const remove = (object: KindTypes[K], reason: ChangeReason, source?: Declared<unknown>['source']) =>
    removals.set(object, { kind, object, reason, ...(source === undefined ? {} : { source }) });
  const conflict = (declared: Declared<KindTypes[K]>, entry: KindTypes[K], what: string) => {
    const kernels = descriptor.isKernels(entry);
    problems.error(
      'NR_CONFLICT',
      `${descriptor.describe(declared.object)}: ${what} ${kernels ? 'the kernel itself' : ownerText(ownership.protocolName, descriptor.owner(entry))}`,
      declared.source,
      kernels
        ? 'the kernel makes it from an address or an advertisement: change that (noprefixroute, another metric)'
        : (CONFLICT_HINTS[kind] ?? 'choose another metric or priority, or say adopt: true to take it over'),
    );
  };

  for (const declared of desired.objects[kind] as readonly Declared<KindTypes[K]>[]) {
    const { object, absent, adopt, source } = declared;
    if (absent) {
      for (const entry of candidates(kind, state, object)) {
        if (!isMeant(kind, declared, entry)) continue;
        if (isOurs(kind, entry, ownership) || descriptor.isHandMade(entry) || (adopt && !descriptor.isKernels(entry))) {
          remove(entry, 'absent', source);
        } else conflict(declared, entry, 'state: absent, but it belongs to');
      }
      continue;
    }
    const slot = descriptor.slot(object);
    const entries = state.inSlot(kind, slot);
    const { match, settled, foreign } = pickEntry(declared, kind, entries, ownership);
    if (match !== undefined) kept.add(match);
    if (settled !== true) {
      const inTheWay = foreign.filter((entry) => !descriptor.coexists(object, entry));
      for (const entry of inTheWay) {
        if (adopt && !descriptor.isKernels(entry)) remove(entry, 'declared', source);
        else conflict(declared, entry, 'its place is held by');
      }
      // our own or hand-made entries beside the match would shadow it or be shadowed by it
      for (const entry of entries) if (entry !== match && !foreign.includes(entry)) remove(entry, 'declared', source);
    }
    wanted.push(
      match === undefined
        ? { kind, slot, object, declared }
        : { kind, slot, object, declared, match, ...(settled === true ? { settled } : {}) },
    );
  }
  for (const object of prunable(kind, desired, state, ownership)) {
    if (!kept.has(object) && !removals.has(object)) remove(object, 'prune');
  }
  return { wanted, removals: [...removals.values()] };
};

/** Entries that a `state: absent` may mean; by link where there is one, so that tables of routes are not walked twice. */
const candidates = <K extends Slotted>(kind: K, state: WorkingState, object: KindTypes[K]): readonly KindTypes[K][] => {
  const [dev] = KINDS[kind].devs(object);
  return dev === undefined ? [...state.all(kind)] : state.on(kind, dev);
};

function* prunable<K extends Slotted>(
  kind: K,
  desired: Desired,
  state: WorkingState,
  ownership: Ownership,
): Generator<KindTypes[K]> {
  if (desired.prune === 'none') return;
  const descriptor: Kind<K> = KINDS[kind] as Kind<K>;
  const scope = desired.prune === 'all' ? pruneScope(desired) : undefined;
  for (const object of state.all(kind)) {
    if (isOurs(kind, object, ownership)) yield object;
    else if (descriptor.isKernels(object)) continue;
    else if (scope !== undefined && descriptor.isHandMade(object) && scope(kind, object as AnyObject)) yield object;
  }
}

/** `prune: all` reaches as far as the file speaks: the tables of its routes and rules, and the links that it names. */
const pruneScope = (desired: Desired): ((kind: KindName, object: AnyObject) => boolean) => {
  const tables = new Set(desired.objects.route.map(({ object }) => object.table));
  const links = new Set(desired.objects.link.map(({ object }) => object.name));
  const hasRules = desired.objects.rule.length > 0;
  const hasNexthops = desired.objects.nexthop.some(({ shared }) => shared !== true);
  const hasMpls = desired.objects.mpls.length > 0;
  return (kind, object) => {
    switch (kind) {
      case 'route':
        return tables.has((object as KindTypes['route']).table);
      case 'mpls':
        return hasMpls;
      case 'rule':
        return hasRules;
      case 'nexthop':
        return hasNexthops;
      case 'neighbor':
        return KINDS.neighbor.devs(object as KindTypes['neighbor']).some((dev) => links.has(dev));
      default:
        return false;
    }
  };
};

/** Addresses of links that list theirs: whatever else is static there goes. */
export const exactAddressRemovals = (
  desired: Desired,
  state: WorkingState,
  wanted: readonly Wanted<'address'>[],
): Removal[] => {
  if (desired.prune === 'none') return [];
  const kept = new Set(wanted.flatMap(({ match }) => match ?? []));
  const { isKernels, isHandMade, owner } = KINDS.address;
  return [...desired.exactAddresses].flatMap(([dev, source]) =>
    state
      .on('address', dev)
      .filter((a) => !kept.has(a) && !isKernels(a) && (isHandMade(a) || owner(a) === NETRECON_PROTOCOL))
      .map((object): Removal => ({ kind: 'address', object, reason: 'exact', source })),
  );
};
