import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OpOf } from '../../src/model/op.ts';
import type { KindName, KindTypes } from '../../src/model/state.ts';
import type { LinkNames, MessageView } from '../../src/netlink/families/codec.ts';
import { FAMILIES } from '../../src/netlink/families/index.ts';
import { DecodeError } from '../../src/netlink/wire/codec-errors.ts';
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

/** Up to four bytes behind the header of `whole` change, and half of the messages end early: they are read, or refused. */
export const assertDamageIsFound = (whole: Uint8Array, read: (bytes: Uint8Array) => unknown, seed: number): void => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (changes, cut) => {
      const bytes = new Uint8Array(whole);
      for (const [at, value] of changes) bytes[16 + (at % (bytes.length - 16))] = value;
      try {
        read(cut % 2 === 0 ? bytes : bytes.slice(0, cut % bytes.length));
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }),
    { seed, numRuns: 2000 },
  );
};
