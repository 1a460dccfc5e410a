import { kindOf } from '../../src/model/kinds.ts';
import type { Link } from '../../src/model/link.ts';
import type { Op } from '../../src/model/op.ts';
import type { AnyObject, KindName, State } from '../../src/model/state.ts';
import type { WorldConf } from './effects-world.ts';
import { deleteOp, linkOp } from './make-op.ts';

/** Looks up what an operation starts from. */
export interface Find {
  link(name: string): Link;
  /** the object that a line describes so */
  object(kind: KindName, described: string): AnyObject;
}

export const findIn = (state: State): Find => {
  const object = (kind: KindName, described: string): AnyObject => {
    const found = (state[kind] as readonly AnyObject[]).find((item) => kindOf(kind).describe(item) === described);
    if (found === undefined) throw new Error(`no ${described} in the namespace`);
    return found;
  };
  return { object, link: (name) => object('link', `link ${name}`) as Link };
};

export interface EffectCase {
  readonly name: string;
  /** link kinds that the kernel must have */
  readonly kinds?: readonly string[];
  readonly conf?: Partial<WorldConf>;
  /** how the namespace comes about, for `ip -batch`; e0 and e1 are the ends of a veth pair that is up */
  readonly lines: readonly string[];
  /** what comes after them, for `bridge` */
  readonly forwarding?: string;
  readonly op: (find: Find) => Op;
  /** descriptions of what goes, and of what is changed (marked with `~`) */
  readonly taken: readonly string[];
}

const remove =
  (kind: KindName, described: string): EffectCase['op'] =>
  (find) =>
    deleteOp(kind, find.object(kind, described));

const set =
  (name: string, stage: 'base' | 'up' | 'down' | 'master', values: Partial<Link>): EffectCase['op'] =>
  (find) =>
    linkOp(find.link(name), stage, values);

const MAC = '02:00:00:00:00:99';
const NEIGHBOR = `lladdr ${MAC} nud permanent`;

const FROM_SOURCE = 'route add 172.16.0.0/16 via 10.1.0.254 dev e0 src 10.0.0.1';

