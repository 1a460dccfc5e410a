import type { Declared, Desired } from '../../model/desired.ts';
import type { Ref } from '../../model/kind.ts';
import type { Link } from '../../model/link.ts';
import { emptyState, type State } from '../../model/state.ts';
import { type SharingOptions, shareNexthops } from '../nexthops/share.ts';

/** What is known of one namespace. */
export interface ScopeView {
  readonly state: State;
  /** objects that netrecon made and the kernel cannot mark */
  readonly owned: readonly Ref[];
  /** by which numbers the namespace calls others (IFLA_LINK_NETNSID), where it has any for them */
  readonly ids: ReadonlyMap<string, number>;
}

/** What is known of the namespace at hand, and of those that the files or the record name. */
export interface WorldView {
  readonly root: ScopeView;
  /** those that exist */
  readonly namespaces: ReadonlyMap<string, ScopeView>;
  /** names of namespaces that netrecon made */
  readonly owned: readonly string[];
}

/** A namespace as the kernel makes it (net/core/net_namespace.c): a loopback that is down. */
const FRESH: ScopeView = {
  state: { ...emptyState(), link: [{ name: 'lo', index: 1, state: 'down', mtu: 65536, master: null, link: null }] },
  owned: [],
  ids: new Map(),
};

/** A namespace that has its part in a plan; undefined is the one at hand. */
export type ScopeName = string | undefined;

/** A namespace of the plan: what is there, and what is asked of it. */
export interface Scope {
  readonly name: ScopeName;
  readonly desired: Desired;
  readonly view: ScopeView;
}

/** Every namespace that is to exist, the one at hand first. */
export const scopesOf = (desired: Desired, { root, namespaces }: WorldView): readonly Scope[] => [
  { name: undefined, desired, view: root },
  ...(desired.namespaces ?? [])
    .filter(({ absent }) => !absent)
    .map(({ name, desired: wish }) => ({ name, desired: wish, view: namespaces.get(name) ?? FRESH })),
];

/** The files with the nexthop objects that they leave to netrecon in any of the namespaces. */
export const shareInWorld = (
  { namespaces, ...desired }: Desired,
  { root, namespaces: views }: WorldView,
  options: SharingOptions,
): Desired => ({
  ...shareNexthops(desired, root.state, options),
  ...(namespaces === undefined
    ? {}
    : {
        namespaces: namespaces.map((one) => {
          const { state } = views.get(one.name) ?? FRESH;
          return { ...one, desired: shareNexthops(one.desired, state, options) };
        }),
      }),
});

/** A declared link as its own namespace can have it: how it gets there, and its far end, is not its affair. */
const asLocal = (declared: Declared<Link>): Declared<Link> => {
  const { object } = declared;
  if (object.netns === undefined && object.farEnd === undefined) return declared;
  const { netns, farEnd: _, link, ...local } = object;
  return { ...declared, object: netns === undefined && link !== undefined ? { ...local, link } : local };
};

/** What the files want of one namespace, without what reaches into others. */
export const localWish = ({ namespaces: _, ...desired }: Desired): Desired => ({
  ...desired,
  objects: {
    link: desired.objects.link.map(asLocal),
    address: desired.objects.address,
    nexthop: desired.objects.nexthop,
    get route() {
      return desired.objects.route;
    },
    mpls: desired.objects.mpls,
    rule: desired.objects.rule,
    neighbor: desired.objects.neighbor,
  },
});

/** `netns red: link v1`: how everything of another namespace is called. */
export const inNamespace = (netns: ScopeName, title: string): string =>
  netns === undefined ? title : `netns ${netns}: ${title}`;
