import { KIND_NAMES } from '../../model/state.ts';
import { countText } from '../../report/review/review.ts';
import type { Context } from '../context.ts';
import { readHostNames } from '../host.ts';
import { renderAs } from '../print-review.ts';
import { readDesired } from '../read-files.ts';

/**
 * `netrecon validate FILE...`: the files alone, without a look at the kernel.
 * @returns 0; problems are thrown as a ConfigError
 */
export const run = async (context: Context, files: readonly string[]): Promise<number> => {
  const desired = await readDesired(context.process, files, readHostNames());
  const counts = KIND_NAMES.map((kind) => [kind, desired.objects[kind].length] as const);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const summary = `${desired.files.join(', ')}: valid, ${countText(total, 'object')}`;
  context.print(
    renderAs(context, {
      text: () => `${summary}\n`,
      json: () => ({ version: 1, valid: true, files: desired.files, objects: Object.fromEntries(counts) }),
      review: () => ({ command: 'validate', files: desired.files, summary, findings: [], passed: desired.files }),
    }),
  );
  return 0;
};
