import { release } from 'node:os';
import type { Expected, StateCase } from './state-case.ts';

type Shown = Readonly<Record<string, Expected>>;

/** One selector: `first` and then `second`, and what `ip rule` shows of each. */
interface Selector {
  readonly first: readonly [yaml: string, shown: Shown];
  readonly second: readonly [yaml: string, shown: Shown];
  /** the second differs in what the kernel does not tell rules apart by */
  readonly sameSlot?: true;
  readonly skip?: string | false;
}

const hasDscp = (): boolean => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 13);
};

const SELECTORS: readonly Selector[] = [
  { first: ['iif: v0', { iif: 'v0' }], second: ['iif: lo', { iif: 'lo' }] },
  // a link that is not there yet
  {
    first: ['iif: nope0', { iif: 'nope0', iif_detached: null }],
    second: ['iif: v1', { iif: 'v1', iif_detached: undefined }],
  },
  { first: ['oif: v0', { oif: 'v0' }], second: ['oif: v1', { oif: 'v1' }] },
  {
    first: ['fwmark: 0x10', { fwmark: '0x10', fwmask: undefined }],
    second: ['fwmark: 0x10/0xff', { fwmark: '0x10', fwmask: '0xff' }],
  },
  {
    first: ['fwmark: 0/0xff', { fwmark: '0', fwmask: '0xff' }],
    second: ['fwmark: 4294967295', { fwmark: '0xffffffff' }],
  },
  { first: ['tos: 0x10', { tos: '0x10' }], second: ['tos: 0x08', { tos: '0x08' }] },
  { first: ['ipproto: tcp', { ipproto: 'tcp' }], second: ['ipproto: 17', { ipproto: 'udp' }] },
  {
    first: ['ipproto: tcp, sport: 80', { sport: 80 }],
    second: ['ipproto: tcp, sport: 80-90', { sport_start: 80, sport_end: 90 }],
  },
  {
    first: ['ipproto: udp, dport: 53', { dport: 53 }],
    second: ['ipproto: udp, dport: 53-65534', { dport_start: 53, dport_end: 65534 }],
  },
  {
    first: ['uidrange: 0-100', { uid_start: 0, uid_end: 100 }],
    second: ['uidrange: 1000', { uid_start: 1000, uid_end: 1000 }],
  },
  { first: ['tun_id: 7', { tun_id: 7 }], second: ['tun_id: "4503599627370496"', { tun_id: 4503599627370496 }] },
  { first: ['table: 100', { table: '100' }], second: ['table: 4294967295', { table: '4294967295' }] },
  { first: ['table: main', { table: 'main' }], second: ['table: default', { table: 'default' }] },
  { first: ['action: nop', { nop: null }], second: ['goto: 2000', { goto: 2000 }] },
  { first: ['goto: 2000', { goto: 2000 }], second: ['goto: 32766', { goto: 32766 }], sameSlot: true },
  { first: ['action: blackhole', { action: 'blackhole' }], second: ['action: unreachable', { action: 'unreachable' }] },
  { first: ['action: prohibit', { action: 'prohibit' }], second: ['l3mdev: true', { l3mdev: null }] },
  {
    first: ['table: main, suppress_prefixlength: 0', { suppress_prefixlen: 0 }],
    second: ['table: main, suppress_prefixlength: 24', { suppress_prefixlen: 24 }],
  },
  {
    first: ['table: main, suppress_ifgroup: default', { suppress_ifgroup: 'default' }],
    second: ['table: main, suppress_ifgroup: 5', { suppress_ifgroup: '5' }],
  },
  {
    first: ['table: 100, protocol: static', { protocol: 'static' }],
    second: ['table: 100', { protocol: '110' }],
    sameSlot: true,
  },
  {
    first: ['table: 100, fwmark: 1', { not: undefined }],
    second: ['table: 100, fwmark: 1, not: true', { not: null }],
    sameSlot: true,
  },
];

const FAMILIES = [
  { family: 'inet', flag: '', from: '10.0.0.0/8', host: '10.1.0.1' },
  { family: 'inet6', flag: '-6 ', from: '2001:db8::/32', host: '2001:db8::1' },
] as const;

/** Whether the words of a selector say what happens to the packet. */
const saysAction = (yaml: string): boolean => /\b(table|goto|action|l3mdev):/.test(yaml);

const ruleOf = (family: string, yaml: string): string =>
  `rules: [{priority: 1000, family: ${family}, ${yaml}${saysAction(yaml) ? '' : ', table: 100'}}, {priority: 2000, family: ${family}, action: nop}]`;

