import type { Desired } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/errors.ts';
import { thinLists } from '../lists/thin-lists.ts';
import { lintLinks } from './lint-links.ts';
import { lintNexthops } from './lint-nexthops.ts';
import { lintRoutes, rowsToLint } from './lint-routes.ts';
import { lintRules } from './lint-rules.ts';

/**
 * Advice on files that are valid: what is most likely not meant. Pure.
 * @returns warnings with codes of ADVICE_CODES, in the order of the text
 */
export const lintDesired = (whole: Desired): readonly Diagnostic[] => {
  const desired = thinLists(whole, rowsToLint(whole));
  const order = new Map(desired.files.map((file, i) => [file, i]));
  const place = ({ source }: Diagnostic): number => order.get(source?.file ?? '') ?? -1;
  return [
    ...lintRules(desired.objects.rule),
    ...lintRoutes(desired),
    ...lintNexthops(desired),
    ...lintLinks(desired),
  ].toSorted(
    (a, b) =>
      place(a) - place(b) ||
      (a.source?.line ?? 0) - (b.source?.line ?? 0) ||
      (a.source?.column ?? 0) - (b.source?.column ?? 0),
  );
};

/** Whether a line, or the one above it, says `lint-ignore CODE` in a comment. */
export const isSilenced = ({ code, source }: Diagnostic, lines: readonly string[]): boolean => {
  if (source === undefined) return false;
  const pattern = new RegExp(`#.*\\blint-ignore\\b.*\\b${code}\\b`);
  const above = lines[source.line - 2] ?? '';
  return pattern.test(lines[source.line - 1] ?? '') || (/^\s*#/.test(above) && pattern.test(above));
};
