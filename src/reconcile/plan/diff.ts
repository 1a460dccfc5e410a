import type { Source } from '../../model/desired.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { LINK_KINDS, peerNameOf } from '../../model/link-kinds/index.ts';
import { type AnyObject, KIND_NAMES, type KindName } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { compare, type Difference } from './compare.ts';
import { freshPeer } from './fresh-link.ts';
import type { Goal, Wanted } from './goal.ts';
import type { ChangeAction, ChangeReason } from './plan-types.ts';
import type { WorkingState } from './working-state.ts';

/** One object that is not as the goal wants it. */
export interface Change {
  readonly kind: KindName;
  readonly slot: string;
  readonly action: ChangeAction;
  readonly reason: ChangeReason;
  /** absent: create */
  readonly before?: AnyObject;
  /** absent: delete */
  readonly after?: AnyObject;
  /** update, replace: what differs */
  readonly differences: readonly Difference[];
  readonly source?: Source;
  readonly wanted?: Wanted;
}

/** A link that only exists in the model has no values for what it was not asked: that is no reason to make it anew. */
const needsNew = (kind: KindName, before: AnyObject, difference: Difference): boolean =>
  difference.recreate && !(kind === 'link' && (before as Link).index === 0 && difference.before === undefined);

/** Where the kernel lowers an MTU with that of the parent (clampsMtu), one that nobody wrote is not raised against it. */
const isClamped = (
  kind: KindName,
  before: AnyObject,
  { field, after }: Difference,
  wanted: Wanted | undefined,
  state: WorkingState,
): boolean => {
  if (kind !== 'link' || field !== 'mtu' || wanted?.declared?.fields.mtu !== undefined) return false;
  const { kind: linkKind = '', link } = before as Link;
  if (LINK_KINDS[linkKind]?.clampsMtu !== true) return false;
  const parent = typeof link === 'string' ? state.link(link) : undefined;
  return parent?.mtu !== undefined && typeof after === 'number' && parent.mtu < after;
};

const changeOf = (
  kind: KindName,
  before: AnyObject,
  after: AnyObject,
  differences: readonly Difference[],
  reason: ChangeReason,
  wanted: Wanted | undefined,
  state: WorkingState,
): Change | undefined => {
  const real = differences.filter(
    (d) => (!d.recreate || needsNew(kind, before, d)) && !isClamped(kind, before, d, wanted, state),
  );
  if (real.length === 0) return undefined;
  return {
    kind,
    slot: kindOf(kind).slot(after),
    action: real.some(({ recreate }) => recreate) ? 'replace' : 'update',
    reason,
    before,
    after,
    differences: real,
    ...(wanted?.declared === undefined ? {} : { source: wanted.declared.source }),
    ...(wanted === undefined ? {} : { wanted }),
  };
};

const reasonOf = ({ declared }: Wanted): ChangeReason => (declared?.shared === true ? 'shared' : 'declared');

const diffWanted = (wanted: Wanted, state: WorkingState): Change | undefined => {
  const { kind, slot, object, declared, match, settled } = wanted;
  // what is there as it was found, or as it was asked for, needs no second look (links are changed part by part)
  if (kind !== 'link' && state.has(kind, object as never)) return undefined;
  if (settled === true && match !== undefined && state.has(kind, match as never)) return undefined;
  const entries = state.inSlot(kind, slot) as readonly AnyObject[];
  const present =
    (match !== undefined && entries.includes(match) ? match : undefined) ??
    entries.find((entry) => compare(kind, object, entry as never, 'declared').length === 0) ??
    entries.find((entry) => kindOf(kind).owner(entry) === kindOf(kind).owner(object)) ??
    (match === undefined ? undefined : (state.find(kind, match as never) as AnyObject | undefined));
  if (present === undefined) {
    return {
      kind,
      slot,
      action: 'create',
      reason: reasonOf(wanted),
      after: object,
      differences: [],
      wanted,
      ...(declared === undefined ? {} : { source: declared.source }),
    };
  }
  // a link keeps what the file does not speak of, so the whole of it is compared, and not only the declared part
  const differences = compare(kind, object, present as never, 'declared');
  return changeOf(kind, present, object, differences, reasonOf(wanted), wanted, state);
};

