import { NetreconError } from '../../model/errors.ts';

/** Bytes of a message around a fault, for the error text: enough to look at, never a whole dump. */
const SHOWN_BYTES = 32;

/** A message of the kernel breaks the format: a length that points outside, or a payload too short for its type. */
export class DecodeError extends NetreconError {
  /** kernel name of the attribute or header, `attribute 77` where no table names it */
  readonly attribute: string;
  /** bytes from the start of the buffer that was decoded */
  readonly offset: number;
  /** the bytes at fault, at most 32 of them */
  readonly hex: string;

  constructor(attribute: string, problem: string, bytes: Uint8Array, start: number, end: number) {
    const hex = Buffer.from(bytes.subarray(start, Math.min(end, start + SHOWN_BYTES))).toString('hex');
    super('NR_DECODE', `${attribute} at byte ${start}: ${problem}${hex === '' ? '' : ` (${hex})`}`);
    this.attribute = attribute;
    this.offset = start;
    this.hex = hex;
  }
}

/** A value of the model cannot be put on the wire: no such link, no such word, no address. */
export class EncodeError extends NetreconError {
  constructor(message: string) {
    super('NR_ENCODE', message);
  }
}
