import type { Value } from '../../../src/model/value.ts';
import type { Expected, Shown, StateCase } from './state-case.ts';

/** What `bridge -d -j vlan show` prints of one VLAN or range. */
const vlan = (vid: number, more: Readonly<Record<string, Expected>> = {}): Expected => ({
  vlan: vid,
  vlanEnd: undefined,
  flags: undefined,
  ...more,
});
const range = (from: number, to: number, more: Readonly<Record<string, Expected>> = {}): Expected =>
  vlan(from, { vlanEnd: to, ...more });
const NATIVE = { flags: ['PVID', 'Egress Untagged'] };
const UNTAGGED = { flags: (flags: unknown) => JSON.stringify(flags) === '["Egress Untagged"]' };
const PVID = { flags: (flags: unknown) => JSON.stringify(flags) === '["PVID"]' };

const showsOf = (dev: string, vlans: readonly Expected[]): Shown => ({
  [`bridge vlan show dev ${dev}`]: vlans.length === 0 ? [] : [{ ifname: dev, vlans }],
});

interface VlanCase {
  readonly name: string;
  readonly a: Value;
  readonly shownA: readonly Expected[];
  readonly b: Value;
  readonly shownB: readonly Expected[];
  /** mappings to tunnels, of a port with vlan_tunnel: before and after */
  readonly tunnels?: readonly [readonly Expected[], readonly Expected[]];
  readonly bridge?: Readonly<Record<string, Value>>;
  readonly port?: Readonly<Record<string, Value>>;
  readonly nextPort?: Readonly<Record<string, Value>>;
  /** tried on the bridge itself as well, which takes the same way for the rest */
  readonly alsoOwn?: true;
  /** first kernel release that has it */
  readonly since?: string;
}

const native = (vid: number): Value => ({ vid, pvid: true, untagged: true });

/** Lists that a port and, where it can, the bridge itself are given. */
const COMMON: readonly VlanCase[] = [
  {
    name: 'a new one beside the default',
    alsoOwn: true,
    a: [native(1)],
    shownA: [vlan(1, NATIVE)],
    b: [native(1), 10],
    shownB: [vlan(1, NATIVE), vlan(10)],
  },
  { name: 'the default one goes', alsoOwn: true, a: [10, 20], shownA: [vlan(10), vlan(20)], b: [], shownB: [] },
  {
    name: 'another pvid',
    alsoOwn: true,
    a: [native(10), '20-30'],
    shownA: [vlan(10, NATIVE), range(20, 30)],
    b: [native(11), '20-30'],
    shownB: [vlan(11, NATIVE), range(20, 30)],
  },
  {
    name: 'the pvid moves between VLANs that stay',
    a: [native(10), 20],
    shownA: [vlan(10, NATIVE), vlan(20)],
    b: [10, native(20)],
    shownB: [vlan(10), vlan(20, NATIVE)],
  },
  {
    name: 'no pvid any more',
    a: [native(10)],
    shownA: [vlan(10, NATIVE)],
    b: [{ vid: 10, untagged: true }],
    shownB: [vlan(10, UNTAGGED)],
  },
  {
    name: 'pvid and untagged apart',
    a: [{ vid: 10, untagged: true }],
    shownA: [vlan(10, UNTAGGED)],
    b: [{ vid: 10, pvid: true }],
    shownB: [vlan(10, PVID)],
  },
  {
    name: 'a range with a hole',
    a: ['100-200'],
    shownA: [range(100, 200)],
    b: ['100-149', { vid: 150, untagged: true }, '152-200'],
    shownB: [range(100, 149), vlan(150, UNTAGGED), range(152, 200)],
  },
  { name: 'a long range', a: [], shownA: [], b: ['1000-1199'], shownB: [range(1000, 1199)] },
  {
    name: 'mcast_router',
    alsoOwn: true,
    a: [10],
    shownA: [vlan(10, { mcast_router: 1 })],
    b: [{ vid: 10, mcast_router: 2 }],
    shownB: [vlan(10, { mcast_router: 2 })],
  },
  {
    name: 'mcast_router of a part',
    a: [{ vid: '10-12', mcast_router: 0 }],
    shownA: [range(10, 12, { mcast_router: 0 })],
    b: [{ vid: 10, mcast_router: 0 }, '11-12'],
    shownB: [vlan(10, { mcast_router: 0 }), range(11, 12, { mcast_router: 1 })],
  },
];

