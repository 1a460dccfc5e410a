import type { Address } from '../../model/address.ts';
import type { Link } from '../../model/link.ts';
import type { Nexthop } from '../../model/nexthop.ts';
import type { Route } from '../../model/route.ts';
import type { State } from '../../model/state.ts';

/** One way of a route, nexthop objects resolved. */
export interface Way {
  readonly dev: string | undefined;
  readonly via: string | undefined;
  /** its link is down, or gone */
  readonly dead: boolean;
  /** its link has no carrier, and is told to count that (ignore_routes_with_linkdown) */
  readonly ignored: boolean;
}

/** Links, addresses and nexthop objects of a state, as look-ups ask for them. */
export interface HostView {
  /** in the kernel's order: by index */
  readonly links: readonly Link[];
  link(name: string | undefined): Link | undefined;
  /** name of the VRF that the link is, or is a port of */
  vrfOf(name: string | undefined): string | undefined;
  tableOfVrf(name: string): number;
  addressesOf(dev: string): readonly Address[];
  /** the link that has an address */
  ownerOf(address: string): string | undefined;
  ways(route: Route): readonly Way[];
  /** whether the route is by a nexthop object that drops */
  isBlackholeNexthop(route: Route): boolean;
}

const LAST = 0x80000000;

/** Our own addresses are reached whatever their link does (nhc_scope NOWHERE in fib_sync_down_dev; fib6_ifdown). */
const isOurs = ({ type }: Route): boolean => type === 'local' || type === 'anycast';

const livingWay = (dev: string | undefined, via: string | undefined): Way => ({
  dev,
  via,
  dead: false,
  ignored: false,
});

const isVrf = (link: Link | undefined): boolean => link?.kind === 'vrf';

export const createHostView = (state: State): HostView => {
  const links = new Map(state.link.map((link) => [link.name, link]));
  const nexthops = new Map(state.nexthop.map((nexthop) => [nexthop.id, nexthop]));
  const addresses = new Map<string, Address[]>();
  for (const address of state.address) {
    const on = addresses.get(address.dev);
    if (on === undefined) addresses.set(address.dev, [address]);
    else on.push(address);
  }
  const owners = new Map(state.address.map(({ address, dev }) => [address, dev]));

  const wayOf = (dev: string | undefined, via: string | undefined): Way => {
    const link = dev === undefined ? undefined : links.get(dev);
    return {
      dev,
      via,
      dead: dev !== undefined && link?.state !== 'up',
      ignored: link?.carrier === false && link.conf?.ignore_routes_with_linkdown === true,
    };
  };
  const membersOf = (nexthop: Nexthop): readonly Nexthop[] =>
    nexthop.group === undefined
      ? [nexthop]
      : nexthop.group.flatMap(({ id }) => {
          const member = nexthops.get(id);
          return member === undefined ? [] : [member];
        });
  const nexthopsOf = (route: Route): readonly Nexthop[] => {
    const nexthop = route.nhid === undefined ? undefined : nexthops.get(route.nhid);
    return nexthop === undefined ? [] : membersOf(nexthop);
  };
  return {
    // a link that is only planned has no index yet: it will come last
    links: state.link.toSorted((a, b) => (a.index || LAST) - (b.index || LAST)),
    link: (name) => (name === undefined ? undefined : links.get(name)),
    vrfOf: (name) => {
      const link = name === undefined ? undefined : links.get(name);
      if (isVrf(link)) return link?.name;
      const master = typeof link?.master === 'string' ? links.get(link.master) : undefined;
      return isVrf(master) ? master?.name : undefined;
    },
    tableOfVrf: (name) => Number(links.get(name)?.options?.table ?? 0),
    addressesOf: (dev) => addresses.get(dev) ?? [],
    ownerOf: (address) => owners.get(address),
    ways: (route) =>
      route.nhid === undefined
        ? route.hops.map(({ dev, via }) => (isOurs(route) ? livingWay(dev, via) : wayOf(dev, via)))
        : nexthopsOf(route).map(({ dev, via }) => wayOf(dev, via)),
    isBlackholeNexthop: (route) => nexthopsOf(route).some(({ blackhole }) => blackhole === true),
  };
};
