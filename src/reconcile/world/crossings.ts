import type { Declared } from '../../model/desired.ts';
import type { Link } from '../../model/link.ts';
import type { OpOf } from '../../model/op.ts';
import type { State } from '../../model/state.ts';
import { createdLink, freshPeer } from '../plan/fresh-link.ts';
import type { Problems } from '../plan/problems.ts';
import type { Scope, ScopeName } from './world.ts';

/** A link that appears in a namespace by an operation of another, or by one that reaches into another. */
export interface Arrival {
  readonly netns: ScopeName;
  /** as it is right after the operation */
  readonly link: Link;
}

/** One operation that concerns two namespaces. */
export interface Crossing {
  /** where it is sent */
  readonly from: ScopeName;
  readonly op: OpOf<'link'>;
  readonly declared: Declared<Link>;
  readonly arrivals: readonly Arrival[];
  /** as the plan shows what the first arrival has */
  readonly shown: Link;
  /** it stands on a link of `from`, which that one's own plan may have to make first */
  readonly needsParent: boolean;
}

/** Links by the name of their namespace and their own. */
type Links = (netns: ScopeName, name: string) => Link | undefined;

const linkOf = (state: State, name: string): Link | undefined => state.link.find((link) => link.name === name);

/** An index counts in one namespace only: the number by which the one calls the other tells which. */
const arePair = (here: Link, there: Link, id: number | undefined): boolean =>
  here.kind === 'veth' && id !== undefined && here.linkNetnsid === id && here.linkIndex === there.index;

const inWords = (name: string, netns: ScopeName): string =>
  netns === undefined ? `link ${name}` : `link ${name} in namespace ${netns}`;

/** A far end that nobody can name from here. */
const AWAY = { linkNetnsid: 0 } as const;

const pairCrossing = (
  scope: Scope,
  declared: Declared<Link>,
  links: Links,
  problems: Problems,
): Crossing | undefined => {
  const { object, source } = declared;
  const { farEnd } = object;
  if (farEnd === undefined || declared.absent) return undefined;
  const here = links(scope.name, object.name);
  const there = links(farEnd.netns, farEnd.name);
  if (here !== undefined && there !== undefined && arePair(here, there, scope.view.ids.get(farEnd.netns)))
    return undefined;
  const taken = [
    ...(here === undefined ? [] : [inWords(object.name, scope.name)]),
    ...(there === undefined ? [] : [inWords(farEnd.name, farEnd.netns)]),
  ];
  if (taken.length > 0) {
    const message = `${taken.join(' and ')} ${taken.length === 1 ? 'is' : 'are'} there already, and no end of this pair`;
    const hint = 'say state: absent for it first, and apply that, or take another name';
    problems.error('NR_CONFLICT', message, source, hint);
    return undefined;
  }
  const { farEnd: _, ...local } = object;
  const created = createdLink(local);
  return {
    from: scope.name,
    op: { kind: 'link', action: 'create', object: { ...created, farEnd } },
    declared,
    arrivals: [
      { netns: scope.name, link: { ...created, ...AWAY } },
      { netns: farEnd.netns, link: { ...freshPeer(farEnd.name, undefined), ...AWAY } },
    ],
    shown: { ...local, options: { ...local.options, peer: farEnd.name, netns: farEnd.netns } },
    needsParent: false,
  };
};

/** A link of the namespace at hand that goes to another: it moves there, or is made there on its parent here. */
const journey = (netns: string, declared: Declared<Link>, links: Links, problems: Problems): Crossing | undefined => {
  const { object, source, fields } = declared;
  if (object.netns === undefined || links(netns, object.name) !== undefined) return undefined;
  const present = links(undefined, object.name);
  const at = fields.netns ?? source;
  if (present !== undefined) {
    if (present.kind !== object.kind && object.kind !== undefined) {
      problems.error(
        'NR_CONFLICT',
        `link ${object.name} is a ${present.kind ?? 'piece of hardware'}, no ${object.kind}`,
        at,
      );
      return undefined;
    }
    const { linkNetnsid: _, ...moved } = present;
    return {
      from: undefined,
      op: {
        kind: 'link',
        action: 'update',
        stage: 'netns',
        fields: ['netns'],
        object: { ...present, netns },
        before: present,
      },
      declared,
      // dev_change_net_namespace closes it, and everything lets go of it
      arrivals: [
        { netns, link: { ...moved, state: 'down', master: null, port: undefined, rawPort: undefined, link: null } },
      ],
      shown: object,
      needsParent: false,
    };
  }
  if (object.kind === undefined) {
    if (declared.optional === true) return undefined;
    const hint = 'name its kind (kind: macvlan ...), or check the spelling: hardware is never created';
    problems.error('NR_NO_LINK', `link ${object.name} is neither here nor in namespace ${netns}`, at, hint);
    return undefined;
  }
  const { netns: _, link: parent, ...local } = object;
  const created = createdLink(local);
  return {
    from: undefined,
    op: { kind: 'link', action: 'create', object: { ...createdLink(object), netns } },
    declared,
    arrivals: [{ netns, link: { ...created, ...(parent === undefined ? {} : AWAY) } }],
    shown: { ...local, ...(parent === undefined ? {} : { link: parent }) },
    needsParent: typeof parent === 'string',
  };
};

/** What has to be made or moved between the namespaces before each can be dealt with by itself. Pure. */
export const findCrossings = (scopes: readonly Scope[], problems: Problems): readonly Crossing[] => {
  const states = new Map(scopes.map(({ name, view }) => [name, view.state]));
  const links: Links = (netns, name) => {
    const state = states.get(netns);
    return state === undefined ? undefined : linkOf(state, name);
  };
  const done = new Set<string>();
  return scopes.flatMap((scope) =>
    scope.desired.objects.link.flatMap((declared) => {
      const { name, farEnd } = declared.object;
      // either end may name the other: the first makes both
      const isDone = done.has(`${scope.name}/${name}`);
      if (farEnd !== undefined) done.add(`${farEnd.netns}/${farEnd.name}`);
      const pair = isDone ? undefined : pairCrossing(scope, declared, links, problems);
      const moved = scope.name === undefined ? undefined : journey(scope.name, declared, links, problems);
      return pair ?? moved ?? [];
    }),
  );
};
