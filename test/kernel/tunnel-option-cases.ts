import type { Value } from '../../src/model/value.ts';
import { cases, type OptionCase } from './option-case.ts';

type Options = Readonly<Record<string, Value>>;

/** Away from the fallback device of the kind, which has taken `any` to `any`. */
const INET: Options = { remote: '192.0.2.1' };
const INET6: Options = { remote: '2001:db8::1' };

const ENDS: readonly OptionCase[] = [
  ...cases([
    ['remote', '192.0.2.2'],
    ['local', '192.0.2.8'],
    ['dev', 'parent0'],
  ]),
];
const ENDS6: readonly OptionCase[] = [
  ...cases([
    ['remote', '2001:db8::2'],
    ['local', '2001:db8::8'],
    ['dev', 'parent0'],
  ]),
];

/** The far end of a tunnel without Ethernet comes, goes and becomes a group with a new link only. */
const FAR_END: readonly OptionCase[] = [
  ...cases([['remote', '192.0.2.2']], { given: { local: '192.0.2.8' } }),
  ...cases([['remote', null]], { given: { ...INET, local: '192.0.2.8' } }),
  ...cases([['remote', '239.1.1.1']], { given: { ...INET, local: '192.0.2.8' } }),
];

const OUTER: readonly OptionCase[] = [
  ...cases([
    ['ttl', 7],
    ['tos', 8],
    ['tos', 'inherit'],
    ['pmtudisc', false],
    ['fwmark', 5],
  ]),
  ...cases([['ttl', 'inherit']], { given: { ...INET, ttl: 9 } }),
];

const OUTER6: readonly OptionCase[] = [
  ...cases([
    ['hoplimit', 7],
    ['encaplimit', 3],
    ['encaplimit', 'none'],
    ['tclass', 16],
    ['tclass', 'inherit'],
    ['flowlabel', 77],
    ['flowlabel', 'inherit'],
    ['dscp_inherit', true],
    ['fwmark', 5],
    ['fwmark', 'inherit'],
    ['allow_localremote', true],
  ]),
  // one word goes, its neighbor in the same attribute stays
  ...cases([['tclass', 3]], { given: { ...INET6, tclass: 'inherit', flowlabel: 'inherit' } }),
  ...cases([['encaplimit', 2]], { given: { ...INET6, encaplimit: 'none' } }),
];

const HEADER: readonly OptionCase[] = [
  ...cases([
    ['ikey', 5],
    ['okey', 6],
    ['ikey', 0],
    ['icsum', true],
    ['ocsum', true],
    ['iseq', true],
    ['oseq', true],
  ]),
];
const HEADER_OFF: readonly OptionCase[] = cases(
  [
    ['ikey', null],
    ['okey', 7],
    ['icsum', false],
    ['oseq', false],
  ],
  { given: { ikey: 5, okey: 6, icsum: true, ocsum: true, iseq: true, oseq: true } },
);

const EXTERNAL: readonly OptionCase[] = cases([['external', true]]);

const ENCAP: readonly OptionCase[] = [
  ...cases(
    [
      ['encap', 'fou'],
      ['encap', 'gue'],
    ],
    { needs: 'fou', given: { encap_dport: 5555 } },
  ),
  ...cases(
    [
      ['encap_sport', 4000],
      ['encap_dport', 4001],
      ['encap_csum', true],
      ['encap_csum6', true],
      ['encap_remcsum', true],
    ],
    { needs: 'fou', given: { encap: 'gue', encap_dport: 5555 } },
  ),
];

/** The cases with what every link of the kind is given. */
const onto = (base: Options, lists: readonly (readonly OptionCase[])[]): readonly OptionCase[] =>
  lists.flat().map((row) => ({ ...row, given: { ...base, ...row.given } }));
const asTheyAre = (lists: readonly (readonly OptionCase[])[]): readonly OptionCase[] => lists.flat();

const IGNORE_DF: readonly OptionCase[] = cases([['ignore_df', true]], { given: { pmtudisc: false } });

const SESSION: Options = { iseq: true, oseq: true, ikey: 5, okey: 5 };
const mirror = (base: Options, others: readonly (readonly OptionCase[])[]): readonly OptionCase[] => [
  ...onto({ ...base, ...SESSION }, others),
  ...cases(
    [
      ['ikey', 6],
      ['okey', 7],
      ['fwmark', 5],
      ['erspan_ver', 2],
      ['erspan', 9],
    ],
    { given: { ...base, ...SESSION } },
  ),
  ...cases(
    [
      ['erspan_dir', 'egress'],
      ['erspan_hwid', 5],
    ],
    { given: { ...base, ...SESSION, erspan_ver: 2 } },
  ),
];

