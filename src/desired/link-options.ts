import type { Source } from '../model/desired.ts';
import { canonicalAddress } from '../model/ip.ts';
import type { OptionSpec, OptionTable } from '../model/link-kinds/spec.ts';
import type { Value } from '../model/value.ts';
import { readBridgeVlans } from './bridge-vlans.ts';
import { type Entry, isOn } from './entry.ts';
import { checkLinkName, parseU32, readAddress, readLladdr } from './scalars.ts';
import { readVxlanVnis } from './vxlan-vnis.ts';
import { readWireguardKey, readWireguardPeers } from './wireguard.ts';

type Options = Readonly<Record<string, Value>>;
type Section = Readonly<Record<string, Value>>;

/**
 * The options of a link kind (or of a port) as the file writes them, in the model's form: by iproute2's first name,
 * words rather than numbers where the table has them. Only what is written appears.
 */
export const normalizeOptions = (
  entry: Entry<Section>,
  table: OptionTable,
): { readonly options: Options; readonly sources: Readonly<Record<string, Source>> } => {
  const options: Record<string, Value> = {};
  const sources: Record<string, Source> = {};
  for (const [written, value] of Object.entries(entry.value)) {
    const name = officialName(table, written);
    const spec = table[name];
    if (spec === undefined) continue;
    const reading = readOption(entry, written, spec, value);
    if (reading === undefined) continue;
    if (name in options)
      entry.problem('NR_CONTRADICTION', `${written} is another word for a key that is written too`, written);
    options[name] = reading;
    sources[name] = entry.at(written);
  }
  return { options, sources };
};

const officialName = (table: OptionTable, written: string): string => {
  if (Object.hasOwn(table, written)) return written;
  return Object.keys(table).find((name) => table[name]?.aliases?.includes(written)) ?? written;
};

/** One value by its codec (see the table in model/link-kinds/spec.ts); undefined after reporting what is wrong. */
const readOption = (entry: Entry<Section>, key: string, spec: OptionSpec, value: Value): Value | undefined => {
  const { codec } = spec;
  if (spec.flagWord !== undefined && value === spec.flagWord.word) return value;
  if (spec.bitWord !== undefined && value === spec.bitWord.word) return value;
  if (spec.width !== undefined) return readNumber(entry, key, spec, value);
  if (spec.words !== undefined) return readWord(entry, key, spec.words, value);
  if (spec.max === 1) return isOn(value) ? 1 : 0;
  if (spec.bit !== undefined || codec === 'bool8' || codec === 'flag') return isOn(value);
  if (typeof codec === 'object') return STRUCTS[codec.struct]?.(entry, key, value);
  switch (codec) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 's32':
    case 'be16':
    case 'be32':
      return readNumber(entry, key, spec, value);
    case 'u64':
      return readU64(entry, key, value);
    case 'inet':
    case 'inet6':
      return readOptionalAddress(entry, key, value);
    case 'lladdr':
      return readLladdr(entry, key, String(value));
    case 'ifindex':
      return value === null || checkLinkName(entry, String(value), key) ? value : undefined;
    case 'inetList':
    case 'inet6List':
      return readAddressList(entry, key, value as readonly string[], codec);
    case 'ethertype':
      return readEthertype(entry, key, String(value));
    case 'portRange':
      return readPortRange(entry, key, value as readonly number[]);
    case 'string':
      return String(value);
    case 'hex':
      return undefined;
    default:
      return codec satisfies never;
  }
};

const STRUCTS: Readonly<Record<string, (entry: Entry<Section>, key: string, value: Value) => Value | undefined>> = {
  qosMap: (entry, key, value) => readQosMap(entry, key, value as readonly string[]),
  macList: (entry, key, value) => readMacList(entry, key, value as readonly string[]),
  sci: (entry, key, value) => readSci(entry, key, value),
  // the schema lists the words
  cipherSuite: (_entry, _key, value) => value,
  bridgeVlans: readBridgeVlans,
  vxlanVnis: readVxlanVnis,
  wireguardKey: readWireguardKey,
  wireguardPeers: readWireguardPeers,
  vethPeer: (entry, key, value) => (checkLinkName(entry, String(value), key) ? value : undefined),
};

const readWord = (
  entry: Entry<Section>,
  key: string,
  words: Readonly<Record<number, string>>,
  value: Value,
): Value | undefined => {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return words[value] ?? value;
  const known = Object.values(words);
  if (known.includes(String(value))) return value;
  entry.problem('NR_BAD_VALUE', `${key} "${value}" is not known`, key, `it takes a number or ${known.join(', ')}`);
  return undefined;
};

