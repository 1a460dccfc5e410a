import type { OpOf } from '../../src/model/op.ts';
import type { KindName, KindTypes } from '../../src/model/state.ts';
import type { LinkNames, MessageView } from '../../src/netlink/families/codec.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { readU16 } from '../../src/netlink/wire/reader.ts';
import { MessageWriter } from '../../src/netlink/wire/writer.ts';

/** Names over a fixed table of links. */
export const namesOf = (links: Readonly<Record<number, string>>): LinkNames => {
  const indexes = new Map(Object.entries(links).map(([index, name]) => [name, Number(index)]));
  return { nameOf: (index) => links[index], indexOf: (name) => indexes.get(name) };
};

const viewOf = (bytes: Uint8Array): MessageView => ({
  type: readU16(bytes, 4),
  flags: readU16(bytes, 6),
  bytes,
  start: 0,
  end: bytes.length,
});

/** The one message of an operation. */
export const encode = <K extends KindName>(op: OpOf<K>, names: LinkNames): Uint8Array => {
  const writer = new MessageWriter(16);
  FAMILIES[op.kind].encode(op as never, writer, names);
  return writer.bytes.slice(0, writer.length);
};

export const decode = <K extends KindName>(kind: K, bytes: Uint8Array, names: LinkNames): KindTypes[K] | undefined =>
  FAMILIES[kind].decode(viewOf(bytes), names) as KindTypes[K] | undefined;

/** Payloads of the attributes behind the family header, by type without flag bits, in hexadecimal. */
export const attributesOf = (bytes: Uint8Array, headerLength: number): Map<number, string> => {
  const found = new Map<number, string>();
  for (let at = 16 + headerLength; at < bytes.length; ) {
    const length = readU16(bytes, at);
    found.set(readU16(bytes, at + 2) & 0x3fff, Buffer.from(bytes.subarray(at + 4, at + length)).toString('hex'));
    at += (length + 3) & ~3;
  }
  return found;
};
