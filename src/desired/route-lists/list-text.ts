import type { Source } from '../../model/desired.ts';
import { lineAt } from '../../model/route-list.ts';

/** The text of a list, and which of its offsets begin a line. */
export interface ListText {
  readonly text: string;
  readonly file: string;
  /** ascending */
  readonly lineStarts: Uint32Array;
}

const findLineStarts = (text: string): Uint32Array => {
  let starts = new Uint32Array(64);
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (count === starts.length) {
      const more = new Uint32Array(2 * count);
      more.set(starts);
      starts = more;
    }
    starts[count++] = at + 1;
  }
  return starts.slice(0, count);
};

export const createListText = (file: string, text: string): ListText => ({
  file,
  text,
  lineStarts: findLineStarts(text),
});

/** Line and column of an offset. */
export const placeIn = ({ file, lineStarts }: ListText, offset: number): Source => lineAt(file, lineStarts, offset);
