import type { Source } from '../model/desired.ts';
import type { Diagnostic } from '../model/errors.ts';

/** What can be wrong with the input; docs/errors.md explains each. */
export type ProblemCode =
  /** a file or list cannot be read */
  | 'NR_FILE'
  /** nothing but white space and comments */
  | 'NR_EMPTY_FILE'
  /** not YAML, or not JSON */
  | 'NR_YAML'
  /** one key twice in one mapping */
  | 'NR_DUPLICATE_KEY'
  /** formatting it would change what it says */
  | 'NR_FORMAT'
  /** a key that the schema does not know */
  | 'NR_UNKNOWN_KEY'
  /** a value that the schema refuses: type, range, missing key */
  | 'NR_SCHEMA'
  /** text that is no address or prefix */
  | 'NR_BAD_PREFIX'
  /** a network prefix with bits behind its length */
  | 'NR_HOST_BITS'
  /** text that is no value of its kind: link-layer address, range, mark, link name ... */
  | 'NR_BAD_VALUE'
  /** a table, protocol, scope or group that iproute2's files do not name */
  | 'NR_UNKNOWN_NAME'
  /** a network namespace that the files do not name */
  | 'NR_NO_NAMESPACE'
  /** a slot of the kernel declared twice */
  | 'NR_DUPLICATE'
  /** what should be a key, or the name of its file, is not */
  | 'NR_KEY'
  /** values that cannot stand together */
  | 'NR_CONTRADICTION'
  /** links that stand on each other in a circle */
  | 'NR_CYCLE';

/** Collects problems, so that the user sees all of them at once. */
export interface Problems {
  add(code: ProblemCode, message: string, source?: Source, hint?: string): void;
  /** what is told, and forbids nothing */
  warn(code: string, message: string, source: Source | undefined, hint: string): void;
  readonly warnings: readonly Diagnostic[];
  readonly count: number;
  /** by file, line and column; those of no place first */
  list(): readonly Diagnostic[];
}

export const createProblems = (): Problems => {
  const found: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  return {
    add(code, message, source, hint) {
      found.push({ code, message, severity: 'error', ...(source && { source }), ...(hint !== undefined && { hint }) });
    },
    warn(code, message, source, hint) {
      warnings.push({ code, message, severity: 'warning', ...(source && { source }), hint });
    },
    warnings,
    get count() {
      return found.length;
    },
    // routes of one list have much in common: what is wrong with that is told once
    list: () => [...new Map(found.map((one) => [JSON.stringify(one), one])).values()].toSorted(compareDiagnostics),
  };
};

const compareDiagnostics = (a: Diagnostic, b: Diagnostic): number => {
  const left = a.source?.file ?? '';
  const right = b.source?.file ?? '';
  if (left !== right) return left < right ? -1 : 1;
  return (a.source?.line ?? 0) - (b.source?.line ?? 0) || (a.source?.column ?? 0) - (b.source?.column ?? 0);
};

/** Edits between two words (insert, delete, replace, swap neighbours), given up above `limit`. */
const distance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
};

/** The candidate that a misspelt word most likely means, if any is near: `adress` -> `addresses`. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  const plain = word.toLowerCase().replaceAll('-', '_');
  let best: string | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const target = candidate.toLowerCase();
    const limit = Math.max(1, Math.floor(Math.min(plain.length, target.length) / 3));
    let cost = distance(plain, target, limit);
    // a plural or a cut-off word is near, however much is missing
    if (cost > limit && plain.length >= 4 && distance(plain, target.slice(0, plain.length + 1), 1) <= 1) cost = limit;
    if (cost <= limit && cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
};
