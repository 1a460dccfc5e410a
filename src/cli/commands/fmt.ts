import { formatYaml } from '../../desired/format-yaml.ts';
import { createProblems } from '../../desired/problems.ts';
import { isJson, listInputs, readText } from '../../desired/read-inputs.ts';
import { ConfigError } from '../../model/errors.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { fileReader } from '../read-files.ts';
import { replaceFile } from '../replace-file.ts';
import { UsageError } from '../usage-error.ts';

/** Raised when an older reader would misunderstand the JSON. */
const FMT_VERSION = 1;
const NOT_FORMATTED = 2;

interface Formatted {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Every file in its canonical form; all of them, or every problem. */
const formatFiles = async (context: Context, paths: readonly string[]): Promise<readonly Formatted[]> => {
  const named = paths.find(isJson);
  if (named !== undefined) throw new UsageError(`${named} is JSON`, 'fmt is for what people write: YAML');
  const problems = createProblems();
  const reader = fileReader(context.process);
  const files = (await listInputs(paths, reader, problems)).filter((path) => !isJson(path));
  const formatted: Formatted[] = [];
  for (const path of files) {
    const before = await readText(path, reader, problems);
    const after = before === undefined ? undefined : formatYaml(path, before, problems);
    if (before !== undefined && after !== undefined) formatted.push({ path, before, after });
  }
  if (problems.count > 0) throw new ConfigError(problems.list());
  return formatted;
};

/**
 * `netrecon fmt FILE...`: brings state files into their canonical form and names those that were not. Standard input is
 * written to standard output. Nothing is written where any file cannot be formatted.
 * @returns 0; 2 with --check where a file is not in that form
 */
export const run = async (
  context: Context,
  paths: readonly string[],
  { check = false }: { readonly check?: boolean },
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const formatted = await formatFiles(context, paths);
  const changed = formatted.filter(({ before, after }) => before !== after);
  const piped = check ? undefined : formatted.find(({ path }) => path === '-');
  if (!check) for (const { path, after } of changed) if (path !== '-') replaceFile(path, after);
  const names = changed.map(({ path }) => path).filter((path) => check || path !== '-');
  if (context.options.format === 'json') {
    context.print(
      toJsonText({ version: FMT_VERSION, changed: names, ...(piped === undefined ? {} : { text: piped.after }) }),
    );
  } else {
    if (piped !== undefined) context.print(piped.after);
    const list = names.map((name) => `${name}\n`).join('');
    // standard output is the formatted text alone
    if (piped === undefined) context.print(list);
    else context.say(list);
  }
  return check && changed.length > 0 ? NOT_FORMATTED : 0;
};
