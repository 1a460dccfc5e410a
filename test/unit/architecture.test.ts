import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';

/** Tests run compiled, in dist/; the rules are about the sources. */
const ROOT = resolve(import.meta.dirname, '../../..');
const MAX_LINES = 400;
/** cases are many where the code is short */
const MAX_TEST_LINES = 800;

interface Import {
  /** as written */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  /** relative to the root: `src/model/ip.ts` */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/gm;

const importsOf = (text: string): readonly Import[] =>
  [...text.matchAll(IMPORT)].map((match) => ({
    specifier: (match[2] ?? match[3] ?? match[4]) as string,
    typeOnly: match[1] !== undefined,
  }));

/** Without comments, so that rules about code do not stumble over prose. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

const sourcesUnder = (folder: string): readonly SourceFile[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('.gen.'))
    .map((name) => {
      const path = join(folder, name);
      const text = withoutComments(readFileSync(join(ROOT, path), 'utf8'));
      return { path, text, imports: importsOf(text) };
    });

const SOURCES = sourcesUnder('src');
const TESTS = sourcesUnder('test');

/** `src/model/ip.ts` -> `model` */
const layerOf = (path: string): string => path.split('/')[1] as string;

/** Each layer and those it may import from; data flows one way, and desired and observed meet in reconcile. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  netlink: ['model'],
  observed: ['model', 'netlink'],
  desired: ['model'],
  reconcile: ['model'],
  // the state file is written here and read there: its types and defaults are one
  report: ['model', 'desired', 'reconcile'],
  cli: ['model', 'netlink', 'observed', 'desired', 'reconcile', 'report'],
};

/** The parts of src/reconcile that compute what is to be done, and those of their neighbors that they may import from. */
const PARTS_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  effects: ['plan'],
  plan: ['effects', 'nexthops'],
  nexthops: ['effects', 'plan', 'lists'],
  lists: ['effects', 'plan', 'nexthops'],
  saved: ['effects', 'plan', 'lists'],
  lint: ['lists'],
};

/** `src/reconcile/plan/diff.ts` -> `plan` */
const partOf = (path: string): string => path.split('/')[2] as string;

/** Where processes, files, sockets and clocks are at home. All else is computation. */
const EFFECT_FOLDERS = ['src/cli/', 'src/netlink/', 'src/observed/', 'src/desired/', 'src/reconcile/effects/'] as const;
const isEdge = (path: string): boolean => EFFECT_FOLDERS.some((folder) => path.startsWith(folder));

/** Files that offend, with the offence, as one list: the assertion then shows them all. */
const offenders = (files: readonly SourceFile[], find: (file: SourceFile) => readonly string[]): readonly string[] =>
  files.flatMap((file) => find(file).map((offence) => `${file.path}: ${offence}`));

const matches = (file: SourceFile, pattern: RegExp): readonly string[] => file.text.match(pattern) ?? [];

