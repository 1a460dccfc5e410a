import { formatSource } from '../model/errors.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './sections.ts';

/**
 * What several files say of one thing: they may all say the same.
 * @returns undefined where none says anything; a contradiction is recorded at its place, and names the other one
 */
export const mergeSettings = <T extends string>(
  name: string,
  settings: readonly Setting<T>[],
  problems: Problems,
): T | undefined => {
  const [first, ...others] = settings;
  for (const { value, source } of others) {
    if (value === first?.value) continue;
    const message = `${name} is ${value} here and ${first?.value} at ${first === undefined ? '' : formatSource(first.source)}`;
    problems.add('NR_CONTRADICTION', message, source);
  }
  return first?.value;
};
