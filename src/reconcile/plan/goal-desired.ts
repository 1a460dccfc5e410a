import { type Declared, type Desired, singleObjects, withRoutes } from '../../model/desired.ts';
import { NETRECON_PROTOCOL, type Ref } from '../../model/kind.ts';
import { KINDS, kindOf } from '../../model/kinds.ts';
import { memberIds } from '../../model/nexthop.ts';
import { TABLE_MAIN } from '../../model/route.ts';
import {
  type AnyObject,
  emptyState,
  KIND_NAMES,
  type KindName,
  type KindTypes,
  type State,
} from '../../model/state.ts';
import { checkNexthopUse, type FinalNexthops, finalNexthops, resolveNexthops, withoutUsed } from './final-nexthops.ts';
import type { Goal, Removal, Wanted } from './goal.ts';
import { checkLinkReferences, finalLinkNames, linkGoals } from './goal-links.ts';
import { exactAddressRemovals, type Ownership, objectGoals, ownedKey } from './goal-objects.ts';
import { letVlansFollow, type PvidChanges, pvidChanges } from './goal-vlans.ts';
import { resolveMplsRoutes } from './mpls-ways.ts';
import { Problems } from './problems.ts';
import { createRouteCheck, createWayCheck, type FinalView, resolveRoutes } from './reach.ts';
import { WorkingState } from './working-state.ts';

/** Routes that a plan leaves aside. */
export interface Aside {
  /** they stay, as they are or changed by a later plan */
  readonly kept: number;
  /** a later plan deletes them */
  readonly removed: number;
}

const NOTHING_ASIDE: Aside = { kept: 0, removed: 0 };

export interface GoalOptions {
  readonly owned: readonly Ref[];
  /** name of a protocol number, for messages */
  readonly protocolName: (protocol: number) => string;
  readonly allowMassDelete?: boolean;
  /** hardware that is not there is left out of the plan, as if all of it were `optional`, and is no error */
  readonly waitForLinks?: boolean;
  /** routes that are neither among the desired nor among the observed; default none */
  readonly aside?: Aside;
  /** KernelPort.renamesUp; default true */
  readonly renamesUp?: boolean;
}

/** Every object on a link that will not exist is an error of the file. */
const checkDevs = <K extends 'address' | 'neighbor'>(
  kind: K,
  declared: readonly Declared<KindTypes[K]>[],
  links: ReadonlySet<string>,
  problems: Problems,
): void => {
  for (const { object, absent, source, fields } of declared) {
    if (absent) continue;
    for (const dev of KINDS[kind].devs(object as never)) {
      if (links.has(dev)) continue;
      problems.error(
        'NR_NO_LINK',
        `${KINDS[kind].describe(object as never)}: link ${dev} does not exist and is not declared`,
        fields.dev ?? source,
      );
    }
  }
};

/** The parts of the end state that gateways depend on. */
const finalView = (
  desired: Desired,
  state: WorkingState,
  links: ReadonlySet<string>,
  wantedLinks: readonly Wanted<'link'>[],
  addresses: readonly Wanted<'address'>[],
  removals: readonly Removal[],
): FinalView => {
  const gone = new Set<AnyObject>(removals.map(({ object }) => object));
  const matched = new Set<AnyObject>(addresses.flatMap(({ match }) => match ?? []));
  const downLinks = new Set<string>();
  for (const link of state.all('link')) if (link.state === 'down') downLinks.add(link.name);
  for (const { object } of wantedLinks) {
    if (object.state === 'down') downLinks.add(object.name);
    else downLinks.delete(object.name);
  }
  const asked = new Set(wantedLinks.map(({ slot }) => slot));
  for (const name of links) if (state.link(name) === undefined && !asked.has(name)) downLinks.add(name);
  const keptAddresses = [...state.all('address')].filter((a) => !gone.has(a) && !matched.has(a) && links.has(a.dev));
  // only asked for on-link routes, which few hosts have more than a handful of
  let declaredSlots: ReadonlySet<string> | undefined;
  const isReplaced = (route: KindTypes['route']): boolean => {
    if (route.protocol === NETRECON_PROTOCOL && desired.prune !== 'none') return true;
    declaredSlots ??= new Set(desired.objects.route.map(({ object }) => KINDS.route.slot(object)));
    return declaredSlots.has(KINDS.route.slot(route));
  };
  const onlink = [...state.all('route')].filter(
    (route) =>
      route.protocol !== 2 && route.hops.some((hop) => hop.via === undefined) && !gone.has(route) && !isReplaced(route),
  );
  const declared = desired.objects.route
    .filter(
      ({ object, absent }) => !absent && object.hops.some((hop) => hop.via === undefined && hop.dev !== undefined),
    )
    .map(({ object }) => object);
  return {
    addresses: [...keptAddresses, ...addresses.map(({ object }) => object)],
    onlinkRoutes: [...onlink, ...declared],
    links,
    downLinks,
  };
};

