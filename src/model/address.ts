import { type Family, isLinkLocal, networkOf } from './ip.ts';
import type { Field, FieldTable, Kind } from './kind.ts';
import type { RawAttribute } from './value.ts';

/** Lifetime of an address that never ends (INFINITY_LIFE_TIME, include/net/addrconf.h). */
export const FOREVER = 0xffffffff;

/** An address of a link. In a desired address an absent optional field means "not managed" (see address-kind.ts). */
export interface Address {
  readonly dev: string;
  readonly family: Family;
  /** canonical text of the local address */
  readonly address: string;
  readonly prefixlen: number;
  /** canonical text of the far end, only where it differs from `address` */
  readonly peer?: string;
  /** IPv4 only; null = none */
  readonly broadcast?: string | null;
  /** RT_SCOPE_*: 0 global, 200 site, 253 link, 254 host */
  readonly scope?: number;
  /** IPv4 only (IFA_LABEL) */
  readonly label?: string;
  /** seconds, FOREVER = no end */
  readonly valid_lft?: number;
  /** seconds, FOREVER = no end */
  readonly preferred_lft?: number;
  /** metric of the prefix route (IFA_RT_PRIORITY), 0 = the kernel's */
  readonly metric?: number;
  readonly noprefixroute?: boolean;
  /** IPv6 only, a request: the kernel reports it back as a flag */
  readonly nodad?: boolean;
  /** IPv6 only */
  readonly home?: boolean;
  /** IPv6 only */
  readonly mngtmpaddr?: boolean;
  /** IPv4 and IPv6: join the multicast group (autojoin) */
  readonly autojoin?: boolean;
  /** IFA_PROTO; 0 = unspec (hand-made, or a kernel before 5.18); absent in a desired address = the mark */
  readonly protocol?: number;
  /** observed only: IFA_F_PERMANENT is not set */
  readonly dynamic?: boolean;
  /** observed only: IPv4 IFA_F_SECONDARY */
  readonly secondary?: boolean;
  /** observed only: IPv6 privacy address (IFA_F_TEMPORARY), the kernel's */
  readonly temporary?: boolean;
  /** observed only */
  readonly tentative?: boolean;
  /** observed only */
  readonly dadfailed?: boolean;
  readonly raw?: readonly RawAttribute[];
}

/** IFAPROT_* (include/uapi/linux/if_addr.h): 1 loopback, 2 router advertisement, 3 link-local. */
const isKernelProtocol = (protocol: number | undefined): boolean =>
  protocol !== undefined && protocol >= 1 && protocol <= 3;

/** What lo has by itself as soon as it is up; not every kernel marks it as its own. */
const isLoopback = ({ dev, address, prefixlen }: Address): boolean =>
  dev === 'lo' && ((address === '127.0.0.1' && prefixlen === 8) || (address === '::1' && prefixlen === 128));

/** A lifetime counts down: whatever is left of the one asked for is the one asked for. */
const sameLifetime = (desired: unknown, observed: unknown = FOREVER): boolean =>
  desired === observed || (desired !== FOREVER && observed !== FOREVER && Number(observed) <= Number(desired));

const sameMetric = (desired: unknown, observed: unknown): boolean => (desired ?? 0) === (observed ?? 0);

const flag = (change: Field<Address>['change']): Field<Address> => ({
  change,
  unset: 'defaultIfOwned',
  defaultValue: false,
  same: (desired, observed) => (desired ?? false) === (observed ?? false),
});

/**
 * inet_insert_ifa and find_matching_ifa (net/ipv4/devinet.c): REPLACE changes lifetimes, metric and IFA_PROTO; for a
 * label, broadcast address, scope, peer or noprefixroute it answers 0 and does nothing.
 */
const INET_FIELDS: FieldTable<Address> = {
  peer: { change: 'recreate', unset: 'default' },
  broadcast: {
    change: 'recreate',
    unset: 'defaultIfOwned',
    same: (desired, observed) => (desired ?? null) === (observed ?? null),
  },
  scope: { change: 'recreate', unset: 'unmanaged' },
  label: { change: 'recreate', unset: 'unmanaged' },
  noprefixroute: flag('recreate'),
  autojoin: flag('recreate'),
  // made anew behind the address that was primary, it is secondary again
  secondary: { change: 'recreate', unset: 'unmanaged', onlyExact: true, same: (d, o) => d !== true || o === true },
  valid_lft: { change: 'inPlace', unset: 'default', defaultValue: FOREVER, same: sameLifetime },
  preferred_lft: { change: 'inPlace', unset: 'default', defaultValue: FOREVER, same: sameLifetime },
  metric: { change: 'inPlace', unset: 'defaultIfOwned', defaultValue: 0, same: sameMetric },
  protocol: { change: 'inPlace', unset: 'unmanaged' },
};

/**
 * inet6_addr_modify (net/ipv6/addrconf.c): flags, lifetimes, peer and metric change in place, the prefix length does
 * not (REPLACE answers 0 and keeps the old one), and the metric does not go back to 0.
 */
const INET6_FIELDS: FieldTable<Address> = {
  prefixlen: { change: 'recreate', unset: 'unmanaged' },
  peer: { change: 'inPlace', unset: 'default' },
  nodad: flag('inPlace'),
  home: flag('inPlace'),
  mngtmpaddr: flag('inPlace'),
  noprefixroute: flag('inPlace'),
  autojoin: flag('recreate'),
  valid_lft: { change: 'inPlace', unset: 'default', defaultValue: FOREVER, same: sameLifetime },
  preferred_lft: { change: 'inPlace', unset: 'default', defaultValue: FOREVER, same: sameLifetime },
  metric: {
    change: (desired) => ((desired.metric ?? 0) === 0 ? 'recreate' : 'inPlace'),
    unset: 'defaultIfOwned',
    defaultValue: 0,
    same: sameMetric,
  },
  protocol: { change: 'inPlace', unset: 'unmanaged' },
};

/** `10.0.0.1/24` or `10.0.0.1 peer 10.0.0.2/32`, as iproute2 prints it. */
export const addressText = (address: Address): string =>
  address.peer === undefined
    ? `${address.address}/${address.prefixlen}`
    : `${address.address} peer ${address.peer}/${address.prefixlen}`;

export const ADDRESS: Kind<'address'> = {
  name: 'address',
  section: 'addresses',
  // IPv4: (ifindex, local, mask, subnet of the far end), devinet.c find_matching_ifa; IPv6: (ifindex, address) alone,
  // addrconf.c ipv6_get_ifaddr
  slot: (a) => {
    if (a.family === 'inet6') return `${a.dev} ${a.address}`;
    const far = a.peer === undefined ? '' : ` peer ${networkOf(a.peer, a.prefixlen)}`;
    return `${a.dev} ${a.address}/${a.prefixlen}${far}`;
  },
  identity: (a) => `${a.dev} ${a.address}/${a.prefixlen} ${a.peer ?? ''}`,
  describe: (a) => `address ${addressText(a)} dev ${a.dev}`,
  fields: (a) => (a.family === 'inet' ? INET_FIELDS : INET6_FIELDS),
  devs: (a) => [a.dev],
  coexists: () => false,
  isKernels: (a) => isKernelProtocol(a.protocol) || a.temporary === true || isLoopback(a),
  owner: (a) => a.protocol,
  isHandMade: (a) => a.dynamic !== true && [0, 3, 4].includes(a.protocol ?? 0) && !isLinkLocal(a.address),
};

/** The link of the addresses of a slot. */
export const devOfAddressSlot = (slot: string): string => slot.split(' ')[0] as string;
