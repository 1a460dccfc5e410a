const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;

const hasHostBits = (to: number, length: number): boolean => length < 32 && (to & (0xffffffff >>> length)) !== 0;

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

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
    const { text } = this;
    let { at } = this;
    let to = 0;
    // in one loop over locals: most lists are over before V8 has compiled what it calls
    for (let part = 0; part < 5; part++) {
      const first = text.charCodeAt(at);
      if (!isDigit(first)) return false;
      let value = first - ZERO;
      at++;
      for (let digits = 1; digits < 3 && value > 0; digits++, at++) {
        const code = text.charCodeAt(at);
        if (!isDigit(code)) break;
        value = value * 10 + code - ZERO;
      }
      if (part === 4) {
        if (value > 32 || isDigit(text.charCodeAt(at)) || hasHostBits(to, value)) return false;
        this.length = value;
      } else {
        if (value > 255 || text.charCodeAt(at) !== (part < 3 ? DOT : SLASH)) return false;
        to = to * 256 + value;
        at++;
      }
    }
    this.to = to;
    this.at = at;
    return true;
  }

  /** Goes over one character, if it is the one that stands there. */
  take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }
}