const readNumber = (entry: Entry<Section>, key: string, spec: OptionSpec, value: Value): Value | undefined => {
  const number = typeof value === 'string' ? (parseU32(value) ?? parseDottedQuad(value)) : value;
  if (number !== undefined) return number;
  const named = spec.flagWord?.word ?? spec.bitWord?.word ?? undefined;
  const word = named === undefined ? '' : ` or ${named}`;
  entry.problem('NR_BAD_VALUE', `${key} "${value}" is not known`, key, `it takes a number${word}`);
  return undefined;
};

/** Tunnel keys may be written like an IPv4 address. */
const parseDottedQuad = (text: string): number | undefined => {
  const address = canonicalAddress(text);
  if (address === undefined || address.includes(':')) return undefined;
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
};

const readSci = (entry: Entry<Section>, key: string, value: Value): Value | undefined => {
  const text = String(value).toLowerCase();
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  entry.problem('NR_BAD_VALUE', `${key} "${text}" is no channel identifier`, key, 'quote 16 hexadecimal digits');
  return undefined;
};

const readU64 = (entry: Entry<Section>, key: string, value: Value): Value | undefined => {
  const text = String(value);
  if (/^(0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) < 1n << 64n) {
    return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  }
  entry.problem('NR_BAD_VALUE', `${key} "${text}" is not a number of 64 bits`, key);
  return undefined;
};

/** null and an address of zeros are none. */
const readOptionalAddress = (entry: Entry<Section>, key: string, value: Value): Value | undefined => {
  if (value === null || value === 'any') return null;
  const address = readAddress(entry, key, String(value));
  return address === '0.0.0.0' || address === '::' ? null : address;
};

const readAddressList = (
  entry: Entry<Section>,
  key: string,
  list: readonly string[],
  codec: 'inetList' | 'inet6List',
): Value => {
  const wanted = codec === 'inet6List';
  return list.flatMap((text) => {
    const address = canonicalAddress(text);
    if (address !== undefined && address.includes(':') === wanted) return [address];
    entry.problem('NR_BAD_PREFIX', `${key} "${text}" is not an ${wanted ? 'IPv6' : 'IPv4'} address`, key);
    return [];
  });
};

const ETHERTYPES: Readonly<Record<number, string>> = { 33024: '802.1q', 34984: '802.1ad' };

const readEthertype = (entry: Entry<Section>, key: string, text: string): Value | undefined => {
  const lower = text.toLowerCase();
  if (Object.values(ETHERTYPES).includes(lower)) return lower;
  const number = /^0x[0-9a-f]{1,4}$/.test(lower) ? Number(lower) : undefined;
  if (number !== undefined) return ETHERTYPES[number] ?? `0x${number.toString(16)}`;
  entry.problem(
    'NR_BAD_VALUE',
    `${key} "${text}" is not an ethertype`,
    key,
    'write 802.1q, 802.1ad or a number such as 0x9100',
  );
  return undefined;
};

const readPortRange = (entry: Entry<Section>, key: string, [low, high]: readonly number[]): Value | undefined => {
  if (low !== undefined && high !== undefined && low <= high) return [low, high];
  entry.problem('NR_BAD_VALUE', `${key} must be [first, last] in ascending order`, key);
  return undefined;
};

/** By FROM ascending; TO 0 is the same as no pair. */
const readQosMap = (entry: Entry<Section>, key: string, list: readonly string[]): Value => {
  const pairs = new Map<number, number>();
  for (const text of list) {
    const [from, to, ...rest] = text.split(':').map(parseU32);
    if (from === undefined || to === undefined || rest.length > 0) {
      entry.problem('NR_BAD_VALUE', `${key} "${text}" is not FROM:TO`, key, 'quote it: "1:2"');
    } else if (pairs.has(from)) entry.problem('NR_CONTRADICTION', `${key} maps ${from} twice`, key);
    else pairs.set(from, to);
  }
  return [...pairs]
    .filter(([, to]) => to !== 0)
    .toSorted(([a], [b]) => a - b)
    .map(([from, to]) => `${from}:${to}`);
};

const readMacList = (entry: Entry<Section>, key: string, list: readonly string[]): Value =>
  [...new Set(list.flatMap((text) => readLladdr(entry, key, text) ?? []))].toSorted();
