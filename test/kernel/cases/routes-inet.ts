import { containing, type StateCase } from './state-case.ts';

/** Metrics of RTAX_* in the file's words, with what `ip -j` prints. */
const METRICS: readonly (readonly [
  name: string,
  value: string,
  shown: Readonly<Record<string, number | string | null>>,
])[] = [
  ['mtu', '1400', { mtu: 1400 }],
  ['window', '1000', { window: 1000 }],
  ['rtt', '100', { rtt: 100 }],
  ['rttvar', '50', { rttvar: 50 }],
  ['ssthresh', '5', { ssthresh: 5 }],
  ['cwnd', '7, lock: [cwnd]', { cwnd: 7 }],
  ['advmss', '1300', { advmss: 1300 }],
  ['reordering', '4', { reordering: 4 }],
  ['hoplimit', '30', { hoplimit: 30 }],
  ['initcwnd', '11', { initcwnd: 11 }],
  ['features', 'ecn', { ecn: null }],
  ['rto_min', '300', { rto_min: 300 }],
  ['initrwnd', '12', { initrwnd: 12 }],
  ['quickack', 'true', { quickack: 1 }],
  ['cc_algo', 'cubic', { congestion: 'cubic' }],
  ['congctl', 'cubic', { congestion: 'cubic' }],
  ['fastopen_no_cookie', 'true', { fastopen_no_cookie: 1 }],
];

/** Each metric of both families, given to a route that has none. */
export const METRIC_CASES: readonly StateCase[] = [
  { family: '', to: '10.1.0.0/16', via: '192.0.2.2' },
  { family: '-6 ', to: '2001:db8:a::/48', via: '"2001:db8::2"' },
].flatMap(({ family, to, via }) =>
  METRICS.map(([name, value, shown]): StateCase => {
    const show = `${family}route show ${to}`;
    return {
      name: `${family}${name} ${value}`,
      yaml: `routes: [{to: "${to}", via: ${via}}]`,
      shows: { [show]: [{ dst: to, metrics: undefined }] },
      next: {
        yaml: `routes: [{to: "${to}", via: ${via}, ${name}: ${value}}]`,
        shows: { [show]: [{ dst: to, metrics: [shown] }] },
        actions: ['update'],
      },
    };
  }),
);

const GATEWAY = { gateway: '192.0.2.2', dev: 'v0', protocol: '110', scope: 'global', type: 'unicast' };

