import { readFile } from 'node:fs/promises';
import { type Context, requireFormat } from '../context.ts';
import { packageFile } from '../package-file.ts';

/** `netrecon schema`: the JSON Schema of the state file, as it lies in schemas/. @returns 0 */
export const run = async (
  context: Context,
  _args: readonly string[],
  options: { readonly plan?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const file = options.plan === true ? 'plan.schema.json' : 'state.schema.json';
  context.print(await readFile(packageFile(`schemas/${file}`), 'utf8'));
  return 0;
};
