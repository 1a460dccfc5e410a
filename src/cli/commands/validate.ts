import { countDesired, type Desired } from '../../model/desired.ts';
import { KIND_NAMES } from '../../model/state.ts';
import { type FileExpectations, judgeByFiles } from '../../reconcile/lookup/expect-files.ts';
import { diagnosticText } from '../../report/error-text.ts';
import { diagnosticJson } from '../../report/plan-json.ts';
import { countText, findingOfDiagnostic, listFindings } from '../../report/review/review.ts';
import type { Context } from '../context.ts';
import { readHostNames } from '../host.ts';
import { renderAs } from '../print-review.ts';
import { readDesired } from '../read-files.ts';

const expectationsText = ({ expectations }: Desired, { met, missed, open }: FileExpectations): string => {
  if (expectations.length === 0) return '';
  const parts = [`${met.length} met by the files alone`, `${missed.length} missed`, `${open} need a host`];
  return `; of ${countText(expectations.length, 'expectation')} ${parts.join(', ')}`;
};

/**
 * `netrecon validate FILE...`: the files alone, without a look at the kernel.
 * @returns 0; problems are thrown as a ConfigError
 */
export const run = async (context: Context, files: readonly string[]): Promise<number> => {
  const desired = await readDesired(context.process, files, readHostNames());
  const all = [desired, ...(desired.namespaces ?? []).map((namespace) => namespace.desired)];
  const counts = KIND_NAMES.map((kind) => [kind, all.reduce((sum, one) => sum + countDesired(one, kind), 0)] as const);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const expected = judgeByFiles(desired);
  const summary = `${desired.files.join(', ')}: valid, ${countText(total, 'object')}${expectationsText(desired, expected)}`;
  for (const miss of expected.missed) context.say(diagnosticText(miss, context.talkPaint));
  await context.printPieces(
    renderAs(context, {
      text: () => [`${summary}\n`],
      json: () => ({
        version: 1,
        valid: true,
        files: desired.files,
        objects: Object.fromEntries(counts),
        ...(desired.expectations.length === 0
          ? {}
          : { expectations: { ...expected, missed: expected.missed.map(diagnosticJson) } }),
      }),
      review: () => ({
        command: 'validate',
        files: desired.files,
        summary,
        findings: listFindings(expected.missed.map((miss) => findingOfDiagnostic(miss))),
        passed: [...desired.files, ...expected.met],
      }),
    }),
  );
  return 0;
};
