import type { Declared } from '../../model/desired.ts';
import { type Diagnostic, formatSource } from '../../model/errors.ts';
import { parsePrefix, prefixContains } from '../../model/ip.ts';
import { type Range, RULE, type Rule } from '../../model/rule.ts';
import { sameValue } from '../../model/value.ts';
import { advise } from './advice.ts';

/** Whether every address of one prefix is in the other; absent = all. */
const holdsPrefix = (outer: string | undefined, inner: string | undefined): boolean => {
  if (outer === undefined) return true;
  const [wide, narrow] = [parsePrefix(outer), inner === undefined ? undefined : parsePrefix(inner)];
  if (wide === undefined || narrow === undefined) return false;
  return wide.length <= narrow.length && prefixContains(outer, (inner as string).split('/')[0] as string);
};

const holdsRange = (outer: Range | undefined, inner: Range | undefined): boolean =>
  outer === undefined || (inner !== undefined && outer[0] <= inner[0] && outer[1] >= inner[1]);

const EQUAL_SELECTORS = ['iif', 'oif', 'tos', 'dscp', 'ipproto', 'tun_id', 'l3mdev'] as const;

/** Whether a packet that the second rule selects is always selected by the first. Rules with `not` are left alone. */
const covers = (first: Rule, second: Rule): boolean =>
  first.not !== true &&
  second.not !== true &&
  first.family === second.family &&
  holdsPrefix(first.from, second.from) &&
  holdsPrefix(first.to, second.to) &&
  holdsRange(first.sport, second.sport) &&
  holdsRange(first.dport, second.dport) &&
  holdsRange(first.uidrange, second.uidrange) &&
  (first.fwmark === undefined || (first.fwmark === second.fwmark && sameValue(first.fwmask, second.fwmask))) &&
  EQUAL_SELECTORS.every((key) => first[key] === undefined || first[key] === second[key]);

const ENDS: ReadonlySet<Rule['action']> = new Set(['blackhole', 'unreachable', 'prohibit']);

/** Whether nothing is left for a second rule with the same packets: no table that may know nothing, or the same one. */
const leavesNothing = (first: Rule, second: Rule): boolean => {
  if (ENDS.has(first.action)) return true;
  const isWhole = first.suppress_prefixlength === undefined && first.suppress_ifgroup === undefined;
  return first.action === 'table' && second.action === 'table' && first.table === second.table && isWhole;
};

/** Rules that no packet ever gets to, or for which the one before has looked into the same table in vain. */
export const lintRules = (declared: readonly Declared<Rule>[]): readonly Diagnostic[] => {
  const rules = declared.filter(({ absent }) => !absent).toSorted((a, b) => a.object.priority - b.object.priority);
  // a jump over the first rule may lead to the second
  const isJumpedOver = ({ object }: Declared<Rule>): boolean =>
    rules.some(({ object: { action, goto, priority } }) => {
      return action === 'goto' && priority < object.priority && (goto ?? 0) > object.priority;
    });
  return rules.flatMap((rule, i) => {
    const first = rules
      .slice(0, i)
      .find(
        (earlier) =>
          !isJumpedOver(earlier) && covers(earlier.object, rule.object) && leavesNothing(earlier.object, rule.object),
      );
    if (first === undefined) return [];
    const message = `${RULE.describe(rule.object)} has no effect: ${RULE.describe(first.object)} (${formatSource(first.source)}) comes first`;
    return [advise('NR_LINT_SHADOWED_RULE', message, rule.source)];
  });
};
