import type { Desired, OnDrift } from '../model/desired.ts';
import { ConfigError } from '../model/errors.ts';
import { KINDS } from '../model/kinds.ts';
import { normalizeExpectation } from './expectation.ts';
import { desiredNamespace, loadScopes } from './load-namespaces.ts';
import { mergeSettings } from './merge-settings.ts';
import type { NameTables } from './names.ts';
import { createProblems, type Problems } from './problems.ts';
import { type FileReader, type Input, readInputs } from './read-inputs.ts';
import type { Route } from './schema.gen.ts';
import { readSections, type Sections } from './sections.ts';

export interface LoadOptions extends FileReader {
  /** files, folders, or `-` for standard input */
  readonly files: readonly string[];
  readonly names: NameTables;
}

/**
 * Reads state files, checks them and brings them into the model's form. Several files count as one.
 * @throws {ConfigError} with every problem of every file at once, in the order of the files' text
 */
export const loadDesired = async (options: LoadOptions): Promise<Desired> => {
  const { readList } = options;
  const lists = readList === undefined ? {} : { readList: once((path) => readList(path)) };
  const reader = { ...options, readFile: once((path) => options.readFile(path)), ...lists };
  const { desired, problems, folded } = await load(reader, true);
  if (desired !== undefined) return desired;
  // problems are told of each route where it stands
  const plain = folded ? await load(reader, false) : undefined;
  if (plain?.desired !== undefined) return plain.desired;
  throw new ConfigError((plain?.problems ?? problems).list());
};

/** Standard input can be read only once. */
const once = <T>(read: (path: string) => Promise<T>): ((path: string) => Promise<T>) => {
  const contents = new Map<string, Promise<T>>();
  return (path) => {
    const content = contents.get(path) ?? read(path);
    contents.set(path, content);
    return content;
  };
};

interface Loaded {
  /** absent where there are problems, or where a run of like routes turned out to be something else */
  readonly desired?: Desired;
  readonly problems: Problems;
  /** some routes stood for many */
  readonly folded: boolean;
}

const load = async (options: LoadOptions, folds: boolean): Promise<Loaded> => {
  const problems = createProblems();
  const { inputs, files, folded } = await readInputs(options.files, options, problems, folds);
  const sections = inputs.map((input) => readSections(input, problems));
  const { root, namespaces } = await loadScopes(sections, options, problems);
  const expectations = sections
    .flatMap(({ expect }) => expect)
    .flatMap((entry) => (entry.partial === true ? [] : (normalizeExpectation(entry) ?? [])));
  const prune =
    mergeSettings(
      'prune',
      sections.flatMap(({ prune: one }) => one ?? []),
      problems,
    ) ?? 'own';
  if (problems.count > 0 || !inputs.every(areRunsRoutes)) return { problems, folded };
  const desired: Desired = {
    ...root,
    ...(namespaces.length === 0
      ? {}
      : { namespaces: namespaces.map((namespace) => desiredNamespace(namespace, { prune, files })) }),
    prune,
    onDrift: mergeOnDrift(sections),
    expectations,
    files,
    warnings: problems.warnings,
  };
  return { desired, problems, folded };
};

/** Whether each item that stands for a run is one of the routes, with the prefix that was seen there. */
const areRunsRoutes = ({ content, runs }: Input): boolean => {
  if (runs.size === 0) return true;
  const items = content.place.members?.get('routes')?.items ?? [];
  const { routes } = content.value as { routes?: readonly Route[] };
  const found = items.filter(({ start }, i) => {
    const run = runs.get(start);
    return run !== undefined && routes?.[i]?.to === run.prefix && routes[i].state !== 'absent';
  });
  return found.length === runs.size;
};

/** Of several files, the later one has its way. */
const mergeOnDrift = (sections: readonly Sections[]): Desired['onDrift'] => {
  const bySection = Object.assign({}, ...sections.map(({ onDrift }) => onDrift)) as Readonly<Record<string, OnDrift>>;
  return Object.fromEntries(
    Object.values(KINDS).flatMap(({ name, section }) => {
      const policy = bySection[section];
      return policy === undefined ? [] : [[name, policy]];
    }),
  );
};
