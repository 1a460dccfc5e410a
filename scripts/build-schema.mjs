// From schemas/state.schema.json: the types of the state file (src/desired/schema.gen.ts, committed) and the compiled
// validator (src/desired/validate-schema.gen.js with its types, and a copy in dist/, where tsc does not put it).
// `--check` writes nothing and fails where a committed file is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';

const GENERATED = '// Made from schemas/state.schema.json by scripts/build-schema.mjs; do not edit.\n';

/** @param {string} path */
const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const schema = JSON.parse(readFileSync(inRoot('schemas/state.schema.json'), 'utf8'));

/**
 * The schema without what only people read: the validator is loaded at every start.
 * @param {unknown} node @returns {unknown}
 */
const withoutTexts = (node) => {
  if (Array.isArray(node)) return node.map(withoutTexts);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !TEXTS.has(key) || isSchema(value))
      .map(([key, value]) => [key, withoutTexts(value)]),
  );
};
/** A member of `properties` may be called like an annotation; its value is then a schema. @param {unknown} value */
const isSchema = (value) => typeof value === 'object' && value !== null && 'type' in value;
const TEXTS = new Set(['title', 'description', 'examples', 'default']);

/** The validator as an ES module that imports nothing: start-up compiles no schema and loads no ajv. */
const validatorSource = () => {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true, // errors carry their part of the schema, from which the hints are made
    strict: true,
    allowUnionTypes: true,
    code: { source: true, esm: true, lines: false },
  });
  const code = standaloneCode(ajv, ajv.compile(withoutTexts(schema))).replace(
    /const (\w+) = require\("ajv\/dist\/runtime\/(\w+)"\)\.default;/g,
    (_, name, file) => inlineRuntime(name, file),
  );
  if (code.includes('require(')) throw new Error('the validator needs a module that this script does not inline');
  return `${GENERATED}${code}\n`;
};

/** The two helpers of ajv that schemas like ours need, in the few lines that they come to for plain data. */
const RUNTIME = {
  ucs2length: 'const NAME = (text) => [...text].length;',
  equal: 'const NAME = (a, b) => JSON.stringify(a) === JSON.stringify(b);',
};
/** @param {string} name @param {string} file */
const inlineRuntime = (name, file) => {
  const source = RUNTIME[file];
  if (source === undefined) throw new Error(`ajv runtime helper ${file} is not inlined yet`);
  return source.replace('NAME', name);
};

const VALIDATOR_TYPES = `${GENERATED}/** One misfit, as ajv words it (option \`verbose\`). */
export interface SchemaMisfit {
  readonly keyword: string;
  /** JSON pointer of the value */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  readonly parentSchema: Readonly<Record<string, unknown>>;
}

/** Whether a value fits the schema; \`errors\` holds every misfit of the last call. */
declare const validate: { (value: unknown): boolean; errors?: readonly SchemaMisfit[] | null };
export default validate;
`;

const stateFileTypes = () =>
  compile(schema, 'StateFile', {
    bannerComment: GENERATED.trimEnd(),
    additionalProperties: false,
    strictIndexSignatures: true,
    format: true,
    style: { singleQuote: true, printWidth: 120, trailingComma: 'all' },
  });

/** @param {string} path @param {string} text */
const write = (path, text) => {
  mkdirSync(dirname(inRoot(path)), { recursive: true });
  writeFileSync(inRoot(path), text);
};

const types = await stateFileTypes();
if (process.argv.includes('--check')) {
  if (readFileSync(inRoot('src/desired/schema.gen.ts'), 'utf8') !== types) {
    console.error('src/desired/schema.gen.ts is out of date: run npm run build');
    process.exit(1);
  }
} else {
  const validator = validatorSource();
  write('src/desired/schema.gen.ts', types);
  write('src/desired/validate-schema.gen.js', validator);
  write('src/desired/validate-schema.gen.d.ts', VALIDATOR_TYPES);
  write('dist/src/desired/validate-schema.gen.js', validator);
}
