/**
 * Reading integers and text out of a received datagram. Netlink headers and most payloads are in host order, which is
 * taken as little-endian here and in writer.ts, and nowhere else: s390x is the one platform of Node and Linux that is not.
 *
 * Nothing here checks bounds: callers have checked the length of the attribute or header that they read from.
 */

export const readU8 = (bytes: Uint8Array, at: number): number => bytes[at] as number;

export const readU16 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8);

export const readS32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

export const readU32 = (bytes: Uint8Array, at: number): number => readS32(bytes, at) >>> 0;

export const readU64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at));

/** Network order. */
export const readBe16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

/** Network order. */
export const readBe32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;

/** Network order. */
export const readBe64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(readBe32(bytes, at)) << 32n) | BigInt(readBe32(bytes, at + 4));

/** Text up to the first NUL or `end`: the kernel terminates most strings, and does not promise to. */
export const readString = (bytes: Uint8Array, start: number, end: number): string => {
  const nul = bytes.indexOf(0, start);
  const stop = nul < 0 || nul > end ? end : nul;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString('utf8');
};

/** Octets as `02:00:00:00:00:01`. */
export const readLladdr = (bytes: Uint8Array, start: number, end: number): string => {
  let text = '';
  for (let at = start; at < end; at++) {
    const octet = bytes[at] as number;
    text += `${at === start ? '' : ':'}${octet < 16 ? '0' : ''}${octet.toString(16)}`;
  }
  return text;
};

export const readHex = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
