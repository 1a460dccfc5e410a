import {
  addressBits,
  canonicalAddress,
  canonicalLladdr,
  type Family,
  familyOf,
  formatAddress,
  formatPrefix,
  maskBytes,
  parsePrefix,
} from '../model/ip.ts';
import type { Range } from '../model/rule.ts';
import type { Entry } from './entry.ts';

/** What is most likely wrong with text that is no address. */
const addressHint = (text: string): string | undefined => {
  const [address = '', length] = text.split('/', 2);
  if (text.includes('%')) return 'the link goes into "dev", not into the address';
  if (/(^|\.)0[0-9]/.test(address)) {
    return `leading zeros mean octal to some programs: write ${address.replace(/(^|\.)0+(?=[0-9])/g, '$1')}`;
  }
  if (/^[0-9]+(\.[0-9]+){0,2}$/.test(address)) return 'write all four octets';
  if (canonicalAddress(address) === undefined) return undefined;
  if (length?.includes('.')) return 'write the number of leading one bits rather than a mask: 255.255.255.0 is /24';
  return length === undefined ? undefined : `the length is a number from 0 to ${addressBits(familyOf(address))}`;
};

/** A bare address in canonical form. */
export const readAddress = (entry: Entry<unknown>, key: string, text: string): string | undefined => {
  const address = canonicalAddress(text);
  if (address === undefined) {
    const hint =
      text.includes('/') && parsePrefix(text) !== undefined ? 'a single address has no length here' : addressHint(text);
    entry.problem('NR_BAD_PREFIX', `${key} "${text}" is not an IP address`, key, hint);
  }
  return address;
};

/** A network: canonical prefix, no bits behind the length; a bare address is a host. */
export const readPrefix = (entry: Entry<unknown>, key: string, text: string): string | undefined => {
  const result = checkPrefix(text);
  if (typeof result === 'string') return result;
  entry.problem(result.code, `${key} ${result.message}`, key, result.hint);
  return undefined;
};

/** Why text is no network prefix. */
export interface BadPrefix {
  readonly code: 'NR_BAD_PREFIX' | 'NR_HOST_BITS';
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * Whether text is a canonical IPv4 network already: the usual line of a list, told without an array. False tells nothing.
 */
const isCanonicalInet = (text: string): boolean => {
  let address = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  let i = 0;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) {
      if (digits > 0 && octet === 0) return false;
      octet = 10 * octet + code - 0x30;
      digits++;
      continue;
    }
    if (digits === 0 || octet > 255) return false;
    address = (address << 8) | octet;
    octet = 0;
    digits = 0;
    if (code !== 0x2e) break;
    dots++;
  }
  const length = text.slice(i + 1);
  if (dots !== 3 || text[i] !== '/' || !/^([0-9]|[12][0-9]|3[0-2])$/.test(length)) return false;
  // a shift by 32 would be one by 0
  const bits = Number(length);
  return bits === 32 || address << bits === 0;
};

/** The canonical prefix, or why it is none. */
export const checkPrefix = (text: string): string | BadPrefix => {
  if (isCanonicalInet(text)) return text;
  const prefix = parsePrefix(text);
  if (prefix === undefined)
    return { code: 'NR_BAD_PREFIX', message: `"${text}" is not an IP prefix`, hint: addressHint(text) };
  const canonical = formatPrefix(prefix.bytes, prefix.length);
  const network = formatPrefix(maskBytes(prefix.bytes, prefix.length), prefix.length);
  if (canonical === network) return canonical;
  return {
    code: 'NR_HOST_BITS',
    message: `"${text}" has bits set behind its length`,
    hint: `the network is ${network}`,
  };
};

/** The address of an interface: host bits stay, `length` is undefined where none is written. */
export interface InterfaceAddress {
  readonly family: Family;
  readonly address: string;
  readonly length: number | undefined;
}

export const readInterfaceAddress = (
  entry: Entry<unknown>,
  key: string,
  text: string,
): InterfaceAddress | undefined => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    entry.problem('NR_BAD_PREFIX', `${key} "${text}" is not an address with a prefix length`, key, addressHint(text));
    return undefined;
  }
  const length = text.includes('/') ? prefix.length : undefined;
  return { family: prefix.family, address: formatAddress(prefix.bytes), length };
};

export const readLladdr = (entry: Entry<unknown>, key: string, text: string): string | undefined => {
  const lladdr = canonicalLladdr(text);
  if (lladdr === undefined) {
    entry.problem('NR_BAD_VALUE', `${key} "${text}" is not a link-layer address`, key, 'write it as 02:00:00:00:00:01');
  }
  return lladdr;
};

/** `FIRST-LAST` or a single number, as the kernel's range with both ends. */
export const readRange = (
  entry: Entry<unknown>,
  key: string,
  written: number | string,
  max: number,
): Range | undefined => {
  const match = /^(0|[1-9][0-9]*)(?:-(0|[1-9][0-9]*))?$/.exec(String(written));
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last > max || first > last) {
    entry.problem(
      'NR_BAD_VALUE',
      `${key} "${written}" is not a range within 0 to ${max}`,
      key,
      'write FIRST-LAST, or one number',
    );
    return undefined;
  }
  return [first, last];
};

/** A number of at most 32 bits, decimal or 0x hexadecimal. */
export const parseU32 = (text: string): number | undefined => {
  if (!/^(0|[1-9][0-9]*|0x[0-9a-fA-F]+)$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 0xffffffff ? value : undefined;
};

/** `FROM/TO` or the number of TO alone, as RTA_FLOW: FROM << 16 | TO. */
export const readRealm = (entry: Entry<unknown>, key: string, written: number | string): number | undefined => {
  const match = /^(?:(0|[1-9][0-9]*)\/)?(0|[1-9][0-9]*)$/.exec(String(written));
  const from = Number(match?.[1] ?? 0);
  const to = Number(match?.[2]);
  if (match === null || from > 0xffff || to > 0xffff) {
    entry.problem(
      'NR_BAD_VALUE',
      `${key} "${written}" is not a realm`,
      key,
      'write FROM/TO or TO, each from 0 to 65535',
    );
    return undefined;
  }
  return from * 0x10000 + to;
};

/** Seconds or `forever`. */
export const readLifetime = (
  entry: Entry<unknown>,
  key: string,
  written: number | string,
  forever: number,
): number | undefined => {
  if (typeof written === 'number') return written;
  if (written === 'forever') return forever;
  entry.problem('NR_BAD_VALUE', `${key} "${written}" is not a lifetime`, key, 'write seconds, or forever');
  return undefined;
};

/** Reports a name that the kernel would refuse (dev_valid_name); its length is the schema's business. */
export const checkLinkName = (entry: Entry<unknown>, name: string, key?: string): boolean => {
  const bad =
    name === '.' || name === '..' || /[/:\s]/.test(name) || new TextEncoder().encode(name).length > 15 || name === '';
  if (bad) {
    entry.problem(
      'NR_BAD_VALUE',
      `"${name}" cannot be the name of a link`,
      key,
      '1 to 15 bytes without "/", ":" and white space',
    );
  }
  return !bad;
};
