import type { OptionSpec } from '../../model/link-kinds/spec.ts';
import type { Value } from '../../model/value.ts';
import type { LinkNames } from '../families/codec.ts';
import { DecodeError } from './codec-errors.ts';
import { INTEGERS } from './option-codecs.ts';
import { readU32 } from './reader.ts';
import type { MessageWriter } from './writer.ts';

/** An option that is one bit of an attribute. */
export interface BitOption {
  readonly name: string;
  readonly spec: OptionSpec;
}

const isMasked = (spec: OptionSpec): boolean => typeof spec.codec === 'object';
const integerOf = (spec: OptionSpec) => INTEGERS[spec.codec as keyof typeof INTEGERS];
const isSet = (value: Value | undefined): boolean => value === true || value === 1;
const bitOf = (option: BitOption): number => 1 << (option.spec.bit as number);

/** Reads every option of one attribute; with a mask {u32 value, u32 mask}, those that the kernel knows. */
export const readBits = (
  group: readonly BitOption[],
  bytes: Uint8Array,
  start: number,
  end: number,
  names: LinkNames,
  set: (name: string, value: Value) => void,
): void => {
  const { spec } = group[0] as BitOption;
  const masked = isMasked(spec);
  if (masked ? end - start < 8 : !integerOf(spec).accepts(end - start)) {
    throw new DecodeError(spec.attr, `payload of ${end - start} bytes`, bytes, start, end);
  }
  const value = masked ? readU32(bytes, start) : integerOf(spec).read(bytes, start, end, names);
  const mask = masked ? readU32(bytes, start + 4) : 0xffffffff;
  for (const option of group) {
    if ((mask & bitOf(option)) === 0) continue;
    const on = (value & bitOf(option)) !== 0;
    set(option.name, option.spec.max === 1 ? Number(on) : on);
  }
};

/**
 * Writes the options of one attribute.
 * @param changed names of those that are to be sent. Without a mask the others go along, or they would be cleared
 */
export const writeBits = (
  group: readonly BitOption[],
  options: Readonly<Record<string, Value>>,
  changed: readonly string[],
  writer: MessageWriter,
  names: LinkNames,
): void => {
  const { spec } = group[0] as BitOption;
  let value = 0;
  let mask = 0;
  for (const option of group) {
    const sent = !isMasked(spec) || changed.includes(option.name);
    if (sent && isSet(options[option.name] ?? option.spec.default)) value |= bitOf(option);
    if (sent) mask |= bitOf(option);
  }
  const at = writer.beginAttribute(spec.type);
  if (isMasked(spec)) {
    writer.u32(value);
    writer.u32(mask);
  } else integerOf(spec).write(writer, value, names);
  writer.endAttribute(at);
};
