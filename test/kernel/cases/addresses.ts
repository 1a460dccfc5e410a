import { type StateCase, upTo } from './state-case.ts';

const FOREVER = 4294967295;
const LINK_LOCAL = { family: 'inet6', scope: 'link' };

/** What `ip addr show` lists of v0: these, and its link-local address. */
const onV0 = (
  ...addresses: readonly Readonly<Record<string, StateCase['shows'][string][number]>>[]
): StateCase['shows'] => ({
  'addr show dev v0': [{ addr_info: [...addresses, LINK_LOCAL] }],
});

const BARE = onV0();

const v0 = (address: string): string => `links: {v0: {addresses: [${address}]}}`;

/** IPv4 addresses of a link made by hand. */
export const INET_ADDRESS_CASES: readonly StateCase[] = [
  {
    name: 'the short form, and another address of the subnet',
    yaml: v0('10.0.0.1/24'),
    shows: onV0({
      local: '10.0.0.1',
      prefixlen: 24,
      scope: 'global',
      label: 'v0',
      address: undefined,
      broadcast: undefined,
      secondary: undefined,
      valid_life_time: FOREVER,
      preferred_life_time: FOREVER,
    }),
    next: {
      yaml: v0('10.0.0.2/24'),
      shows: onV0({ local: '10.0.0.2', secondary: undefined }),
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'a host, and then a pair',
    yaml: v0('10.0.0.1/32'),
    shows: onV0({ local: '10.0.0.1', prefixlen: 32 }),
    next: { yaml: v0('10.0.0.1/31'), shows: onV0({ local: '10.0.0.1', prefixlen: 31 }), actions: ['create', 'delete'] },
  },
  {
    name: 'one address with two lengths',
    yaml: v0('10.0.0.1/24, 10.0.0.1/16'),
    shows: onV0({ local: '10.0.0.1', prefixlen: 24 }, { local: '10.0.0.1', prefixlen: 16 }),
    next: { yaml: v0('10.0.0.1/16'), shows: onV0({ local: '10.0.0.1', prefixlen: 16 }), actions: ['delete'] },
  },
  {
    name: 'the primary address goes and the secondary one stays',
    yaml: v0('10.0.0.1/24, 10.0.0.2/24, 10.0.0.3/24'),
    shows: onV0(
      { local: '10.0.0.1', secondary: undefined },
      { local: '10.0.0.2', secondary: true },
      { local: '10.0.0.3', secondary: true },
    ),
    next: {
      yaml: v0('10.0.0.2/24, 10.0.0.3/24'),
      shows: onV0({ local: '10.0.0.2', secondary: undefined }, { local: '10.0.0.3', secondary: true }),
      actions: ['delete'],
    },
  },
  {
    name: 'a far end',
    yaml: v0('{address: 10.0.0.1, peer: 10.0.0.2}'),
    shows: onV0({ local: '10.0.0.1', address: '10.0.0.2', prefixlen: 32 }),
    next: {
      yaml: v0('{address: 10.0.0.1, peer: 10.0.0.3/32}'),
      shows: onV0({ local: '10.0.0.1', address: '10.0.0.3', prefixlen: 32 }),
      actions: ['create', 'delete'],
    },
  },
  {
    name: 'another far end in the same subnet',
    yaml: v0('{address: 10.0.0.1, peer: 10.1.0.2/24}'),
    shows: onV0({ local: '10.0.0.1', address: '10.1.0.2', prefixlen: 24 }),
    next: {
      yaml: v0('{address: 10.0.0.1, peer: 10.1.0.3/24}'),
      shows: onV0({ local: '10.0.0.1', address: '10.1.0.3', prefixlen: 24 }),
      actions: ['replace'],
    },
  },
  {
    name: 'a computed broadcast address, and one of its own',
    yaml: v0('{address: 10.0.0.1/24, broadcast: +}'),
    shows: onV0({ local: '10.0.0.1', broadcast: '10.0.0.255' }),
    next: {
      yaml: v0('{address: 10.0.0.1/24, broadcast: 10.0.0.127}'),
      shows: onV0({ local: '10.0.0.1', broadcast: '10.0.0.127' }),
      actions: ['replace'],
    },
  },
  {
    name: 'a broadcast address, and none',
    yaml: v0('{address: 10.0.0.1/24, broadcast: 10.0.0.255}'),
    shows: onV0({ local: '10.0.0.1', broadcast: '10.0.0.255' }),
    next: {
      yaml: v0('{address: 10.0.0.1/24, broadcast: "-"}'),
      shows: onV0({ local: '10.0.0.1', broadcast: undefined }),
      actions: ['replace'],
    },
  },
  {
    name: 'scope',
    yaml: v0('{address: 10.0.0.1/24, scope: link}'),
    shows: onV0({ local: '10.0.0.1', scope: 'link' }),
    next: {
      yaml: v0('{address: 10.0.0.1/24, scope: 254}'),
      shows: onV0({ local: '10.0.0.1', scope: 'host' }),
      actions: ['replace'],
    },
  },
  {
    name: 'label',
    yaml: v0('{address: 10.0.0.1/24, label: "v0:web"}'),
    shows: onV0({ local: '10.0.0.1', label: 'v0:web' }),
    next: {
      yaml: v0('{address: 10.0.0.1/24, label: v0}'),
      shows: onV0({ local: '10.0.0.1', label: 'v0' }),
      actions: ['replace'],
    },
  },
  {
    name: 'lifetimes, and then none',
    yaml: v0('{address: 10.0.0.1/24, valid_lft: 1000, preferred_lft: 500}'),
    shows: onV0({ local: '10.0.0.1', valid_life_time: upTo(1000), preferred_life_time: upTo(500), dynamic: true }),
    next: {
      yaml: v0('{address: 10.0.0.1/24, valid_lft: forever, preferred_lft: forever}'),
      shows: onV0({ local: '10.0.0.1', valid_life_time: FOREVER, preferred_life_time: FOREVER, dynamic: undefined }),
      actions: ['update'],
    },
  },
  {
    name: 'a deprecated address',
    yaml: v0('10.0.0.1/24'),
    shows: onV0({ local: '10.0.0.1', deprecated: undefined }),
    next: {
      yaml: v0('{address: 10.0.0.1/24, preferred_lft: 0}'),
      shows: onV0({ local: '10.0.0.1', deprecated: true }),
      actions: ['update'],
    },
  },
  {
    name: 'metric of the prefix route, and the default again',
    yaml: v0('{address: 10.0.0.1/24, metric: 50}'),
    shows: {
      ...onV0({ local: '10.0.0.1', metric: 50 }),
      'route show 10.0.0.0/24': [{ metric: 50, protocol: 'kernel' }],
    },
    next: {
      yaml: v0('10.0.0.1/24'),
      shows: { ...onV0({ local: '10.0.0.1', metric: undefined }), 'route show 10.0.0.0/24': [{ metric: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: 'no prefix route, and one again',
    yaml: v0('{address: 10.0.0.1/24, noprefixroute: true}'),
    shows: { ...onV0({ local: '10.0.0.1', noprefixroute: true }), 'route show 10.0.0.0/24': [] },
    next: {
      yaml: v0('10.0.0.1/24'),
      shows: { ...onV0({ local: '10.0.0.1', noprefixroute: undefined }), 'route show 10.0.0.0/24': [{ dev: 'v0' }] },
      actions: ['replace'],
    },
  },
  {
    name: 'a multicast group to join',
    yaml: v0('10.0.0.1/24, {address: 239.1.1.1/32, autojoin: true}'),
    shows: onV0({ local: '10.0.0.1' }, { local: '239.1.1.1', autojoin: true }),
  },
];

/** IPv6 addresses of a link made by hand. */
export const INET6_ADDRESS_CASES: readonly StateCase[] = [
  {
    name: '-6 the short form, and another address of the subnet',
    yaml: v0('"2001:db8::1/64"'),
    shows: onV0({ local: '2001:db8::1', prefixlen: 64, scope: 'global', valid_life_time: FOREVER, nodad: undefined }),
    next: { yaml: v0('"2001:db8::2/64"'), shows: onV0({ local: '2001:db8::2' }), actions: ['create', 'delete'] },
  },
  {
    name: '-6 another length',
    yaml: v0('"2001:db8::1/64"'),
    shows: onV0({ local: '2001:db8::1', prefixlen: 64 }),
    next: { yaml: v0('"2001:db8::1/80"'), shows: onV0({ local: '2001:db8::1', prefixlen: 80 }), actions: ['replace'] },
  },
  ...['nodad', 'home', 'mngtmpaddr', 'noprefixroute'].map(
    (flag): StateCase => ({
      name: `-6 ${flag}, and not`,
      yaml: v0(`{address: "2001:db8::1/64", ${flag}: true}`),
      shows: onV0({ local: '2001:db8::1', [flag]: true }),
      next: {
        yaml: v0('"2001:db8::1/64"'),
        shows: onV0({ local: '2001:db8::1', [flag]: undefined }),
        actions: ['update'],
      },
    }),
  ),
  {
    name: '-6 a far end, another, and none',
    yaml: v0('{address: "2001:db8::1", peer: "2001:db8::2"}'),
    shows: onV0({ local: '2001:db8::1', address: '2001:db8::2', prefixlen: 128 }),
    next: {
      yaml: v0('{address: "2001:db8::1", peer: "2001:db8::3"}'),
      shows: onV0({ local: '2001:db8::1', address: '2001:db8::3' }),
      actions: ['update'],
    },
  },
  {
    name: '-6 lifetimes, and then none',
    yaml: v0('{address: "2001:db8::1/64", valid_lft: 1000, preferred_lft: 500}'),
    shows: onV0({ local: '2001:db8::1', valid_life_time: upTo(1000), preferred_life_time: upTo(500), dynamic: true }),
    next: {
      yaml: v0('"2001:db8::1/64"'),
      shows: onV0({ local: '2001:db8::1', valid_life_time: FOREVER, preferred_life_time: FOREVER }),
      actions: ['update'],
    },
  },
  {
    name: '-6 metric of the prefix route',
    yaml: v0('{address: "2001:db8::1/64", metric: 50}'),
    shows: { ...onV0({ local: '2001:db8::1', metric: 50 }), '-6 route show 2001:db8::/64': [{ metric: 50 }] },
    next: {
      yaml: v0('{address: "2001:db8::1/64", metric: 60}'),
      shows: { ...onV0({ local: '2001:db8::1', metric: 60 }), '-6 route show 2001:db8::/64': [{ metric: 60 }] },
      actions: ['update'],
    },
  },
  {
    name: '-6 metric of the prefix route, and the default again',
    yaml: v0('{address: "2001:db8::1/64", metric: 50}'),
    shows: onV0({ local: '2001:db8::1', metric: 50 }),
    next: {
      yaml: v0('"2001:db8::1/64"'),
      shows: { ...onV0({ local: '2001:db8::1', metric: undefined }), '-6 route show 2001:db8::/64': [{ metric: 256 }] },
      actions: ['replace'],
    },
  },
  {
    name: '-6 a multicast group to join',
    yaml: v0('{address: "ff05::99/128", autojoin: true}'),
    shows: onV0({ local: 'ff05::99', autojoin: true }),
  },
];

/** Which addresses of a link are the business of the file, and what leans on them. */
export const ADDRESS_LIST_CASES: readonly StateCase[] = [
  {
    name: 'a list is exact: what was added by hand goes, what is link-local stays',
    setup: ['addr add 10.9.0.1/24 dev v0', 'addr add 2001:db8:9::1/64 dev v0'],
    yaml: v0('10.0.0.1/24'),
    shows: onV0({ local: '10.0.0.1' }),
    next: { yaml: v0(''), shows: BARE, actions: ['delete'] },
    leaves: BARE,
  },
  {
    name: 'an address added by hand may be in the list; it stays when the list goes',
    setup: ['addr add 10.0.0.1/24 dev v0'],
    yaml: v0('10.0.0.1/24, 10.0.0.2/24'),
    shows: onV0({ local: '10.0.0.1' }, { local: '10.0.0.2', secondary: true }),
    leaves: onV0({ local: '10.0.0.1' }),
  },
  {
    name: 'no list, no claim',
    setup: ['addr add 10.9.0.1/24 dev v0'],
    yaml: 'links: {v0: {alias: x}}',
    shows: onV0({ local: '10.9.0.1' }),
    leaves: onV0({ local: '10.9.0.1' }),
  },
  {
    name: 'the long form is not exact',
    setup: ['addr add 10.9.0.1/24 dev v0'],
    yaml: 'addresses: [{address: 10.0.0.1/24, dev: v0}, {address: "2001:db8::1/64", dev: v0}]',
    shows: onV0({ local: '10.9.0.1' }, { local: '10.0.0.1' }, { local: '2001:db8::1' }),
    next: {
      yaml: 'addresses: [{address: 10.0.0.2/24, dev: v0}]',
      shows: onV0({ local: '10.9.0.1' }, { local: '10.0.0.2' }),
      actions: ['create', 'delete', 'delete'],
    },
  },
  {
    name: 'state absent removes what was added by hand',
    setup: ['addr add 10.9.0.1/24 dev v0', 'addr add 10.9.0.2/24 dev v0'],
    yaml: 'addresses: [{address: 10.9.0.1/24, dev: v0, state: absent}]',
    shows: onV0({ local: '10.9.0.2' }),
    leaves: onV0({ local: '10.9.0.2' }),
  },
  {
    name: 'a route of another daemon survives that the last address of its link is exchanged',
    setup: [
      'addr add 10.0.0.1/24 dev v0',
      'route add 10.7.0.0/16 via 10.0.0.254 proto bgp',
      'route add default via 10.0.0.254',
    ],
    yaml: v0('10.0.0.2/24'),
    shows: {
      ...onV0({ local: '10.0.0.2' }),
      'route show 10.7.0.0/16': [{ protocol: 'bgp', gateway: '10.0.0.254' }],
      'route show default': [{ protocol: 'boot', gateway: '10.0.0.254' }],
    },
    leaves: BARE,
  },
  {
    name: 'lo',
    yaml: 'links: {lo: {addresses: [10.255.0.1/32, "2001:db8:f::1/128"]}}',
    shows: {
      'addr show dev lo': [
        { addr_info: [{ local: '127.0.0.1' }, { local: '10.255.0.1' }, { local: '2001:db8:f::1' }, { local: '::1' }] },
      ],
    },
  },
];
