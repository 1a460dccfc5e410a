import type { Source } from '../model/desired.ts';
import { type FoldedText, foldRoutes } from './fold-routes.ts';
import { locateJson } from './parse-json.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Problems } from './problems.ts';
import type { SavedRoutes } from './route-lists/saved-list.ts';
import { scanYaml } from './scan-yaml.ts';
import { createSourceFile, type Placed, type SourceFile, sourceAt } from './source-file.ts';

/** How files are reached; passed in, so that reading the state file can be tested without one. */
export interface FileReader {
  /** text of a file; `-` is standard input. Rejects with the system's error where it cannot be read */
  readFile(path: string): Promise<string>;
  /** What a list of routes holds, text or a dump. Absent: readFile. Rejects as that does */
  readList?(path: string): Promise<string | SavedRoutes>;
  /** names in a directory; undefined where the path is no directory */
  listDirectory(path: string): Promise<readonly string[] | undefined>;
  /**
   * Text and mode (st_mode) of a file that holds a key; undefined where it can be done without. Absent: keys are not asked for.
   * Rejects as readFile does
   */
  readKey?(path: string): Promise<KeyFile | undefined>;
}

export interface KeyFile {
  readonly text: string;
  readonly mode: number;
}

export interface Input {
  readonly file: SourceFile;
  readonly content: Placed;
  /** routes that stand for many, by the offsets of their places */
  readonly runs: FoldedText['runs'];
}

export const isJson = (name: string): boolean => name.endsWith('.json');

/** `*.yaml`, `*.yml` and `*.json` of each folder in alphabetical order; other paths as they are. */
export const listInputs = async (
  paths: readonly string[],
  reader: FileReader,
  problems: Problems,
): Promise<readonly string[]> => {
  const files: string[] = [];
  for (const path of paths) {
    const names = path === '-' ? undefined : await reader.listDirectory(path);
    if (names === undefined) {
      files.push(path);
      continue;
    }
    const inside = names.filter((name) => /^[^.].*\.(yaml|yml|json)$/.test(name)).toSorted();
    if (inside.length === 0) problems.add('NR_FILE', `folder ${path} holds no *.yaml, *.yml or *.json`);
    for (const name of inside) files.push(`${path.replace(/\/+$/, '')}/${name}`);
  }
  return [...new Set(files)];
};

/**
 * Reads and parses every file; what cannot be used is reported and left out.
 * @param folds - take long runs of like routes out of a text before it is parsed
 * @returns also whether there were any
 */
export const readInputs = async (
  paths: readonly string[],
  reader: FileReader,
  problems: Problems,
  folds: boolean,
): Promise<{ readonly inputs: readonly Input[]; readonly files: readonly string[]; readonly folded: boolean }> => {
  const files = await listInputs(paths, reader, problems);
  const inputs: Input[] = [];
  let isFolded = false;
  for (const name of files) {
    const text = await readText(name, reader, problems);
    if (text === undefined) continue;
    const folded = folds && !isJson(name) ? foldRoutes(text) : undefined;
    if (folded !== undefined) isFolded = true;
    const file = createSourceFile(name, folded?.text ?? text, folded?.cuts);
    const content = parseContent(file, problems);
    if (content !== undefined) inputs.push({ file, content, runs: folded?.runs ?? new Map() });
  }
  return { inputs, files, folded: isFolded };
};

/** A path as written in a file, relative to that file. */
export const resolvePath = (path: string, writtenIn: string): string => {
  const slash = writtenIn.lastIndexOf('/');
  return path.startsWith('/') || slash < 0 ? path : `${writtenIn.slice(0, slash)}/${path}`;
};

/** What a reader gives, or undefined after reporting why it gives nothing. */
const attempt = async <T>(
  read: () => Promise<T>,
  path: string,
  problems: Problems,
  source: Source | undefined,
): Promise<T | undefined> => {
  try {
    return await read();
  } catch (error) {
    const place = source ?? { file: path, line: 1, column: 1 };
    problems.add('NR_FILE', `cannot read ${path}: ${systemReason(error)}`, place);
    return undefined;
  }
};

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

/** Text of a file without a byte order mark, or undefined after reporting why there is none. */
export const readText = async (path: string, reader: FileReader, problems: Problems): Promise<string | undefined> => {
  const text = await attempt(() => reader.readFile(path), path, problems, undefined);
  return text === undefined ? undefined : withoutMark(text);
};

/** What a list holds, its text without a byte order mark; undefined after reporting why there is nothing. */
export const readListContent = async (
  path: string,
  reader: FileReader,
  problems: Problems,
  source: Source,
): Promise<string | SavedRoutes | undefined> => {
  const content = await attempt(() => (reader.readList ?? reader.readFile)(path), path, problems, source);
  return typeof content === 'string' ? withoutMark(content) : content;
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

export const systemReason = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return (
    (typeof code === 'string' ? REASONS[code] : undefined) ?? (error instanceof Error ? error.message : String(error))
  );
};

const parseContent = (file: SourceFile, problems: Problems): Placed | undefined => {
  if (isBlank(file.text)) {
    problems.add(
      'NR_EMPTY_FILE',
      'the file is empty',
      sourceAt(file, 0),
      'an empty file never means "delete everything": begin with "version: 1"',
    );
    return undefined;
  }
  const content = isJson(file.name) ? parseJson(file, problems) : (scanYaml(file.text) ?? parseYaml(file, problems));
  if (content?.value === null) {
    problems.add('NR_EMPTY_FILE', 'the file holds nothing', sourceAt(file, 0), 'begin with "version: 1"');
    return undefined;
  }
  return content;
};

/** Nothing but white space, comments and document marks. */
const isBlank = (text: string): boolean =>
  !text.split('\n').some((line) => !/^\s*((---\s*)?(#.*)?|\.\.\.\s*)$/.test(line));

/**
 * JSON.parse for the values and a walk of our own for the places. What JSON.parse refuses is read as YAML, which JSON is a
 * part of: that tells where it breaks, or bears it (a comma too many).
 */
const parseJson = (file: SourceFile, problems: Problems): Placed | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch {
    return parseYaml(file, problems);
  }
  const { root, duplicates } = locateJson(file.text);
  for (const { key, first, second } of duplicates) {
    const { line, column } = sourceAt(file, first);
    const message = `key "${key}" is here for the second time (first at ${file.name}:${line}:${column})`;
    problems.add('NR_DUPLICATE_KEY', message, sourceAt(file, second));
  }
  return duplicates.length > 0 ? undefined : { value, place: root };
};
