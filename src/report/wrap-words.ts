/**
 * Joins words into lines of at most `width` characters; a word longer than that stands alone.
 * @returns no line for no words
 */
export const wrapWords = (words: readonly string[], separator: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line === '') line = word;
    else if (line.length + separator.length + word.length <= width) line += separator + word;
    else {
      lines.push(line + separator.trimEnd());
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
};
