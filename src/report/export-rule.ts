import { ipProtocolName } from '../desired/ip-protocols.ts';
import type { NameTables } from '../desired/names.ts';
import type { Rule as RuleEntry } from '../desired/schema.gen.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { TABLE_MAIN } from '../model/route.ts';
import type { Rule } from '../model/rule.ts';
import { hexWord, rangeWord, realmWord } from './export-words.ts';

const ALL_ONES = 0xffffffff;

/** Whether the file has words for all of a rule. */
const isExpressible = (rule: Rule): boolean => {
  if ((rule.raw ?? []).length > 0) return false;
  if (rule.action === 'goto') return rule.goto !== undefined && rule.goto > rule.priority && (rule.table ?? 0) === 0;
  if (rule.l3mdev === true) return rule.action === 'table' && (rule.table ?? 0) === 0;
  return rule.action !== 'table' || (rule.table ?? 0) !== 0;
};

/** A rule in as few words as say it; undefined where the file has no words for it. */
export const exportRule = (rule: Rule, names: NameTables): RuleEntry | undefined => {
  if (!isExpressible(rule)) return undefined;
  const told = (rule.from ?? rule.to)?.includes(':') === true ? 'inet6' : 'inet';
  return {
    priority: rule.priority,
    ...(rule.family !== told && { family: rule.family }),
    ...(rule.not === true && { not: true }),
    ...(rule.from !== undefined && { from: rule.from }),
    ...(rule.to !== undefined && { to: rule.to }),
    ...(rule.iif !== undefined && { iif: rule.iif }),
    ...(rule.oif !== undefined && { oif: rule.oif }),
    ...exportMark(rule),
    ...(rule.tos !== undefined && rule.tos !== 0 && { tos: rule.tos }),
    ...(rule.dscp !== undefined && { dscp: rule.dscp }),
    ...(rule.ipproto !== undefined && { ipproto: ipProtocolName(rule.ipproto) ?? rule.ipproto }),
    ...(rule.sport !== undefined && { sport: rangeWord(rule.sport) }),
    ...(rule.dport !== undefined && { dport: rangeWord(rule.dport) }),
    ...(rule.uidrange !== undefined && { uidrange: rangeWord(rule.uidrange) }),
    ...(rule.tun_id !== undefined && { tun_id: rule.tun_id }),
    ...exportAction(rule, names),
    ...(rule.suppress_prefixlength !== undefined && { suppress_prefixlength: rule.suppress_prefixlength }),
    ...(rule.suppress_ifgroup !== undefined && { suppress_ifgroup: names.groups.toName(rule.suppress_ifgroup) }),
    ...(rule.realms !== undefined && rule.realms !== 0 && { realms: realmWord(rule.realms) }),
    ...(rule.protocol !== NETRECON_PROTOCOL && { protocol: names.protocols.toName(rule.protocol) }),
  };
};

/** The kernel keeps a mask without a mark as well: it selects packets that have none of its bits. */
const exportMark = ({ fwmark, fwmask }: Rule): Partial<RuleEntry> => {
  if (fwmark === undefined && fwmask === undefined) return {};
  const mask = fwmask === undefined || fwmask === ALL_ONES ? '' : `/${hexWord(fwmask)}`;
  return { fwmark: `${hexWord(fwmark ?? 0)}${mask}` };
};

const exportAction = (rule: Rule, names: NameTables): Partial<RuleEntry> => {
  const name = names.tables.toName(rule.table ?? 0);
  const table = name === String(rule.table) ? (rule.table as number) : name;
  if (rule.l3mdev === true) return { l3mdev: true };
  if (rule.action === 'goto') return { goto: rule.goto as number };
  if (rule.action === 'table') return rule.table === TABLE_MAIN ? {} : { table };
  return { action: rule.action, ...(rule.table !== undefined && rule.table !== 0 && { table }) };
};
