import assert from 'node:assert/strict';
import type { ChangeAction } from '../../../src/reconcile/plan/plan-types.ts';
import { isDecoy } from '../lists-of-few.ts';
import { bridgeJson, ipJson, ipTry } from '../support.ts';

/**
 * Part of what `ip -d -j` must print: of an object the members named (undefined: must not be there), of a list of words
 * those that must be in it, of a list of objects one match for each and no more. A function judges by itself.
 */
export type Expected =
  | undefined
  | null
  | boolean
  | number
  | string
  | ((actual: unknown) => boolean)
  | readonly Expected[]
  | { readonly [key: string]: Expected };

/**
 * By command: arguments of `ip -d -j`, or of `bridge -d -j` where they begin with `bridge`. Where they begin with `text`,
 * the lines of plain `ip -d`, for what iproute2 leaves out of JSON.
 */
export type Shown = Readonly<Record<string, readonly Expected[]>>;

/** One row: a state file, what iproute2 must say once it is applied, and what becomes of it. */
export interface StateCase {
  readonly name: string;
  /** `ip` command lines that make what the file takes for granted */
  readonly setup?: readonly string[];
  /** state file without its first line, `version: 1` */
  readonly yaml: string;
  readonly shows: Shown;
  /** the file changes to this */
  readonly next?: {
    readonly yaml: string;
    readonly shows: Shown;
    /** what the plan does to which kind of object: update is in place, replace makes it anew */
    readonly actions: readonly ChangeAction[];
  };
  /** What stays when the file no longer names it: settings of hardware. Unset: everything is as before. */
  readonly leaves?: Shown;
  /** files that `to_file` names */
  readonly lists?: Readonly<Record<string, string | Buffer>>;
  readonly skip?: string | false;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** For flags that must not be there. */
export const without =
  (word: string) =>
  (actual: unknown): boolean =>
    !(actual as readonly string[]).includes(word);

/** For lines of text. */
export const containing =
  (...words: readonly string[]) =>
  (actual: unknown): boolean =>
    words.every((word) => `${actual} `.includes(`${word} `));

/** A countdown that began at `seconds`, some minutes ago at most. */
export const upTo =
  (seconds: number) =>
  (actual: unknown): boolean =>
    typeof actual === 'number' && actual <= seconds && actual > seconds - 300;

const matches = (actual: unknown, expected: Expected): boolean => {
  if (typeof expected === 'function') return expected(actual);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return false;
    const whole = !expected.some(isObject) || actual.length === expected.length;
    return whole && expected.every((item: Expected) => actual.some((candidate) => matches(candidate, item)));
  }
  if (isObject(expected)) {
    return isObject(actual) && Object.entries(expected).every(([key, item]) => matches(actual[key], item as Expected));
  }
  return actual === expected;
};

const show = (ns: string, command: string): readonly unknown[] => {
  if (command.startsWith('bridge ')) return bridgeJson(ns, command.slice('bridge '.length));
  if (!command.startsWith('text ')) return ipJson(ns, command);
  const { stdout } = ipTry(ns, `-d ${command.slice('text '.length)}`);
  return stdout.split('\n').filter((line) => line !== '');
};

const plain = (expected: Expected): unknown =>
  JSON.parse(
    JSON.stringify(expected, (_, value: unknown) => {
      if (typeof value === 'function') return 'as the test judges';
      return value === undefined ? 'absent' : value;
    }),
  );

/** Fails where iproute2 shows something else. */
export const assertShown = (ns: string, shown: Shown, when: string): void => {
  for (const [command, expected] of Object.entries(shown)) {
    const actual = show(ns, command).filter((object) => !isDecoy(JSON.stringify(object)));
    const isShown =
      actual.length === expected.length && expected.every((item) => actual.some((object) => matches(object, item)));
    if (!isShown) assert.deepEqual(actual, expected.map(plain), `${when}: ${command}`);
  }
};
