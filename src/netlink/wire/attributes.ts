import type { RawAttribute } from '../../model/value.ts';
import type { LinkNames } from '../families/codec.ts';
import { DecodeError } from './codec-errors.ts';
import type { Codec } from './codecs.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from './constants.ts';
import { readHex, readU16 } from './reader.ts';
import type { MessageWriter } from './writer.ts';

/** What the path of an attribute needs to know of it: its name, and what stands inside. */
export interface AttributeNames {
  readonly name: string;
  readonly type: number;
  readonly nested?: NestedNames;
}

/** The attributes inside of a nest, behind `skip` bytes of a struct (ifinfomsg in VETH_INFO_PEER). */
export type NestedNames =
  | { readonly skip?: number; readonly names: readonly (AttributeNames | undefined)[] }
  /** chosen by a sibling: IFLA_INFO_DATA by the text of IFLA_INFO_KIND */
  | { readonly sibling: number; readonly choose: (text: string) => readonly (AttributeNames | undefined)[] }
  /** a row of rtnexthop structs, each followed by attributes of its own */
  | { readonly hops: readonly (AttributeNames | undefined)[] };

/**
 * One attribute of a message: how it stands on the wire and in the object. `T` is the object that is encoded, `D` the
 * draft that is decoded into.
 */
export interface AttributeSpec<T, D> extends AttributeNames {
  /** name of the field that it carries, for messages that write only some */
  readonly field?: string;
  /** reads the payload [start, end) into the draft */
  readonly decode: (bytes: Uint8Array, start: number, end: number, draft: D, names: LinkNames) => void;
  /** writes the whole attribute, or nothing where the object has no value for it */
  readonly encode: (writer: MessageWriter, object: T, names: LinkNames) => void;
}

/** Attributes by type; `specs` is the order of writing. */
export interface AttributeTable<T, D> {
  readonly specs: readonly AttributeSpec<T, D>[];
  readonly byType: readonly (AttributeSpec<T, D> | undefined)[];
}

/** A draft collects what no table names. */
export interface RawHolder {
  raw: RawAttribute[] | undefined;
}

/** A draft that knows the address length of its family. */
export interface AddressHolder {
  /** 4 or 16 */
  readonly addressLength: number;
}

const nothing = (): void => undefined;

/** An attribute with one value. `get` gives undefined where nothing is to be written. */
export const attribute = <T, D, V>(
  name: string,
  type: number,
  codec: Codec<V>,
  get: (object: T, names: LinkNames) => V | undefined,
  set: (draft: D, value: V) => void,
  field?: string,
): AttributeSpec<T, D> => ({
  name,
  type,
  ...(field === undefined ? {} : { field }),
  decode: (bytes, start, end, draft, names) => {
    if (!codec.accepts(end - start)) throw new DecodeError(name, `payload of ${end - start} bytes`, bytes, start, end);
    set(draft, codec.read(bytes, start, end, names));
  },
  encode: (writer, object, names) => {
    const value = get(object, names);
    if (value === undefined) return;
    const at = writer.beginAttribute(type);
    codec.write(writer, value, names);
    writer.endAttribute(at);
  },
});

/** An address whose length must be that of the family of the message. */
export const addressAttribute = <T, D extends AddressHolder>(
  name: string,
  type: number,
  codec: Codec<string>,
  get: (object: T) => string | undefined,
  set: (draft: D, value: string) => void,
): AttributeSpec<T, D> => {
  const spec = attribute<T, D, string>(name, type, codec, get, set);
  return {
    ...spec,
    decode: (bytes, start, end, draft, names) => {
      if (end - start !== draft.addressLength) {
        throw new DecodeError(name, `address of ${end - start} bytes`, bytes, start, end);
      }
      spec.decode(bytes, start, end, draft, names);
    },
  };
};

/**
 * A known attribute that is neither kept nor written back.
 * @param _reason why it does not belong to the object: read by people
 */
