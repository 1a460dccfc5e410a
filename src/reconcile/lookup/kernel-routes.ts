import type { Address } from '../../model/address.ts';
import { formatAddress, maskBytes, networkOf, parseAddress, prefixContains } from '../../model/ip.ts';
import { type Route, TABLE_LOCAL, TABLE_MAIN } from '../../model/route.ts';
import type { State } from '../../model/state.ts';

const PROTOCOL_KERNEL = 2;
const SCOPE_LINK = 253;
const SCOPE_HOST = 254;
/** Metric of an IPv6 prefix route (IP6_RT_PRIO_ADDRCONF). */
const INET6_PREFIX_METRIC = 256;
/** No VRF has this table. */
const NO_VRF = 0;

/** Routes that the kernel makes for an address and takes with it; those of link-local addresses come with their link. */
const isMade = ({ protocol, type, to, hops, nhid }: Route): boolean =>
  protocol === PROTOCOL_KERNEL &&
  nhid === undefined &&
  hops.every(({ via }) => via === undefined) &&
  type !== 'multicast' &&
  !prefixContains('fe80::/10', to.split('/')[0] as string);

const hostPrefix = (address: string, bits: number): string => `${address}/${bits}`;

/** The last address of a subnet. */
const broadcastOf = (address: string, length: number): string => {
  const bytes = maskBytes(parseAddress(address) as Uint8Array, length);
  return formatAddress(bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, length - i * 8)))));
};

/** fib_add_ifaddr (net/ipv4/fib_frontend.c); `primary` is the first address of its subnet, `vrf` the table of the link's VRF. */
const routesOfInet = (address: Address, primary: Address, vrf: number): readonly Route[] => {
  const { dev, prefixlen, metric = 0 } = address;
  const network = networkOf(address.peer ?? address.address, prefixlen);
  const make = (type: Route['type'], to: string, scope: number, priority = 0): Route => ({
    family: 'inet',
    to,
    table: vrf !== NO_VRF ? vrf : type === 'unicast' ? TABLE_MAIN : TABLE_LOCAL,
    metric: priority,
    tos: 0,
    type,
    protocol: PROTOCOL_KERNEL,
    scope,
    src: primary.address,
    hops: [{ dev, weight: 1 }],
  });
  const routes = [make('local', hostPrefix(address.address, 32), SCOPE_HOST)];
  const { broadcast } = address;
  if (typeof broadcast === 'string' && broadcast !== '255.255.255.255') {
    routes.push(make('broadcast', hostPrefix(broadcast, 32), SCOPE_LINK));
  }
  const [first] = network.split('/') as [string];
  if (address.secondary === true || prefixContains('0.0.0.0/8', first)) return routes;
  if (address.noprefixroute !== true && (prefixlen < 32 || first !== address.address)) {
    routes.push(
      dev === 'lo' ? make('local', network, SCOPE_HOST, metric) : make('unicast', network, SCOPE_LINK, metric),
    );
  }
  if (prefixlen < 31) routes.push(make('broadcast', hostPrefix(broadcastOf(first, prefixlen), 32), SCOPE_LINK));
  return routes;
};

/** addrconf_prefix_route and addrconf_f6i_alloc (net/ipv6/addrconf.c, route.c); `forwards`: subnet-router anycast too. */
const routesOfInet6 = (address: Address, vrf: number, forwards: boolean): readonly Route[] => {
  const { dev, prefixlen, metric = 0 } = address;
  const make = (type: Route['type'], to: string, priority: number): Route => ({
    family: 'inet6',
    to,
    table: vrf !== NO_VRF ? vrf : type === 'unicast' ? TABLE_MAIN : TABLE_LOCAL,
    metric: priority,
    tos: 0,
    type,
    protocol: PROTOCOL_KERNEL,
    scope: 0,
    hops: [{ dev, weight: 1 }],
  });
  const unicast = metric === 0 ? INET6_PREFIX_METRIC : metric;
  const { peer } = address;
  return [
    make('local', hostPrefix(address.address, 128), 0),
    ...(address.noprefixroute === true ? [] : [make('unicast', networkOf(address.address, prefixlen), unicast)]),
    ...(peer === undefined ? [] : [make('unicast', hostPrefix(peer, 128), unicast)]),
    ...(forwards && prefixlen < 127 && dev !== 'lo'
      ? [make('anycast', hostPrefix(networkOf(address.address, prefixlen).split('/')[0] as string, 128), 0)]
      : []),
  ];
};

const slotOf = ({ family, to, table, metric, src, hops }: Route): string =>
  `${family} ${to} ${table} ${metric} ${src ?? ''} ${hops[0]?.dev ?? ''}`;

const isPrimaryOf =
  ({ dev, family, address, peer, prefixlen }: Address) =>
  (other: Address): boolean =>
    other.secondary !== true &&
    other.dev === dev &&
    other.family === family &&
    other.prefixlen === prefixlen &&
    networkOf(other.peer ?? other.address, prefixlen) === networkOf(peer ?? address, prefixlen);

/**
 * A state with the routes that the kernel makes by itself for the addresses of links that are up. The planner needs no
 * word of them; whoever looks up packets in the state that a plan leads to does. What the kernel adds with a link-local
 * address is left as it was: nobody can tell yet which address a new link will take. Pure.
 */
export const withKernelRoutes = (state: State): State => {
  const links = new Map(state.link.map((link) => [link.name, link]));
  // net.ipv6.conf.*.forwarding is no part of a state, but what it leads to is
  const forwards = state.route.some(({ family, type }) => family === 'inet6' && type === 'anycast');
  const vrfTable = (dev: string): number => {
    const { master } = links.get(dev) ?? {};
    const vrf = [links.get(dev), typeof master === 'string' ? links.get(master) : undefined].find(
      (link) => link?.kind === 'vrf',
    );
    return Number(vrf?.options?.table ?? NO_VRF);
  };
  const primaryOf = (address: Address): Address =>
    address.secondary === true ? (state.address.find(isPrimaryOf(address)) ?? address) : address;
  const made = new Map<string, Route>();
  for (const address of state.address) {
    const { dev, family, address: text } = address;
    if (links.get(dev)?.state !== 'up' || prefixContains('fe80::/10', text)) continue;
    // ::1 has no prefix route (init_loopback adds the address alone)
    const routes =
      family === 'inet'
        ? routesOfInet(address, primaryOf(address), vrfTable(dev))
        : routesOfInet6(address, vrfTable(dev), forwards).filter(({ type }) => type === 'local' || text !== '::1');
    for (const route of routes) if (!made.has(slotOf(route))) made.set(slotOf(route), route);
  }
  const isStale = (route: Route): boolean => isMade(route) && !made.has(slotOf(route));
  const kept = state.route.filter((route) => !isStale(route));
  for (const route of kept) made.delete(slotOf(route));
  return { ...state, route: [...kept, ...made.values()] };
};