/** A file that deletes most of what it manages is more often a mistake than a wish. */
const checkMassDelete = (
  wanted: readonly Wanted[],
  removals: readonly Removal[],
  { allowMassDelete: allow = false, aside = NOTHING_ASIDE }: GoalOptions,
  problems: Problems,
): void => {
  const kept = aside.kept + wanted.filter(({ match }) => match !== undefined).length;
  const removed = aside.removed + removals.length;
  if (allow || removed <= 10 || removed <= kept) return;
  problems.error(
    'NR_MASS_DELETE',
    `the plan deletes ${removed} of the ${removed + kept} objects that it manages`,
    undefined,
    'if that is meant, say --allow-mass-delete',
  );
};

/** What becomes of links and addresses, on which everything else stands. */
const groundOf = (
  desired: Desired,
  state: WorkingState,
  { owned, protocolName }: Pick<GoalOptions, 'owned' | 'protocolName'>,
  problems: Problems,
) => {
  const ownership: Ownership = { owned: new Set(owned.map(ownedKey)), protocolName };
  const links = linkGoals(desired, state, owned, problems);
  const names = finalLinkNames(desired, state, links.removals);
  checkLinkReferences(desired, names, problems);
  checkDevs('address', desired.objects.address, names, problems);
  checkDevs('neighbor', desired.objects.neighbor, names, problems);
  const addresses = objectGoals('address', desired, state, ownership, problems);
  const exact = exactAddressRemovals(desired, state, addresses.wanted);
  const addressRemovals = unique([...addresses.removals, ...exact]);
  const removals = [...links.removals, ...addressRemovals];
  const view = finalView(desired, state, names, links.wanted, addresses.wanted, removals);
  return { ownership, links, addresses, addressRemovals, view };
};

/**
 * Which gateways the end state reaches by which links, as far as links, addresses and the on-link routes of table main that
 * the files name one by one tell: less than a plan knows, and known before a route is looked at. What stands in the way of a
 * plan is the plan's to say. Pure.
 */
export const viewOfEnd = (desired: Desired, { link, address }: Pick<State, 'link' | 'address'>): FinalView => {
  const state = new WorkingState({ ...emptyState(), link, address });
  const routes = singleObjects(desired, 'route').filter(({ object }) => object.table === TABLE_MAIN);
  const options = { owned: [], protocolName: String };
  return groundOf(withRoutes(desired, routes), state, options, new Problems()).view;
};

/**
 * What the files ask of a namespace, against what is there. Pure; `state` is read only.
 * Problems (conflicts, missing links, unreachable gateways) are recorded in `problems`; the goal is only usable if there
 * are none.
 */
export const goalOfDesired = (
  desired: Desired,
  state: WorkingState,
  options: GoalOptions,
  problems: Problems,
): Goal => {
  const { ownership, links, addresses, addressRemovals, view } = groundOf(desired, state, options, problems);
  const resolved: Desired = {
    ...desired,
    objects: {
      ...desired.objects,
      nexthop: resolveNexthops(desired.objects.nexthop, view, problems),
      route: resolveRoutes(desired.objects.route, view, problems),
      mpls: resolveMplsRoutes(desired.objects.mpls, view, problems),
    },
  };
  const asked = objectGoals('nexthop', resolved, state, ownership, problems);
  const nexthops = { ...asked, removals: withoutUsed(asked.removals, state, problems) };
  const lasting = finalNexthops(state, nexthops.wanted, nexthops.removals, view);
  checkNexthopUse(desired, lasting, problems);
  const others = (['route', 'mpls', 'rule', 'neighbor'] as const).map((kind) =>
    objectGoals(kind, resolved, state, ownership, problems),
  );
  const doomed = doomedLinks(state, links.removals);
  const pvids = pvidChanges(links.wanted);
  const wantedLinks = links.wanted.map((link) => {
    const wanted = withoutDoomedMaster(link, doomed);
    return { ...wanted, object: letVlansFollow(wanted.object, wanted.declared?.object, pvids) };
  });
  const objects = [nexthops, ...others];
  const wanted: Wanted[] = [...wantedLinks, ...addresses.wanted, ...objects.flatMap((goal) => goal.wanted as Wanted[])];
  const removals = [...links.removals, ...addressRemovals, ...objects.flatMap((goal) => goal.removals)];
  checkMassDelete(wanted, removals, options, problems);
  return {
    wanted,
    removals,
    matches: new Set(wanted.flatMap(({ match }) => match ?? [])),
    preserved: preservedOf(state, wanted, removals, { doomed, pvids, nexthops: lasting }),
    hollow: new Set(),
    fidelity: 'preserved',
    restorable: restorability(view, lasting),
  };
};