/** Each was a disagreement of model and kernel once, or is one of the surprises that the model was written for. */
export const EFFECT_CASES: readonly EffectCase[] = [
  {
    name: 'the primary address takes its secondaries along',
    lines: ['addr add 10.0.0.1/24 dev e0', 'addr add 10.0.0.2/24 dev e0', 'addr add 10.1.0.1/24 dev e0'],
    op: remove('address', 'address 10.0.0.1/24 dev e0'),
    taken: ['address 10.0.0.2/24 dev e0'],
  },
  {
    name: 'a source that lies in a subnet of lo stays local',
    lines: ['addr add 10.0.0.1/24 dev e0', 'addr add 10.1.0.1/24 dev e0', 'addr add 10.0.0.9/24 dev lo', FROM_SOURCE],
    op: remove('address', 'address 10.0.0.1/24 dev e0'),
    taken: [],
  },
  {
    name: 'a source goes although it lies in a subnet of lo that has no prefix route',
    lines: [
      'addr add 10.0.0.1/24 dev e0',
      'addr add 10.1.0.1/24 dev e0',
      'addr add 10.0.0.9/24 dev lo noprefixroute',
      FROM_SOURCE,
    ],
    op: remove('address', 'address 10.0.0.1/24 dev e0'),
    taken: ['route 172.16.0.0/16'],
  },
  {
    name: 'with promote_secondaries it takes nothing along',
    conf: { promote: true },
    lines: ['addr add 10.0.0.1/24 dev e0', 'addr add 10.0.0.2/24 dev e0', 'route add 172.16.0.0/16 via 10.0.0.9'],
    op: remove('address', 'address 10.0.0.1/24 dev e0'),
    taken: [],
  },
  {
    name: 'the last IPv4 address takes the routes of every table along, and permanent neighbors and proxies',
    lines: [
      'addr add 10.0.0.1/24 dev e0',
      'route add 172.16.0.0/16 via 10.0.0.9',
      'route add 172.17.0.0/16 dev e0 table 500',
      `neigh add 10.0.0.7 dev e0 ${NEIGHBOR}`,
      'neigh add proxy 10.0.0.8 dev e0',
    ],
    op: remove('address', 'address 10.0.0.1/24 dev e0'),
    taken: [
      'route 172.16.0.0/16',
      'route 172.17.0.0/16 table 500',
      'neighbor 10.0.0.7 dev e0',
      'neighbor proxy 10.0.0.8 dev e0',
    ],
  },
  {
    name: 'a preferred source takes IPv4 routes of the main table along, and not those of another',
    lines: [
      'addr add 10.0.0.1/24 dev e0',
      'addr add 10.1.0.1/24 dev e0',
      'route add 172.16.0.0/16 via 10.0.0.9 src 10.1.0.1',
      'route add 172.17.0.0/16 via 10.0.0.9 src 10.1.0.1 table 500',
    ],
    op: remove('address', 'address 10.1.0.1/24 dev e0'),
    taken: ['route 172.16.0.0/16'],
  },
  {
    name: 'an IPv6 route loses its preferred source and stays',
    lines: [
      'addr add 2001:db8:1::1/64 dev e0 nodad',
      'addr add 2001:db8:2::1/64 dev e0 nodad',
      'route add 2001:db8:f::/48 via 2001:db8:1::f src 2001:db8:2::1',
    ],
    op: remove('address', 'address 2001:db8:2::1/64 dev e0'),
    taken: ['~route 2001:db8:f::/48'],
  },
  {
    name: 'an MTU below 1280 takes IPv6 off the link',
    lines: [
      'addr add 2001:db8::1/64 dev e0 nodad',
      'route add 2001:db8:f::/48 via 2001:db8::f',
      `neigh add 2001:db8::7 dev e0 ${NEIGHBOR}`,
    ],
    op: set('e0', 'base', { mtu: 1279 }),
    taken: ['address 2001:db8::1/64 dev e0', 'route 2001:db8:f::/48', 'neighbor 2001:db8::7 dev e0'],
  },
  {
    name: 'link down leaves IPv4 addresses and takes IPv6 addresses, routes and neighbors',
    lines: [
      'addr add 10.0.0.1/24 dev e0',
      'addr add 2001:db8::1/64 dev e0 nodad',
      'route add 172.16.0.0/16 via 10.0.0.9',
      `neigh add 10.0.0.7 dev e0 ${NEIGHBOR}`,
    ],
    op: set('e0', 'down', { state: 'down' }),
    taken: ['address 2001:db8::1/64 dev e0', 'route 172.16.0.0/16', 'neighbor 10.0.0.7 dev e0'],
  },
  {
    name: 'an address with an end to its life goes with link down, whatever keep_addr_on_down says',
    conf: { keep: true },
    lines: [
      'addr add 2001:db8::1/64 dev e0 nodad',
      'addr add 2001:db8::2/64 dev e0 nodad valid_lft 4000 preferred_lft 3000',
    ],
    op: set('e0', 'down', { state: 'down' }),
    taken: ['address 2001:db8::2/64 dev e0'],
  },
  {
    name: 'an IPv6 way over one end of a veth pair stays out of use until the other end is up, too',
    lines: [
      'link add e2 type veth peer name e3',
      'link set e2 up',
      'link set e3 up',
      'addr add 2001:db8:1::1/64 dev e0 nodad',
      'addr add 2001:db8:2::1/64 dev e2 nodad',
      'route add 2001:db8:f::/48 nexthop via 2001:db8:1::f dev e0 nexthop via 2001:db8:2::f dev e2',
      'link set e2 down',
      'link set e3 down',
    ],
    op: set('e2', 'up', { state: 'up' }),
    taken: [],
  },
  {
    name: 'an IPv4 multipath route goes whole with one of its links',
    lines: [
      'link add e2 type veth peer name e3',
      'link set e2 up',
      'addr add 10.0.0.1/24 dev e0',
      'addr add 10.1.0.1/24 dev e2',
      'route add 172.16.0.0/16 nexthop via 10.0.0.9 nexthop via 10.1.0.9',
    ],
    op: remove('link', 'link e2'),
    taken: ['link e3', 'address 10.1.0.1/24 dev e2', 'route 172.16.0.0/16'],
  },
  {
    name: 'a nexthop object takes its routes along, and the group that has no other member',
    lines: [
      'addr add 10.0.0.1/24 dev e0',
      'nexthop add id 1 via 10.0.0.9 dev e0',
      'nexthop add id 2 group 1',
      'route add 172.16.0.0/16 nhid 1',
      'route add 172.17.0.0/16 nhid 2',
    ],
    op: remove('nexthop', 'nexthop id 1'),
    taken: ['nexthop id 2', 'route 172.16.0.0/16', 'route 172.17.0.0/16'],
  },
  {
    name: 'another MAC address takes neighbors along, permanent ones too, and leaves proxies',
    lines: ['addr add 10.0.0.1/24 dev e0', `neigh add 10.0.0.7 dev e0 ${NEIGHBOR}`, 'neigh add proxy 10.0.0.8 dev e0'],
    op: set('e0', 'base', { lladdr: '02:00:00:00:00:01' }),
    taken: ['neighbor 10.0.0.7 dev e0'],
  },
  {
    name: 'a wider rule cannot be deleted before a narrower one of its priority',
    lines: ['rule add priority 1000 fwmark 5 table 500', 'rule add priority 1000 table 500'],
    op: remove('rule', 'rule 1000: from all table 500'),
    taken: ['rule 1000: from all fwmark 0x5 table 500'],
  },
  {
    name: 'a bridge that takes a MAC address drops the forwarding entry for it',
    lines: ['link add br0 type bridge', 'link set e0 master br0', 'link set br0 up'],
    forwarding: `fdb add ${MAC} dev e0 master static`,
    op: set('br0', 'base', { lladdr: MAC }),
    taken: [`fdb ${MAC} dev e0 master`],
  },
  {
    name: 'a port that joins a bridge drops the forwarding entry for its MAC address',
    lines: [
      'link add br0 address 02:00:00:00:00:0b type bridge',
      'link set e0 master br0',
      'link set br0 up',
      `link add e2 address ${MAC} type veth peer name e3`,
    ],
    forwarding: `fdb add ${MAC} dev e0 master static`,
    op: set('e2', 'master', { master: 'br0' }),
    taken: [`fdb ${MAC} dev e0 master`],
  },
  {
    name: 'a VLAN on a VLAN follows the MAC address of the link below, and its neighbors go',
    kinds: ['vlan'],
    lines: [
      'link add v1 link e0 type vlan id 5',
      'link add v2 link v1 type vlan id 6',
      'link set v1 up',
      'link set v2 up',
      `neigh add 10.0.0.7 dev v2 ${NEIGHBOR}`,
    ],
    op: set('e0', 'base', { lladdr: '02:00:00:00:00:01' }),
    taken: ['neighbor 10.0.0.7 dev v2'],
  },
  {
    name: 'a bond gives its MAC address to its ports, whose neighbors go',
    kinds: ['bond'],
    lines: [
      'link add bond0 type bond mode active-backup miimon 100',
      'link set e1 down',
      'link set e1 master bond0',
      `neigh add 10.0.0.7 dev e1 ${NEIGHBOR}`,
    ],
    op: set('bond0', 'base', { lladdr: '02:00:00:00:00:01' }),
    taken: ['neighbor 10.0.0.7 dev e1'],
  },
  {
    name: 'a link that leaves a VRF loses IP state even while it is down',
    kinds: ['vrf'],
    lines: [
      'link add vrf0 type vrf table 500',
      'link set e0 master vrf0',
      'link set e0 down',
      `neigh add 10.0.0.7 dev e0 ${NEIGHBOR}`,
    ],
    op: set('e0', 'master', { master: null }),
    taken: ['neighbor 10.0.0.7 dev e0'],
  },
  {
    name: 'a VLAN is clamped to the lowered MTU of the link below, and loses IPv6 with it',
    kinds: ['vlan'],
    lines: ['link add v1 link e0 type vlan id 5', 'link set v1 up', 'addr add 2001:db8::1/64 dev v1 nodad'],
    op: set('e0', 'base', { mtu: 1000 }),
    taken: ['~link v1', 'address 2001:db8::1/64 dev v1'],
  },
];
