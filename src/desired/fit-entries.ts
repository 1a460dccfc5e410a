import { createEntry, type Entry } from './entry.ts';
import type { ProblemCode, Problems } from './problems.ts';
import type { Unfit } from './schema-problems.ts';
import type { Place, SourceFile } from './source-file.ts';

/** Problems of one value by itself, which stay true whatever the rest of the entry says. */
const LOCAL_CODES: ReadonlySet<ProblemCode> = new Set([
  'NR_BAD_PREFIX',
  'NR_HOST_BITS',
  'NR_BAD_VALUE',
  'NR_UNKNOWN_NAME',
]);

/**
 * The entry of a declaration. Where parts of it do not fit the schema, the entry holds the rest, so that further bad
 * values are told in the same run; problems that may only follow from the gap are kept back.
 * @returns undefined where nothing can be said of the rest
 */
export const fitEntry = <T extends object>(
  value: T,
  place: Place,
  file: SourceFile,
  problems: Problems,
  unfitPaths: ReturnType<Unfit['get']>,
): Entry<T> | undefined => {
  if (unfitPaths === undefined) return createEntry(value, place, file, problems);
  if (unfitPaths.some((path) => path.length === 0)) return undefined;
  let rest: unknown = value;
  for (const path of unfitPaths) rest = without(rest, path);
  return { ...createEntry(rest as T, place, file, onlyLocal(problems)), partial: true };
};

/** A copy without the value at a path; an item of a list leaves a gap, so that the others keep their places. */
const without = (value: unknown, [key, ...below]: readonly string[]): unknown => {
  if (typeof value !== 'object' || value === null || key === undefined) return value;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  if (below.length > 0 && !REQUIRED_INSIDE.has(below.at(-1) as string)) copy[key] = without(copy[key], below);
  else if (Array.isArray(copy)) copy[Number(key)] = undefined;
  else delete copy[key];
  return copy;
};

/** Without these an inner mapping says nothing. */
const REQUIRED_INSIDE: ReadonlySet<string> = new Set(['address']);

const onlyLocal = (problems: Problems): Problems => {
  let count = 0;
  return {
    add(code, message, source, hint) {
      count++;
      if (LOCAL_CODES.has(code)) problems.add(code, message, source, hint);
    },
    get count() {
      return count;
    },
    warn: problems.warn,
    warnings: problems.warnings,
    list: problems.list,
  };
};
