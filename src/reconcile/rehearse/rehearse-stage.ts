import type { Desired } from '../../model/desired.ts';
import { KINDS, kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { isHeldOpen, LINK_KINDS } from '../../model/link-kinds/index.ts';
import { type AnyObject, KIND_NAMES, type State } from '../../model/state.ts';
import type { Plan } from '../plan/plan-types.ts';
import { withoutLinks } from '../plan/waiting.ts';
import type { LeftOut, StoodIn } from './rehearse-types.ts';

/** One end of a veth pair in place of a link that no message makes; the other end, its `peer`, is kept out of sight. */
export interface StandIn extends StoodIn {
  /** the link of the host, which it has to look like */
  readonly shown: Link;
  readonly peer: string;
  readonly peerIndex: number;
}

/** What is to be built, and what cannot. */
export interface Stage {
  /** the host without what is left out */
  readonly target: State;
  readonly desired: Desired;
  readonly standIns: readonly StandIn[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Links keep their order, and by their indexes their identity (renamedSince), but leave those to the kernel that it gives by
 * itself: to fallback devices, and to what the plan makes.
 */
const FIRST_INDEX = 0x1000_0000;
const FIRST_PEER_INDEX = 0x4000_0000;

/** Why a link cannot be made by a message; undefined where it can. */
const whyStandIn = (link: Link): StoodIn['why'] | undefined => {
  if (link.name === 'lo') return undefined;
  if (link.kind === undefined) return 'hardware';
  if (!(link.kind in LINK_KINDS) || isHeldOpen(link.kind, link.options)) return 'unmakeable';
  return link.linkNetnsid === undefined ? undefined : 'elsewhere';
};

const peerOf = ({ options }: Link): string | undefined =>
  typeof options?.peer === 'string' ? options.peer : undefined;

/** Why a link is left out. */
type Cause = Pick<LeftOut, 'why' | 'kind'>;

/** The links, and with each what stands on it, what is its port, and the far end of its pair. */
const spread = (first: ReadonlyMap<string, Cause>, links: readonly Link[]): ReadonlyMap<string, Cause> => {
  const uppers = new Map<string, string[]>();
  const tie = (name: string, upper: string) => {
    const held = uppers.get(name);
    if (held === undefined) uppers.set(name, [upper]);
    else held.push(upper);
  };
  for (const link of links) {
    for (const dev of KINDS.link.devs(link)) tie(dev, link.name);
    const peer = peerOf(link);
    if (peer === undefined) continue;
    tie(peer, link.name);
    tie(link.name, peer);
  }
  const out = new Map(first);
  const visit = (name: string): void => {
    for (const upper of uppers.get(name) ?? []) {
      if (out.has(upper)) continue;
      out.set(upper, { why: `it needs ${name}` });
      visit(upper);
    }
  };
  for (const name of first.keys()) visit(name);
  return out;
};

/** Links of which the plan wants what a stand-in cannot do: another option of the kind, or not to be there any more. */
const overtaxed = (plan: Plan, stoodIn: ReadonlyMap<string, StoodIn['why']>): readonly string[] =>
  plan.steps.flatMap(({ op }) => {
    if (op.kind !== 'link') return [];
    const why = stoodIn.get((op.before ?? op.object).name);
    return why !== undefined && why !== 'hardware' && (op.action !== 'update' || op.stage === 'options')
      ? [(op.before ?? op.object).name]
      : [];
  });

const withoutLinksOf = (state: State, names: ReadonlySet<string>): State => {
  if (names.size === 0) return state;
  const stays = (kind: (typeof KIND_NAMES)[number], object: AnyObject): boolean =>
    kind === 'link'
      ? !names.has((object as Link).name)
      : !kindOf(kind)
          .devs(object)
          .some((dev) => names.has(dev));
  return Object.fromEntries(
    KIND_NAMES.map((kind) => [kind, (state[kind] as readonly AnyObject[]).filter((object) => stays(kind, object))]),
  ) as unknown as State;
};

const withoutLinksIn = (desired: Desired, names: ReadonlySet<string>): Desired => {
  if (names.size === 0) return desired;
  // a list may lead through them: as objects its routes can be told apart
  const { listed: _, ...rest } = desired;
  const { exactAddresses } = rest;
  return {
    ...withoutLinks(rest, names),
    exactAddresses: new Map([...exactAddresses].filter(([name]) => !names.has(name))),
    // where packets go may well depend on what is missing
    expectations: [],
  };
};

/** The same links under indexes that are free in any namespace; of a pair each end says which one the other has. */
const withFreeIndexes = (links: readonly Link[]): readonly Link[] => {
  const indexes = new Map(links.map(({ name, index }) => [name, name === 'lo' ? index : FIRST_INDEX + index]));
  return links.map((link): Link => {
    const index = indexes.get(link.name) as number;
    const peerIndex = indexes.get(peerOf(link) ?? '');
    return peerIndex === undefined ? { ...link, index } : { ...link, index, options: { ...link.options, peerIndex } };
  });
};

/** Kinds of link that the host or the files have; each is asked of the kernel. */
export const kindsIn = (observed: State, desired: Desired): ReadonlySet<string> => {
  const wanted = desired.objects.link.flatMap(({ object, absent }) => (absent ? [] : [object]));
  return new Set(
    [...observed.link, ...wanted].flatMap(({ kind }) => (kind !== undefined && kind in LINK_KINDS ? [kind] : [])),
  );
};

/**
 * What can be played of a host and of a plan for it. Pure; linear in the number of objects.
 * @param plan - the plan for the host
 * @param lacking - kinds of link that the kernel at hand does not have
 */
export const planStage = (observed: State, desired: Desired, plan: Plan, lacking: ReadonlySet<string>): Stage => {
  const stoodIn = new Map(
    observed.link.flatMap((link) => {
      const why = whyStandIn(link);
      return why === undefined ? [] : [[link.name, why] as const];
    }),
  );
  const wanted = desired.objects.link.flatMap(({ object, absent }) => (absent ? [] : [object]));
  const first = new Map<string, Cause>();
  for (const name of overtaxed(plan, stoodIn)) first.set(name, { why: 'only another program can make such a link' });
  for (const { name, kind } of [...observed.link, ...wanted])
    if (kind !== undefined && lacking.has(kind))
      first.set(name, { why: `this kernel has no links of kind ${kind}`, kind });
  const out = spread(first, [...observed.link, ...wanted]);
  const names = new Set(out.keys());
  const rest = withoutLinksOf(observed, names);
  const target: State = { ...rest, link: withFreeIndexes(rest.link) };
  const planned = new Set([
    ...desired.objects.link.map(({ object }) => object.name),
    ...plan.steps.flatMap(({ op }) => (op.kind === 'link' ? [op.object.name] : kindOf(op.kind).devs(op.object))),
  ]);
  return {
    target,
    desired: withoutLinksIn(desired, names),
    standIns: target.link.flatMap((shown, i): readonly StandIn[] => {
      const why = stoodIn.get(shown.name);
      if (why === undefined) return [];
      return [{ name: shown.name, why, shown, peer: `netrecon-p${i}`, peerIndex: FIRST_PEER_INDEX + i }];
    }),
    leftOut: [...out].map(([link, cause]) => ({ link, ...cause, planned: planned.has(link) })),
  };
};
