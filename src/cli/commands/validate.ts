import { KIND_NAMES } from '../../model/state.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { readHostNames } from '../host.ts';
import { readDesired } from '../read-files.ts';

/**
 * `netrecon validate FILE...`: the files alone, without a look at the kernel.
 * @returns 0; problems are thrown as a ConfigError
 */
export const run = async (context: Context, files: readonly string[]): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const desired = await readDesired(context.process, files, readHostNames());
  const counts = KIND_NAMES.map((kind) => [kind, desired.objects[kind].length] as const);
  if (context.options.format === 'json') {
    context.print(toJsonText({ version: 1, valid: true, files: desired.files, objects: Object.fromEntries(counts) }));
  } else {
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    context.print(`${desired.files.join(', ')}: valid, ${total} object${total === 1 ? '' : 's'}\n`);
  }
  return 0;
};
