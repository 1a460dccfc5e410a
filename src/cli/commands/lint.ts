import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '../../model/errors.ts';
import { ADVICE_CODES } from '../../reconcile/lint/advice.ts';
import { isSilenced, lintDesired } from '../../reconcile/lint/lint.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { diagnosticJson } from '../../report/plan-json.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { readHostNames } from '../host.ts';
import { readDesired } from '../read-files.ts';
import { UsageError } from '../usage-error.ts';

/** Raised when an older reader would misunderstand the JSON. */
const LINT_VERSION = 1;
const ADVICE_FOUND = 2;

const readIgnored = (text: string | undefined): ReadonlySet<string> => {
  const codes = text?.split(',').map((code) => code.trim()) ?? [];
  const unknown = codes.find((code) => !(ADVICE_CODES as readonly string[]).includes(code));
  if (unknown !== undefined)
    throw new UsageError(`there is no advice ${unknown}`, `there is ${ADVICE_CODES.join(', ')}`);
  return new Set(codes);
};

/** Lines of the files that have advice; of standard input none are left to read. */
const readLines = async (advice: readonly Diagnostic[]): Promise<ReadonlyMap<string, readonly string[]>> => {
  const files = new Set(advice.flatMap(({ source }) => (source === undefined ? [] : [source.file])));
  const read = async (file: string) => [file, file === '-' ? [] : (await readFile(file, 'utf8')).split('\n')] as const;
  return new Map(await Promise.all([...files].map(read)));
};

/**
 * `netrecon lint FILE...`: advice on files that are valid, without a look at the host.
 * @returns 0; 2 where there is advice
 */
export const run = async (
  context: Context,
  files: readonly string[],
  options: { readonly ignore?: string },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const ignored = readIgnored(options.ignore);
  const advice = lintDesired(await readDesired(context.process, files, readHostNames()));
  const lines = await readLines(advice);
  const left = advice.filter(
    (item) => !ignored.has(item.code) && !isSilenced(item, lines.get(item.source?.file ?? '') ?? []),
  );
  if (context.options.format === 'json') {
    context.print(toJsonText({ version: LINT_VERSION, advice: left.map(diagnosticJson) }));
  } else for (const item of left) context.print(diagnosticText(item, context.paint));
  return left.length === 0 ? 0 : ADVICE_FOUND;
};
