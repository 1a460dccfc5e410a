import type { StateCase } from './state-case.ts';

const MAC = '02:00:00:00:00:01';
const OTHER_MAC = '02:00:00:00:00:02';

const ADDRESSES = [
  { flag: '', to: '192.0.2.9' },
  { flag: '-6 ', to: '2001:db8::9' },
] as const;

/** The ARP and NDP tables. */
export const NEIGHBOR_CASES: readonly StateCase[] = ADDRESSES.flatMap(({ flag, to }): readonly StateCase[] => {
  const show = `${flag}neigh show to ${to} nud permanent`;
  const entry = (more: string) => `neighbors: [{to: "${to}", dev: v0, lladdr: "${MAC}"${more}}]`;
  const PERMANENT = { dst: to, dev: 'v0', lladdr: MAC, state: ['PERMANENT'], protocol: '110', router: undefined };
  return [
    {
      name: `${flag}a permanent entry, and another address`,
      yaml: entry(''),
      shows: { [show]: [PERMANENT] },
      next: {
        yaml: `neighbors: [{to: "${to}", dev: v0, lladdr: "${OTHER_MAC}"}]`,
        shows: { [show]: [{ ...PERMANENT, lladdr: OTHER_MAC }] },
        actions: ['update'],
      },
    },
    {
      name: `${flag}an entry without ARP, and then a permanent one`,
      yaml: entry(', state: noarp'),
      shows: { [`${flag}neigh show to ${to} nud noarp`]: [{ dst: to, lladdr: MAC, state: ['NOARP'] }] },
      next: { yaml: entry(''), shows: { [show]: [PERMANENT] }, actions: ['update'] },
    },
    {
      name: `${flag}the flag router, and not`,
      yaml: entry(', router: true'),
      shows: { [show]: [{ ...PERMANENT, router: null }] },
      next: { yaml: entry(''), shows: { [show]: [PERMANENT] }, actions: ['update'] },
    },
    {
      name: `${flag}the flag extern_learn, and not`,
      yaml: entry(', extern_learn: true'),
      shows: { [show]: [{ ...PERMANENT, extern_learn: null }] },
      next: { yaml: entry(''), shows: { [show]: [{ ...PERMANENT, extern_learn: undefined }] }, actions: ['update'] },
    },
    {
      name: `${flag}another protocol on record`,
      yaml: entry(', protocol: static'),
      shows: { [show]: [{ ...PERMANENT, protocol: 'static' }] },
      next: { yaml: entry(''), shows: { [show]: [PERMANENT] }, actions: ['update'] },
    },
    {
      name: `${flag}one address on two links`,
      yaml: `neighbors: [{to: "${to}", dev: v0, lladdr: "${MAC}"}, {to: "${to}", dev: v1, lladdr: "${OTHER_MAC}"}]`,
      shows: { [show]: [PERMANENT, { ...PERMANENT, dev: 'v1', lladdr: OTHER_MAC }] },
      next: { yaml: entry(''), shows: { [show]: [PERMANENT] }, actions: ['delete'] },
    },
    {
      name: `${flag}an entry added by hand is adopted`,
      setup: [`neigh add ${to} lladdr ${MAC} dev v0 nud permanent`],
      yaml: `neighbors: [{to: "${to}", dev: v0, lladdr: "${OTHER_MAC}"}]`,
      shows: { [show]: [{ ...PERMANENT, lladdr: OTHER_MAC }] },
      leaves: { [show]: [] },
    },
    {
      name: `${flag}state absent removes what was added by hand`,
      setup: [`neigh add ${to} lladdr ${MAC} dev v0 nud permanent`],
      yaml: `neighbors: [{to: "${to}", dev: v0, state: absent}]`,
      shows: { [show]: [] },
      leaves: { [show]: [] },
    },
    {
      name: `${flag}a proxy entry, and one on another link`,
      yaml: `neighbors: [{proxy: "${to}", dev: v0}]`,
      shows: { [`${flag}neigh show proxy`]: [{ dst: to, dev: 'v0', proxy: null, protocol: '110' }] },
      next: {
        yaml: `neighbors: [{proxy: "${to}", dev: v1}]`,
        shows: { [`${flag}neigh show proxy`]: [{ dst: to, dev: 'v1', proxy: null }] },
        actions: ['create', 'delete'],
      },
    },
    {
      name: `${flag}a proxy entry with the flag router`,
      yaml: `neighbors: [{proxy: "${to}", dev: v0}]`,
      shows: { [`${flag}neigh show proxy`]: [{ dst: to, router: undefined }] },
      next: {
        yaml: `neighbors: [{proxy: "${to}", dev: v0, router: true}]`,
        shows: { [`${flag}neigh show proxy`]: [{ dst: to, router: null }] },
        actions: ['update'],
      },
    },
  ];
});

/** Of IPv4 only: an IPv6 proxy stands on a link (net/ipv6/ndisc.c pndisc_constructor). */
export const ANY_LINK_PROXY_CASES: readonly StateCase[] = [
  {
    name: 'a proxy entry on every link',
    yaml: 'neighbors: [{proxy: 192.0.2.9}]',
    shows: { 'neigh show proxy': [{ dst: '192.0.2.9', dev: undefined, proxy: null }] },
  },
];