const PORT_ONLY: readonly VlanCase[] = [
  {
    name: 'tunnel_info comes and changes',
    port: { vlan_tunnel: true },
    a: ['10-12'],
    shownA: [range(10, 12)],
    b: [{ vid: '10-12', tunnel_info: { id: 1010 } }],
    shownB: [range(10, 12)],
    tunnels: [[], [{ vlan: 10, vlanEnd: 12, tunid: 1010, tunidEnd: 1012 }]],
  },
  {
    name: 'tunnel ids change places',
    port: { vlan_tunnel: true },
    a: [
      { vid: 10, tunnel_info: { id: 1010 } },
      { vid: 20, tunnel_info: { id: 1020 } },
    ],
    shownA: [vlan(10), vlan(20)],
    b: [
      { vid: 10, tunnel_info: { id: 1020 } },
      { vid: 30, tunnel_info: { id: '1010' } },
    ],
    shownB: [vlan(10), vlan(30)],
    tunnels: [
      [
        { vlan: 10, tunid: 1010 },
        { vlan: 20, tunid: 1020 },
      ],
      [
        { vlan: 10, tunid: 1020 },
        { vlan: 30, tunid: 1010 },
      ],
    ],
  },
  {
    name: 'tunnel_info goes with vlan_tunnel',
    port: { vlan_tunnel: true },
    a: [{ vid: '10-11', tunnel_info: { id: '1010-1011' } }],
    shownA: [range(10, 11)],
    nextPort: { vlan_tunnel: false },
    b: ['10-11'],
    shownB: [range(10, 11)],
    tunnels: [[{ vlan: 10, vlanEnd: 11, tunid: 1010, tunidEnd: 1011 }], []],
  },
  {
    name: 'beside another vlan_default_pvid',
    bridge: { vlan_default_pvid: 7 },
    a: [native(7)],
    shownA: [vlan(7, NATIVE)],
    b: [native(8), 9],
    shownB: [vlan(8, NATIVE), vlan(9)],
  },
  {
    name: 'beside no vlan_default_pvid',
    bridge: { vlan_default_pvid: 0 },
    a: [],
    shownA: [],
    b: [native(1)],
    shownB: [vlan(1, NATIVE)],
  },
  {
    name: 'neigh_suppress',
    since: '6.4',
    port: { neigh_vlan_suppress: true },
    a: [10],
    shownA: [vlan(10)],
    b: [{ vid: 10, neigh_suppress: true }],
    shownB: [vlan(10)],
  },
  {
    name: 'mcast_max_groups',
    since: '6.3',
    bridge: { mcast_vlan_snooping: 1 },
    a: [10],
    shownA: [vlan(10)],
    b: [{ vid: 10, mcast_max_groups: 50 }],
    shownB: [vlan(10)],
  },
];

const isAtLeast = (wanted: string, release: string): boolean => {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

const tunnelsShown = (dev: string, tunnels: readonly Expected[] | undefined): Shown =>
  tunnels === undefined ? {} : { 'bridge vlan tunnelshow': tunnels.length === 0 ? [] : [{ ifname: dev, tunnels }] };

const fileOf = (links: Value): string => `links: ${JSON.stringify(links)}`;

const portCase = (skip: string | false, row: VlanCase): StateCase => {
  const { name, a, shownA, b, shownB, tunnels, bridge = {}, port = {}, nextPort = port } = row;
  const file = (vlans: Value, options: Readonly<Record<string, Value>>): string =>
    fileOf({
      br0: { kind: 'bridge', bridge: { vlan_filtering: 1, ...bridge } },
      p0: { kind: 'veth', veth: { peer: 'p1' }, master: 'br0', bridge_port: { ...options, vlans } },
      p1: { kind: 'veth', veth: { peer: 'p0' } },
    });
  return {
    name: `port vlans: ${name}`,
    skip,
    yaml: file(a, port),
    shows: { ...showsOf('p0', shownA), ...tunnelsShown('p0', tunnels?.[0]) },
    next: {
      yaml: file(b, nextPort),
      shows: { ...showsOf('p0', shownB), ...tunnelsShown('p0', tunnels?.[1]) },
      actions: ['update'],
    },
  };
};

const ownCase = (skip: string | false, { name, a, shownA, b, shownB }: VlanCase): StateCase => {
  const file = (vlans: Value): string => fileOf({ br0: { kind: 'bridge', bridge: { vlan_filtering: 1, vlans } } });
  return {
    name: `bridge vlans: ${name}`,
    skip,
    yaml: file(a),
    shows: showsOf('br0', shownA),
    next: { yaml: file(b), shows: showsOf('br0', shownB), actions: ['update'] },
  };
};

/** An option that only a kernel of the lab has which is too slow for the whole table. */
const reasonToSkip = (skip: string | false, { name, since }: VlanCase): string | false =>
  skip !== false && since !== undefined ? `no kernel here has ${name} and the time for it` : skip;

/** VLANs of bridges and their ports: made with a list, changed to another, refused at every operation, and dropped. */
export const vlanCases = (skip: string | false, release: string): readonly StateCase[] => [
  ...[...COMMON, ...PORT_ONLY]
    .filter(({ since }) => since === undefined || isAtLeast(since, release))
    .map((row) => portCase(reasonToSkip(skip, row), row)),
  ...COMMON.filter(({ alsoOwn }) => alsoOwn === true).map((row) => ownCase(skip, row)),
];
