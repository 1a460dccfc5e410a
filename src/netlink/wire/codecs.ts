import { formatAddress } from '../../model/ip.ts';
import type { LinkNames } from '../families/codec.ts';
import { writeAddressText } from './address-text.ts';
import { EncodeError } from './codec-errors.ts';
import {
  readBe16,
  readBe32,
  readBe64,
  readLladdr,
  readS32,
  readString,
  readU8,
  readU16,
  readU32,
  readU64,
} from './reader.ts';
import type { MessageWriter } from './writer.ts';

/** A payload both ways. */
export interface Codec<V> {
  /** whether a payload of so many bytes can be read; `read` is only called where it can */
  readonly accepts: (length: number) => boolean;
  /** reads [start, end) */
  readonly read: (bytes: Uint8Array, start: number, end: number, names: LinkNames) => V;
  readonly write: (writer: MessageWriter, value: V, names: LinkNames) => void;
}

const exactly =
  (size: number) =>
  (length: number): boolean =>
    length === size;
export const anyLength = (): boolean => true;

export const u8: Codec<number> = { accepts: exactly(1), read: readU8, write: (writer, value) => writer.u8(value) };
export const u16: Codec<number> = { accepts: exactly(2), read: readU16, write: (writer, value) => writer.u16(value) };
export const u32: Codec<number> = { accepts: exactly(4), read: readU32, write: (writer, value) => writer.u32(value) };
export const s32: Codec<number> = { accepts: exactly(4), read: readS32, write: (writer, value) => writer.u32(value) };
export const be16: Codec<number> = {
  accepts: exactly(2),
  read: readBe16,
  write: (writer, value) => writer.be16(value),
};
export const be32: Codec<number> = {
  accepts: exactly(4),
  read: readBe32,
  write: (writer, value) => writer.be32(value),
};

const toBigInt = (value: number | string): bigint => {
  try {
    return BigInt(value);
  } catch {
    throw new EncodeError(`${JSON.stringify(value)} is no integer`);
  }
};

/** Decimal text, always: a tunnel id may exceed 2^53. */
export const be64Text: Codec<string> = {
  accepts: exactly(8),
  read: (bytes, start) => readBe64(bytes, start).toString(),
  write: (writer, value) => writer.be64(toBigInt(value)),
};

/** A number where it is safe, else decimal text. */
export const u64: Codec<number | string> = {
  accepts: exactly(8),
  read: (bytes, start) => {
    const value = readU64(bytes, start);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  },
  write: (writer, value) => writer.u64(toBigInt(value)),
};

export const bool8: Codec<boolean> = {
  accepts: exactly(1),
  read: (bytes, start) => bytes[start] !== 0,
  write: (writer, value) => writer.u8(value ? 1 : 0),
};

/** Present = true. Writers give `undefined` for false, so that no attribute is written. */
export const flag: Codec<true> = { accepts: anyLength, read: () => true, write: () => undefined };

/** NUL-terminated, as the kernel's own policy likes it best. */
export const string: Codec<string> = {
  accepts: anyLength,
  read: readString,
  write: (writer, value) => {
    writer.text(value);
    writer.u8(0);
  },
};

/** Without a terminator: IFLA_IFALIAS counts every byte, and an empty payload removes the alias. */
export const bareString: Codec<string> = { ...string, write: (writer, value) => writer.text(value) };

const isAddressLength = (length: number): boolean => length === 4 || length === 16;

/** An address of either family, by its length. */
export const address: Codec<string> = {
  accepts: isAddressLength,
  read: (bytes, start, end) => formatAddress(bytes, start, end - start),
  write: (writer, value) => writeAddressText(writer, value, value.length),
};

/** The address of a prefix; its length stands in the header of the message. Reads the bare address. */
export const prefixAddress: Codec<string> = {
  accepts: isAddressLength,
  read: address.read,
  write: (writer, value) => {
    const slash = value.indexOf('/');
    writeAddressText(writer, value, slash < 0 ? value.length : slash);
  },
};

/** The length of a prefix text; a bare address counts in full. */
export const prefixLength = (text: string, bits: number): number => {
  const slash = text.indexOf('/');
  if (slash < 0) return bits;
  const length = Number(text.slice(slash + 1));
  if (!(length >= 0 && length <= bits)) throw new EncodeError(`${JSON.stringify(text)} is no prefix`);
  return length;
};

export const lladdr: Codec<string> = {
  accepts: (length) => length <= 32,
  read: readLladdr,
  write: (writer, value) => writer.hex(value.replaceAll(':', '')),
};

/**
 * The index of a link by name.
 * @throws {EncodeError} where there is no such link
 */
export const indexOfLink = (names: LinkNames, name: string): number => {
  const index = names.indexOf(name);
  if (index === undefined) throw new EncodeError(`there is no link ${JSON.stringify(name)}`);
  return index;
};
