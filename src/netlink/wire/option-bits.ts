import type { OptionSpec } from '../../model/link-kinds/spec.ts';
import type { Value } from '../../model/value.ts';
import type { LinkNames } from '../families/codec.ts';
import { DecodeError } from './codec-errors.ts';
import { INTEGERS } from './option-codecs.ts';
import { readU32 } from './reader.ts';
import type { MessageWriter } from './writer.ts';

/** An option that is part of an attribute: a bit of it, several, or (`bitWord`) the bit that one of its values stands for. */
export interface BitOption {
  readonly name: string;
  readonly spec: OptionSpec;
  /** the bit of `spec.bitWord`, which stands in this attribute, and not `spec.bit` */
  readonly isWord?: true;
}

const isMasked = (spec: OptionSpec): boolean => typeof spec.codec === 'object';
const isSet = (value: Value | undefined): boolean => value === true || value === 1;

/** Where the option stands in the integer. */
const placeOf = ({ spec, isWord }: BitOption): { readonly shift: number; readonly mask: number } => {
  if (isWord === true) return { shift: spec.bitWord?.bit ?? 0, mask: 1 };
  return { shift: spec.bit ?? 0, mask: 2 ** (spec.width ?? 1) - 1 };
};

/** The name and integer codec of the attribute. */
const attributeOf = ({ spec, isWord }: BitOption) => {
  const place = (isWord === true ? spec.bitWord : undefined) ?? spec;
  return { attr: place.attr, integer: INTEGERS[place.codec as keyof typeof INTEGERS] };
};

const readOne = (option: BitOption, value: number): Value | undefined => {
  const { shift, mask } = placeOf(option);
  const { spec, isWord } = option;
  const bits = (value >>> shift) & mask;
  if (isWord === true) return (bits === 1) === (spec.bitWord?.when === 'set') ? spec.bitWord?.word : undefined;
  if (spec.width !== undefined) return bits;
  return spec.max === 1 ? bits : bits === 1;
};

const bitsOf = (option: BitOption, options: Readonly<Record<string, Value>>): number => {
  const { spec, isWord, name } = option;
  const value = options[name] ?? spec.default ?? null;
  const { shift } = placeOf(option);
  if (isWord === true) return (value === spec.bitWord?.word) === (spec.bitWord?.when === 'set') ? 2 ** shift : 0;
  if (spec.width !== undefined) return typeof value === 'number' ? value * 2 ** shift : 0;
  return isSet(value) ? 2 ** shift : 0;
};

/**
 * Reads every option of one attribute; with a mask {u32 value, u32 mask}, those that the kernel knows.
 * @param set - `isWord`: the value holds whatever the option's own attribute says
 */
export const readBits = (
  group: readonly BitOption[],
  bytes: Uint8Array,
  start: number,
  end: number,
  names: LinkNames,
  set: (name: string, value: Value, isWord: boolean) => void,
): void => {
  const first = group[0] as BitOption;
  const { attr, integer } = attributeOf(first);
  const masked = isMasked(first.spec) && first.isWord !== true;
  if (masked ? end - start < 8 : !integer.accepts(end - start)) {
    throw new DecodeError(attr, `payload of ${end - start} bytes`, bytes, start, end);
  }
  const value = masked ? readU32(bytes, start) : integer.read(bytes, start, end, names);
  const known = masked ? readU32(bytes, start + 4) : 0xffffffff;
  for (const option of group) {
    if (((known >>> placeOf(option).shift) & 1) === 0) continue;
    const read = readOne(option, value);
    if (read !== undefined) set(option.name, read, option.isWord === true);
  }
};

/**
 * Writes the options of one attribute.
 * @param changed names of those that are to be sent. Without a mask the others go along, or they would be cleared
 */
export const writeBits = (
  group: readonly BitOption[],
  type: number,
  options: Readonly<Record<string, Value>>,
  changed: readonly string[],
  writer: MessageWriter,
  names: LinkNames,
): void => {
  const first = group[0] as BitOption;
  const masked = isMasked(first.spec) && first.isWord !== true;
  let value = 0;
  let mask = 0;
  for (const option of group) {
    if (masked && !changed.includes(option.name)) continue;
    value += bitsOf(option, options);
    mask += 2 ** placeOf(option).shift;
  }
  const at = writer.beginAttribute(type);
  if (masked) {
    writer.u32(value);
    writer.u32(mask);
  } else attributeOf(first).integer.write(writer, value, names);
  writer.endAttribute(at);
};
