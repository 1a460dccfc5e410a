/** So much text is written at once: a call to the kernel costs as much as some kilobytes. */
const MOST_AT_ONCE = 256 * 1024;

/** @returns whether somebody still reads */
const write = (stream: NodeJS.WritableStream, text: string): Promise<boolean> =>
  new Promise((resolve) => {
    stream.write(text, (error) => resolve(error === undefined || error === null));
  });

/**
 * Writes a long text as it is made, and makes no more of it than the reader has taken. Ends early where the reader goes away,
 * which is told by an error of the stream.
 */
export const writePieces = async (stream: NodeJS.WritableStream, pieces: Iterable<string>): Promise<void> => {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < MOST_AT_ONCE) continue;
    if (!(await write(stream, text))) return;
    text = '';
  }
  if (text !== '') await write(stream, text);
};
