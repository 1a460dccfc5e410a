import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '../../model/errors.ts';
import { ADVICE_CODES } from '../../reconcile/lint/advice.ts';
import { isSilenced, lintDesired } from '../../reconcile/lint/lint.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { diagnosticJson } from '../../report/plan-json.ts';
import { countText, findingOfDiagnostic, listFindings } from '../../report/review/review.ts';
import type { Context } from '../context.ts';
import { readHostNames } from '../host.ts';
import { renderAs } from '../print-review.ts';
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
  const ignored = readIgnored(options.ignore);
  const desired = await readDesired(context.process, files, readHostNames());
  const advice = [desired, ...(desired.namespaces ?? []).map((namespace) => namespace.desired)].flatMap(lintDesired);
  const lines = await readLines(advice);
  const left = advice.filter(
    (item) => !ignored.has(item.code) && !isSilenced(item, lines.get(item.source?.file ?? '') ?? []),
  );
  await context.printPieces(
    renderAs(context, {
      text: () => left.map((item) => diagnosticText(item, context.paint)),
      json: () => ({ version: LINT_VERSION, advice: left.map(diagnosticJson) }),
      review: () => ({
        command: 'lint',
        files: desired.files,
        summary: left.length === 0 ? 'no advice' : `advice on ${countText(left.length, 'place')}`,
        findings: listFindings(left.map((item) => findingOfDiagnostic(item, true))),
        passed: [],
      }),
    }),
  );
  return left.length === 0 ? 0 : ADVICE_FOUND;
};
