import { canonicalAddress, canonicalLladdr } from '../../model/ip.ts';
import type { OptionSpec, OptionTable } from '../../model/link-kinds/spec.ts';
import type { Value } from '../../model/value.ts';
import { type IpObject, numberIn, objectIn, objectsIn, textIn, wordsIn } from './ip-json.ts';

/** What ip calls options in its JSON, by the kind or port, where that is not one of their names. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bridge: {
    group_address: 'group_addr',
    mcast_last_member_count: 'mcast_last_member_cnt',
    mcast_startup_query_count: 'mcast_startup_query_cnt',
    mcast_last_member_interval: 'mcast_last_member_intvl',
    mcast_membership_interval: 'mcast_membership_intvl',
    mcast_querier_interval: 'mcast_querier_intvl',
    mcast_query_interval: 'mcast_query_intvl',
    mcast_query_response_interval: 'mcast_query_response_intvl',
    mcast_startup_query_interval: 'mcast_startup_query_intvl',
  },
  'bridge port': { mcast_router: 'multicast_router' },
  tun: { mode: 'type' },
  vxlan: {
    dev: 'link',
    dstport: 'port',
    srcport: 'port_range',
    udpcsum: 'udp_csum',
    udp6zerocsumtx: 'udp_zero_csum6_tx',
    udp6zerocsumrx: 'udp_zero_csum6_rx',
    maxaddress: 'limit',
  },
};

/** Flags of a VLAN are a list of words, and those of others members of their own. */
const VLAN_FLAGS: Readonly<Record<string, string>> = {
  reorder_hdr: 'REORDER_HDR',
  gvrp: 'GVRP',
  loose_binding: 'LOOSE_BINDING',
  mvrp: 'MVRP',
  bridge_binding: 'BRIDGE_BINDING',
};

const isOn = (value: unknown): boolean => value === null || value === true || value === 1 || value === 'on';

const readInteger = (spec: OptionSpec, value: unknown): Value | undefined => {
  const number = typeof value === 'boolean' ? Number(value) : numberIn(value);
  if (spec.words === undefined) return number;
  const text = textIn(value);
  if (text !== undefined && Object.values(spec.words).includes(text)) return text;
  return number === undefined ? undefined : (spec.words[number] ?? number);
};

const readAddress = (value: unknown): Value | undefined => {
  const text = textIn(value);
  return text === undefined ? undefined : text === 'any' ? null : canonicalAddress(text);
};

/** A value of ip's JSON in the form of the model; undefined where this cannot be told from what is printed. */
const readOption = (spec: OptionSpec, value: unknown): Value | undefined => {
  const { codec } = spec;
  if (value === spec.flagWord?.word || (value !== undefined && value === spec.bitWord?.word)) return value as Value;
  if (spec.max === 1) return isOn(value) ? 1 : 0;
  if (spec.width === undefined && (spec.bit !== undefined || codec === 'bool8' || codec === 'flag')) return isOn(value);
  if (typeof codec === 'object') {
    const pairs = objectsIn(value).map(({ from, to }) => `${from}:${to}`);
    return codec.struct === 'qosMap' ? pairs : undefined;
  }
  switch (codec) {
    case 'inet':
    case 'inet6':
      return readAddress(value);
    case 'lladdr':
      return canonicalLladdr(textIn(value) ?? '');
    case 'string':
    case 'ifindex':
      return textIn(value);
    case 'inetList':
    case 'inet6List':
      return wordsIn(value).flatMap((text) => canonicalAddress(text) ?? []);
    case 'ethertype':
      return textIn(value)?.toLowerCase();
    case 'portRange': {
      const range = objectIn(value);
      const [low, high] = [numberIn(range?.low), numberIn(range?.high)];
      return low === undefined || high === undefined ? undefined : [low, high];
    }
    case 'hex':
      return undefined;
    default:
      return readInteger(spec, value);
  }
};

/** What stands in a dump for an option that has its default, as far as that is known. */
const absentValue = (spec: OptionSpec): Value | undefined => {
  // told to wg(8) alone
  if (spec.stage === 'wireguard') return undefined;
  if (spec.missing !== undefined) return spec.missing;
  if (spec.codec === 'flag') return false;
  return spec.readOnly === true || spec.writeOnly === true ? undefined : spec.default;
};

/**
 * Options of a kind, or of a port, as ip prints them. What it leaves out has its default: of most it prints only what has
 * not, and of some nothing at all.
 * @param key `bridge`, or `bridge port`
 * @returns also the options that it said nothing of
 */
export const readOptions = (
  key: string,
  table: OptionTable,
  data: IpObject,
): { readonly options: Readonly<Record<string, Value>>; readonly untold: readonly string[] } => {
  const options: Record<string, Value> = {};
  const untold: string[] = [];
  const flags = wordsIn(data.flags);
  for (const [name, spec] of Object.entries(table)) {
    if (key === 'vlan' && VLAN_FLAGS[name] !== undefined && data.flags !== undefined) {
      options[name] = flags.includes(VLAN_FLAGS[name]);
      continue;
    }
    const words = [MEMBERS[key]?.[name] ?? name, name, ...(spec.aliases ?? [])];
    // an address of the other family is a member of its own
    const member = [...words, ...words.map((word) => `${word}6`)].find((word) => word in data);
    const told = member === undefined ? undefined : readOption(spec, data[member]);
    const value = told ?? absentValue(spec);
    if (told === undefined && spec.readOnly !== true && spec.writeOnly !== true) untold.push(name);
    if (value !== undefined) options[name] = value;
  }
  return { options, untold };
};