const diffPreserved = (kind: KindName, object: AnyObject, goal: Goal, state: WorkingState): Change | undefined => {
  if (state.has(kind, object as never)) return undefined;
  const slot = kindOf(kind).slot(object);
  const entries = state.inSlot(kind, slot) as readonly AnyObject[];
  const found = state.find(kind, object as never) as AnyObject | undefined;
  const base = { kind, slot, reason: 'restore', after: object, differences: [] } as const;
  if (found === undefined && !goal.restorable(kind, object)) return undefined;
  if (found !== undefined) {
    if (goal.hollow.has(found)) return { ...base, action: 'replace', before: found };
    return changeOf(
      kind,
      found,
      object,
      compare(kind, object as never, found as never, goal.fidelity),
      'restore',
      undefined,
      state,
    );
  }
  // the slot is held by an altered self (an IPv6 route that lost its source or a leg): put that right
  const [altered] = kind === 'route' ? entries.filter((e) => kindOf(kind).owner(e) === kindOf(kind).owner(object)) : [];
  if (altered === undefined) return { ...base, action: 'create' };
  return changeOf(
    kind,
    altered,
    object,
    compare(kind, object as never, altered as never, goal.fidelity),
    'restore',
    undefined,
    state,
  );
};

/** Options of a link that it would not have anyway. */
const askedOptions = ({ kind, options = {} }: Link): number =>
  Object.entries(LINK_KINDS[kind ?? '']?.options ?? {}).filter(
    ([name, spec]) =>
      spec.ofPrimary === true && options[name] !== undefined && !sameValue(options[name], spec.default ?? null),
  ).length;

/**
 * Options, and the number of queues, can be asked for at one end only: at the one that has options, or that was the primary
 * one, or that has more queues than it would get anyway.
 */
const byDemands = (changes: readonly Change[]): readonly Change[] => {
  const queues = ({ after }: Change) => ((after as Link).numtxqueues ?? 0) + ((after as Link).numrxqueues ?? 0);
  const options = ({ after }: Change) => askedOptions(after as Link);
  const primary = ({ after }: Change) => ((after as Link).options?.primary === true ? 1 : 0);
  const links = changes.filter(({ kind, after }) => kind === 'link' && after !== undefined);
  return links.sort((a, b) => options(b) - options(a) || primary(b) - primary(a) || queues(b) - queues(a));
};

/**
 * A pair is made by one message: of two ends that have to be made, the first makes both, and the second is only
 * changed from what a fresh peer is.
 */
const pairEnds = (changes: readonly Change[]): Change[] => {
  const peers = new Set<string>();
  const makers = new Set<string>();
  // an end that is made anew goes first: its old self has to leave before either can come
  for (const wanted of ['replace', 'create'] as const) {
    for (const { kind, action, after } of byDemands(changes)) {
      const link = after as Link;
      if (kind !== 'link' || action !== wanted || LINK_KINDS[link.kind ?? '']?.pair !== true || peers.has(link.name))
        continue;
      makers.add(link.name);
      const peer = peerNameOf(link);
      if (peer !== undefined) peers.add(peer);
    }
  }
  if (peers.size === 0) return [...changes];
  return changes.flatMap((change): Change[] => {
    const { kind, action, slot, after } = change;
    if (kind !== 'link' || action !== 'create' || makers.has(slot) || !peers.has(slot)) return [change];
    const before = freshPeer(slot, (after as Link).options?.peer, (after as Link).kind);
    const differences = compare('link', after as Link, before, 'declared').filter((d) => !needsNew(kind, before, d));
    return differences.length === 0 ? [] : [{ ...change, before, differences }];
  });
};

/**
 * Compares a state with a goal. Pure; linear in the number of objects of both.
 * @returns what differs, by kind in the order of KIND_NAMES, unordered by dependency; empty = the goal is reached
 */
export const diff = (goal: Goal, state: WorkingState): Change[] => {
  const changes: Change[] = [];
  for (const wanted of goal.wanted) {
    const change = diffWanted(wanted, state);
    if (change !== undefined) changes.push(change);
  }
  for (const { kind, object } of goal.preserved) {
    const change = diffPreserved(kind, object, goal, state);
    if (change !== undefined) changes.push(change);
  }
  for (const { kind, object, reason, source } of goal.removals) {
    const present = state.find(kind, object as never) as AnyObject | undefined;
    if (present === undefined) continue;
    const slot = kindOf(kind).slot(present);
    changes.push({
      kind,
      slot,
      action: 'delete',
      reason,
      before: present,
      differences: [],
      ...(source === undefined ? {} : { source }),
    });
  }
  const rank = (change: Change) => KIND_NAMES.indexOf(change.kind);
  return pairEnds(changes).sort((a, b) => rank(a) - rank(b));
};
