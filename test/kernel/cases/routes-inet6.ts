import { type StateCase, upTo } from './state-case.ts';

const GATEWAY = { gateway: '2001:db8::2', dev: 'v0', protocol: '110', type: 'unicast', metric: 1024, pref: 'medium' };
const SHOW = '-6 route show 2001:db8:a::/48';

/** IPv6, on the ground that ROUTE_GROUND lays. */
export const INET6_ROUTE_CASES: readonly StateCase[] = [
  {
    name: '-6 a gateway, and another',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]',
    shows: { [SHOW]: [GATEWAY] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "fe80::3", dev: v0}]',
      shows: { [SHOW]: [{ ...GATEWAY, gateway: 'fe80::3' }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 the default route, and its metric',
    yaml: 'routes: [{to: default, via: "2001:db8::2"}]',
    shows: { '-6 route show default': [GATEWAY] },
    next: {
      yaml: 'routes: [{to: "::/0", via: "2001:db8::2", metric: 100}]',
      shows: { '-6 route show default': [{ ...GATEWAY, metric: 100 }] },
      actions: ['create', 'delete'],
    },
  },
  {
    name: '-6 metric 0 is 1024',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", metric: 0}]',
    shows: { [SHOW]: [GATEWAY] },
  },
  {
    name: '-6 a link without a gateway, and another',
    yaml: 'routes: [{to: "2001:db8:a::/48", dev: v0}]',
    shows: { [SHOW]: [{ dev: 'v0', gateway: undefined }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", dev: v1}]',
      shows: { [SHOW]: [{ dev: 'v1' }] },
      actions: ['update'],
    },
  },
  ...['blackhole', 'unreachable', 'prohibit', 'throw'].map(
    (type): StateCase => ({
      name: `-6 type ${type}, and then a gateway`,
      yaml: `routes: [{to: "2001:db8:a::/48", type: ${type}}]`,
      shows: { [SHOW]: [{ type, protocol: '110' }] },
      next: {
        yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]',
        shows: { [SHOW]: [GATEWAY] },
        actions: ['update'],
      },
    }),
  ),
  ...['local', 'anycast'].map(
    (type): StateCase => ({
      name: `-6 type ${type} stands in table local`,
      yaml: `routes: [{to: "2001:db8:a::1", type: ${type}, dev: v0}]`,
      shows: { '-6 route show table local 2001:db8:a::1': [{ type, dev: 'v0', protocol: '110' }] },
    }),
  ),
  {
    name: '-6 type multicast',
    yaml: 'routes: [{to: "ff05::/16", type: multicast, dev: v0, table: 77}]',
    shows: { '-6 route show table 77': [{ type: 'multicast', dst: 'ff05::/16', dev: 'v0' }] },
  },
  {
    name: '-6 a preferred source',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", src: "2001:db8::1"}]',
    shows: { [SHOW]: [{ ...GATEWAY, prefsrc: '2001:db8::1' }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]',
      shows: { [SHOW]: [{ ...GATEWAY, prefsrc: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 the largest table',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", table: 4294967295}]',
    shows: { '-6 route show table 4294967295': [GATEWAY] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", table: 300}]',
      shows: { '-6 route show table 4294967295': [], '-6 route show table 300': [GATEWAY] },
      actions: ['create', 'delete'],
    },
  },
  {
    name: '-6 another protocol on record, and the mark again',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", protocol: static}]',
    shows: { [SHOW]: [{ ...GATEWAY, protocol: 'static' }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]',
      shows: { [SHOW]: [GATEWAY] },
      actions: ['update'],
    },
  },
  {
    name: '-6 a source prefix selects the route',
    yaml: 'routes: [{to: "2001:db8:a::/48", from: "2001:db8:b::/48", via: "2001:db8::2"}]',
    shows: { [SHOW]: [{ ...GATEWAY, from: '2001:db8:b::/48' }] },
    next: {
      yaml: `routes:
  - {to: "2001:db8:a::/48", from: "2001:db8:b::/48", via: "2001:db8::2"}
  - {to: "2001:db8:a::/48", from: "2001:db8:c::1", via: "2001:db8::3"}`,
      shows: { [SHOW]: [{ from: '2001:db8:b::/48' }, { from: '2001:db8:c::1', gateway: '2001:db8::3' }] },
      actions: ['create'],
    },
  },
  {
    name: '-6 router preference',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", pref: high}]',
    shows: { [SHOW]: [{ ...GATEWAY, pref: 'high' }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", pref: low}]',
      shows: { [SHOW]: [{ ...GATEWAY, pref: 'low' }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 a route that expires, and then one that does not',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", expires: 1000}]',
    shows: { [SHOW]: [{ ...GATEWAY, expires: upTo(1000) }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]',
      shows: { [SHOW]: [{ ...GATEWAY, expires: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 a gateway outside of every prefix',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8:ffff::1", dev: v0, onlink: true}]',
    shows: { [SHOW]: [{ gateway: '2001:db8:ffff::1', flags: ['onlink'] }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", dev: v0}]',
      shows: { [SHOW]: [{ ...GATEWAY, flags: (flags) => (flags as []).length === 0 }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 several ways with weights, then one more and another weight',
    yaml: 'routes: [{to: "2001:db8:a::/48", nexthops: [{via: "2001:db8::2", weight: 3}, {via: "fe80::3", dev: v1}]}]',
    shows: {
      [SHOW]: [
        {
          nexthops: [
            { gateway: '2001:db8::2', weight: 3 },
            { gateway: 'fe80::3', dev: 'v1', weight: 1 },
          ],
        },
      ],
    },
    next: {
      yaml: `routes:
  - to: "2001:db8:a::/48"
    nexthops: [{via: "2001:db8::2"}, {via: "fe80::3", dev: v1}, {via: "2001:db8::4", weight: 2}]`,
      shows: {
        [SHOW]: [
          {
            nexthops: [
              { gateway: '2001:db8::2', weight: 1 },
              { gateway: 'fe80::3', weight: 1 },
              { gateway: '2001:db8::4', weight: 2 },
            ],
          },
        ],
      },
      actions: ['update'],
    },
  },
  {
    name: '-6 several ways become one',
    yaml: 'routes: [{to: "2001:db8:a::/48", nexthops: [{via: "2001:db8::2"}, {via: "2001:db8::3"}]}]',
    shows: { [SHOW]: [{ nexthops: [{ gateway: '2001:db8::2' }, { gateway: '2001:db8::3' }] }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]',
      shows: { [SHOW]: [{ ...GATEWAY, nexthops: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 metrics change and go away one by one',
    yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", mtu: 1400, hoplimit: 9}]',
    shows: { [SHOW]: [{ metrics: [{ mtu: 1400, hoplimit: 9 }] }] },
    next: {
      yaml: 'routes: [{to: "2001:db8:a::/48", via: "2001:db8::2", mtu: 1300}]',
      shows: { [SHOW]: [{ metrics: [{ mtu: 1300, hoplimit: undefined }] }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 a list of prefixes',
    yaml: 'routes: [{to_file: list.txt, via: "2001:db8::2", table: 90}]',
    lists: { 'list.txt': '2001:db8:a::/48\n2001:db8:b::1\n' },
    shows: { '-6 route show table 90': [{ dst: '2001:db8:a::/48' }, { dst: '2001:db8:b::1' }] },
  },
];
