import { containing, type StateCase } from './state-case.ts';

const SHOW = 'nexthop show';
const WAY = { id: 1, gateway: '192.0.2.2', dev: 'v0', protocol: '110', scope: 'link' };
const single = (rest: string): string => `nexthops: [{id: 1, ${rest}}]`;
/** A group with the members that it names. */
const group = (rest: string): string =>
  `nexthops: [{id: 1, via: 192.0.2.2}, {id: 2, via: 192.0.2.3}, {id: 3, via: 192.0.2.4}, {id: 10, ${rest}}]`;
const GROUP_SHOW = 'nexthop show id 10';

/** Single nexthop objects. */
export const NEXTHOP_CASES: readonly StateCase[] = [
  {
    name: 'a gateway, and another',
    yaml: single('via: 192.0.2.2'),
    shows: { [SHOW]: [{ ...WAY, blackhole: undefined, fdb: undefined, group: undefined }] },
    next: {
      yaml: single('via: 192.0.2.3, dev: v0'),
      shows: { [SHOW]: [{ ...WAY, gateway: '192.0.2.3' }] },
      actions: ['update'],
    },
  },
  {
    name: 'another number is another object',
    yaml: single('via: 192.0.2.2'),
    shows: { [SHOW]: [WAY] },
    next: {
      yaml: 'nexthops: [{id: 4294967295, via: 192.0.2.2}]',
      shows: { [SHOW]: [{ ...WAY, id: 4294967295 }] },
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'a link without a gateway, and another link',
    yaml: single('dev: v0'),
    shows: { [SHOW]: [{ id: 1, dev: 'v0', gateway: undefined, scope: 'host' }] },
    next: { yaml: single('dev: v1'), shows: { [SHOW]: [{ id: 1, dev: 'v1' }] }, actions: ['update'] },
  },
  {
    name: 'a gateway outside of every prefix',
    yaml: single('via: 198.51.100.1, dev: v0, onlink: true'),
    shows: { [SHOW]: [{ gateway: '198.51.100.1', flags: ['onlink'] }] },
    next: {
      yaml: single('via: 192.0.2.2, dev: v0'),
      shows: { [SHOW]: [{ ...WAY, flags: (flags) => (flags as []).length === 0 }] },
      actions: ['update'],
    },
  },
  {
    name: 'a blackhole becomes a gateway',
    yaml: single('blackhole: true'),
    shows: { [SHOW]: [{ id: 1, blackhole: null, dev: undefined }] },
    next: {
      yaml: single('via: 192.0.2.2'),
      shows: { [SHOW]: [{ ...WAY, blackhole: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: 'IPv4 becomes IPv6 in place',
    yaml: single('via: 192.0.2.2'),
    shows: { [SHOW]: [WAY] },
    next: {
      yaml: single('via: "2001:db8::2"'),
      shows: { [SHOW]: [{ id: 1, gateway: '2001:db8::2', dev: 'v0' }] },
      actions: ['update'],
    },
  },
  {
    name: 'IPv6 becomes IPv4 anew',
    yaml: single('via: "fe80::2", dev: v0'),
    shows: { [SHOW]: [{ id: 1, gateway: 'fe80::2', dev: 'v0' }] },
    next: { yaml: single('via: 192.0.2.2'), shows: { [SHOW]: [WAY] }, actions: ['replace'] },
  },
  {
    name: 'the family of a blackhole',
    yaml: single('family: inet6, blackhole: true'),
    shows: { '-6 nexthop show': [{ id: 1, blackhole: null }] },
    next: {
      yaml: single('blackhole: true'),
      shows: { '-6 nexthop show': [], '-4 nexthop show': [{ id: 1, blackhole: null }] },
      actions: ['replace'],
    },
  },
  {
    name: 'another protocol on record, and the mark again',
    yaml: single('via: 192.0.2.2, protocol: static'),
    shows: { [SHOW]: [{ ...WAY, protocol: 'static' }] },
    next: { yaml: single('via: 192.0.2.2'), shows: { [SHOW]: [WAY] }, actions: ['update'] },
  },
  {
    name: 'a hand-made one is adopted',
    setup: ['nexthop add id 1 via 192.0.2.2 dev v0'],
    yaml: single('via: 192.0.2.2'),
    shows: { [SHOW]: [WAY] },
    leaves: { [SHOW]: [] },
  },
  {
    name: 'state absent removes what is there by hand',
    setup: ['nexthop add id 1 via 192.0.2.2 dev v0'],
    yaml: 'nexthops: [{id: 1, state: absent}]',
    shows: { [SHOW]: [] },
    leaves: { [SHOW]: [] },
  },
  {
    name: 'a remote tunnel end becomes a way anew',
    yaml: single('via: 192.0.2.9, fdb: true'),
    shows: { [SHOW]: [{ id: 1, gateway: '192.0.2.9', fdb: null, dev: undefined }] },
    next: { yaml: single('via: 192.0.2.2'), shows: { [SHOW]: [{ ...WAY, fdb: undefined }] }, actions: ['replace'] },
  },
];

/** Groups. */
export const NEXTHOP_GROUP_CASES: readonly StateCase[] = [
  {
    name: 'members, weights, and another order of the file',
    yaml: 'nexthops: [{id: 10, group: [{id: 1, weight: 255}, 2]}, {id: 2, via: 192.0.2.3}, {id: 1, via: 192.0.2.2}]',
    shows: {
      [GROUP_SHOW]: [
        {
          group: [
            { id: 1, weight: 255 },
            { id: 2, weight: undefined },
          ],
          protocol: '110',
          type: undefined,
        },
      ],
    },
    next: {
      yaml: 'nexthops: [{id: 10, group: [2, {id: 1, weight: 3}]}, {id: 2, via: 192.0.2.3}, {id: 1, via: 192.0.2.2}]',
      shows: {
        [GROUP_SHOW]: [
          {
            group: [
              { id: 2, weight: undefined },
              { id: 1, weight: 3 },
            ],
          },
        ],
      },
      actions: ['update'],
    },
  },
  {
    name: 'a member comes, and another leaves and goes',
    yaml: 'nexthops: [{id: 1, via: 192.0.2.2}, {id: 2, via: 192.0.2.3}, {id: 10, group: [1, 2]}]',
    shows: { [GROUP_SHOW]: [{ group: [{ id: 1 }, { id: 2 }] }] },
    next: {
      yaml: 'nexthops: [{id: 2, via: 192.0.2.3}, {id: 3, via: "2001:db8::3"}, {id: 10, group: [2, 3]}]',
      shows: { [GROUP_SHOW]: [{ group: [{ id: 2 }, { id: 3 }] }], [SHOW]: [{ id: 2 }, { id: 3 }, { id: 10 }] },
      actions: ['create', 'update', 'delete'],
    },
  },
  {
    name: 'the kernel keeps the protocol of a group: it is made anew',
    yaml: group('group: [1, 2], protocol: static'),
    shows: { [GROUP_SHOW]: [{ protocol: 'static' }] },
    next: { yaml: group('group: [1, 2]'), shows: { [GROUP_SHOW]: [{ protocol: '110' }] }, actions: ['replace'] },
  },
  {
    name: 'a group becomes a single one',
    yaml: group('group: [1, 2]'),
    shows: { [GROUP_SHOW]: [{ group: [{ id: 1 }, { id: 2 }] }] },
    next: {
      yaml: group('via: 192.0.2.9'),
      shows: { [GROUP_SHOW]: [{ gateway: '192.0.2.9', group: undefined }] },
      actions: ['replace'],
    },
  },
  {
    name: 'a member becomes a blackhole, and is alone in its group from then on',
    yaml: group('group: [1, 2]'),
    shows: { [GROUP_SHOW]: [{ group: [{ id: 1 }, { id: 2 }] }] },
    next: {
      yaml: 'nexthops: [{id: 1, blackhole: true}, {id: 2, via: 192.0.2.3}, {id: 3, via: 192.0.2.4}, {id: 10, group: [2, 3]}, {id: 11, group: [1]}]',
      shows: { [GROUP_SHOW]: [{ group: [{ id: 2 }, { id: 3 }] }], 'nexthop show id 11': [{ group: [{ id: 1 }] }] },
      actions: ['create', 'update', 'update'],
    },
  },
  {
    name: 'a group of remote tunnel ends',
    yaml: 'nexthops: [{id: 1, via: 192.0.2.9, fdb: true}, {id: 2, via: 192.0.2.8, fdb: true}, {id: 10, group: [1, 2], fdb: true}]',
    shows: { [GROUP_SHOW]: [{ group: [{ id: 1 }, { id: 2 }], fdb: null }] },
    next: {
      yaml: 'nexthops: [{id: 1, via: 192.0.2.9, fdb: true}, {id: 2, via: 192.0.2.7, fdb: true}, {id: 10, group: [1], fdb: true}]',
      shows: { [GROUP_SHOW]: [{ group: [{ id: 1 }] }], 'nexthop show id 2': [{ gateway: '192.0.2.7' }] },
      actions: ['update', 'update'],
    },
  },
];

const RESILIENT = { type: 'resilient', resilient_args: { buckets: 32, idle_timer: 120, unbalanced_timer: 0 } };
const timers = (idle: number, unbalanced: number) => ({
  resilient_args: { buckets: 32, idle_timer: idle, unbalanced_timer: unbalanced },
});

/** Resilient groups (Linux 5.13 on). */
export const RESILIENT_CASES: readonly StateCase[] = [
  {
    name: 'a group becomes resilient anew',
    yaml: group('group: [1, 2]'),
    shows: { [GROUP_SHOW]: [{ type: undefined }] },
    next: {
      yaml: group('group: [1, 2], type: resilient, buckets: 32'),
      shows: { [GROUP_SHOW]: [RESILIENT] },
      actions: ['replace'],
    },
  },
  {
    name: 'members of a resilient group change in place',
    yaml: group('group: [1, 2], type: resilient, buckets: 32'),
    shows: { [GROUP_SHOW]: [{ ...RESILIENT, group: [{ id: 1 }, { id: 2 }] }] },
    next: {
      yaml: group('group: [{id: 1, weight: 3}, 3], type: resilient, buckets: 32'),
      shows: { [GROUP_SHOW]: [{ ...RESILIENT, group: [{ id: 1, weight: 3 }, { id: 3 }] }] },
      actions: ['update'],
    },
  },
  {
    name: 'another number of buckets makes the group anew',
    yaml: group('group: [1, 2], type: resilient, buckets: 32'),
    shows: { [GROUP_SHOW]: [RESILIENT] },
    next: {
      yaml: group('group: [1, 2], type: resilient, buckets: 64'),
      shows: { [GROUP_SHOW]: [{ resilient_args: { buckets: 64 } }] },
      actions: ['replace'],
    },
  },
  {
    name: 'timers change in place, and go back to their defaults',
    yaml: group('group: [1, 2], type: resilient, buckets: 32, idle_timer: 60, unbalanced_timer: 300'),
    shows: { [GROUP_SHOW]: [timers(60, 300)] },
    next: {
      yaml: group('group: [1, 2], type: resilient, buckets: 32'),
      shows: { [GROUP_SHOW]: [timers(120, 0)] },
      actions: ['update'],
    },
  },
];

const BASE = `nexthops: [{id: 1, via: 192.0.2.2}, {id: 2, via: 192.0.2.3}, {id: 6, via: "2001:db8::2"}, {id: 10, group: [1, 2]}]`;

const VXLAN = ['link add vx0 type vxlan id 7 dstport 4789 local 192.0.2.1', 'link set vx0 up'];
const ENDS = 'nexthops: [{id: 1, via: 192.0.2.9, fdb: true}, {id: 10, group: [1], fdb: true}]';

/** Routes and forwarding entries that go by nexthop objects. */
export const NEXTHOP_USE_CASES: readonly StateCase[] = [
  {
    name: 'a route by a single one, and by a group',
    yaml: `${BASE}\nroutes: [{to: 10.1.0.0/16, nhid: 1, metric: 5}]`,
    shows: { 'route show 10.1.0.0/16': [{ nhid: 1, gateway: '192.0.2.2', metric: 5, protocol: '110' }] },
    next: {
      yaml: `${BASE}\nroutes: [{to: 10.1.0.0/16, nhid: 10, metric: 5}]`,
      shows: {
        'route show 10.1.0.0/16': [{ nhid: 10, nexthops: [{ gateway: '192.0.2.2' }, { gateway: '192.0.2.3' }] }],
      },
      actions: ['update'],
    },
  },
  {
    name: 'an IPv6 route by an object, and back to hops of its own',
    yaml: `${BASE}\nroutes: [{to: "2001:db8:a::/48", nhid: 6}]`,
    shows: { '-6 route show 2001:db8:a::/48': [{ nhid: 6, gateway: '2001:db8::2', metric: 1024 }] },
    next: {
      yaml: `${BASE}\nroutes: [{to: "2001:db8:a::/48", via: "2001:db8::2"}]`,
      shows: { '-6 route show 2001:db8:a::/48': [{ nhid: undefined, gateway: '2001:db8::2' }] },
      actions: ['update'],
    },
  },
  {
    name: 'an IPv4 route by an IPv6 gateway, and the object becomes a blackhole',
    yaml: 'nexthops: [{id: 1, via: "2001:db8::2"}]\nroutes: [{to: 10.1.0.0/16, nhid: 1}]',
    shows: { 'route show 10.1.0.0/16': [{ nhid: 1, via: { family: 'inet6', host: '2001:db8::2' } }] },
    next: {
      yaml: 'nexthops: [{id: 1, family: inet6, blackhole: true}]\nroutes: [{to: 10.1.0.0/16, nhid: 1}]',
      shows: { 'route show 10.1.0.0/16': [{ nhid: 1, type: 'blackhole' }] },
      actions: ['update'],
    },
  },
  {
    name: 'IPv6 routes by a blackhole',
    yaml: 'nexthops: [{id: 1, family: inet6, blackhole: true}]\nroutes: [{to: "2001:db8:a::/48", nhid: 1}]',
    shows: { '-6 route show 2001:db8:a::/48': [{ nhid: 1 }] },
    next: {
      yaml: 'nexthops: [{id: 1, via: "2001:db8::2"}]\nroutes: [{to: "2001:db8:a::/48", nhid: 1}]',
      shows: { '-6 route show 2001:db8:a::/48': [{ nhid: 1, gateway: '2001:db8::2' }] },
      actions: ['update'],
    },
  },
  {
    name: 'routes survive that the object is made anew',
    yaml: `${BASE}\nroutes: [{to: 10.1.0.0/16, nhid: 10}, {to: 10.2.0.0/16, nhid: 10}]`,
    shows: { 'route show 10.1.0.0/16': [{ nhid: 10 }], 'route show 10.2.0.0/16': [{ nhid: 10 }] },
    next: {
      yaml: `${BASE.replace('group: [1, 2]', 'via: 192.0.2.9')}\nroutes: [{to: 10.1.0.0/16, nhid: 10}, {to: 10.2.0.0/16, nhid: 10}]`,
      shows: {
        'route show 10.1.0.0/16': [{ nhid: 10, gateway: '192.0.2.9' }],
        'route show 10.2.0.0/16': [{ nhid: 10, gateway: '192.0.2.9' }],
      },
      actions: ['replace'],
    },
  },
  {
    name: 'a route moves to another object while the first goes',
    yaml: 'nexthops: [{id: 1, via: 192.0.2.2}]\nroutes: [{to: default, nhid: 1}]',
    shows: { 'route show default': [{ nhid: 1, gateway: '192.0.2.2' }] },
    next: {
      yaml: 'nexthops: [{id: 2, via: 192.0.2.3}]\nroutes: [{to: default, nhid: 2}]',
      shows: { 'route show default': [{ nhid: 2, gateway: '192.0.2.3' }], [SHOW]: [{ id: 2 }] },
      actions: ['create', 'update', 'delete'],
    },
  },
  {
    name: "foreign routes and groups outlive a change of our object's link, and lose what goes",
    setup: ['nexthop add id 50 via 192.0.2.5 dev v0 proto zebra', 'route add 10.9.0.0/16 nhid 50 proto zebra'],
    yaml: `links: {v0: {mtu: 1400}}\nnexthops: [{id: 1, via: 192.0.2.2}]`,
    shows: { 'nexthop show id 50': [{ protocol: 'zebra' }], 'route show 10.9.0.0/16': [{ nhid: 50 }] },
    leaves: { 'nexthop show id 50': [{ protocol: 'zebra' }], 'route show 10.9.0.0/16': [{ nhid: 50 }] },
  },
  {
    name: 'a list of prefixes by an object',
    yaml: 'nexthops: [{id: 1, via: 192.0.2.2}]\nroutes: [{to_file: list.txt, nhid: 1, metric: 5}]',
    lists: { 'list.txt': '10.1.0.0/16\n10.2.0.0/16\n' },
    shows: {
      'route show metric 5': [
        { dst: '10.1.0.0/16', nhid: 1 },
        { dst: '10.2.0.0/16', nhid: 1 },
      ],
    },
    next: {
      yaml: 'nexthops: [{id: 1, via: 192.0.2.3}]\nroutes: [{to_file: list.txt, nhid: 1, metric: 5}]',
      shows: { 'route show metric 5': [{ gateway: '192.0.2.3' }, { gateway: '192.0.2.3' }] },
      actions: ['update'],
    },
  },
  {
    name: 'forwarding entries of a VXLAN by a group of remote ends',
    setup: VXLAN,
    yaml: `nexthops: [{id: 1, via: 192.0.2.9, fdb: true}, {id: 10, group: [1], fdb: true}, {id: 11, group: [1], fdb: true}]
neighbors: [{fdb: "02:00:00:00:bb:01", dev: vx0, nhid: 10}]`,
    shows: {
      'text nexthop show id 10': [containing('group 1', 'fdb')],
      'bridge fdb show dev vx0': [{ mac: '02:00:00:00:bb:01', nhid: 10 }],
    },
    next: {
      yaml: `nexthops: [{id: 1, via: 192.0.2.9, fdb: true}, {id: 11, group: [1], fdb: true}]
neighbors: [{fdb: "02:00:00:00:bb:01", dev: vx0, nhid: 11}]`,
      shows: { 'bridge fdb show dev vx0': [{ mac: '02:00:00:00:bb:01', nhid: 11 }] },
      actions: ['update', 'delete'],
    },
  },
  {
    name: 'a forwarding entry of a VXLAN from a group of remote ends to one remote end',
    setup: VXLAN,
    yaml: `${ENDS}\nneighbors: [{fdb: "02:00:00:00:bb:01", dev: vx0, nhid: 10}]`,
    shows: { 'bridge fdb show dev vx0': [{ mac: '02:00:00:00:bb:01', nhid: 10 }] },
    next: {
      yaml: `${ENDS}\nneighbors: [{fdb: "02:00:00:00:bb:01", dev: vx0, dst: 192.0.2.14}]`,
      shows: { 'bridge fdb show dev vx0': [{ mac: '02:00:00:00:bb:01', dst: '192.0.2.14', nhid: undefined }] },
      actions: ['replace'],
    },
  },
  {
    name: 'a forwarding entry of a VXLAN from one remote end to a group of them',
    setup: VXLAN,
    yaml: `${ENDS}\nneighbors: [{fdb: "02:00:00:00:bb:01", dev: vx0, dst: 192.0.2.14}]`,
    shows: { 'bridge fdb show dev vx0': [{ mac: '02:00:00:00:bb:01', dst: '192.0.2.14' }] },
    next: {
      yaml: `${ENDS}\nneighbors: [{fdb: "02:00:00:00:bb:01", dev: vx0, nhid: 10}]`,
      shows: { 'bridge fdb show dev vx0': [{ mac: '02:00:00:00:bb:01', nhid: 10, dst: undefined }] },
      actions: ['replace'],
    },
  },
];
