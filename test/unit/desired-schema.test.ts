import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { METRIC_KEYS } from '../../src/desired/route-metrics.ts';
import { LINK_KINDS } from '../../src/model/link-kinds/index.ts';
import type { OptionTable } from '../../src/model/link-kinds/spec.ts';

interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

const root = process.env.NETRECON_ROOT ?? process.cwd();
const schema = JSON.parse(readFileSync(join(root, 'schemas/state.schema.json'), 'utf8')) as Schema;
const link = schema.definitions?.link?.properties ?? {};

describe('the schema and the tables of link kinds agree', () => {
  const sections: readonly (readonly [string, OptionTable])[] = Object.values(LINK_KINDS).flatMap((spec) => [
    [spec.kind, spec.options] as const,
    ...(spec.port === undefined ? [] : [[`${spec.kind}_port`, spec.port] as const]),
  ]);

  test('on the kinds', () => {
    assert.deepEqual([...(link.kind?.enum ?? [])].toSorted(), Object.keys(LINK_KINDS).toSorted());
  });

  for (const [section, table] of sections) {
    test(`on ${section}`, () => {
      const properties = link[section]?.properties;
      assert.ok(properties !== undefined, `no section ${section}`);
      const writable = Object.entries(table).filter(([, spec]) => spec.readOnly !== true);
      const words = writable.flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])]);
      // where the peer is, not what it is
      if (section === 'veth') words.push('netns');
      assert.deepEqual(Object.keys(properties).toSorted(), words.toSorted());
      for (const [name, spec] of writable) {
        assert.deepEqual(properties[name]?.default, spec.default, `default of ${name}`);
        if (spec.max !== undefined && spec.max !== 1)
          assert.equal(properties[name]?.maximum, spec.max, `maximum of ${name}`);
        if (spec.min !== undefined) assert.equal(properties[name]?.minimum, spec.min, `minimum of ${name}`);
        for (const word of Object.values(spec.words ?? {})) {
          const listed = properties[name]?.enum;
          if (listed !== undefined) assert.ok(listed.includes(word), `${name} misses ${word}`);
        }
      }
    });
  }
});

test('every metric of a route is in the schema', () => {
  const route = schema.definitions?.route?.properties ?? {};
  for (const key of METRIC_KEYS) assert.ok(key in route, key);
});

test('every property is described, and every mapping is closed', () => {
  const walk = (node: Schema, path: string): void => {
    if (node.type === 'object' && node.properties !== undefined) assert.equal(node.additionalProperties, false, path);
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      assert.ok((property.description ?? '').length > 8, `${path}.${name} has no description`);
      walk(property, `${path}.${name}`);
    }
    for (const [name, definition] of Object.entries(node.definitions ?? {})) walk(definition, name);
    if (node.items !== undefined) walk(node.items, `${path}[]`);
    for (const alternative of node.anyOf ?? []) walk(alternative, path);
  };
  walk(schema, 'file');
});
