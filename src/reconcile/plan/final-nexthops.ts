import type { Declared, Desired } from '../../model/desired.ts';
import type { Family } from '../../model/ip.ts';
import { NETRECON_PROTOCOL } from '../../model/kind.ts';
import { KINDS } from '../../model/kinds.ts';
import { memberIds, NEXTHOP, type Nexthop } from '../../model/nexthop.ts';
import type { AnyObject, KindTypes } from '../../model/state.ts';
import { FIRST_NUMBER } from '../nexthops/numbers.ts';
import type { Removal, Wanted } from './goal.ts';
import type { Problems } from './problems.ts';
import { createWayResolver, type FinalView } from './reach.ts';
import type { WorkingState } from './working-state.ts';

/** The nexthop objects of the end state, by number. */
export type FinalNexthops = ReadonlyMap<number, Nexthop>;

/**
 * Fills in the links of nexthop objects that name only a gateway, and refuses those that the kernel would refuse.
 * @returns those without a problem, in order; problems are recorded
 */
export const resolveNexthops = (
  declared: readonly Declared<Nexthop>[],
  view: FinalView,
  problems: Problems,
): Declared<Nexthop>[] => {
  const resolveWay = createWayResolver(view, problems);
  return declared.flatMap((one) => {
    const { object, absent, fields, source } = one;
    if (absent || object.fdb === true) return [one];
    const resolved = resolveWay(object, () => ({
      name: NEXTHOP.describe(object),
      at: (field) => fields[field] ?? source,
    }));
    return resolved === undefined ? [] : [resolved === object ? one : { ...one, object: resolved }];
  });
};

/** What the files want, and what stays that they do not name: not on a link that goes or will be down. */
export const finalNexthops = (
  state: WorkingState,
  wanted: readonly Wanted<'nexthop'>[],
  removals: readonly Removal[],
  view: FinalView,
): FinalNexthops => {
  const gone = new Set<AnyObject>(removals.map(({ object }) => object));
  const final = new Map(wanted.map(({ object }) => [object.id, object]));
  const stays = (nexthop: Nexthop): boolean =>
    !gone.has(nexthop) && NEXTHOP.devs(nexthop).every((dev) => view.links.has(dev) && !view.downLinks.has(dev));
  for (const nexthop of state.all('nexthop'))
    if (nexthop.group === undefined && !final.has(nexthop.id) && stays(nexthop)) final.set(nexthop.id, nexthop);
  // a group stays as long as it has a member
  for (const nexthop of state.all('nexthop'))
    if (!final.has(nexthop.id) && stays(nexthop) && memberIds(nexthop).some((id) => final.has(id)))
      final.set(nexthop.id, nexthop);
  return final;
};

/** Something of somebody else that goes by an object, as text. */
const usersOf = (state: WorkingState, numbers: ReadonlySet<number>): ReadonlyMap<number, string> => {
  const users = new Map<number, string>();
  const note = <K extends 'route' | 'neighbor' | 'nexthop'>(kind: K, object: KindTypes[K], ids: readonly number[]) => {
    if (KINDS[kind].owner(object) === NETRECON_PROTOCOL) return;
    for (const id of ids) if (numbers.has(id)) users.set(id, users.get(id) ?? KINDS[kind].describe(object));
  };
  const idsOf = ({ nhid }: { readonly nhid?: number }) => (nhid === undefined ? [] : [nhid]);
  for (const route of state.all('route')) note('route', route, idsOf(route));
  for (const entry of state.all('neighbor')) if (entry.type === 'fdb') note('neighbor', entry, idsOf(entry));
  for (const nexthop of state.all('nexthop')) note('nexthop', nexthop, memberIds(nexthop));
  return users;
};

/**
 * Objects that netrecon has chosen the numbers of and that no route needs any more, without those that others use: theirs
 * would go as well, and nobody has written anything down that would tell them. Each of these is warned of.
 */
