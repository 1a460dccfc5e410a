import type { OptionStruct } from '../../model/link-kinds/spec.ts';
import type { Value } from '../../model/value.ts';
import { eachAttribute } from './attributes.ts';
import { DecodeError, EncodeError } from './codec-errors.ts';
import { anyLength, type Codec } from './codecs.ts';
import { readBe16, readHex, readLladdr, readU32 } from './reader.ts';
import type { MessageWriter } from './writer.ts';

const IFLA_VLAN_QOS_MAPPING = 1;
const IFLA_MACVLAN_MACADDR = 4;

/** A list of texts, as `qosMap` and `macList` have it in the model. */
export const textList = (value: Value): readonly string[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as readonly string[];
  throw new EncodeError(`${JSON.stringify(value)} is no list of texts`);
};

/** struct ifla_bridge_id: be16 priority, 6 octets. The kernel reports it and never takes it. */
const bridgeId: Codec<Value> = {
  accepts: (length) => length === 8,
  read: (bytes, start) =>
    `${readBe16(bytes, start).toString(16).padStart(4, '0')}.${readLladdr(bytes, start + 2, start + 8)}`,
  write: () => {
    throw new EncodeError('a bridge id is read-only');
  },
};

/** Nest of struct ifla_vlan_qos_mapping {u32 from, to}, in the model `FROM:TO` by FROM ascending. */
const qosMap: Codec<Value> = {
  accepts: anyLength,
  read: (bytes, start, end) => {
    const pairs: [number, number][] = [];
    eachAttribute(bytes, start, end, (type, from, to) => {
      if (type !== IFLA_VLAN_QOS_MAPPING) return;
      if (to - from < 8) throw new DecodeError('IFLA_VLAN_QOS_MAPPING', 'too short', bytes, from, to);
      pairs.push([readU32(bytes, from), readU32(bytes, from + 4)]);
    });
    return pairs.sort((a, b) => a[0] - b[0]).map((pair) => pair.join(':'));
  },
  write: (writer, value) => {
    for (const pair of textList(value)) {
      const match = /^([0-9]+):([0-9]+)$/.exec(pair);
      if (match === null) throw new EncodeError(`${JSON.stringify(pair)} is no FROM:TO`);
      const at = writer.beginAttribute(IFLA_VLAN_QOS_MAPPING);
      writer.u32(Number(match[1]));
      writer.u32(Number(match[2]));
      writer.endAttribute(at);
    }
  },
};

/** Nest of IFLA_MACVLAN_MACADDR, in the model sorted. */
const macList: Codec<Value> = {
  accepts: anyLength,
  read: (bytes, start, end) => {
    const list: string[] = [];
    eachAttribute(bytes, start, end, (type, from, to) => {
      if (type === IFLA_MACVLAN_MACADDR) list.push(readLladdr(bytes, from, to));
    });
    return list.sort();
  },
  write: (writer: MessageWriter, value) => {
    for (const mac of textList(value)) {
      const at = writer.beginAttribute(IFLA_MACVLAN_MACADDR);
      writer.hex(mac.replaceAll(':', ''));
      writer.endAttribute(at);
    }
  },
};

/** A secure channel identifier: an address and a port, as iproute2 prints it. */
const sci: Codec<Value> = {
  accepts: (length) => length === 8,
  read: readHex,
  write: (writer, value) => {
    if (typeof value !== 'string' || !/^[0-9a-f]{16}$/.test(value)) throw new EncodeError('a sci has 16 digits');
    writer.hex(value);
  },
};

/** include/uapi/linux/if_macsec.h MACSEC_CIPHER_ID_*; the first is what the kernel reports for gcm-aes-128. */
const CIPHER_SUITES: readonly (readonly [id: string, word: string])[] = [
  ['0080020001000001', 'gcm-aes-128'],
  ['0080c20001000001', 'gcm-aes-128'],
  ['0080c20001000002', 'gcm-aes-256'],
  ['0080c20001000003', 'gcm-aes-xpn-128'],
  ['0080c20001000004', 'gcm-aes-xpn-256'],
];

/** The bytes of a number in the other order, as hexadecimal text. */
const reversed = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');

const cipherSuite: Codec<Value> = {
  accepts: (length) => length === 8,
  read: (bytes, start, end) => {
    const id = reversed(readHex(bytes, start, end));
    return CIPHER_SUITES.find(([known]) => known === id)?.[1] ?? `0x${id}`;
  },
  write: (writer, value) => {
    const id = CIPHER_SUITES.find(([, word]) => word === value)?.[0];
    if (id === undefined) throw new EncodeError(`${JSON.stringify(value)} is no cipher suite`);
    writer.hex(reversed(id));
  },
};

/** The address of HSR supervision frames ends in what was asked for. */
const lastOctet: Codec<Value> = {
  accepts: (length) => length > 0,
  read: (bytes, _start, end) => bytes[end - 1] ?? 0,
  write: () => {
    throw new EncodeError('an address that is only reported');
  },
};

/** Payloads with code of their own; the others are bits (option-bits.ts) or no payload of an option. */
export const STRUCT_CODECS: Readonly<Partial<Record<OptionStruct, Codec<Value>>>> = {
  bridgeId,
  qosMap,
  macList,
  sci,
  cipherSuite,
  lastOctet,
};

/** What turns one map of priorities into another: the kernel only adds and overwrites, and FROM:0 takes a pair out. */
export const qosMapChange = (before: Value | undefined, after: Value): readonly string[] => {
  const kept = textList(after);
  const from = (pair: string): string => pair.slice(0, pair.indexOf(':'));
  const present = new Set(kept.map(from));
  const gone = (before === undefined ? [] : textList(before)).map(from).filter((key) => !present.has(key));
  return [...gone.map((key) => `${key}:0`), ...kept];
};
