import type { Expected, StateCase } from './state-case.ts';

const BRIDGE = [
  'link add br0 type bridge mcast_igmp_version 3',
  'link set br0 up',
  'link set v1 master br0',
  'link add w0 type veth peer name w1',
  'link set w1 up',
  'link set w0 master br0 up',
];

/** The groups that somebody asked for, and no others. */
const groups =
  (...wanted: readonly Readonly<Record<string, unknown>>[]) =>
  (actual: unknown): boolean => {
    const asked = (actual as readonly Readonly<Record<string, unknown>>[]).filter(({ state }) => state === 'permanent');
    const isThere = (entry: Readonly<Record<string, unknown>>) =>
      asked.some((shown) => Object.entries(entry).every(([key, value]) => shown[key] === value));
    return asked.length === wanted.length && wanted.every(isThere);
  };

const shows = (
  ...wanted: readonly Readonly<Record<string, unknown>>[]
): Readonly<Record<string, readonly Expected[]>> => ({
  'bridge mdb show dev br0': [{ mdb: groups(...wanted) }],
});

/** Groups in the multicast database of a bridge. */
export const GROUP_CASES: readonly StateCase[] = [
  {
    name: 'mdb: an IPv4 group, then another port',
    setup: BRIDGE,
    yaml: 'neighbors: [{mdb: 239.1.1.1, dev: br0, port: v1}]',
    shows: shows({ grp: '239.1.1.1', port: 'v1' }),
    next: {
      yaml: 'neighbors: [{mdb: 239.1.1.1, dev: br0, port: w0}]',
      shows: shows({ grp: '239.1.1.1', port: 'w0' }),
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'mdb: an IPv6 group to two ports, then to one',
    setup: BRIDGE,
    yaml: 'neighbors: [{mdb: "ff05::5", dev: br0, port: v1}, {mdb: "ff05::5", dev: br0, port: w0}]',
    shows: shows({ grp: 'ff05::5', port: 'v1' }, { grp: 'ff05::5', port: 'w0' }),
    next: {
      yaml: 'neighbors: [{mdb: "FF05:0::5", dev: br0, port: v1}]',
      shows: shows({ grp: 'ff05::5', port: 'v1' }),
      actions: ['delete'],
    },
  },
  {
    name: 'mdb: a group by its MAC address, then another',
    setup: BRIDGE,
    yaml: 'neighbors: [{mdb: "01:02:03:04:05:06", dev: br0, port: v1}]',
    shows: shows({ grp: '01:02:03:04:05:06', port: 'v1' }),
    next: {
      yaml: 'neighbors: [{mdb: "01:02:03:04:05:07", dev: br0, port: v1}]',
      shows: shows({ grp: '01:02:03:04:05:07', port: 'v1' }),
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'mdb: from one source, then from another',
    setup: BRIDGE,
    yaml: 'neighbors: [{mdb: 232.1.1.1, dev: br0, port: v1, src: 192.0.2.7}]',
    shows: shows({ grp: '232.1.1.1', src: '192.0.2.7' }),
    next: {
      yaml: 'neighbors: [{mdb: 232.1.1.1, dev: br0, port: v1, src: 192.0.2.8}]',
      shows: shows({ grp: '232.1.1.1', src: '192.0.2.8' }),
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'mdb: on a bridge that is made along with it, whose port leaves',
    yaml: `links: {br0: {kind: bridge}, v1: {master: br0}}
neighbors: [{mdb: 239.1.1.1, dev: br0, port: v1}]`,
    shows: shows({ grp: '239.1.1.1', port: 'v1' }),
    next: {
      yaml: 'links: {br0: {kind: bridge}, v1: {master: null}}',
      shows: {},
      actions: ['delete', 'update'],
    },
  },
  {
    name: 'mdb: on a bridge that was down and comes up for it',
    setup: ['link add br0 type bridge', 'link set v1 master br0'],
    yaml: `links: {br0: {kind: bridge, state: up}}
neighbors: [{mdb: 239.1.1.1, dev: br0, port: v1}]`,
    shows: shows({ grp: '239.1.1.1', port: 'v1' }),
    next: {
      yaml: 'links: {br0: {kind: bridge, state: down}}',
      shows: { 'link show br0': [{ operstate: 'DOWN' }] },
      actions: ['delete', 'update'],
    },
    leaves: {},
  },
];

export const groupVlanCases = (skip: string | false): readonly StateCase[] => [
  {
    name: 'mdb: a group of a VLAN, then of another',
    skip,
    setup: [...BRIDGE, 'link set br0 type bridge vlan_filtering 1'],
    yaml: `links: {v1: {master: br0, bridge_port: {vlans: [10-11]}}}
neighbors: [{mdb: 239.1.1.1, dev: br0, port: v1, vid: 10}]`,
    shows: shows({ grp: '239.1.1.1', port: 'v1', vid: 10 }),
    next: {
      yaml: `links: {v1: {master: br0, bridge_port: {vlans: [10-11]}}}
neighbors: [{mdb: 239.1.1.1, dev: br0, port: v1, vid: 11}]`,
      shows: shows({ grp: '239.1.1.1', port: 'v1', vid: 11 }),
      actions: ['create', 'delete'],
    },
    leaves: shows(),
  },
];
