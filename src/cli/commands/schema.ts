import { readFile } from 'node:fs/promises';
import { type Context, requireFormat } from '../context.ts';

/** `netrecon schema`: the JSON Schema of the state file, as it lies in schemas/. @returns 0 */
export const run = async (
  context: Context,
  _args: readonly string[],
  options: { readonly plan?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const file = options.plan === true ? 'plan.schema.json' : 'state.schema.json';
  // four folders above the compiled src/cli/commands
  context.print(await readFile(new URL(`../../../../schemas/${file}`, import.meta.url), 'utf8'));
  return 0;
};
