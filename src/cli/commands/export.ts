import { exportState, renderYaml } from '../../report/export.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';

/**
 * `netrecon export`: the present state as a state file. JSON is YAML too: `--format json` can be applied as well.
 * @returns 0
 */
export const run = async (
  context: Context,
  _args: readonly string[],
  options: { readonly all?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const { state, owned } = await withHost(context, async ({ kernel, state: directory }) => ({
    state: await kernel.dump(),
    owned: directory.records.read()?.owned ?? [],
  }));
  const file = exportState(state, { names: readHostNames(), all: options.all === true, owned });
  context.print(context.options.format === 'json' ? toJsonText(file) : renderYaml(file));
  return 0;
};
