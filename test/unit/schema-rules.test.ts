import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { compileRules, type SchemaMisfit, type SchemaRules } from '../../src/desired/schema-rules.ts';
import { STATE_RULES } from '../../src/desired/state-rules.gen.ts';

const root = process.env.NETRECON_ROOT ?? process.cwd();
const schema = JSON.parse(readFileSync(join(root, 'schemas/state.schema.json'), 'utf8')) as SchemaRules;

const ours = compileRules(STATE_RULES);
const theirs = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true }).compile(schema);

/** ajv compares only the items that are of the type that `items` asks for, which is text throughout. */
const isTwiceText = ({ keyword, data }: SchemaMisfit): boolean => {
  if (keyword !== 'uniqueItems') return true;
  const texts = (data as readonly unknown[]).filter((item) => typeof item === 'string');
  return new Set(texts).size < texts.length;
};

/** Misfits as text, to be compared: what both say of the path, the keyword and the key. */
const told = (value: unknown): readonly string[] =>
  ours(value)
    .filter(isTwiceText)
    .map(({ path, keyword, key = '' }) => JSON.stringify([path, keyword, key]));

const toldByAjv = (value: unknown): readonly string[] => {
  theirs(value);
  return (theirs.errors ?? []).map(({ instancePath, keyword, params }) => {
    const path = instancePath
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return JSON.stringify([path, keyword, params.additionalProperty ?? params.missingProperty ?? '']);
  });
};

const resolve = (rules: SchemaRules): SchemaRules =>
  rules.$ref === undefined ? rules : (schema.definitions?.[rules.$ref.replace('#/definitions/', '')] as SchemaRules);

/** About one value in ten is of no use to the schema. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 2 ** 40, '', 'x', '\u{1f310}'.repeat(16), [], {}, [1, 1], { a: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const orAnything = (fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: anything });

const NAMES = fc.constantFrom('eth0', 'br0', 'a/b~c', 'mtu', 'to');

/** Values that nearly fit. */
const nearly = (given: SchemaRules, depth: number): fc.Arbitrary<unknown> => {
  const rules = resolve(given);
  const types = [rules.type ?? []].flat();
  if (rules.const !== undefined) return orAnything(fc.constant(rules.const));
  if (rules.enum !== undefined) return orAnything(fc.constantFrom(...rules.enum));
  if (rules.anyOf !== undefined) return orAnything(fc.oneof(...rules.anyOf.map((part) => nearly(part, depth))));
  if (types.includes('object')) {
    if (depth === 0) return anything;
    const members = Object.entries(rules.properties ?? {}).map(
      ([name, member]) => [name, nearly(member, depth - 1)] as const,
    );
    const chosen = fc
      .subarray(members, { maxLength: Math.min(4, members.length) })
      .chain((some) => fc.record(Object.fromEntries(some)));
    const others =
      typeof rules.additionalProperties === 'object'
        ? fc.dictionary(NAMES, nearly(rules.additionalProperties, depth - 1), { maxKeys: 3 })
        : fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(NAMES, anything) });
    return orAnything(fc.tuple(chosen, others).map(([a, b]) => ({ ...b, ...a })));
  }
  if (types.includes('array'))
    return orAnything(
      fc.array(rules.items === undefined ? anything : nearly(rules.items, depth - 1), { maxLength: 3 }),
    );
  if (types.includes('integer')) {
    const { minimum = 0, maximum = 100 } = rules;
    return orAnything(fc.integer({ min: minimum - 1, max: maximum + 1 }));
  }
  return orAnything(fc.string({ maxLength: (rules.maxLength ?? 8) + 1, unit: 'grapheme' }));
};

test('the rules say of a value what ajv says of it by the schema', () => {
  const seed = Number(process.env.NETRECON_SEED ?? 20_261_121);
  const numRuns = Number(process.env.NETRECON_RUNS ?? 1500);
  let misfits = 0;
  fc.assert(
    fc.property(nearly(schema, 5), (value) => {
      const expected = toldByAjv(value);
      misfits += expected.length;
      assert.deepEqual(told(value).toSorted(), expected.toSorted());
    }),
    { seed, numRuns },
  );
  console.log(`${numRuns} values, ${misfits} misfits, seed ${seed}`);
  assert.ok(misfits > numRuns / 10, 'the values must not all fit');
});

test('the schema uses no keyword that the rules do not know', () => {
  const READ = ['$ref', 'type', 'const', 'enum', 'anyOf', 'items', 'required', 'properties', 'additionalProperties'];
  const LIMITS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems'];
  const TOLD = ['$schema', '$id', 'title', 'description', 'examples', 'default', 'definitions'];
  const known = new Set([...READ, ...LIMITS, ...TOLD]);
  const visit = (rules: SchemaRules): void => {
    for (const keyword of Object.keys(rules)) assert.ok(known.has(keyword), keyword);
    const { properties = {}, definitions = {}, items, anyOf = [], additionalProperties } = rules;
    for (const part of [...Object.values(properties), ...Object.values(definitions), ...anyOf]) visit(part);
    if (items !== undefined) visit(items);
    if (typeof additionalProperties === 'object') visit(additionalProperties);
  };
  visit(schema);
});
