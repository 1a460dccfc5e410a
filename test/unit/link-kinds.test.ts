import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isFallbackDevice, LINK_KINDS } from '../../src/model/link-kinds/index.ts';
import type { OptionSpec, OptionTable } from '../../src/model/link-kinds/spec.ts';

const TABLES: readonly (readonly [string, OptionTable])[] = Object.entries(LINK_KINDS).flatMap(([name, spec]) => [
  [name, spec.options] as const,
  ...(spec.port === undefined ? [] : [[`${name}_port`, spec.port] as const]),
]);

/** `table.option: what is wrong`, for every option of every kind. */
const findings = (look: (spec: OptionSpec, name: string, table: OptionTable) => readonly string[]): readonly string[] =>
  TABLES.flatMap(([tableName, table]) =>
    Object.entries(table).flatMap(([name, spec]) =>
      look(spec, name, table).map((what) => `${tableName}.${name}: ${what}`),
    ),
  );

const WIDTHS: Readonly<Record<string, number>> = { u8: 8, u16: 16, be16: 16, u32: 32, be32: 32 };

describe('docs/link-kinds.md', () => {
  it('says what the tables say: npm run docs', async () => {
    const root = new URL('../../../', import.meta.url);
    const { linkKindsPage } = await import(new URL('scripts/docs/link-kinds.mjs', root).href);
    const proof: unknown = JSON.parse(readFileSync(new URL('docs/link-kinds.json', root), 'utf8'));
    assert.equal(readFileSync(new URL('docs/link-kinds.md', root), 'utf8'), linkKindsPage(LINK_KINDS, proof));
  });
});

describe('link kind tables', () => {
  it('are filed under the name of their kind', () => {
    for (const [name, spec] of Object.entries(LINK_KINDS)) assert.equal(spec.kind, name);
  });

  it('give each attribute to one option, or each bit of it to one', () => {
    const places = (spec: OptionSpec): readonly string[] => [
      `${spec.type}${spec.bit === undefined ? '' : `.${spec.bit}`}`,
      ...(spec.inet6 === undefined ? [] : [`${spec.inet6.type}`]),
      ...(spec.flagWord === undefined ? [] : [`${spec.flagWord.type}`]),
    ];
    for (const [name, table] of TABLES) {
      const all = Object.values(table).flatMap(places);
      assert.deepEqual(
        all.filter((place, i) => all.indexOf(place) !== i),
        [],
        `${name}: attributes used twice`,
      );
    }
  });

  it('agree on number, name and codec where options share an attribute', () => {
    const wrong = findings((spec, _name, table) =>
      Object.values(table)
        .filter((other) => other.type === spec.type)
        .filter((other) => other.attr !== spec.attr || JSON.stringify(other.codec) !== JSON.stringify(spec.codec))
        .map((other) => `shares ${spec.type} with ${other.attr}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('use a name, word or alias once', () => {
    for (const [name, table] of TABLES) {
      const names = Object.entries(table).flatMap(([option, spec]) => [option, ...(spec.aliases ?? [])]);
      assert.equal(new Set(names).size, names.length, `${name}: a name is used twice`);
    }
    const wrong = findings(({ words }) => {
      const all = Object.values(words ?? {});
      return new Set(all).size === all.length ? [] : ['a word stands for two numbers'];
    });
    assert.deepEqual(wrong, []);
  });

  it('have defaults and limits that the codec can carry', () => {
    const wrong = findings((spec) => {
      const width = typeof spec.codec === 'string' ? WIDTHS[spec.codec] : undefined;
      const most = spec.max ?? (width === undefined ? Number.MAX_SAFE_INTEGER : 2 ** width - 1);
      const found: string[] = [];
      if (width !== undefined && most >= 2 ** width) found.push(`max ${most} exceeds ${width} bits`);
      if (typeof spec.default === 'number' && (spec.default < (spec.min ?? 0) || spec.default > most)) {
        found.push(`default ${spec.default} is out of range`);
      }
      if (spec.words !== undefined && typeof spec.default === 'string') {
        if (!Object.values(spec.words).includes(spec.default)) found.push(`default ${spec.default} is no word`);
      }
      if (spec.words?.[spec.default as number] !== undefined) found.push(`default ${spec.default} has a word`);
      return found;
    });
    assert.deepEqual(wrong, []);
  });

  it('do not contradict themselves on how an option changes', () => {
    const wrong = findings((spec) => {
      const words = [...Object.values(spec.words ?? {}), spec.flagWord?.word];
      const found = (spec.recreateFor ?? []).filter((word) => !words.includes(word)).map((word) => `no word ${word}`);
      if (spec.change === 'recreate' && (spec.whileDown || spec.recreateFor)) found.push('recreate, and yet in place');
      if (spec.readOnly === true && spec.default !== undefined) found.push('nobody sets it, so it has no default');
      return found;
    });
    assert.deepEqual(wrong, []);
  });

  it('require options that exist', () => {
    for (const { kind, required = [], requiredUnless, options } of Object.values(LINK_KINDS)) {
      for (const name of requiredUnless === undefined ? required : [...required, requiredUnless]) {
        assert.ok(name in options, `${kind} requires ${name}`);
      }
    }
  });

  it('know the devices that tunnel modules bring along, by kind and name', () => {
    assert.equal(isFallbackDevice('gre', 'gre0'), true);
    assert.equal(isFallbackDevice('ipip', 'tunl0'), true);
    assert.equal(isFallbackDevice('gre', 'gre1'), false);
    assert.equal(isFallbackDevice('dummy', 'gre0'), false);
    assert.equal(isFallbackDevice(undefined, 'gre0'), false);
  });
});