export const withoutUsed = (removals: readonly Removal[], state: WorkingState, problems: Problems): Removal[] => {
  const pruned = removals.flatMap(({ object, reason }) => (reason === 'prune' ? (object as Nexthop).id : []));
  const chosen = new Set(pruned.filter((id) => id >= FIRST_NUMBER));
  const users = chosen.size === 0 ? new Map<number, string>() : usersOf(state, chosen);
  return removals.filter(({ object }) => {
    const nexthop = object as Nexthop;
    const user = users.get(nexthop.id);
    if (user === undefined) return true;
    const message = `${NEXTHOP.describe(nexthop)} stays although no route of the files needs it: ${user} of another program goes by it`;
    problems.warn('NR_NEXTHOP_IN_USE', message, undefined);
    return false;
  });
};

/** nexthop.c nh_check_attr_group and valid_group_nh: what a member must be like. */
const memberProblem = (group: Nexthop, member: Nexthop): string | undefined => {
  if (member.group !== undefined) return 'is a group itself';
  if ((member.fdb === true) !== (group.fdb === true))
    return member.fdb === true ? 'is an fdb nexthop, and the group is not' : 'is no fdb nexthop, and the group is one';
  if (member.blackhole === true && memberIds(group).length > 1) return 'is a blackhole, which must be alone in a group';
  return undefined;
};

/** fib6_check_nexthop and fib_check_nexthop: why no route of a family goes by an object. */
const routeProblem = (id: number, family: Family, final: FinalNexthops): string | undefined => {
  const nexthop = final.get(id);
  if (nexthop?.fdb === true) return `nexthop ${id} is an fdb nexthop, and routes go by others only`;
  const ways =
    nexthop === undefined ? [] : [nexthop, ...memberIds(nexthop).flatMap((member) => final.get(member) ?? [])];
  const inet = family === 'inet6' ? ways.find((way) => way.family === 'inet') : undefined;
  return inet === undefined ? undefined : `an IPv6 route cannot go by nexthop ${inet.id}, which is of family inet`;
};

/** Refuses groups, routes and forwarding entries by nexthop objects that the end state lacks or that do not fit. */
export const checkNexthopUse = ({ objects }: Desired, final: FinalNexthops, problems: Problems): void => {
  // what has a problem of its own is not told again of everything that goes by it
  const told = new Set(objects.nexthop.flatMap(({ object, absent }) => (absent ? [] : [object.id])));
  const missing = (name: string, id: number, source: Declared<unknown>['source']): void => {
    if (told.has(id)) return;
    problems.error(
      'NR_NO_NEXTHOP',
      `${name}: the end state has no nexthop ${id}`,
      source,
      'declare it under nexthops, or check the number',
    );
  };
  for (const { object, absent, fields, source } of objects.nexthop) {
    if (absent) continue;
    const at = fields.group ?? source;
    for (const id of memberIds(object)) {
      const member = final.get(id);
      const why = member === undefined ? undefined : memberProblem(object, member);
      if (member === undefined) missing(NEXTHOP.describe(object), id, at);
      else if (why !== undefined)
        problems.error('NR_BAD_NEXTHOP', `${NEXTHOP.describe(object)}: its member ${id} ${why}`, at);
    }
  }
  for (const { object, absent, fields, source } of objects.route) {
    if (absent || object.nhid === undefined) continue;
    const at = fields.nhid ?? source;
    const why = routeProblem(object.nhid, object.family, final);
    if (!final.has(object.nhid)) missing(KINDS.route.describe(object), object.nhid, at);
    else if (why !== undefined) problems.error('NR_BAD_NEXTHOP', `${KINDS.route.describe(object)}: ${why}`, at);
  }
  for (const { object, absent, fields, source } of objects.neighbor) {
    if (absent || object.type !== 'fdb' || object.nhid === undefined || final.has(object.nhid)) continue;
    missing(KINDS.neighbor.describe(object), object.nhid, fields.nhid ?? source);
  }
};
