const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;

const hasHostBits = (to: number, length: number): boolean => length < 32 && (to & (0xffffffff >>> length)) !== 0;

/** Reads IPv4 prefixes in canonical form out of a text, without making a string of any. */
export class PrefixReader {
  readonly text: string;
  /** where the next prefix is looked for; behind the one that was read */
  at = 0;
  /** network address, host order */
  to = 0;
  length = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @returns whether a prefix stands at `at`: no leading zeros, no host bits. What follows it is not looked at. */
  read(): boolean {
    const to = this.#address();
    const length = to >= 0 && this.take(SLASH) ? this.#number(32) : -1;
    if (length < 0 || hasHostBits(to, length)) return false;
    this.to = to;
    this.length = length;
    return true;
  }

  /** Goes over one character, if it is the one that stands there. */
  take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  /** Decimal without leading zeros, or -1. */
  #number(max: number): number {
    const start = this.at;
    let value = 0;
    for (; ; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (!(code >= ZERO && code <= NINE) || this.at - start > 2) break;
      value = value * 10 + code - ZERO;
    }
    const digits = this.at - start;
    const isPlain = digits === 1 || (digits > 1 && this.text.charCodeAt(start) !== ZERO);
    return isPlain && value <= max ? value : -1;
  }

  #address(): number {
    let address = 0;
    for (let i = 0; i < 4; i++) {
      const part = this.#number(255);
      if (part < 0 || (i < 3 && !this.take(DOT))) return -1;
      address = address * 256 + part;
    }
    return address;
  }
}