const selectorCase = (family: string, flag: string, { first, second, sameSlot, skip }: Selector): StateCase => {
  const show = `${flag}rule show priority 1000`;
  return {
    name: `${flag}${first[0]}, then ${second[0]}`,
    ...(skip === undefined ? {} : { skip }),
    yaml: ruleOf(family, first[0]),
    shows: { [show]: [{ priority: 1000, src: 'all', protocol: '110', ...first[1] }] },
    next: {
      yaml: ruleOf(family, second[0]),
      shows: { [show]: [{ priority: 1000, src: 'all', protocol: '110', ...second[1] }] },
      actions: sameSlot === true ? ['replace'] : ['create', 'delete'],
    },
  };
};

const prefixCases = ({ family, flag, from, host }: (typeof FAMILIES)[number]): readonly StateCase[] => {
  const [src, srclen] = from.split('/') as [string, string];
  const show = `${flag}rule show priority 1000`;
  return [
    {
      name: `${flag}from a prefix, then from a host to a prefix`,
      yaml: `rules: [{priority: 1000, from: "${from}", table: 100}]`,
      shows: { [show]: [{ src, srclen: Number(srclen), dst: undefined, table: '100' }] },
      next: {
        yaml: `rules: [{priority: 1000, from: "${host}", to: "${from}", table: 100}]`,
        shows: { [show]: [{ src: host, srclen: undefined, dst: src, dstlen: Number(srclen) }] },
        actions: ['create', 'delete'],
      },
    },
    {
      name: `${flag}another priority`,
      yaml: `rules: [{priority: 1000, from: "${from}", table: 100}]`,
      shows: { [show]: [{ src }], [`${flag}rule show priority 1001`]: [] },
      next: {
        yaml: `rules: [{priority: 1001, from: "${from}", table: 100}]`,
        shows: { [show]: [], [`${flag}rule show priority 1001`]: [{ src }] },
        actions: ['create', 'delete'],
      },
    },
    {
      name: `${flag}rules of one priority, of which the wider one goes`,
      yaml: `rules: [{priority: 1000, family: ${family}, table: 100}, {priority: 1000, from: "${from}", fwmark: 1, table: 100}]`,
      shows: { [show]: [{ src: 'all' }, { src, fwmark: '0x1' }] },
      next: {
        yaml: `rules: [{priority: 1000, from: "${from}", fwmark: 1, table: 100}]`,
        shows: { [show]: [{ src, fwmark: '0x1' }] },
        actions: ['delete'],
      },
    },
    {
      name: `${flag}rules of one priority, the narrower one first, of which the wider one goes`,
      yaml: `rules: [{priority: 1000, from: "${from}", fwmark: 1, table: 100}]`,
      setup: [`${flag}rule add priority 1000 fwmark 1 table 100 protocol bgp`],
      shows: {
        [show]: [
          { src: 'all', fwmark: '0x1', protocol: 'bgp' },
          { src, fwmark: '0x1', protocol: '110' },
        ],
      },
      next: {
        yaml: `rules: [{priority: 1000, from: "${from}", fwmark: 1, table: 100}, {priority: 1000, family: ${family}, table: 100}]`,
        shows: {
          [show]: [{ protocol: 'bgp' }, { src, fwmark: '0x1' }, { src: 'all', protocol: '110', fwmark: undefined }],
        },
        actions: ['create'],
      },
    },
    {
      name: `${flag}state absent removes what is there by hand, and nothing wider`,
      setup: [`${flag}rule add priority 1000 fwmark 1 table 100`, `${flag}rule add priority 1000 table 100`],
      yaml: `rules: [{priority: 1000, family: ${family}, table: 100, state: absent}]`,
      shows: { [show]: [{ fwmark: '0x1' }] },
      leaves: { [show]: [{ fwmark: '0x1' }] },
    },
  ];
};

/** IPv6 rules have no realms. */
const REALMS: Selector = {
  first: ['table: 100, realms: 7', { flow_to: '7' }],
  second: ['table: 100, realms: 3/7', { flow_from: '3', flow_to: '7' }],
};

export const RULE_CASES: readonly StateCase[] = FAMILIES.flatMap((family) => [
  ...prefixCases(family),
  ...SELECTORS.map((selector) => selectorCase(family.family, family.flag, selector)),
]).concat(selectorCase('inet', '', REALMS));

/** iproute2 6.1 has no word for DSCP: the reconciler alone judges it, against the kernel's dump. */
export const DSCP_CASES: readonly StateCase[] = FAMILIES.map(({ family, flag }) =>
  selectorCase(family, flag, {
    first: ['dscp: 46', { priority: 1000 }],
    second: ['dscp: 10', { priority: 1000 }],
    skip: hasDscp() ? false : 'kernel lacks dscp in rules',
  }),
);
