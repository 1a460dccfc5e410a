import type { Declared } from '../model/desired.ts';
import { addressBits, type Family, familyOf } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { TABLE_MAIN } from '../model/route.ts';
import type { Rule as ModelRule, RuleAction } from '../model/rule.ts';
import { declare, type Entry, fieldSources, isOn, resolveName, type Surroundings } from './entry.ts';
import { ipProtocolNumber } from './ip-protocols.ts';
import { parseU32, readPrefix, readRange, readRealm } from './scalars.ts';
import type { Rule } from './schema.gen.ts';

const ALL_ONES = 0xffffffff;
/** Users are numbered below (uid_t) -1. */
const MAX_UID = 0xfffffffe;

/**
 * A rule as the file writes it, in the kernel's own reading.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeRule = (entry: Entry<Rule>, { names }: Surroundings): Declared<ModelRule> | undefined => {
  const { value } = entry;
  const before = entry.problems.count;
  const from = readSelector(entry, 'from');
  const to = readSelector(entry, 'to');
  const family = readFamily(entry, [from, to]);
  const action = readAction(entry);
  const table =
    value.table === undefined
      ? undefined
      : resolveName(entry, 'table', names.tables, { file: 'rt_tables', max: ALL_ONES });
  const protocol =
    value.protocol === undefined
      ? NETRECON_PROTOCOL
      : resolveName(entry, 'protocol', names.protocols, { file: 'rt_protos', max: 255 });
  const tos = value.tos === undefined ? 0 : resolveName(entry, 'tos', names.dsfields, { file: 'rt_dsfield', max: 255 });
  const mark = value.fwmark === undefined ? undefined : readMark(entry, value.fwmark);
  const range = (key: 'sport' | 'dport' | 'uidrange', max: number) =>
    value[key] === undefined ? undefined : readRange(entry, key, value[key], max);
  const sport = range('sport', 0xffff);
  const dport = range('dport', 0xffff);
  const uidrange = range('uidrange', MAX_UID);
  const ipproto = value.ipproto === undefined ? undefined : readProtocol(entry, value.ipproto);
  const tunId = value.tun_id === undefined ? undefined : readTunnelKey(entry, value.tun_id);
  const realms = value.realms === undefined ? undefined : readRealm(entry, 'realms', value.realms);
  const group =
    value.suppress_ifgroup === undefined
      ? undefined
      : resolveName(entry, 'suppress_ifgroup', names.groups, { file: 'group', max: ALL_ONES });
  const l3mdev = isOn(value.l3mdev);
  if (tos !== 0 && value.dscp !== undefined) {
    entry.problem('NR_CONTRADICTION', 'dscp and tos select by the same bits of the packet', 'dscp');
  }
  if ((value.suppress_prefixlength ?? 0) > addressBits(family)) {
    entry.problem(
      'NR_CONTRADICTION',
      `an ${family} prefix has at most ${addressBits(family)} bits`,
      'suppress_prefixlength',
    );
  }
  // FRA_FLOW is read by net/ipv4/fib_rules.c alone; of IPv6 rules it is dropped without a word
  if (family === 'inet6' && value.realms !== undefined) {
    entry.problem('NR_CONTRADICTION', 'rules of IPv6 have no realms', 'realms');
  }
  if (entry.problems.count > before) return undefined;
  const object: ModelRule = {
    family,
    priority: value.priority,
    ...(isOn(value.not) && { not: true }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(value.iif !== undefined && { iif: value.iif }),
    ...(value.oif !== undefined && { oif: value.oif }),
    ...mark,
    ...(tos !== 0 && tos !== undefined && { tos }),
    ...(value.dscp !== undefined && { dscp: value.dscp }),
    ...(ipproto !== undefined && { ipproto }),
    ...(sport !== undefined && { sport }),
    ...(dport !== undefined && { dport }),
    ...(uidrange !== undefined && { uidrange }),
    ...(tunId !== undefined && { tun_id: tunId }),
    ...(l3mdev && { l3mdev }),
    action,
    ...(action === 'table' ? { table: l3mdev ? 0 : (table ?? TABLE_MAIN) } : table !== undefined && { table }),
    ...(value.goto !== undefined && { goto: value.goto }),
    ...(value.suppress_prefixlength !== undefined && { suppress_prefixlength: value.suppress_prefixlength }),
    ...(group !== undefined && { suppress_ifgroup: group }),
    ...(realms !== undefined && realms !== 0 && { realms }),
    protocol: protocol ?? NETRECON_PROTOCOL,
  };
  return declare(entry, object, fieldSources(entry, { state: null, adopt: null }));
};

/** `all` and a prefix of length 0 select everything, which the kernel keeps as no prefix at all. */
const readSelector = (entry: Entry<Rule>, key: 'from' | 'to'): string | undefined => {
  const written = entry.value[key];
  if (written === undefined || written === 'all' || written === 'default') return undefined;
  return readPrefix(entry, key, written);
};

