import type { Rule } from '../../model/rule.ts';
import { sameValue } from '../../model/value.ts';
import type { Casualties } from './taken.ts';

/** What rule_find compares where the request has it; `not` and the goto target are not among it. */
const SELECTORS = [
  'family',
  'priority',
  'action',
  'table',
  'iif',
  'oif',
  'fwmark',
  'fwmask',
  'tun_id',
  'l3mdev',
  'uidrange',
  'ipproto',
  'sport',
  'dport',
  'from',
  'to',
  'tos',
  'dscp',
  'realms',
  'suppress_prefixlength',
  'suppress_ifgroup',
  'protocol',
] as const satisfies readonly (keyof Rule)[];

/** Zero and absent are wildcards (fib_rules.c rule_find). */
const isWildcard = (value: unknown): boolean => value === undefined || value === 0 || value === false;

const fits = (request: Rule, rule: Rule): boolean =>
  SELECTORS.every((field) => isWildcard(request[field]) || sameValue(request[field], rule[field]));

/**
 * RTM_DELRULE takes the first rule that has what the request has, and more: a wider rule behind a narrower one of the
 * same priority is only reached once the narrower one is gone.
 */
export const deleteRule = (casualties: Casualties, rule: Rule): void => {
  const { state } = casualties;
  const target = state.find('rule', rule);
  for (const other of state.all('rule')) {
    if (!fits(rule, other)) continue;
    if (other === target) state.remove('rule', other);
    else casualties.remove('rule', other, 'the kernel deletes the first rule that fits, and this one stands before it');
    return;
  }
};
