import { type Family, maskBytes, type Prefix, parsePrefix } from '../../model/ip.ts';
import type { Range, Rule } from '../../model/rule.ts';
import type { State } from '../../model/state.ts';
import type { Flow } from './query.ts';

/** Bits of the IPv4 tos that routes and `tos` rules look at: RT_TOS and INET_DSCP_MASK (include/net/ip_fib.h fib_dscp_masked_match). */
export const IPV4_TOS_MASK = 0x1c;
const DSCP_MASK = 0xfc;

/** A rule with its prefixes read once. */
export interface ReadyRule {
  readonly rule: Rule;
  readonly from: Prefix | undefined;
  readonly to: Prefix | undefined;
}

/** What a rule's action gives: an end, or nothing (go on). */
export type RuleResult<R> = { readonly end: R } | undefined;

/** The rules of a family as the kernel walks them: by priority, then in the order of adding, which the dump keeps. */
export const readyRules = (state: State, family: Family): readonly ReadyRule[] =>
  state.rule
    .filter((rule) => rule.family === family)
    .toSorted((a, b) => a.priority - b.priority)
    .map((rule) => ({
      rule,
      from: rule.from === undefined ? undefined : parsePrefix(rule.from),
      to: rule.to === undefined ? undefined : parsePrefix(rule.to),
    }));

/** Whether the rules are those that a namespace starts with: the kernel then takes a shorter way through the tables. */
export const areDefaultRules = (rules: readonly ReadyRule[], family: Family): boolean => {
  const wanted = family === 'inet' ? ['0 255', '32766 254', '32767 253'] : ['0 255', '32766 254'];
  return (
    rules.length === wanted.length &&
    rules.every(
      ({ rule }, i) => `${rule.priority} ${rule.table}` === wanted[i] && rule.action === 'table' && isPlain(rule),
    )
  );
};

const SELECTORS = ['not', 'from', 'to', 'iif', 'oif', 'fwmark', 'tos', 'dscp', 'ipproto', 'sport', 'dport', 'uidrange'];
const isPlain = (rule: Rule): boolean =>
  SELECTORS.every((key) => rule[key as keyof Rule] === undefined) &&
  rule.suppress_prefixlength === undefined &&
  rule.suppress_ifgroup === undefined;

const holds = (prefix: Prefix, bytes: Uint8Array): boolean => {
  const masked = maskBytes(bytes, prefix.length);
  return masked.every((byte, i) => byte === prefix.bytes[i]);
};

const inRange = (range: Range, value: number): boolean => value >= range[0] && value <= range[1];

/** A VRF as iif or oif stands for all flows within it (net/core/fib_rules.c fib_rule_iif_match, Linux 6.15 on). */
const isLink = (flow: Flow, side: 'iif' | 'oif', name: string): boolean =>
  flow.vrf?.name === name ? flow.vrf.by === side : flow[side] === name;

/** fib4_rule_match and fib6_rule_match: an IPv6 packet without a source matches no rule with one. */
const matchesAddresses = ({ from, to }: ReadyRule, flow: Flow): boolean => {
  if (to !== undefined && !holds(to, flow.to)) return false;
  if (from === undefined) return true;
  return (flow.family === 'inet' || flow.hasFrom) && holds(from, flow.from);
};

const matchesTos = ({ tos, dscp }: Rule, flow: Flow): boolean => {
  if (dscp !== undefined && dscp !== flow.tos >> 2) return false;
  if (tos === undefined || tos === 0) return true;
  return tos === (flow.tos & (flow.family === 'inet' ? IPV4_TOS_MASK : DSCP_MASK));
};

/** fib_rule_match (net/core/fib_rules.c), without `not`. */
const matchesSelectors = (ready: ReadyRule, flow: Flow): boolean => {
  const { rule } = ready;
  if (rule.iif !== undefined && !isLink(flow, 'iif', rule.iif)) return false;
  if (rule.oif !== undefined && !isLink(flow, 'oif', rule.oif)) return false;
  if (rule.fwmark !== undefined && ((rule.fwmark ^ flow.mark) & (rule.fwmask ?? 0xffffffff)) !== 0) return false;
  // no flow of a look-up comes from a tunnel
  if (rule.tun_id !== undefined && rule.tun_id !== '0') return false;
  if (rule.l3mdev === true && flow.vrf === undefined) return false;
  if (rule.uidrange !== undefined && (flow.uid === undefined || !inRange(rule.uidrange, flow.uid))) return false;
  if (!matchesAddresses(ready, flow) || !matchesTos(rule, flow)) return false;
  if (rule.ipproto !== undefined && rule.ipproto !== 0 && rule.ipproto !== flow.ipproto) return false;
  if (rule.sport !== undefined && !inRange(rule.sport, flow.sport)) return false;
  return rule.dport === undefined || inRange(rule.dport, flow.dport);
};

const matchesRule = (ready: ReadyRule, flow: Flow): boolean =>
  matchesSelectors(ready, flow) !== (ready.rule.not === true);

/**
 * Goes through the rules until one ends the search (fib_rules_lookup, net/core/fib_rules.c). A goto without a target is
 * passed over.
 * @param act what a rule with an end of its own gives; undefined = go on with the next
 * @returns undefined where no rule gave an end
 */
export const walkRules = <R>(
  rules: readonly ReadyRule[],
  flow: Flow,
  act: (rule: Rule) => RuleResult<R>,
): RuleResult<R> => {
  for (let i = 0; i < rules.length; i++) {
    const ready = rules[i] as ReadyRule;
    if (!matchesRule(ready, flow)) continue;
    const { action, goto: target } = ready.rule;
    if (action === 'goto') {
      const at = rules.findIndex(({ rule }) => rule.priority === target);
      // the kernel looks at the target's own selectors as at any other rule's
      if (at > i) i = at - 1;
      continue;
    }
    if (action === 'nop') continue;
    const result = act(ready.rule);
    if (result !== undefined) return result;
  }
  return undefined;
};

/** The table that a rule sends to. */
export const tableOfRule = (rule: Rule, flow: Flow): number =>
  rule.l3mdev === true ? (flow.vrf?.table ?? 0) : (rule.table ?? 0);

/** Whether a rule does not accept what its table gave (fib4_rule_suppress, fib6_rule_suppress). */
export const suppresses = (rule: Rule, prefixlen: number, group: number | undefined): boolean =>
  (rule.suppress_prefixlength !== undefined && prefixlen <= rule.suppress_prefixlength) ||
  (rule.suppress_ifgroup !== undefined && group !== undefined && group === rule.suppress_ifgroup);
