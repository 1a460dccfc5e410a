import { familyOf } from '../../model/ip.ts';
import type { OptionSpec, OptionStruct, OptionTable } from '../../model/link-kinds/spec.ts';
import { type RawAttribute, sameValue, type Value } from '../../model/value.ts';
import { type AttributeNames, eachAttribute, rawAttribute } from '../wire/attributes.ts';
import { DecodeError, EncodeError } from '../wire/codec-errors.ts';
import type { Codec } from '../wire/codecs.ts';
import { type BitOption, readBits, writeBits } from '../wire/option-bits.ts';
import { isNest, optionCodec, PLAIN_CODECS } from '../wire/option-codecs.ts';
import { qosMapChange } from '../wire/option-structs.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames } from './codec.ts';

type Options = Readonly<Record<string, Value>>;

/** What one attribute of IFLA_INFO_DATA carries: one option, or several as bits. */
type Slot = OptionSlot | BitSlot;
interface BitSlot {
  readonly bits: BitOption[];
}
interface OptionSlot {
  readonly attr: string;
  readonly name: string;
  readonly codec: Codec<Value>;
  /** a flag that stands for this word of the option */
  readonly word?: string;
}

/** An option table, arranged by attribute type. */
export interface CompiledOptions {
  readonly table: OptionTable;
  readonly slots: ReadonlyMap<number, Slot>;
  /** the kernel may show another value in place of theirs */
  readonly veiled: readonly (readonly [name: string, shownInstead: NonNullable<OptionSpec['shownInstead']>])[];
  /** for paths */
  readonly names: readonly (AttributeNames | undefined)[];
}

/** IFLA_BR_PAD, IFLA_BRPORT_PAD, IFLA_MACSEC_PAD: empty, and only where 64-bit values have to be aligned. */
const PAD_TYPES: readonly number[] = [40, 26, 14];

const IFLA_MACVLAN_MACADDR_MODE = 3;
const MACVLAN_MACADDR_SET = 3;

export const compileOptions = (table: OptionTable): CompiledOptions => {
  const slots = new Map<number, Slot>();
  const names: (AttributeNames | undefined)[] = [];
  const addBits = (type: number, attr: string, option: BitOption): void => {
    names[type] = { name: attr, type };
    const slot = slots.get(type);
    if (slot !== undefined && 'bits' in slot) slot.bits.push(option);
    else slots.set(type, { bits: [option] });
  };
  for (const [name, spec] of Object.entries(table)) {
    const { inet6, flagWord, bitWord, reportedAs } = spec;
    // in messages of another family
    if (spec.stage !== undefined) continue;
    if (bitWord !== undefined) addBits(bitWord.type, bitWord.attr, { name, spec, isWord: true });
    if (spec.bit !== undefined) {
      addBits(spec.type, spec.attr, { name, spec });
      continue;
    }
    names[spec.type] = { name: spec.attr, type: spec.type };
    const codec = optionCodec(spec);
    if (codec !== undefined) slots.set(spec.type, { attr: spec.attr, name, codec });
    if (reportedAs !== undefined) {
      const { attr, type } = reportedAs;
      const reported = optionCodec({ ...spec, codec: reportedAs.codec });
      if (reported !== undefined) slots.set(type, { attr, name, codec: reported });
      names[type] = { name: attr, type };
    }
    if (inet6 !== undefined) {
      slots.set(inet6.type, { attr: inet6.attr, name, codec: PLAIN_CODECS.inet6 });
      names[inet6.type] = { name: inet6.attr, type: inet6.type };
    }
    if (flagWord !== undefined) {
      slots.set(flagWord.type, { attr: flagWord.attr, name, codec: wordCodec(flagWord), word: flagWord.word });
      names[flagWord.type] = { name: flagWord.attr, type: flagWord.type };
    }
  }
  const veiled = Object.entries(table).flatMap(([name, { shownInstead }]) =>
    shownInstead === undefined ? [] : [[name, shownInstead] as const],
  );
  return { table, slots, names, veiled };
};

const wordCodec = (flagWord: NonNullable<OptionSpec['flagWord']>): Codec<Value> =>
  PLAIN_CODECS[flagWord.codec ?? 'flag'];

/** What it means that the kernel leaves an option out (link-kinds/spec.ts, last column); undefined = it has none. */
const missingValue = (spec: OptionSpec): Value | undefined => {
  const { codec, missing } = spec;
  if (missing !== undefined) return missing;
  if (codec === 'flag') return false;
  if (codec === 'inet' || codec === 'inet6' || codec === 'ifindex') return null;
  return isNest(codec) ? [] : undefined;
};

/**
 * Reads IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA.
 * @param compiled undefined for a kind without a table: everything is raw
 * @throws {DecodeError}
 */
