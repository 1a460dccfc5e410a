import { containing, type StateCase } from './state-case.ts';

const V4 = 'route show 10.1.0.0/16';
const V6 = '-6 route show 2001:db8:a::/48';
const TEXT4 = `text ${V4}`;
const TEXT6 = `text ${V6}`;
const by4 = (encap: string, dev = 'via: 192.0.2.2'): string => `routes: [{to: 10.1.0.0/16, ${dev}, encap: {${encap}}}]`;
const by6 = (encap: string, dev = 'dev: v0'): string => `routes: [{to: "2001:db8:a::/48", ${dev}, encap: {${encap}}}]`;

interface Change {
  readonly name: string;
  readonly from: string;
  readonly fromWords: readonly string[];
  readonly to: string;
  readonly toWords: readonly string[];
}

/** One route whose encapsulation changes in place, and whose words iproute2 prints. */
const change = (write: (encap: string) => string, show: string, { name, from, fromWords, to, toWords }: Change) => ({
  name,
  yaml: write(from),
  shows: { [show]: [containing(...fromWords)] },
  next: { yaml: write(to), shows: { [show]: [containing(...toWords)] }, actions: ['update' as const] },
});

const throughVxlan = (encap: string): string => by4(encap, 'dev: vx0');
const SEGS = 'segs: ["2001:db8:1::1", "2001:db8:2::1"]';

/** What external tunnel devices do with packets. */
export const TUNNEL_CASES: readonly StateCase[] = [
  change(throughVxlan, TEXT4, {
    name: 'ip: id and far end',
    from: 'type: ip, id: 100, dst: 192.0.2.9',
    fromWords: ['encap ip', 'id 100', 'dst 192.0.2.9', 'src 0.0.0.0', 'ttl 0', 'tos 0'],
    to: 'type: ip, id: 4294967296, dst: 192.0.2.8',
    toWords: ['id 4294967296', 'dst 192.0.2.8'],
  }),
  change(throughVxlan, TEXT4, {
    name: 'ip: near end, type of service, TTL',
    from: 'type: ip, id: 100, dst: 192.0.2.9, src: 192.0.2.1, tos: 4, ttl: 9',
    fromWords: ['src 192.0.2.1', 'ttl 9', 'tos 4'],
    to: 'type: ip, id: 100, dst: 192.0.2.9, ttl: 10',
    toWords: ['src 0.0.0.0', 'ttl 10', 'tos 0'],
  }),
  change(throughVxlan, TEXT4, {
    name: 'ip: flags',
    from: 'type: ip, id: 100, dst: 192.0.2.9, key: true, csum: true',
    fromWords: ['key', 'csum'],
    to: 'type: ip, id: 100, dst: 192.0.2.9, seq: true',
    toWords: ['seq'],
  }),
  change(throughVxlan, TEXT4, {
    name: 'ip becomes ip6',
    from: 'type: ip, id: 100, dst: 192.0.2.9',
    fromWords: ['encap ip', 'dst 192.0.2.9'],
    to: 'type: ip6, id: 100, dst: "2001:db8::9"',
    toWords: ['encap ip6', 'dst 2001:db8::9', 'src ::', 'hoplimit 0', 'tc 0'],
  }),
  change((encap) => by6(encap, 'dev: vx0'), TEXT6, {
    name: 'ip6: near end, traffic class, hop limit, flags',
    from: 'type: ip6, id: 100, dst: "2001:db8::9", src: "2001:db8::1", tc: 3, hoplimit: 9, csum: on',
    fromWords: ['src 2001:db8::1', 'hoplimit 9', 'tc 3', 'csum'],
    to: 'type: ip6, id: 100, dst: "2001:db8::9", key: on',
    toWords: ['src ::', 'hoplimit 0', 'tc 0', 'key'],
  }),
  {
    name: 'ways of one route, each its own',
    yaml: `routes: [{to: 10.1.0.0/16, nexthops: [{via: 192.0.2.2, encap: {type: ip, id: 5, dst: 192.0.2.9}}, {via: 192.0.2.3}]}]`,
    shows: {
      [V4]: [{ nexthops: [{ gateway: '192.0.2.2', encap: 'ip', dst: '192.0.2.9' }, { gateway: '192.0.2.3' }] }],
    },
    next: {
      yaml: `routes: [{to: 10.1.0.0/16, nexthops: [{via: 192.0.2.2}, {via: 192.0.2.3, weight: 2, encap: {type: ip, id: 5, dst: 192.0.2.9}}]}]`,
      shows: {
        [V4]: [
          {
            nexthops: [
              { gateway: '192.0.2.2', encap: undefined },
              { gateway: '192.0.2.3', weight: 2, encap: 'ip' },
            ],
          },
        ],
      },
      actions: ['update'],
    },
  },
  {
    name: 'of a nexthop object, and dropped from it',
    yaml: `nexthops: [{id: 1, via: 192.0.2.2, encap: {type: ip, id: 5, dst: 192.0.2.9}}]\nroutes: [{to: 10.1.0.0/16, nhid: 1}]`,
    shows: { 'nexthop show': [{ encap: 'ip', dst: '192.0.2.9' }], [V4]: [{ nhid: 1, encap: 'ip' }] },
    next: {
      yaml: 'nexthops: [{id: 1, via: 192.0.2.2}]\nroutes: [{to: 10.1.0.0/16, nhid: 1}]',
      shows: { 'nexthop show': [{ id: 1, encap: undefined }], [V4]: [{ nhid: 1, encap: undefined }] },
      actions: ['update'],
    },
  },
  {
    name: 'dropped from a route',
    yaml: by4('type: ip, id: 5, dst: 192.0.2.9'),
    shows: { [V4]: [{ encap: 'ip' }] },
    next: {
      yaml: 'routes: [{to: 10.1.0.0/16, via: 192.0.2.2}]',
      shows: { [V4]: [{ gateway: '192.0.2.2', encap: undefined }] },
      actions: ['update'],
    },
  },
];