export const ignored = (name: string, type: number, _reason: string): AttributeSpec<unknown, unknown> => ({
  name,
  type,
  decode: nothing,
  encode: nothing,
});

export const defineTable = <T, D>(
  specs: readonly AttributeSpec<T, D>[],
  ignoredSpecs: readonly AttributeSpec<unknown, unknown>[] = [],
): AttributeTable<T, D> => {
  const byType: (AttributeSpec<T, D> | undefined)[] = [];
  const all: readonly AttributeSpec<T, D>[] = [...specs, ...ignoredSpecs];
  for (let type = all.reduce((max, spec) => Math.max(max, spec.type), 0); type >= 0; type--) byType[type] = undefined;
  for (const spec of all) byType[spec.type] = spec;
  return { specs, byType };
};

/**
 * The end of the attribute at `at`, pad not counted.
 * @throws {DecodeError} where its length is below the header's or reaches past `end`
 */
export const attributeEnd = (bytes: Uint8Array, at: number, end: number): number => {
  if (end - at < NLA_HDRLEN) throw new DecodeError('nlattr', `${end - at} bytes left`, bytes, at, end);
  const length = readU16(bytes, at);
  if (length < NLA_HDRLEN || length > end - at) {
    throw new DecodeError('nlattr', `length ${length} with ${end - at} bytes left`, bytes, at, end);
  }
  return at + length;
};

/** The type of the attribute at `at`, flag bits masked. */
export const attributeType = (bytes: Uint8Array, at: number): number => readU16(bytes, at + 2) & NLA_TYPE_MASK;

/** Where the attribute behind one that starts at `at` and ends at `stop` begins. */
export const nextAttribute = (at: number, stop: number): number => at + ((stop - at + 3) & ~3);

/** Calls back for each attribute in [start, end): its type and the bounds of its payload. */
export const eachAttribute = (
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (type: number, start: number, end: number, at: number) => void,
): void => {
  for (let at = start; at < end; ) {
    const stop = attributeEnd(bytes, at, end);
    visit(attributeType(bytes, at), at + NLA_HDRLEN, stop, at);
    at = nextAttribute(at, stop);
  }
};

/** The attribute at `at`, as it stands (flag bits too). */
export const rawAttribute = (bytes: Uint8Array, at: number, stop: number): RawAttribute => ({
  type: readU16(bytes, at + 2),
  hex: readHex(bytes, at + NLA_HDRLEN, stop),
});

/**
 * Reads the attributes in [start, end) into the draft; the last one of a type wins, as in the kernel. What the table
 * does not name goes to `draft.raw`.
 * @throws {DecodeError}
 */
export const readAttributes = <D extends RawHolder>(
  table: AttributeTable<never, D>,
  bytes: Uint8Array,
  start: number,
  end: number,
  draft: D,
  names: LinkNames,
): void => {
  for (let at = start; at < end; ) {
    const stop = attributeEnd(bytes, at, end);
    const spec = table.byType[attributeType(bytes, at)];
    if (spec !== undefined) spec.decode(bytes, at + NLA_HDRLEN, stop, draft, names);
    else if (draft.raw === undefined) draft.raw = [rawAttribute(bytes, at, stop)];
    else draft.raw.push(rawAttribute(bytes, at, stop));
    at = nextAttribute(at, stop);
  }
};

/** Writes every attribute of the table that the object has a value for. */
export const writeAttributes = <T>(
  table: AttributeTable<T, never>,
  writer: MessageWriter,
  object: T,
  names: LinkNames,
): void => {
  const specs = table.specs;
  for (let i = 0; i < specs.length; i++) (specs[i] as AttributeSpec<T, never>).encode(writer, object, names);
};

/** Writes attributes back as they were read. */
export const writeRaw = (writer: MessageWriter, raw: readonly RawAttribute[] | undefined): void => {
  if (raw === undefined) return;
  for (const { type, hex } of raw) {
    const at = writer.beginAttribute(type);
    writer.hex(hex);
    writer.endAttribute(at);
  }
};
