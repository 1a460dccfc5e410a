// From schemas/state.schema.json: the types of the state file (src/desired/schema.gen.ts) and its rules as data
// (src/desired/state-rules.gen.ts, which src/desired/schema-rules.ts goes by). Neither is committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const GENERATED = '// Made from schemas/state.schema.json by scripts/build-schema.mjs; do not edit.\n';

/** @param {string} path */
const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const schema = JSON.parse(readFileSync(inRoot('schemas/state.schema.json'), 'utf8'));

/**
 * The schema without what only people read: the rules are loaded at every start.
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

/** The rules as data; JSON.parse of a text is the quickest way to have them at a start. */
const rulesSource = () => {
  const text = JSON.stringify(withoutTexts(schema)).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `${GENERATED}import type { SchemaRules } from './schema-rules.ts';

/** schemas/state.schema.json without what only people read. */
export const STATE_RULES: SchemaRules = JSON.parse('${text}');
`;
};

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

write('src/desired/schema.gen.ts', await stateFileTypes());
write('src/desired/state-rules.gen.ts', rulesSource());