/** What hosts of a segment routing domain do with packets, where the kernel has SRv6. */
export const SEG6_CASES = (lacking: string | false): readonly StateCase[] =>
  [
    change(by4, TEXT4, {
      name: 'seg6: segments',
      from: `type: seg6, ${SEGS}`,
      fromWords: ['encap seg6 mode encap segs 2 [ 2001:db8:1::1 2001:db8:2::1 ]'],
      to: 'type: seg6, segs: ["2001:db8:3::1"]',
      toWords: ['encap seg6 mode encap segs 1 [ 2001:db8:3::1 ]'],
    }),
    change(by6, TEXT6, {
      name: 'seg6: modes',
      from: `type: seg6, mode: inline, ${SEGS}`,
      fromWords: ['encap seg6 mode inline segs 3 [ 2001:db8:1::1 2001:db8:2::1 :: ]'],
      to: `type: seg6, mode: l2encap, ${SEGS}`,
      toWords: ['encap seg6 mode l2encap segs 2 [ 2001:db8:1::1 2001:db8:2::1 ]'],
    }),
    change(by6, TEXT6, {
      name: 'seg6local: End becomes End.X',
      from: 'type: seg6local, action: End',
      fromWords: ['encap seg6local action End dev'],
      to: 'type: seg6local, action: End.X, nh6: "2001:db8::7"',
      toWords: ['encap seg6local action End.X nh6 2001:db8::7'],
    }),
    change(by6, TEXT6, {
      name: 'seg6local: the table of End.T, by name and by number',
      from: 'type: seg6local, action: End.T, table: main',
      fromWords: ['encap seg6local action End.T table main'],
      to: 'type: seg6local, action: End.T, table: 77',
      toWords: ['encap seg6local action End.T table 77'],
    }),
    change(by6, TEXT6, {
      name: 'seg6local: End.DX2 becomes End.DX6',
      from: 'type: seg6local, action: End.DX2, oif: v1',
      fromWords: ['encap seg6local action End.DX2 oif v1'],
      to: 'type: seg6local, action: End.DX6, nh6: "2001:db8::7"',
      toWords: ['encap seg6local action End.DX6 nh6 2001:db8::7'],
    }),
    change(by6, TEXT6, {
      name: 'seg6local: End.DX4 becomes End.DT6',
      from: 'type: seg6local, action: End.DX4, nh4: 192.0.2.7',
      fromWords: ['encap seg6local action End.DX4 nh4 192.0.2.7'],
      to: 'type: seg6local, action: End.DT6, table: 77',
      toWords: ['encap seg6local action End.DT6 table 77'],
    }),
    change(by6, TEXT6, {
      name: 'seg6local: End.B6 becomes End.B6.Encaps',
      from: `type: seg6local, action: End.B6, ${SEGS}`,
      fromWords: ['encap seg6local action End.B6 segs 2 [ 2001:db8:1::1 2001:db8:2::1 ]'],
      to: 'type: seg6local, action: End.B6.Encaps, segs: ["2001:db8:3::1"]',
      toWords: ['encap seg6local action End.B6.Encaps segs 1 [ 2001:db8:3::1 ]'],
    }),
  ].map((one) => ({ ...one, skip: lacking }));

/** Label stacks, where the kernel has MPLS. */
export const MPLS_CASES = (lacking: string | false): readonly StateCase[] =>
  [
    change(by4, TEXT4, {
      name: 'mpls: labels',
      from: 'type: mpls, labels: [100, 1048575]',
      fromWords: ['encap mpls', '100/1048575'],
      to: 'type: mpls, labels: [16]',
      toWords: ['encap mpls', '16'],
    }),
    change((encap) => by6(encap, 'via: "2001:db8::2"'), TEXT6, {
      name: 'mpls: TTL, and that of the packet',
      from: 'type: mpls, labels: [100], ttl: 5',
      fromWords: ['encap mpls', '100', 'ttl 5'],
      to: 'type: mpls, labels: [100], ttl: 0',
      toWords: ['encap mpls', '100', 'ttl 0'],
    }),
  ].map((one) => ({ ...one, skip: lacking }));