export const readOptions = (
  compiled: CompiledOptions | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
  names: LinkNames,
): { readonly options: Record<string, Value>; readonly raw: readonly RawAttribute[] } => {
  const options: Record<string, Value> = {};
  const words: Record<string, Value> = {};
  const raw: RawAttribute[] = [];
  eachAttribute(bytes, start, end, (type, from, to, at) => {
    const slot = compiled?.slots.get(type);
    if (slot === undefined) {
      const isPad = compiled !== undefined && from === to && PAD_TYPES.includes(type);
      if (!isPad) raw.push(rawAttribute(bytes, at, to));
    } else if ('bits' in slot) {
      readBits(slot.bits, bytes, from, to, names, (name, value, isWord) => {
        (isWord ? words : options)[name] = value;
      });
    } else if (!slot.codec.accepts(to - from)) {
      throw new DecodeError(slot.attr, `payload of ${to - from} bytes`, bytes, from, to);
    } else {
      const value = slot.codec.read(bytes, from, to, names);
      if (slot.word === undefined) options[slot.name] = value;
      else if (value === true) words[slot.name] = slot.word;
    }
  });
  Object.assign(options, words);
  for (const [name, spec] of Object.entries(compiled?.table ?? {})) {
    const missing = missingValue(spec);
    if (missing !== undefined && options[name] === undefined && spec.writeOnly !== true) options[name] = missing;
  }
  const veiled = compiled?.veiled.filter(
    ([name, shown]) => options[name] !== undefined && options[name] === shown(options),
  );
  for (const [name] of veiled ?? []) delete options[name];
  return { options, raw };
};

/** What is to be written of a set of options. */
export interface OptionWrite {
  readonly options: Options;
  /** an update: what the kernel has now */
  readonly before?: Options;
  /** an update: the options that change. Absent = creation: all that differ from the kernel's own default */
  readonly only?: readonly string[];
  /** an update carries every option (LinkKindSpec.wholeChange) */
  readonly whole?: boolean;
}

const isSent = (write: OptionWrite, name: string, spec: OptionSpec): boolean => {
  const value = write.options[name];
  if (value === undefined || spec.readOnly === true) return false;
  if (write.only !== undefined) return write.whole === true ? value !== null : write.only.includes(name);
  return spec.default === undefined || !sameValue(value, spec.default);
};

const useInet6 = (value: Value, before: Value | undefined): boolean => {
  const text = value ?? before;
  return typeof text === 'string' && familyOf(text) === 'inet6';
};

/** The attribute that carries this very value: an option may have one for each family, and one for a word. */
const attributeOf = (
  spec: OptionSpec,
  value: Value,
  before: Value | undefined,
): { readonly type: number; readonly codec: Codec<Value> | undefined } => {
  if (spec.flagWord !== undefined && value === spec.flagWord.word) {
    return { type: spec.flagWord.type, codec: wordCodec(spec.flagWord) };
  }
  if (spec.inet6 !== undefined && useInet6(value, before)) return { type: spec.inet6.type, codec: PLAIN_CODECS.inet6 };
  return { type: spec.type, codec: optionCodec(spec) };
};

const isStruct = (spec: OptionSpec, struct: OptionStruct): boolean =>
  typeof spec.codec === 'object' && spec.codec.struct === struct;

const writeOption = (
  writer: MessageWriter,
  spec: OptionSpec,
  value: Value,
  before: Value | undefined,
  names: LinkNames,
): void => {
  const { type, codec } = attributeOf(spec, value, before);
  if (codec === undefined || (spec.codec === 'flag' && value !== true)) return;
  if (isStruct(spec, 'macList')) {
    const mode = writer.beginAttribute(IFLA_MACVLAN_MACADDR_MODE);
    writer.u32(MACVLAN_MACADDR_SET);
    writer.endAttribute(mode);
  }
  const at = isNest(spec.codec) ? writer.beginNest(type) : writer.beginAttribute(type);
  const isFlagWord = value === spec.flagWord?.word;
  codec.write(writer, isStruct(spec, 'qosMap') ? qosMapChange(before, value) : isFlagWord ? true : value, names);
  writer.endAttribute(at);
};

/**
 * Writes the attributes of IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA, in the order of the table.
 * @throws {EncodeError} for an option that the kind does not have, or a value that it cannot have
 */
export const writeOptions = (
  compiled: CompiledOptions | undefined,
  write: OptionWrite,
  writer: MessageWriter,
  names: LinkNames,
): void => {
  const table = compiled?.table ?? {};
  for (const name of write.only ?? Object.keys(write.options)) {
    if (!Object.hasOwn(table, name)) throw new EncodeError(`this kind of link has no option ${JSON.stringify(name)}`);
  }
  const asked = Object.keys(table).filter((name) => isSent(write, name, table[name] as OptionSpec));
  const along = asked.flatMap((name) => table[name]?.alongWith ?? []);
  const sent = Object.keys(table).filter((name) => asked.includes(name) || along.includes(name));
  const written = new Set<number>();
  const writeGroup = (type: number): void => {
    const slot = compiled?.slots.get(type);
    if (slot === undefined || !('bits' in slot) || written.has(type)) return;
    writeBits(slot.bits, type, write.options, sent, writer, names);
    written.add(type);
  };
  for (const name of sent) {
    const spec = table[name] as OptionSpec;
    const value = write.options[name] ?? spec.default ?? null;
    const { bit, bitWord } = spec;
    if (bitWord !== undefined) writeGroup(bitWord.type);
    if (bit !== undefined) writeGroup(spec.type);
    else if (bitWord === undefined || value !== bitWord.word) {
      writeOption(writer, spec, value, write.before?.[name], names);
    }
  }
};