const readFamily = (entry: Entry<Rule>, selectors: readonly (string | undefined)[]): Family => {
  const families = new Set(selectors.flatMap((prefix) => (prefix === undefined ? [] : [familyOf(prefix)])));
  if (families.size > 1) entry.problem('NR_CONTRADICTION', 'from and to are of different families', 'to');
  const [found] = families;
  if (found !== undefined && entry.value.family !== undefined && entry.value.family !== found) {
    entry.problem('NR_CONTRADICTION', `family ${entry.value.family} does not fit the ${found} prefix`, 'family');
  }
  return entry.value.family ?? found ?? 'inet';
};

/** What the rule does; `table` and `goto` say it by themselves. */
const readAction = (entry: Entry<Rule>): RuleAction => {
  const { value } = entry;
  const action = value.action ?? (value.goto === undefined ? 'table' : 'goto');
  const refuse = (key: 'goto' | 'table' | 'l3mdev' | 'action', message: string) =>
    entry.problem('NR_CONTRADICTION', message, key);
  if (action === 'goto') {
    if (value.goto === undefined) refuse('action', 'action goto needs the priority to go to, in "goto"');
    else if (value.goto <= value.priority)
      refuse('goto', `goto ${value.goto} does not lead onwards from priority ${value.priority}`);
  } else if (value.goto !== undefined) refuse('goto', `goto does not go with action ${action}`);
  if (isOn(value.l3mdev) && value.table !== undefined) refuse('table', 'l3mdev finds the table by itself');
  if (isOn(value.l3mdev) && action !== 'table') refuse('l3mdev', `l3mdev does not go with action ${action}`);
  if (action === 'goto' && value.table !== undefined) refuse('table', 'table does not go with goto');
  return action;
};

const readMark = (entry: Entry<Rule>, written: number | string): Pick<ModelRule, 'fwmark' | 'fwmask'> => {
  if (typeof written === 'number') return { fwmark: written, fwmask: ALL_ONES };
  const [mark = '', mask, ...rest] = written.split('/');
  const fwmark = parseU32(mark);
  const fwmask = mask === undefined ? ALL_ONES : parseU32(mask);
  if (fwmark !== undefined && fwmask !== undefined && rest.length === 0) return { fwmark, fwmask };
  entry.problem(
    'NR_BAD_VALUE',
    `fwmark "${written}" is not MARK or MARK/MASK`,
    'fwmark',
    'each a number of 32 bits such as 0x10',
  );
  return {};
};

const readProtocol = (entry: Entry<Rule>, written: number | string): number | undefined => {
  if (typeof written === 'number') return written;
  const value = ipProtocolNumber(written);
  if (value === undefined)
    entry.problem('NR_UNKNOWN_NAME', `ipproto "${written}" is not known`, 'ipproto', 'write its number');
  return value;
};

/** Decimal text of up to 64 bits, as the model keeps it. */
const readTunnelKey = (entry: Entry<Rule>, written: number | string): string | undefined => {
  const text = String(written);
  const exact = typeof written === 'string' || Number.isSafeInteger(written);
  if (exact && /^(0|[1-9][0-9]{0,19}|0x[0-9a-fA-F]{1,16})$/.test(text) && BigInt(text) < 1n << 64n) {
    return BigInt(text).toString();
  }
  entry.problem('NR_BAD_VALUE', `tun_id "${text}" is not a number of 64 bits`, 'tun_id', 'quote a number above 2^53');
  return undefined;
};
