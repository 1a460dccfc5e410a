/**
 * Addresses as text in the form the kernel tools print (RFC 5952; `::ffff:192.0.2.1` for mapped addresses), and as
 * network-order bytes where masks are computed. Strict: no leading zeros, no short forms, no zone identifiers.
 */

export type Family = 'inet' | 'inet6';

/** Address length in bits of a family. */
export const addressBits = (family: Family): 32 | 128 => (family === 'inet' ? 32 : 128);

const familyOfBytes = (bytes: Uint8Array): Family => (bytes.length === 4 ? 'inet' : 'inet6');

/** Family of canonical or user text by its separator; does not validate. */
export const familyOf = (text: string): Family => (text.includes(':') ? 'inet6' : 'inet');

const DOT = 46;
const ZERO = 48;

/** Character by character: of all texts these are read most. */
const parseInet = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(4);
  let octets = 0;
  let digits = 0;
  let value = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT;
    if (code === DOT) {
      if (digits === 0 || octets === 4) return undefined;
      bytes[octets++] = value;
      digits = 0;
      value = 0;
      continue;
    }
    const digit = code - ZERO;
    const isLeadingZero = digits > 0 && value === 0;
    if (digit < 0 || digit > 9 || isLeadingZero) return undefined;
    value = value * 10 + digit;
    digits++;
    if (value > 255) return undefined;
  }
  return octets === 4 ? bytes : undefined;
};

const parseGroups = (text: string): number[] | undefined => {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = i === parts.length - 1 ? parseInet(part) : undefined;
      if (v4 === undefined) return undefined;
      groups.push(((v4[0] as number) << 8) | (v4[1] as number), ((v4[2] as number) << 8) | (v4[3] as number));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
};

const parseInet6 = (text: string): Uint8Array | undefined => {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  for (let i = 0; i < 8; i++) {
    bytes[2 * i] = (groups[i] as number) >> 8;
    bytes[2 * i + 1] = (groups[i] as number) & 0xff;
  }
  return bytes;
};

/**
 * Text to network-order bytes.
 * @returns 4 or 16 bytes, or undefined where the text is no address
 */
export const parseAddress = (text: string): Uint8Array | undefined =>
  text.includes(':') ? parseInet6(text) : parseInet(text);

const formatInet6 = (bytes: Uint8Array, at: number): string => {
  let mapped = bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
  for (let i = 0; mapped && i < 10; i++) mapped = bytes[at + i] === 0;
  if (mapped) return `::ffff:${formatAddress(bytes, at + 12, 4)}`;
  let bestStart = -1;
  let bestLength = 1; // RFC 5952 4.2.2: a single zero group is not shortened
  for (let i = 0; i < 8; ) {
    let j = i;
    while (j < 8 && bytes[at + 2 * j] === 0 && bytes[at + 2 * j + 1] === 0) j++;
    if (j - i > bestLength) {
      bestStart = i;
      bestLength = j - i;
    }
    i = j === i ? i + 1 : j;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      text += '::';
      i += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith('::')) text += ':';
    text += (((bytes[at + 2 * i] as number) << 8) | (bytes[at + 2 * i + 1] as number)).toString(16);
  }
  return text;
};

/** Network-order bytes to canonical text; `length` is 4 or 16. */
export const formatAddress = (bytes: Uint8Array, at = 0, length = bytes.length): string =>
  length === 4 ? `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}` : formatInet6(bytes, at);

/** The canonical text of an address, or undefined where the text is none. */
export const canonicalAddress = (text: string): string | undefined => {
  const bytes = parseAddress(text);
  return bytes === undefined ? undefined : formatAddress(bytes);
};

/** A copy of `bytes` with everything behind the first `length` bits cleared. */
export const maskBytes = (bytes: Uint8Array, length: number): Uint8Array => {
  const out = new Uint8Array(bytes.length);
  const whole = length >> 3;
  out.set(bytes.subarray(0, whole));
  if (whole < bytes.length && length % 8 !== 0) out[whole] = (bytes[whole] as number) & (0xff << (8 - (length % 8)));
  return out;
};

export interface Prefix {
  readonly family: Family;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/**
 * `ADDRESS/LENGTH` or a bare address (host length). Host bits are kept: the caller decides whether they are an error.
 * @returns undefined where the text is no prefix
 */
export const parsePrefix = (text: string): Prefix | undefined => {
  const slash = text.indexOf('/');
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const bits = bytes.length * 8;
  if (slash < 0) return { family: familyOfBytes(bytes), bytes, length: bits };
  const lengthText = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText) || Number(lengthText) > bits) return undefined;
  return { family: familyOfBytes(bytes), bytes, length: Number(lengthText) };
};

/** Canonical `address/length`, always with the length. */
export const formatPrefix = (bytes: Uint8Array, length: number): string => `${formatAddress(bytes)}/${length}`;

/** The network of an address: `192.0.2.10`, 24 -> `192.0.2.0/24`. The address must be valid. */
export const networkOf = (address: string, length: number): string =>
  formatPrefix(maskBytes(parseAddress(address) as Uint8Array, length), length);

/** Whether the first `length` bits are the same; false across families. */
const agree = (a: Uint8Array, b: Uint8Array, length: number): boolean => {
  if (a.length !== b.length) return false;
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = length % 8;
  return rest === 0 || (((a[whole] as number) ^ (b[whole] as number)) & (0xff << (8 - rest)) & 0xff) === 0;
};

/** Whether two addresses lie in one network of that length; false across families. Both must be valid. */
export const shareNetwork = (a: string, b: string, length: number): boolean =>
  agree(parseAddress(a) as Uint8Array, parseAddress(b) as Uint8Array, length);

/** Whether `address` (canonical) lies in `prefix` (canonical); false across families. */
export const prefixContains = (prefix: string, address: string): boolean => {
  const net = parsePrefix(prefix);
  const bytes = parseAddress(address);
  return net !== undefined && bytes !== undefined && agree(net.bytes, bytes, net.length);
};

export const isDefaultPrefix = (prefix: string): boolean => prefix === '0.0.0.0/0' || prefix === '::/0';

/** `fe80::/10`, the addresses the kernel makes by itself on every IPv6 link; of canonical text. */
export const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/.test(address);

/** Canonical lower-case MAC (`02:00:00:00:00:01`, any number of octets from 1 to 32), or undefined. */
export const canonicalLladdr = (text: string): string | undefined =>
  /^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){0,31}$/.test(text) ? text.toLowerCase().replaceAll('-', ':') : undefined;
