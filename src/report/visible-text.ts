/**
 * Text that others chose (the name of a link, an alias, words of a file) with its control characters written as `\\xNN`: the
 * kernel takes an escape character in the name of a link, and no name may drive the reader's terminal.
 */
export const visibleText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
