import type { OptionCodec, OptionSpec } from '../../model/link-kinds/spec.ts';
import type { Value } from '../../model/value.ts';
import { eachAttribute } from './attributes.ts';
import { DecodeError, EncodeError } from './codec-errors.ts';
import {
  address,
  anyLength,
  be16,
  be32,
  bool8,
  type Codec,
  indexOfLink,
  lladdr,
  s32,
  string,
  u8,
  u16,
  u32,
  u64,
} from './codecs.ts';
import { STRUCT_CODECS, textList } from './option-structs.ts';
import { readBe16, readHex, readU32 } from './reader.ts';

type WordTable = Readonly<Record<number, string>> | undefined;

const ETHERTYPES: Readonly<Record<number, string>> = { 33024: '802.1q', 34984: '802.1ad' };

const numberOfWord = (words: WordTable, value: Value): number => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const found = Object.entries(words ?? {}).find(([, word]) => word === value);
  if (found === undefined) throw new EncodeError(`${JSON.stringify(value)} is none of the words of this option`);
  return Number(found[0]);
};

/** An integer that may have words; a number without a word stays a number, both ways. */
const integer = (codec: Codec<number>, words: WordTable): Codec<Value> => ({
  accepts: codec.accepts,
  read: (bytes, start, end, names) => {
    const value = codec.read(bytes, start, end, names);
    return words?.[value] ?? value;
  },
  write: (writer, value, names) => codec.write(writer, numberOfWord(words, value), names),
});

const expectText = (value: Value): string => {
  if (typeof value === 'string') return value;
  throw new EncodeError(`${JSON.stringify(value)} is no text`);
};

const text = (codec: Codec<string>): Codec<Value> => ({
  ...codec,
  write: (writer, value, names) => codec.write(writer, expectText(value), names),
});

/** null = all zero. */
const nullableAddress = (length: 4 | 16): Codec<Value> => ({
  accepts: (size) => size === length,
  read: (bytes, start, end, names) =>
    bytes.subarray(start, end).every((octet) => octet === 0) ? null : address.read(bytes, start, end, names),
  write: (writer, value, names) => {
    const at = writer.length;
    if (value === null) writer.zeros(length);
    else address.write(writer, expectText(value), names);
    if (writer.length - at !== length) throw new EncodeError(`${JSON.stringify(value)} is of the other family`);
  },
});

/** A list of addresses, numbered from 0; an empty nest empties it. */
const addressList = (length: 4 | 16): Codec<Value> => ({
  accepts: anyLength,
  read: (bytes, start, end, names) => {
    const list: string[] = [];
    eachAttribute(bytes, start, end, (_type, from, to) => {
      if (to - from !== length) throw new DecodeError('address list', `entry of ${to - from} bytes`, bytes, from, to);
      list.push(address.read(bytes, from, to, names));
    });
    return list;
  },
  write: (writer, value, names) => {
    for (const [i, item] of textList(value).entries()) {
      const at = writer.beginAttribute(i);
      address.write(writer, item, names);
      writer.endAttribute(at);
    }
  },
});

/** A dump carries an empty flag, or a u8 that may be 0 (IFLA_VXLAN_TTL_INHERIT). Only true is ever written. */
const flag: Codec<Value> = {
  accepts: (length) => length <= 1,
  read: (bytes, start, end) => start === end || bytes[start] !== 0,
  write: () => undefined,
};

/** A link that cannot be named stays a number. */
const ifindex: Codec<Value> = {
  accepts: (length) => length === 4,
  read: (bytes, start, _end, names) => {
    const index = readU32(bytes, start);
    return index === 0 ? null : (names.nameOf(index) ?? index);
  },
  write: (writer, value, names) => {
    if (value === null) writer.u32(0);
    else writer.u32(typeof value === 'number' ? value : indexOfLink(names, expectText(value)));
  },
};

const ethertype: Codec<Value> = {
  accepts: (length) => length === 2,
  read: (bytes, start) => {
    const value = readBe16(bytes, start);
    return ETHERTYPES[value] ?? `0x${value.toString(16)}`;
  },
  write: (writer, value) => {
    const number = /^0x[0-9a-fA-F]{1,4}$/.test(String(value)) ? Number(value) : numberOfWord(ETHERTYPES, value);
    writer.be16(number);
  },
};

const portRange: Codec<Value> = {
  accepts: (length) => length === 4,
  read: (bytes, start) => [readBe16(bytes, start), readBe16(bytes, start + 2)],
  write: (writer, value) => {
    const [low, high] = Array.isArray(value) ? (value as readonly Value[]) : [];
    if (typeof low !== 'number' || typeof high !== 'number') throw new EncodeError('a port range is [low, high]');
    writer.be16(low);
    writer.be16(high);
  },
};

const hex: Codec<Value> = {
  accepts: anyLength,
  read: readHex,
  write: (writer, value) => writer.hex(expectText(value)),
};

const boolean: Codec<Value> = {
  ...bool8,
  write: (writer, value) => writer.u8(value === true || value === 1 ? 1 : 0),
};

const wideInteger: Codec<Value> = {
  ...u64,
  write: (writer, value, names) => u64.write(writer, value as number | string, names),
};

/** Integers by name, for options that are bits of one. */
export const INTEGERS = { u8, u16, u32, s32, be16, be32 } as const;

/** Codecs that depend on nothing else in the option's table entry. */
export const PLAIN_CODECS: Readonly<Record<Exclude<OptionCodec, object | keyof typeof INTEGERS>, Codec<Value>>> = {
  u64: wideInteger,
  bool8: boolean,
  flag,
  inet: nullableAddress(4),
  inet6: nullableAddress(16),
  lladdr: text(lladdr),
  string: text(string),
  ifindex,
  inetList: addressList(4),
  inet6List: addressList(16),
  ethertype,
  portRange,
  hex,
};

/** Options that stand in a nest: their attribute carries NLA_F_NESTED. */
export const isNest = (codec: OptionCodec): boolean =>
  codec === 'inetList' ||
  codec === 'inet6List' ||
  (typeof codec === 'object' && (codec.struct === 'qosMap' || codec.struct === 'macList'));

const isInteger = (codec: OptionCodec): codec is keyof typeof INTEGERS =>
  typeof codec === 'string' && Object.hasOwn(INTEGERS, codec);

/**
 * The payload codec of an option that has an attribute to itself.
 * @returns undefined for options that share one (bits) or have none (`vethPeer`, `bridgeVlans`)
 */
export const optionCodec = (spec: OptionSpec): Codec<Value> | undefined => {
  const { codec } = spec;
  if (spec.bit !== undefined) return undefined;
  if (typeof codec === 'object') {
    return STRUCT_CODECS[codec.struct];
  }
  return isInteger(codec) ? integer(INTEGERS[codec], spec.words) : PLAIN_CODECS[codec];
};
