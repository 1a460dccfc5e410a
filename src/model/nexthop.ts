import type { Encap } from './encap.ts';
import type { Family } from './ip.ts';
import type { Field, FieldTable, Kind } from './kind.ts';
import type { RawAttribute } from './value.ts';

/** One way of a group. */
export interface NexthopMember {
  readonly id: number;
  /** from 1 (the wire has weight - 1) */
  readonly weight: number;
}

/** A nexthop object (RTM_NEWNEXTHOP): one way, or a group of them. Whole: an absent field is the kernel's default. */
export interface Nexthop {
  /** from 1 */
  readonly id: number;
  /** of routes that go by it; a group has none of its own */
  readonly family: Family | 'unspec';
  readonly dev?: string;
  /** canonical text */
  readonly via?: string;
  readonly onlink?: boolean;
  readonly encap?: Encap;
  readonly blackhole?: boolean;
  /** names a remote end to the forwarding database of a VXLAN; no route goes by it */
  readonly fdb?: boolean;
  readonly protocol: number;
  /** observed only: RT_SCOPE_*, which the kernel derives (nexthop.c rtm_to_nh_config takes none) */
  readonly scope?: number;
  /** in the kernel's order, which nothing depends on */
  readonly group?: readonly NexthopMember[];
  /** of a group; absent = hash threshold */
  readonly type?: 'resilient';
  /** of a resilient group; fixed once it is made */
  readonly buckets?: number;
  /** of a resilient group, seconds with two decimals */
  readonly idle_timer?: number;
  /** of a resilient group, seconds with two decimals; 0 = never */
  readonly unbalanced_timer?: number;
  readonly raw?: readonly RawAttribute[];
}

/** NH_RES_DEFAULT_IDLE_TIMER and NH_RES_DEFAULT_UNBALANCED_TIMER (net/ipv4/nexthop.c), seconds. */
export const DEFAULT_IDLE_TIMER = 120;
export const DEFAULT_UNBALANCED_TIMER = 0;

const whole: Field<Nexthop> = { change: 'inPlace', unset: 'default' };
const recreate: Field<Nexthop> = { change: 'recreate', unset: 'default' };

const membersKey = (value: unknown): string =>
  ((value ?? []) as readonly NexthopMember[])
    .map(({ id, weight }) => `${id},${weight}`)
    .sort()
    .join('/');

/**
 * What RTM_NEWNEXTHOP with NLM_F_REPLACE changes (net/ipv4/nexthop.c replace_nexthop). It refuses to make a group of a
 * single one or the reverse, another type of group or number of buckets, and an IPv4 nexthop of one that IPv6 routes go
 * by; `fdb` does not change in a group. The protocol of a group it accepts and does not change.
 */
const FIELDS: FieldTable<Nexthop> = {
  family: {
    ...whole,
    change: (desired, observed) => (observed.family === 'inet6' && desired.family === 'inet' ? 'recreate' : 'inPlace'),
  },
  dev: whole,
  via: whole,
  onlink: whole,
  encap: whole,
  blackhole: whole,
  fdb: recreate,
  protocol: { ...whole, change: ({ group }) => (group === undefined ? 'inPlace' : 'recreate') },
  group: {
    ...whole,
    change: (desired, observed) =>
      (desired.group === undefined) === (observed.group === undefined) ? 'inPlace' : 'recreate',
    same: (desired, observed) => membersKey(desired) === membersKey(observed),
  },
  type: recreate,
  buckets: recreate,
  idle_timer: whole,
  unbalanced_timer: whole,
};

/** The members of a group; none of a single nexthop. */
export const memberIds = ({ group }: Nexthop): readonly number[] => group?.map(({ id }) => id) ?? [];

export const NEXTHOP: Kind<'nexthop'> = {
  name: 'nexthop',
  section: 'nexthops',
  slot: (n) => `${n.id}`,
  identity: (n) => `${n.id}`,
  describe: (n) => `nexthop id ${n.id}`,
  fields: () => FIELDS,
  devs: (n) => (n.dev === undefined ? [] : [n.dev]),
  coexists: () => false,
  isKernels: (n) => n.protocol === 2,
  owner: (n) => n.protocol,
  isHandMade: (n) => n.protocol === 0 || n.protocol === 3 || n.protocol === 4,
};