describe('architecture', () => {
  it('finds the sources and their imports', () => {
    assert.ok(SOURCES.length > 20, `only ${SOURCES.length} source files found under ${ROOT}`);
    const linkKinds = SOURCES.find(({ path }) => path === 'src/model/link-kinds/index.ts');
    assert.ok(linkKinds?.imports.some(({ specifier, typeOnly }) => specifier === './spec.ts' && typeOnly));
    assert.deepEqual(
      importsOf("import {\n  a,\n  type B,\n} from '../x.ts';\nimport 'side';\nconst y = await import('./z.ts');\n"),
      [
        { specifier: '../x.ts', typeOnly: false },
        { specifier: 'side', typeOnly: false },
        { specifier: './z.ts', typeOnly: false },
      ],
    );
  });

  it('puts every source in a layer it knows', () => {
    assert.deepEqual(
      offenders(SOURCES, ({ path }) => (layerOf(path) in MAY_IMPORT ? [] : ['no layer of that name'])),
      [],
    );
  });

  it('lets imports go in the direction of the layers only', () => {
    const wrong = offenders(SOURCES, ({ path, imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => relative(ROOT, resolve(ROOT, dirname(path), specifier)))
        .filter((target) => target.startsWith('src/'))
        .filter((target) => layerOf(target) !== layerOf(path) && !MAY_IMPORT[layerOf(path)]?.includes(layerOf(target)))
        .map((target) => `imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('keeps planning apart from what carries plans out', () => {
    const inParts = SOURCES.filter(({ path }) => path.startsWith('src/reconcile/'));
    assert.deepEqual(
      inParts.filter(({ path }) => partOf(path).endsWith('.ts')).map(({ path }) => path),
      [],
      'every file is in a part',
    );
    const wrong = offenders(inParts, ({ path, imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => relative(ROOT, resolve(ROOT, dirname(path), specifier)))
        .filter((target) => target.startsWith('src/reconcile/') && partOf(target) !== partOf(path))
        .filter((target) => PARTS_MAY_IMPORT[partOf(path)]?.includes(partOf(target)) === false)
        .map((target) => `imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('writes relative imports with their extension', () => {
    const wrong = offenders(SOURCES, ({ imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|js|json)$/.test(specifier))
        .map(({ specifier }) => specifier),
    );
    assert.deepEqual(wrong, []);
  });

  it('touches koffi in netlink/socket alone', () => {
    const wrong = offenders(SOURCES, ({ path, imports }) =>
      path.startsWith('src/netlink/socket/')
        ? []
        : imports.filter(({ specifier }) => specifier.startsWith('koffi')).map(() => 'imports koffi'),
    );
    assert.deepEqual(wrong, []);
  });

  it('keeps packages out of the model', () => {
    const wrong = offenders(SOURCES, ({ path, imports }) =>
      path.startsWith('src/model/') ? imports.map((i) => i.specifier).filter((name) => !name.startsWith('.')) : [],
    );
    assert.deepEqual(wrong, []);
  });

  it('keeps files, processes, sockets and clocks out of the computing core', () => {
    const wrong = offenders(SOURCES, (file) =>
      isEdge(file.path)
        ? []
        : [
            ...file.imports
              .map((i) => i.specifier)
              .filter((name) => /^node:(fs|net|child_process|worker_threads|timers|http|dgram)/.test(name)),
            ...matches(file, /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\(/g),
          ],
    );
    assert.deepEqual(wrong, []);
  });

  it('ends the process and prints in cli alone', () => {
    const wrong = offenders(SOURCES, (file) =>
      file.path.startsWith('src/cli/')
        ? []
        : matches(file, /\bprocess\.(exit\b|exitCode|stdout|stderr)|\bconsole\.\w+/g),
    );
    assert.deepEqual(wrong, []);
  });

  it('has no export *, no default export, no enum, no namespace and no mutable module state', () => {
    const wrong = offenders([...SOURCES, ...TESTS], (file) =>
      matches(
        file,
        /^export \*.*|^export default .*|^(?:export )?(?:const )?enum .*|^(?:export )?namespace .*|^(?:export )?(?:let|var) .*/gm,
      ),
    );
    assert.deepEqual(wrong, []);
  });

  it('keeps every file short', () => {
    const wrong = offenders([...SOURCES, ...TESTS], ({ path }) => {
      const lines = readFileSync(join(ROOT, path), 'utf8').split('\n').length;
      return lines > (path.startsWith('src/') ? MAX_LINES : MAX_TEST_LINES) ? [`${lines} lines`] : [];
    });
    assert.deepEqual(wrong, []);
  });

  it('names files in kebab-case', () => {
    const wrong = offenders([...SOURCES, ...TESTS], ({ path }) =>
      path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?(\.ts)?$/.test(part)) ? [] : ['name'],
    );
    assert.deepEqual(wrong, []);
  });
});
