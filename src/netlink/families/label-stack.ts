import type { Codec } from '../wire/codecs.ts';
import { readBe32 } from '../wire/reader.ts';

/** RFC 3032: label 20 bits, traffic class 3, bottom of the stack 1, TTL 8. */
const LABEL_SHIFT = 12;
const BOTTOM = 0x100;

/** Label stack entries, outermost first; the last is marked as such. */
export const labelStack: Codec<readonly number[]> = {
  accepts: (length) => length > 0 && length % 4 === 0,
  read: (bytes, start, end) => {
    const labels: number[] = [];
    for (let at = start; at < end; at += 4) labels.push(readBe32(bytes, at) >>> LABEL_SHIFT);
    return labels;
  },
  write: (writer, labels) => {
    for (const [i, label] of labels.entries())
      writer.be32(((label << LABEL_SHIFT) >>> 0) + (i === labels.length - 1 ? BOTTOM : 0));
  },
};
