import fc from 'fast-check';
import type { Family } from '../../src/model/ip.ts';
import { entriesOf, PLACES } from './route-list-scenes.ts';
import { ipRun, ipTry } from './support.ts';

/** The prefixes of the lists of a scene. */
export const prefixesOf = (family: Family): string[] =>
  Array.from({ length: 24 }, (_, i) => PLACES[family].prefixAt(i));

/** What may stand at a prefix, as `ip route append` takes it; most of it is as some list wants it. */
const HAVE: Readonly<Record<Family, readonly string[]>> = {
  inet: [
    ...Array.from({ length: 30 }, () => 'via 10.0.0.2 dev u0 proto 110'),
    'blackhole metric 7 proto 110',
    ...Array.from({ length: 10 }, () => 'via 10.0.1.2 dev u1 metric 9 proto 110'),
    'via 10.0.1.2 dev u0 onlink metric 9 proto 110',
    'via 10.0.1.2 dev u1 proto 110 table 77 mtu 1400',
    'via 10.0.0.3 dev u0 proto 110',
    'via 10.0.0.2 dev u0 proto static',
    'via 10.0.0.2 dev u0 proto 110 metric 5',
    'via 10.0.0.2 dev u0 proto 110 src 10.0.1.1',
    'nexthop via 10.0.0.2 dev u0 nexthop via 10.0.1.2 dev u1 proto 110',
  ],
  inet6: [
    ...Array.from({ length: 30 }, () => 'via 2001:db8::2 dev u0 proto 110'),
    'blackhole metric 7 proto 110',
    ...Array.from({ length: 10 }, () => 'via 2001:db8:0:1::2 dev u1 metric 9 proto 110'),
    'via 2001:db8:0:1::2 dev u0 onlink metric 9 proto 110',
    'via 2001:db8:0:1::2 dev u1 proto 110 table 77 mtu 1400',
    'via 2001:db8::3 dev u0 proto 110',
    'via 2001:db8::2 dev u0 proto static',
    'via 2001:db8::2 dev u0 proto 110 metric 5',
    'via 2001:db8::2 dev u0 proto 110 src 2001:db8:0:1::1',
    'via 2001:db8::2 dev u0 proto 110 pref low',
    'from 2001:db8:f::/48 via 2001:db8::2 dev u0 proto 110',
    'dev u1 proto 110',
    'nexthop via 2001:db8::2 dev u0 nexthop via 2001:db8:0:1::2 dev u1 proto 110',
  ],
};

/** What a file may say beside routes: some of it does nothing to them, some takes them along. */
const BESIDE: Readonly<Record<Family, readonly string[]>> = {
  inet: [
    'links: {u0: {addresses: ["10.0.0.9/24"]}}\n',
    'links: {u0: {addresses: ["10.0.0.1/24", "10.0.0.9/24"]}}\n',
    'links: {u0: {addresses: ["10.0.0.1/25"]}}\n',
    'links: {u1: {addresses: ["10.0.1.1/25"]}}\n',
    'links: {u1: {addresses: ["10.0.1.1/24", "10.0.7.1/24"]}}\n',
    'links: {u1: {addresses: ["10.0.1.1/24", "172.16.3.1/24"]}}\n',
    'links: {u1: {addresses: ["10.0.7.1/24"]}}\n',
    'addresses: [{address: 172.16.5.1/25, dev: w0}]\nlinks: {w0: {kind: veth, veth: {peer: w1}}}\n',
    'neighbors: [{to: 10.0.0.2, lladdr: "02:00:00:00:00:02", dev: u0}]\n',
  ],
  inet6: [
    'links: {u0: {addresses: ["2001:db8::9/64"]}}\n',
    'links: {u0: {addresses: ["2001:db8::1/64", "2001:db8::9/64"]}}\n',
    'links: {u1: {addresses: ["2001:db8:0:1::1/64", "10.0.7.1/24"]}}\n',
    'links: {u1: {addresses: ["2001:db8:0:1::1/64", "2400:3::1/32"]}}\n',
    'neighbors: [{to: "2001:db8::2", lladdr: "02:00:00:00:00:02", dev: u0}]\n',
  ],
};
const BESIDE_EITHER: readonly string[] = [
  'links: {u0: {mtu: 1400}}\n',
  'links: {u1: {mtu: 1200}}\n',
  'links: {u1: {alias: far}}\n',
  'links: {u1: {state: down}}\n',
  'links: {u1: {lladdr: "02:00:00:00:01:01"}}\n',
  'links: {v9: {renamed_from: u1, state: up}}\n',
  'links: {br9: {kind: bridge}, u1: {master: br9}}\n',
  'links: {w0: {kind: veth, veth: {peer: w1}, addresses: [10.9.0.1/24, "2001:db8:9::1/64"]}}\n',
  'rules: [{priority: 99, to: 10.9.0.0/16, table: 77}]\nlinks: {u0: {txqlen: 77}}\n',
];

/** Nearer to the gateway of a list than its subnet: the list is then to go another way. */
const ONLINK = { inet: '{to: 10.0.1.2/32, dev: u0}', inet6: '{to: "2001:db8:0:1::2/128", dev: u0}' } as const;

/** What is there, and what files may say about it. */
export const scenesOf = (family: Family) => {
  const prefixes = prefixesOf(family);
  const some = fc.oneof(
    fc.constant([]),
    fc.shuffledSubarray(prefixes),
    fc.shuffledSubarray(prefixes, { minLength: 16 }),
  );
  const expected = family === 'inet' ? '172.16.1.1' : '2400:2::1';
  return fc.record({
    family: fc.constant(family),
    have: fc.array(fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...HAVE[family])), {
      minLength: 10,
      maxLength: 40,
    }),
    lists: fc.record({ one: some, open: some, two: some, three: some }),
    single: fc.array(fc.constantFrom(...prefixes), { maxLength: 2 }),
    extra: fc.oneof(fc.constantFrom('', ONLINK[family]), fc.constantFrom(...BESIDE[family], ...BESIDE_EITHER)),
    rest: fc.constantFrom('', '', 'prune: none\n', 'prune: all\n', `expect: [{to: "${expected}", dev: u0}]\n`),
  });
};
export type Scene = ReturnType<typeof scenesOf> extends fc.Arbitrary<infer T> ? T : never;

/** The state file of a scene. */
export const yamlOf = ({ family, lists, single, extra, rest }: Scene): string => {
  const onlink = ONLINK[family];
  const routes = [
    ...(extra === onlink ? [onlink] : []),
    ...entriesOf(lists, PLACES[family]),
    ...single.map((to, i) => `{to: "${to}", type: throw, table: ${90 + i}}`),
  ];
  return `version: 1\n${extra === onlink ? '' : extra}${rest}${routes.length === 0 ? '' : `routes:\n${routes.map((r) => `  - ${r}\n`).join('')}`}`;
};

/** Makes what is there before a scene, in a namespace that is empty. */
export const setScene = (ns: string, { family, have }: Scene): void => {
  ipRun(ns, ...PLACES[family].ground);
  for (const [to, what] of have) {
    const [type = '', ...words] = what.split(' ');
    const route = type === 'blackhole' ? `blackhole ${to} ${words.join(' ')}` : `${to} ${what}`;
    ipTry(ns, `${family === 'inet' ? 'route' : '-6 route'} append ${route}`);
  }
};
