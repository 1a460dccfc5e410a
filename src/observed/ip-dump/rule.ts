import type { Family } from '../../model/ip.ts';
import type { Range, Rule, RuleAction } from '../../model/rule.ts';
import {
  type IpObject,
  type IpReading,
  isSet,
  numberIn,
  readPrefix,
  requireNumber,
  requireText,
  textIn,
} from './ip-json.ts';

/** IP protocols as iproute2 names them from /etc/protocols; RTM_GETROUTE and rules know few. */
const IP_PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  'ipv6-icmp': 58,
  sctp: 132,
};

/** `tcp`; with `ip -N` it is `ipproto-6`. */
const readIpProtocol = (text: string): number | undefined =>
  IP_PROTOCOLS[text] ?? numberIn(/^ipproto-(\d+)$/.exec(text)?.[1]);

const readRange = (object: IpObject, name: string): Range | undefined => {
  const one = numberIn(object[name]);
  if (one !== undefined) return [one, one];
  const [start, end] = [numberIn(object[`${name}_start`]), numberIn(object[`${name}_end`])];
  return start === undefined || end === undefined ? undefined : [start, end];
};

/** `all`, or a prefix whose length is a member of its own. */
const readSelector = (object: IpObject, name: 'src' | 'dst', family: Family, file: string): string | undefined => {
  const address = textIn(object[name]);
  if (address === undefined || address === 'all') return undefined;
  const length = textIn(object[`${name}len`]);
  return readPrefix(length === undefined ? address : `${address}/${length}`, family, file);
};

/** FR_ACT_* by their words, and by the numbers of `ip -N` (include/uapi/linux/fib_rules.h). */
const ACTIONS: Readonly<Record<string, RuleAction>> = {
  blackhole: 'blackhole',
  6: 'blackhole',
  unreachable: 'unreachable',
  7: 'unreachable',
  prohibit: 'prohibit',
  8: 'prohibit',
};

const readAction = (object: IpObject): RuleAction => {
  if (object.goto !== undefined) return 'goto';
  if ('nop' in object || object.action === 'nop') return 'nop';
  return ACTIONS[textIn(object.action) ?? ''] ?? 'table';
};

/** Members that are numbers in the model, where ip prints them. */
const readNumbers = (object: IpObject): Partial<Rule> => {
  const members = {
    fwmark: numberIn(object.fwmark),
    dscp: numberIn(object.dscp),
    goto: numberIn(object.goto),
    suppress_prefixlength: numberIn(object.suppress_prefixlen),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
};

const readRule = (object: IpObject, family: Family, file: string, { names }: IpReading): Rule => {
  const [from, to] = [readSelector(object, 'src', family, file), readSelector(object, 'dst', family, file)];
  const [sport, dport] = [readRange(object, 'sport'), readRange(object, 'dport')];
  const uidrange = readRange(object, 'uid');
  const action = readAction(object);
  const l3mdev = isSet(object, 'l3mdev');
  const table = textIn(object.table);
  const [iif, oif, tunId, tos] = [textIn(object.iif), textIn(object.oif), textIn(object.tun_id), textIn(object.tos)];
  const group = textIn(object.suppress_ifgroup);
  const ipproto = textIn(object.ipproto);
  const realms = ((numberIn(object.flow_from) ?? 0) << 16) | (numberIn(object.flow_to) ?? 0);
  return {
    family,
    priority: numberIn(object.priority) ?? 0,
    ...('not' in object ? { not: true } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(iif === undefined ? {} : { iif }),
    ...(oif === undefined ? {} : { oif }),
    ...readNumbers(object),
    ...(object.fwmark === undefined ? {} : { fwmask: numberIn(object.fwmask) ?? 0xffffffff }),
    ...(tos === undefined ? {} : { tos: requireNumber(tos, names.dsfield, file) }),
    ...(ipproto === undefined ? {} : { ipproto: requireNumber(ipproto, readIpProtocol, file) }),
    ...(sport === undefined ? {} : { sport }),
    ...(dport === undefined ? {} : { dport }),
    ...(uidrange === undefined ? {} : { uidrange }),
    ...(tunId === undefined ? {} : { tun_id: tunId }),
    ...(l3mdev ? { l3mdev: true } : {}),
    action,
    ...(table === undefined
      ? l3mdev
        ? { table: 0 }
        : {}
      : { table: requireNumber(requireText(object, 'table', file), names.table, file) }),
    ...(group === undefined ? {} : { suppress_ifgroup: requireNumber(group, names.group, file) }),
    ...(realms === 0 ? {} : { realms }),
    protocol: requireNumber(textIn(object.protocol) ?? '0', names.protocol, file),
  };
};

/** What `ip -d -j -4 (or -6) rule show` says. */
export const readRules = (
  objects: readonly IpObject[],
  family: Family,
  file: string,
  reading: IpReading,
): readonly Rule[] => objects.map((object) => readRule(object, family, file, reading));
