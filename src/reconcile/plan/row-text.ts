import type { RowTeller, Shorten } from './walk-plan.ts';

/** A character for private use: what stands for a destination is as long as it, and made of nothing else. */
const DESTINATION = '\ue000';

/** What stands for a line, a column or the number of a step, in decimal: no other number of a plan is as large. */
const LINE = 4_000_000_000_000;
const COLUMN = 5_000_000_000_000;
const NUMBER = 6_000_000_000_000;
const MARKS = /(\ue000+|[456]0{9}\d{3}(?!\d))/;

/** What is put between the parts of a text. */
type Gap = { readonly of: 'to' } | { readonly of: 'line' | 'column' | 'number'; readonly more: number };

const gapOf = (mark: string): Gap => {
  if (mark.startsWith(DESTINATION)) return { of: 'to' };
  const value = Number(mark);
  if (value >= NUMBER) return { of: 'number', more: value - NUMBER };
  return value >= COLUMN ? { of: 'column', more: value - COLUMN } : { of: 'line', more: value - LINE };
};

/** Says the text of one row of the others, with what is their own in its place. */
const patternOf = (say: RowTeller<string>, width: number): RowTeller<string> => {
  const pieces = say(DESTINATION.repeat(width), { line: LINE, column: COLUMN }, NUMBER).split(MARKS);
  const head = pieces[0] as string;
  const gaps: (Gap & { readonly next: string })[] = [];
  for (let i = 1; i < pieces.length; i += 2)
    gaps.push({ ...gapOf(pieces[i] as string), next: pieces[i + 1] as string });
  return (to, { line, column }, number) => {
    let text = head;
    for (const gap of gaps) {
      if (gap.of === 'to') text += to + gap.next;
      else text += (gap.of === 'line' ? line : gap.of === 'column' ? column : number) + gap.more + gap.next;
    }
    return text;
  };
};

/**
 * What is said of the rows of a bulk differs in the destination, the place and the number of the step alone: of those whose
 * destinations are equally long (an entry further on in its line moves with them) the whole is made once, and tried on the
 * first of them. Where that does not come out, each is made by itself.
 */
export const shortenText: Shorten<string> = (say) => {
  const byWidth = new Map<number, RowTeller<string>>();
  return (to, place, number) => {
    // a default route has another name
    if (to.endsWith('/0')) return say(to, place, number);
    const known = byWidth.get(to.length);
    if (known !== undefined) return known(to, place, number);
    const text = say(to, place, number);
    const short = patternOf(say, to.length);
    byWidth.set(to.length, short(to, place, number) === text ? short : say);
    return text;
  };
};