const BRIDGE = ['link add br0 type bridge', 'link set br0 up', 'link set v1 master br0'];
const VXLAN = ['link add vx0 type vxlan id 7 dstport 4789', 'link set vx0 up'];

export const FDB_CASES: readonly StateCase[] = [
  {
    name: 'fdb: a static entry of a bridge, then a permanent one',
    setup: BRIDGE,
    yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true}]`,
    shows: { [`bridge fdb get ${MAC} br br0`]: [{ mac: MAC, ifname: 'v1', master: 'br0', state: 'static' }] },
    next: {
      yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true, state: permanent}]`,
      shows: { [`bridge fdb get ${MAC} br br0`]: [{ mac: MAC, state: 'permanent' }] },
      actions: ['update'],
    },
  },
  {
    name: 'fdb: a sticky entry, and not',
    setup: BRIDGE,
    yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true, sticky: true}]`,
    shows: { [`bridge fdb get ${MAC} br br0`]: [{ mac: MAC, ifname: 'v1', flags: ['sticky'] }] },
    next: {
      yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true}]`,
      shows: { [`bridge fdb get ${MAC} br br0`]: [{ mac: MAC, flags: (flags) => (flags as []).length === 0 }] },
      actions: ['update'],
    },
  },
  {
    name: 'fdb: an entry learned outside',
    setup: BRIDGE,
    yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true, extern_learn: true}]`,
    shows: { [`bridge fdb get ${MAC} br br0`]: [{ mac: MAC, flags: ['extern_learn'] }] },
  },
  {
    name: 'fdb: the default remotes of a VXLAN',
    setup: VXLAN,
    yaml: 'neighbors: [{fdb: "00:00:00:00:00:00", dev: vx0, dst: 192.0.2.5}, {fdb: "00:00:00:00:00:00", dev: vx0, dst: 192.0.2.6}]',
    shows: {
      'bridge fdb show dev vx0': [
        { mac: '00:00:00:00:00:00', dst: '192.0.2.5', flags: ['self'], state: 'permanent' },
        { mac: '00:00:00:00:00:00', dst: '192.0.2.6', flags: ['self'], state: 'permanent' },
      ],
    },
    next: {
      yaml: 'neighbors: [{fdb: "00:00:00:00:00:00", dev: vx0, dst: 192.0.2.6}]',
      shows: { 'bridge fdb show dev vx0': [{ dst: '192.0.2.6' }] },
      actions: ['delete'],
    },
  },
  {
    name: 'fdb: remote address, VNI, port and link',
    setup: VXLAN,
    yaml: `neighbors: [{fdb: "${MAC}", dev: vx0, dst: 192.0.2.5, vni: 8, port: 5000, via: v0}]`,
    shows: {
      'bridge fdb show dev vx0': [{ mac: MAC, dst: '192.0.2.5', vni: 8, port: 5000, viaIf: 'v0', state: 'permanent' }],
    },
    next: {
      yaml: `neighbors: [{fdb: "${MAC}", dev: vx0, dst: 192.0.2.6}]`,
      shows: {
        'bridge fdb show dev vx0': [{ mac: MAC, dst: '192.0.2.6', vni: undefined, port: undefined, viaIf: undefined }],
      },
      actions: ['update'],
    },
  },
  {
    name: 'fdb: a static entry of a VXLAN',
    setup: VXLAN,
    yaml: `neighbors: [{fdb: "${MAC}", dev: vx0, dst: 192.0.2.5, state: static}]`,
    shows: { 'bridge fdb show dev vx0': [{ mac: MAC, dst: '192.0.2.5', state: 'static' }] },
    next: {
      yaml: `neighbors: [{fdb: "${MAC}", dev: vx0, dst: 192.0.2.5}]`,
      shows: { 'bridge fdb show dev vx0': [{ mac: MAC, dst: '192.0.2.5', state: 'permanent' }] },
      actions: ['update'],
    },
  },
  {
    name: 'fdb: IPv6 remotes',
    setup: ['link add vx0 type vxlan id 7 dstport 4789 local 2001:db8::1', 'link set vx0 up'],
    yaml: `neighbors: [{fdb: "${MAC}", dev: vx0, dst: "2001:db8::5"}]`,
    shows: { 'bridge fdb show dev vx0': [{ mac: MAC, dst: '2001:db8::5' }] },
    next: {
      yaml: `neighbors: [{fdb: "${OTHER_MAC}", dev: vx0, dst: "2001:db8::5"}]`,
      shows: { 'bridge fdb show dev vx0': [{ mac: OTHER_MAC, dst: '2001:db8::5' }] },
      actions: ['create', 'delete'],
    },
  },
];

export const FDB_VLAN_CASES = (skip: string | false): readonly StateCase[] => [
  {
    name: 'fdb: an entry of a VLAN',
    skip,
    setup: ['link add br0 type bridge vlan_filtering 1', 'link set br0 up', 'link set v1 master br0'],
    yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true, vlan: 1}]`,
    shows: { [`bridge fdb get ${MAC} br br0 vlan 1`]: [{ mac: MAC, ifname: 'v1', vlan: 1 }] },
    next: {
      yaml: `neighbors: [{fdb: "${MAC}", dev: v1, master: true}]`,
      shows: { [`bridge fdb get ${MAC} br br0`]: [{ mac: MAC, ifname: 'v1', vlan: undefined }] },
      actions: ['create', 'delete'],
    },
  },
];
