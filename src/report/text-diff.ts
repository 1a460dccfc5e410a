import { createTwoFilesPatch } from 'diff';
import type { Paint } from './paint.ts';

const paintLine = (line: string, paint: Paint): string => {
  if (line.startsWith('+++') || line.startsWith('---')) return paint.strong(line);
  if (line.startsWith('@@')) return paint.faint(line);
  if (line.startsWith('+')) return paint.create(line);
  return line.startsWith('-') ? paint.delete(line) : line;
};

/**
 * A unified diff of two texts, with three lines of context.
 * @returns '' where the texts are equal
 */
export const renderTextDiff = (before: string, after: string, paint: Paint): string => {
  if (before === after) return '';
  const patch = createTwoFilesPatch('before', 'after', before, after, undefined, undefined, { context: 3 });
  const lines = patch.split('\n').filter((line) => !/^=+$/.test(line));
  return lines.map((line) => paintLine(line, paint)).join('\n');
};
