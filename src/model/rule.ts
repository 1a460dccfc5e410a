import type { Family } from './ip.ts';
import { type FieldTable, type Kind, NETRECON_PROTOCOL } from './kind.ts';
import type { RawAttribute } from './value.ts';

/** fib_rule_hdr.action by iproute2's words (include/uapi/linux/fib_rules.h FR_ACT_*). */
export type RuleAction = 'table' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';

/** First and last of a range, both included. */
export type Range = readonly [number, number];

/** A routing policy rule, whole: an absent field selects everything. */
export interface Rule {
  readonly family: Family;
  readonly priority: number;
  readonly not?: boolean;
  /** canonical prefix */
  readonly from?: string;
  /** canonical prefix */
  readonly to?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: number;
  /** only with fwmark; the kernel's default is 0xffffffff */
  readonly fwmask?: number;
  /** IPv4 tos or IPv6 traffic class (fib_rule_hdr.tos) */
  readonly tos?: number;
  /** six bits (FRA_DSCP, kernel 6.13 on) */
  readonly dscp?: number;
  readonly ipproto?: number;
  readonly sport?: Range;
  readonly dport?: Range;
  readonly uidrange?: Range;
  /** be64 on the wire, decimal text: it may exceed 2^53 */
  readonly tun_id?: string;
  readonly l3mdev?: boolean;
  readonly action: RuleAction;
  /** action table; 0 with l3mdev */
  readonly table?: number;
  /** action goto: the priority to jump to */
  readonly goto?: number;
  readonly suppress_prefixlength?: number;
  readonly suppress_ifgroup?: number;
  /** FRA_FLOW, FROM << 16 | TO */
  readonly realms?: number;
  readonly protocol: number;
  readonly raw?: readonly RawAttribute[];
}

/** Part of a rule that the kernel compares when it looks for one that exists (fib_rules.c rule_exists). */
const selector = (r: Rule): string =>
  [
    r.family,
    r.priority,
    r.action,
    r.table ?? 0,
    r.iif ?? '',
    r.oif ?? '',
    r.fwmark === undefined ? '' : `${r.fwmark}/${r.fwmask ?? 0xffffffff}`,
    r.suppress_prefixlength ?? '',
    r.suppress_ifgroup ?? '',
    r.tun_id ?? '',
    r.l3mdev === true ? 'l3mdev' : '',
    r.uidrange?.join('-') ?? '',
    r.ipproto ?? '',
    r.sport?.join('-') ?? '',
    r.dport?.join('-') ?? '',
    r.from ?? '',
    r.to ?? '',
    r.tos ?? 0,
    r.dscp ?? '',
    r.realms ?? '',
  ].join(' ');

/** Rules have no RTM_NEW with REPLACE: a rule that differs is another rule. */
const FIELDS: FieldTable<Rule> = {
  not: { change: 'recreate', unset: 'default', same: (d, o) => (d ?? false) === (o ?? false) },
  goto: { change: 'recreate', unset: 'default' },
  protocol: { change: 'recreate', unset: 'default' },
};

const words = (r: Rule): string[] => {
  const out: string[] = [];
  const add = (word: string, value: unknown) => {
    if (value !== undefined) out.push(`${word} ${value}`);
  };
  if (r.not === true) out.push('not');
  out.push(`from ${r.from ?? 'all'}`);
  add('to', r.to);
  if (r.fwmark !== undefined)
    out.push(
      `fwmark 0x${r.fwmark.toString(16)}${r.fwmask === undefined || r.fwmask === 0xffffffff ? '' : `/0x${r.fwmask.toString(16)}`}`,
    );
  add('iif', r.iif);
  add('oif', r.oif);
  add('tos', r.tos === 0 ? undefined : r.tos);
  add('dscp', r.dscp);
  add('ipproto', r.ipproto);
  add('sport', r.sport?.join('-'));
  add('dport', r.dport?.join('-'));
  add('uidrange', r.uidrange?.join('-'));
  add('tun_id', r.tun_id);
  if (r.l3mdev === true) out.push('l3mdev');
  if (r.action === 'goto') out.push(`goto ${r.goto}`);
  else if (r.action !== 'table') out.push(r.action);
  else if (r.table !== undefined && r.l3mdev !== true) out.push(`table ${r.table}`);
  return out;
};

/** The rules that every namespace starts with: local, main, default. */
const isDefaultRule = (r: Rule): boolean => r.priority === 0 || r.priority === 32766 || r.priority === 32767;

export const RULE: Kind<'rule'> = {
  name: 'rule',
  section: 'rules',
  slot: selector,
  identity: (r) => `${selector(r)} ${r.protocol} ${r.not === true} ${r.goto ?? ''}`,
  describe: (r) => `rule ${r.family === 'inet6' ? '-6 ' : ''}${r.priority}: ${words(r).join(' ')}`,
  fields: () => FIELDS,
  devs: () => [],
  // the kernel's identity includes the protocol but neither `not` nor the goto target
  coexists: (wanted, present) => wanted.protocol !== present.protocol,
  isKernels: (r) => r.protocol === 2 || (isDefaultRule(r) && r.protocol !== NETRECON_PROTOCOL),
  owner: (r) => r.protocol,
  isHandMade: (r) => r.protocol === 0 || r.protocol === 3 || r.protocol === 4,
};