/** Whether the end state has what an object needs that has gone and is to come back. */
const restorability = (view: FinalView, nexthops: FinalNexthops): Goal['restorable'] => {
  const routeCanExist = createRouteCheck(view, (id) => nexthops.has(id));
  const canGo = createWayCheck(view);
  return (kind, object) => {
    if (kind === 'route') return routeCanExist(object as KindTypes['route']);
    if (kind === 'mpls')
      return kindOf(kind)
        .devs(object)
        .every((dev) => view.links.has(dev));
    if (kind !== 'nexthop') return true;
    const nexthop = object as KindTypes['nexthop'];
    return nexthop.fdb === true || (nexthops.has(nexthop.id) && canGo(nexthop));
  };
};

/** Links that go with the links that the file removes: what stands on them, and the far ends of veth pairs. */
const doomedLinks = (state: WorkingState, removals: readonly Removal[]): ReadonlySet<string> => {
  const doomed = new Set<string>();
  const visit = (name: string): void => {
    if (doomed.has(name)) return;
    doomed.add(name);
    for (const upper of state.on('link', name)) if (upper.master !== name) visit(upper.name);
    const peer = state.link(name)?.options?.peer;
    if (typeof peer === 'string') visit(peer);
  };
  for (const { object } of removals) visit(KINDS.link.slot(object as KindTypes['link']));
  return doomed;
};

const unique = (removals: readonly Removal[]): Removal[] => [...new Map(removals.map((r) => [r.object, r])).values()];

/** A port of a master that goes: nobody asks for that master, and its port options go with it. */
const releasedFrom = (link: KindTypes['link'], doomed: ReadonlySet<string>): KindTypes['link'] =>
  typeof link.master === 'string' && doomed.has(link.master)
    ? { ...link, master: undefined, port: undefined, rawPort: undefined }
    : link;

const withoutDoomedMaster = (wanted: Wanted<'link'>, doomed: ReadonlySet<string>): Wanted<'link'> =>
  wanted.declared?.object.master === undefined ? { ...wanted, object: releasedFrom(wanted.object, doomed) } : wanted;

/** What decides whether, and as what, an object lives on. */
interface Survivors {
  /** links that go */
  readonly doomed: ReadonlySet<string>;
  readonly pvids: PvidChanges;
  readonly nexthops: FinalNexthops;
}

/** Everything else that is not the kernel's own must survive the transition, whoever made it. */
const preservedOf = (
  state: WorkingState,
  wanted: readonly Wanted[],
  removals: readonly Removal[],
  { doomed, pvids, nexthops }: Survivors,
): Goal['preserved'] => {
  const claimed = new Set<AnyObject>(removals.map(({ object }) => object));
  for (const { match } of wanted) if (match !== undefined) claimed.add(match);
  const out: { kind: KindName; object: AnyObject }[] = [];
  const follow = (link: KindTypes['link']) => letVlansFollow(releasedFrom(link, doomed), undefined, pvids);
  for (const kind of KIND_NAMES) {
    const { isKernels, devs } = kindOf(kind);
    for (const object of state.all(kind)) {
      if (claimed.has(object) || isKernels(object)) continue;
      // a group that loses a member for good is left with the others
      if (kind === 'nexthop' && memberIds(object as KindTypes['nexthop']).some((id) => !nexthops.has(id))) continue;
      if (doomed.size > 0) {
        // what stands on a link that the file removes goes with it (a port of such a master stays)
        const on = kind === 'link' ? [(object as KindTypes['link']).name] : devs(object);
        if (on.some((dev) => doomed.has(dev))) continue;
      }
      out.push({ kind, object: kind === 'link' ? follow(object as KindTypes['link']) : object });
    }
  }
  return out;
};
