import { parseAddress } from '../../model/ip.ts';
import { EncodeError } from './codec-errors.ts';
import type { MessageWriter } from './writer.ts';

/*
 * Addresses from text straight into the buffer: tables of a million routes are written through here, and a parser that makes
 * arrays takes longer than the rest of the message. What is not in the plain form is left to the strict parser of the model.
 */

const DOT = 0x2e;
const COLON = 0x3a;

/** The value of a hexadecimal digit, -1 for any other character. */
const digitOf = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/** Writes a dotted quad; false, and nothing written, where the text is none. */
const writeInet = (writer: MessageWriter, text: string, stop: number): boolean => {
  let value = 0;
  let octet = 0;
  let dots = 0;
  let digits = 0;
  for (let i = 0; i < stop; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT && digits > 0) {
      value = (value << 8) | octet;
      octet = 0;
      digits = 0;
      dots++;
      continue;
    }
    const digit = digitOf(code);
    if (digit < 0 || digit > 9) return false;
    octet = 10 * octet + digit;
    digits++;
    if (octet > 255) return false;
  }
  if (dots !== 3 || digits === 0) return false;
  writer.be32((value << 8) | octet);
  return true;
};

/** Groups that the text writes out; `::` stands for the rest of the eight. */
const countGroups = (text: string, stop: number): number => {
  let groups = 0;
  let inside = false;
  for (let i = 0; i < stop; i++) {
    const isDigit = text.charCodeAt(i) !== COLON;
    if (isDigit && !inside) groups++;
    inside = isDigit;
  }
  return groups;
};

/** Writes groups of hexadecimal digits and at most one `::`; false where the text is not that, whatever was written. */
const writeInet6 = (writer: MessageWriter, text: string, stop: number): boolean => {
  const start = writer.length;
  const missing = 8 - countGroups(text, stop);
  if (missing < 0) return false;
  let group = 0;
  let digits = 0;
  for (let i = 0; i < stop; i++) {
    const code = text.charCodeAt(i);
    if (code !== COLON) {
      const digit = digitOf(code);
      if (digit < 0 || digits === 4) return false;
      group = (group << 4) | digit;
      digits++;
      continue;
    }
    const doubled = i + 1 < stop && text.charCodeAt(i + 1) === COLON;
    if (digits > 0) writer.be16(group);
    else if (i === 0 && !doubled) return false;
    if (doubled) writer.zeros(2 * missing);
    group = 0;
    digits = 0;
  }
  if (digits > 0) writer.be16(group);
  return writer.length - start === 16;
};

/**
 * Writes the address that `text` holds in front of `stop`, 4 or 16 bytes in network order.
 * @throws {EncodeError} where it is no address
 */
export const writeAddressText = (writer: MessageWriter, text: string, stop: number): void => {
  const start = writer.length;
  if (text.indexOf(':') < 0 ? writeInet(writer, text, stop) : writeInet6(writer, text, stop)) return;
  writer.length = start;
  const bytes = parseAddress(text.slice(0, stop));
  if (bytes === undefined) throw new EncodeError(`${JSON.stringify(text)} is no address`);
  writer.octets(bytes);
};