const GRE = [HEADER, HEADER_OFF, OUTER, EXTERNAL, ENCAP, IGNORE_DF];
const GRE6 = [ENDS6, HEADER, HEADER_OFF, OUTER6, EXTERNAL, ENCAP];
const KEYS = cases([
  ['ikey', 5],
  ['okey', 6],
  ['fwmark', 7],
]);

const GENEVE: readonly OptionCase[] = [
  ...cases(
    [
      ['id', 8],
      ['remote', '192.0.2.9'],
      ['ttl', 5],
      ['ttl', 'inherit'],
      ['tos', 4],
      ['tos', 'inherit'],
      ['dstport', 4799],
      ['udpcsum', true],
      ['df', 'set'],
      ['df', 'inherit'],
    ],
    { given: { id: 7, remote: '192.0.2.8' } },
  ),
  ...cases([['ttl', 9]], { given: { id: 7, remote: '192.0.2.8', ttl: 'inherit' } }),
  ...cases([['remote', '2001:db8::9']], { given: { id: 7, remote: '192.0.2.8' } }),
  ...cases([['external', true]], { given: { id: 7, remote: '192.0.2.8' }, alone: true }),
  ...cases(
    [
      ['remote', '2001:db8::9'],
      ['flowlabel', 77],
      ['udp6zerocsumtx', true],
      ['udp6zerocsumrx', true],
    ],
    { given: { id: 7, remote: '2001:db8::8' } },
  ),
  ...cases([['innerprotoinherit', true]], { given: { external: true } }),
  ...cases([['srcport', [1000, 2000]]], { given: { id: 7, remote: '192.0.2.8' }, since: '6.15' }),
];

/** Options without which the kernel makes no link of the kind, beyond those that the table requires. */
export const TUNNEL_BASE: Readonly<Record<string, Options>> = {
  geneve: { id: 7, remote: '192.0.2.8' },
  gre: INET,
  gretap: INET,
  erspan: { ...INET, ...SESSION },
  ip6gre: INET6,
  ip6gretap: INET6,
  ip6erspan: { ...INET6, ...SESSION },
  ipip: INET,
  sit: INET,
  ip6tnl: INET6,
  vti: INET,
  vti6: INET6,
};

/** Every option of the tunnel kinds. */
export const TUNNEL_CASES: Readonly<Record<string, readonly OptionCase[]>> = {
  geneve: GENEVE,
  gre: [...onto(INET, [ENDS, ...GRE]), ...asTheyAre([FAR_END])],
  gretap: [...onto(INET, [ENDS, ...GRE])],
  erspan: mirror(INET, [ENDS, OUTER, IGNORE_DF, EXTERNAL, ENCAP]),
  ip6gre: onto(INET6, GRE6),
  ip6gretap: onto(INET6, GRE6),
  ip6erspan: [
    ...mirror(INET6, [ENDS6, OUTER6, ENCAP]),
    // in that mode the kernel does not tell of okey (ip6gre_fill_info)
    ...cases([['external', true]], { given: { ...INET6, iseq: true, oseq: true, ikey: 5 } }),
  ],
  ipip: [
    ...onto(INET, [
      ENDS,
      OUTER,
      EXTERNAL,
      ENCAP,
      cases([
        ['mode', 'any'],
        ['mode', 'mplsip'],
      ]),
    ]),
    ...asTheyAre([FAR_END]),
  ],
  sit: [
    ...onto(INET, [
      ENDS,
      OUTER,
      ENCAP,
      cases([
        ['mode', 'any'],
        ['mode', 'ipip'],
        ['isatap', true],
      ]),
    ]),
    ...onto(INET, [
      // the prefix is none of the length that a new tunnel has
      cases([['6rd_prefix', '2001::']], { needs: '6rd', given: { '6rd_prefixlen': 16 } }),
      cases([['6rd_prefixlen', 32]], { needs: '6rd' }),
      cases([['6rd_relay_prefix', '10.0.0.0']], {
        needs: '6rd',
        given: { '6rd_prefix': '2001:db8::', '6rd_prefixlen': 32, '6rd_relay_prefixlen': 8 },
      }),
      // iproute2 tells of the length where there is a relay
      cases([['6rd_relay_prefixlen', 12]], {
        needs: '6rd',
        given: {
          '6rd_prefix': '2001:db8::',
          '6rd_prefixlen': 32,
          '6rd_relay_prefix': '10.0.0.0',
          '6rd_relay_prefixlen': 8,
        },
      }),
    ]),
    ...asTheyAre([FAR_END]),
  ],
  ip6tnl: onto(INET6, [
    ENDS6,
    OUTER6,
    EXTERNAL,
    ENCAP,
    cases([
      ['mode', 'ip6ip6'],
      ['mode', 'ipip6'],
    ]),
  ]),
  vti: [...onto(INET, [ENDS, KEYS]), ...asTheyAre([FAR_END])],
  vti6: onto(INET6, [ENDS6, KEYS]),
};