/** IPv4, on the ground that ROUTE_GROUND lays. */
export const INET_ROUTE_CASES: readonly StateCase[] = [
  {
    name: 'a gateway, and another',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
    shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, metric: undefined, tos: undefined, prefsrc: undefined }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.3, dev: v0}]',
      shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, gateway: '192.0.2.3' }] },
      actions: ['update'],
    },
  },
  {
    name: 'the default route, and its metric',
    yaml: 'routes: [{to: default, via: 192.0.2.2}]',
    shows: { 'route show default': [{ ...GATEWAY, dst: 'default' }] },
    next: {
      yaml: 'routes: [{to: default, via: 192.0.2.2, metric: 100}]',
      shows: { 'route show default': [{ ...GATEWAY, metric: 100 }] },
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'metrics apart in one prefix',
    yaml: 'routes: [{to: default, via: 192.0.2.2}, {to: default, via: 192.0.2.3, metric: 4294967295}]',
    shows: { 'route show default': [{ gateway: '192.0.2.2' }, { gateway: '192.0.2.3', metric: 4294967295 }] },
    next: {
      yaml: 'routes: [{to: default, via: 192.0.2.3}, {to: default, via: 192.0.2.2, metric: 4294967295}]',
      shows: { 'route show default': [{ gateway: '192.0.2.3' }, { gateway: '192.0.2.2', metric: 4294967295 }] },
      actions: ['update', 'update'],
    },
  },
  {
    name: 'a link without a gateway has scope link',
    yaml: 'routes: [{to: 10.1.0.0/16, dev: v0}]',
    shows: { 'route show 10.1.0.0/16': [{ dev: 'v0', scope: 'link', gateway: undefined }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, dev: v1}]',
      shows: { 'route show 10.1.0.0/16': [{ dev: 'v1', scope: 'link' }] },
      actions: ['update'],
    },
  },
  {
    name: 'scope by name and by number',
    yaml: 'routes: [{to: 10.1.0.0/16, dev: v0, scope: host}]',
    shows: { 'route show 10.1.0.0/16': [{ dev: 'v0', scope: 'host' }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, dev: v0, scope: 200}]',
      shows: { 'route show 10.1.0.0/16': [{ dev: 'v0', scope: 'site' }] },
      actions: ['update'],
    },
  },
  ...['blackhole', 'unreachable', 'prohibit', 'throw'].map(
    (type): StateCase => ({
      name: `type ${type}, and then a gateway`,
      yaml: `routes: [{to: 10.1.0.0/16, type: ${type}}]`,
      shows: { 'route show 10.1.0.0/16': [{ type, dev: undefined, gateway: undefined, protocol: '110' }] },
      next: {
        yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
        shows: { 'route show 10.1.0.0/16': [GATEWAY] },
        actions: ['update'],
      },
    }),
  ),
  ...['local', 'broadcast', 'anycast'].map(
    (type): StateCase => ({
      name: `type ${type} stands in table local`,
      yaml: `routes: [{to: 10.1.0.1, type: ${type}, dev: v0}]`,
      shows: { 'route show table local 10.1.0.1': [{ type, dst: '10.1.0.1', dev: 'v0', protocol: '110' }] },
      next: {
        yaml: `routes: [{to: 10.1.0.1, type: ${type}, dev: v0, table: 77}]`,
        shows: { 'route show table local 10.1.0.1': [], 'route show table 77': [{ type, dev: 'v0' }] },
        actions: ['create', 'delete'],
      },
    }),
  ),
  {
    name: 'type multicast',
    yaml: 'routes: [{to: 239.1.0.0/16, type: multicast, dev: v0}]',
    shows: { 'route show 239.1.0.0/16': [{ type: 'multicast', dev: 'v0' }] },
  },
  {
    name: 'a preferred source',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, src: 192.0.2.1}]',
    shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, prefsrc: '192.0.2.1' }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, src: 192.0.2.11}]',
      shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, prefsrc: '192.0.2.11' }] },
      actions: ['update'],
    },
  },
  {
    name: 'a preferred source goes away',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, src: 192.0.2.1}]',
    shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, prefsrc: '192.0.2.1' }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
      shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, prefsrc: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: 'tables above 255, up to the largest',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, table: 1000}, {to: 10.1.0.0/16, via: 192.0.2.3, table: 4294967295}]',
    shows: {
      'route show table 1000': [{ dst: '10.1.0.0/16', gateway: '192.0.2.2' }],
      'route show table 4294967295': [{ dst: '10.1.0.0/16', gateway: '192.0.2.3' }],
    },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, table: 253}, {to: 10.1.0.0/16, via: 192.0.2.3, table: 4294967295}]',
      shows: { 'route show table 1000': [], 'route show table default': [{ gateway: '192.0.2.2' }] },
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'a table by name',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, table: default}]',
    shows: { 'route show table 253': [{ dst: '10.1.0.0/16' }] },
  },
  {
    name: 'another protocol on record, and the mark again',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, protocol: static}]',
    shows: { 'route show 10.1.0.0/16': [{ ...GATEWAY, protocol: 'static' }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
      shows: { 'route show 10.1.0.0/16': [GATEWAY] },
      actions: ['update'],
    },
  },
  {
    name: 'type of service',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}, {to: 10.1.0.0/16, via: 192.0.2.3, tos: 0x10}]',
    shows: { 'route show 10.1.0.0/16': [{ gateway: '192.0.2.2' }, { gateway: '192.0.2.3', tos: '0x10' }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}, {to: 10.1.0.0/16, via: 192.0.2.3, tos: 0x08}]',
      shows: { 'route show 10.1.0.0/16': [{ gateway: '192.0.2.2' }, { gateway: '192.0.2.3', tos: '0x08' }] },
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'a gateway outside of every prefix',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 198.51.100.1, dev: v0, onlink: true}]',
    shows: { 'route show 10.1.0.0/16': [{ gateway: '198.51.100.1', flags: ['onlink'] }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, dev: v0}]',
      shows: { 'route show 10.1.0.0/16': [{ gateway: '192.0.2.2', flags: (flags) => (flags as []).length === 0 }] },
      actions: ['update'],
    },
  },
  {
    name: 'realms',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, realm: 7}]',
    shows: { 'route show 10.1.0.0/16': [{ flow: { to: '7' } }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, realm: 3/7}]',
      shows: { 'route show 10.1.0.0/16': [{ flow: { from: '3', to: '7' } }] },
      actions: ['update'],
    },
  },
  {
    name: 'an IPv6 gateway',
    yaml: 'routes: [{to: 10.1.0.0/16, via: "fe80::5", dev: v0}]',
    shows: { 'route show 10.1.0.0/16': [{ via: { family: 'inet6', host: 'fe80::5' }, dev: 'v0', gateway: undefined }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: "2001:db8::5"}]',
      shows: { 'route show 10.1.0.0/16': [{ via: { family: 'inet6', host: '2001:db8::5' }, dev: 'v0' }] },
      actions: ['update'],
    },
  },
  {
    name: 'several ways with weights, realms, and one on link',
    yaml: `routes:
  - to: 10.1.0.0/16
    nexthops: [{via: 192.0.2.2, weight: 3, realm: 2/3}, {via: 198.51.100.1, dev: v0, onlink: true}, {dev: v1, weight: 256}]`,
    shows: {
      'route show 10.1.0.0/16': [
        {
          nexthops: [
            { gateway: '192.0.2.2', weight: 3, flow: { from: '2', to: '3' } },
            { gateway: '198.51.100.1', weight: 1, flags: ['onlink'] },
            { dev: 'v1', weight: 256 },
          ],
        },
      ],
    },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, nexthops: [{via: 192.0.2.2, weight: 2}, {via: "fe80::9", dev: v1}]}]',
      shows: {
        'route show 10.1.0.0/16': [
          {
            nexthops: [
              { gateway: '192.0.2.2', weight: 2 },
              { via: { family: 'inet6', host: 'fe80::9' }, dev: 'v1' },
            ],
          },
        ],
      },
      actions: ['update'],
    },
  },
  {
    name: 'one way becomes several, the order of which does not count',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
    shows: { 'route show 10.1.0.0/16': [{ gateway: '192.0.2.2', nexthops: undefined }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, nexthops: [{via: 192.0.2.3}, {via: 192.0.2.2}]}]',
      shows: { 'route show 10.1.0.0/16': [{ nexthops: [{ gateway: '192.0.2.3' }, { gateway: '192.0.2.2' }] }] },
      actions: ['update'],
    },
  },
  {
    name: 'locked metrics',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, mtu: 1400, advmss: 1300, lock: [mtu]}]',
    shows: {
      'route show 10.1.0.0/16': [{ metrics: [{ mtu: 1400, advmss: 1300 }] }],
      'text route show 10.1.0.0/16': [containing('mtu lock 1400', 'advmss 1300')],
    },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, mtu: 1400, advmss: 1300, lock: [advmss]}]',
      shows: { 'text route show 10.1.0.0/16': [containing('mtu 1400', 'advmss lock 1300')] },
      actions: ['update'],
    },
  },
  {
    name: 'metrics go away',
    yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2, mtu: 1400, quickack: true, cc_algo: cubic}]',
    shows: { 'route show 10.1.0.0/16': [{ metrics: [{ mtu: 1400, quickack: 1, congestion: 'cubic' }] }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
      shows: { 'route show 10.1.0.0/16': [{ metrics: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: 'a list of prefixes',
    yaml: 'routes: [{to_file: list.txt, via: 192.0.2.2, metric: 5}]',
    lists: { 'list.txt': '# ours\n10.1.0.0/16\n\n10.2.0.1  # a host\n0.0.0.0/0\n' },
    shows: {
      'route show metric 5': [{ dst: '10.1.0.0/16' }, { dst: '10.2.0.1' }, { dst: 'default', gateway: '192.0.2.2' }],
    },
  },
  {
    name: 'a gateway behind a route of the same file',
    yaml: 'routes: [{to: 10.2.0.0/16, via: 10.1.0.1}, {to: 10.1.0.0/24, dev: v0}]',
    shows: { 'route show 10.2.0.0/16': [{ gateway: '10.1.0.1', dev: 'v0' }] },
    next: {
      yaml: 'routes: [{to: 10.2.0.0/16, via: 10.1.0.1}, {to: 10.1.0.0/24, dev: v1}]',
      shows: { 'route show 10.2.0.0/16': [{ gateway: '10.1.0.1', dev: 'v1' }] },
      actions: ['update', 'update'],
    },
  },
  {
    name: 'state absent removes what is there by hand',
    setup: ['route add 10.1.0.0/16 via 192.0.2.2'],
    yaml: 'routes: [{to: 10.1.0.0/16, state: absent}]',
    shows: { 'route show 10.1.0.0/16': [] },
    leaves: { 'route show 10.1.0.0/16': [] },
  },
];
