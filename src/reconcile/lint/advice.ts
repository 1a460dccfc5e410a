import type { Source } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/errors.ts';

/** What lint can have to say; docs/lint.md explains each. */
export const ADVICE_CODES = [
  'NR_LINT_SHADOWED_RULE',
  'NR_LINT_DUPLICATE_PREFIX',
  'NR_LINT_UNUSED_TABLE',
  'NR_LINT_UNUSED_NEXTHOP',
  'NR_LINT_OVERLAPPING_ADDRESSES',
  'NR_LINT_ASYMMETRIC_MTU',
  'NR_LINT_SMALL_MTU',
  'NR_LINT_ROUTE_THROUGH_DOWN',
] as const;
export type AdviceCode = (typeof ADVICE_CODES)[number];

export const advise = (code: AdviceCode, message: string, source: Source): Diagnostic => ({
  code,
  message,
  source,
  severity: 'warning',
});
