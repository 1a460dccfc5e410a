import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import { checkPrefix } from '../../src/desired/scalars.ts';
import { scanPrefixes } from '../../src/desired/scan-prefixes.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import { maskBytes, parsePrefix } from '../../src/model/ip.ts';
import { findPrefix, formatInetPrefix } from '../../src/model/route-list.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const names = createNameTables();

const load = (files: Readonly<Record<string, string>>): Promise<Desired> =>
  loadDesired({
    files: ['a.yaml'],
    names,
    readFile: async (path) => files[path] ?? assert.fail(`no file ${path}`),
    listDirectory: async () => undefined,
  });

const state = (...routes: readonly string[]): string =>
  `version: 1\nroutes:\n${routes.map((r) => `  - ${r}\n`).join('')}`;

const prefixes = fc
  .tuple(fc.integer({ min: 0, max: 32 }), fc.uint8Array({ minLength: 4, maxLength: 4 }))
  .map(([length, bytes]) => `${maskBytes(bytes, length).join('.')}/${length}`);

/** Lines of a list as people write them, and as they should not. */
const lines = fc.oneof(
  { weight: 20, arbitrary: prefixes },
  fc.constantFrom('', '# a comment', '10.0.0.0/8 # why', ' 10.0.0.0/8', '10.0.0.0/8\r', '10.0.0.1', '10.0.0.1/8'),
  fc.constantFrom('010.0.0.0/8', '10.0.0.0/08', '10.0.0/8', '10.0.0.0/33', '256.0.0.0/8', '2001:db8::/32', 'default'),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', '')),
);

/** The same by splitting and matching: each line that holds something, with its number. */
const readSlowly = (text: string): [to: string, line: number][] | undefined => {
  const found: [string, number][] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const to = checkPrefix(line);
    if (typeof to !== 'string' || to !== line || to.includes(':')) return undefined;
    found.push([to, i + 1]);
  }
  const isPlain = found.length > 0 && new Set(found.map(([to]) => to)).size === found.length;
  return isPlain ? found : undefined;
};

describe('scanPrefixes', () => {
  test('reads what a line by line reader reads, and leaves the rest to it', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), fc.constantFrom('', '\n'), (written, end) => {
        const text = written.join('\n') + end;
        const columns = scanPrefixes(text);
        const rows =
          columns === undefined
            ? undefined
            : Array.from(columns.to, (to, i): [string, number] => [
                formatInetPrefix(to, columns.length[i] as number),
                columns.line[i] as number,
              ]).sort(([, a], [, b]) => a - b);
        assert.deepEqual(rows, readSlowly(text));
      }),
      { seed, numRuns: 3000 },
    );
  });

  test('has its columns in the order of a dump, whatever the order of the lines', () => {
    fc.assert(
      fc.property(fc.uniqueArray(prefixes, { minLength: 1, maxLength: 40 }), (written) => {
        const columns = scanPrefixes(written.join('\n')) ?? assert.fail();
        const key = (i: number) => (columns.to[i] as number) * 64 + 32 - (columns.length[i] as number);
        for (let i = 1; i < written.length; i++) assert.ok(key(i - 1) < key(i));
      }),
      { seed },
    );
  });
});

describe('findPrefix', () => {
  test('finds what is there wherever it begins to look, and where the rest would be', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(prefixes, { minLength: 2, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (written, pick, from) => {
          const [wanted = '', ...others] = written;
          const columns = scanPrefixes((pick % 2 === 0 ? written : others).join('\n')) ?? assert.fail();
          const prefix = parsePrefix(wanted) ?? assert.fail();
          const to = Buffer.from(prefix.bytes).readUInt32BE(0);
          const found = findPrefix(columns, to, prefix.length, from % (columns.to.length + 1));
          const row = (i: number) => formatInetPrefix(columns.to[i] as number, columns.length[i] as number);
          const all = Array.from(columns.to, (_, i) => row(i));
          assert.equal(all[found] ?? -1, pick % 2 === 0 ? wanted : -1);
          if (found < 0) {
            const merged = scanPrefixes(written.join('\n')) ?? assert.fail();
            assert.equal(
              formatInetPrefix(merged.to[-1 - found] as number, merged.length[-1 - found] as number),
              wanted,
            );
          }
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});

/** 64 prefixes and more: runs that short are left to the parser. */
const block = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `10.${from}.${i}.0/24`);

describe('like routes in a row', () => {
  const tails = fc.constantFrom(
    ', via: 10.0.0.2, dev: eth0',
    ', via: 10.0.0.2, dev: eth0, metric: 5, mtu: 1400',
    ', type: blackhole',
    ', via: 10.0.0.2',
    ', dev: eth0, state: absent',
    ', type: blackhole, adress: 1',
    ', via: 2001:db8::1, dev: eth0',
    ', to: 10.0.0.0/8',
  );
  const parts = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.nat(3), fc.integer({ min: 62, max: 80 }), tails, fc.constantFrom('flow', 'block')),
    },
    fc.constantFrom('  - { to: 192.0.2.0/24, type: throw }', '', '  - { to: 10.1.0.0/24, type: throw }', '  - 7'),
    fc.constantFrom('rules: []', 'alias: |', '  - {to: 10.300.0.0/24}', "  - { to: '10.0.0.0/8' }", 'routes:'),
  );
  const textOf = (items: readonly (string | [number, number, string, string])[], comment: string): string =>
    `version: 1\nroutes:\n${items.flatMap((item) => linesOf(item, comment)).join('\n')}\n`;
  const linesOf = (item: string | [number, number, string, string], comment: string): string[] => {
    if (typeof item === 'string') return [item];
    const [from, count, tail, form] = item;
    return block(from, count).flatMap((to) =>
      form === 'flow'
        ? [`  - { to: ${to}${tail} }${comment}`]
        : [
            `  - to: ${to}${comment}`,
            ...tail
              .split(', ')
              .slice(1)
              .map((key) => `    ${key}`),
          ],
    );
  };
  const outcome = async (text: string): Promise<unknown> => {
    try {
      const { listed: _, ...desired } = await load({ 'a.yaml': text });
      return { ...desired, objects: { ...desired.objects } };
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.diagnostics;
    }
  };

  test('are read as each of them by itself is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 4 }), async (items) => {
        // a comment behind an item changes nothing but that it is not like the others for the scanner
        assert.deepEqual(await outcome(textOf(items, '')), await outcome(textOf(items, ' # one')));
      }),
      { seed, numRuns: 200 },
    );
  });

  test('are lists where they may be', async () => {
    const { listed } = await load({ 'a.yaml': textOf([[0, 70, ', via: 10.0.0.2, dev: eth0', 'flow']], '') });
    assert.deepEqual(
      listed?.lists.map(({ to }) => to.length),
      [70],
    );
    const { objects } = await load({ 'a.yaml': textOf([[9, 70, ', via: 10.0.0.2, dev: eth0', 'flow']], '') });
    assert.deepEqual(objects.route[69]?.source, { file: 'a.yaml', line: 72, column: 5 });
    assert.deepEqual(objects.route[69]?.fields.hops, { file: 'a.yaml', line: 72, column: 25 });
  });

  test('are text where they stand in a text', async () => {
    const routes = block(0, 70).map((to) => `        - { to: ${to}, type: blackhole }`);
    const text = `version: 1\nlinks:\n  eth0:\n    alias: |\n${routes.join('\n')}\n`;
    const problems = (await outcome(text)) as { message: string }[];
    assert.match(problems[0]?.message ?? '', /alias.*255/, 'the alias is as long as it is written');
  });
});

describe('lists in a state file', () => {
  const bare = ({ objects }: Desired) => objects.route.map(({ object, absent, adopt }) => ({ object, absent, adopt }));

  test('are the routes that they stand for, where they stand', async () => {
    const before = '{to: 192.0.2.0/24, via: 10.0.0.9, dev: eth0}';
    const after = '{to: 198.51.100.0/24, type: blackhole}';
    const list = ['203.0.113.0/25', '10.9.0.0/16', '10.8.0.0/16'];
    const listed = await load({
      'a.yaml': state(before, '{to_file: l, via: 10.0.0.2, dev: eth0, adopt: true}', after),
      l: `# mine\n${list.join('\n\n')}\n`,
    });
    const single = list.map((to) => `{to: ${to}, via: 10.0.0.2, dev: eth0, adopt: true}`);
    const spelled = await load({ 'a.yaml': state(before, ...single, after) });
    assert.equal(listed.listed?.lists.length, 1);
    assert.deepEqual(bare(listed), bare(spelled));
    assert.deepEqual(
      listed.objects.route.map(({ source: { file, line } }) => `${file}:${line}`),
      ['a.yaml:3', 'l:2', 'l:4', 'l:6', 'a.yaml:5'],
    );
  });

  test('stay lists only where nothing needs to be known of their routes', async () => {
    const isList = async (route: string) =>
      (await load({ 'a.yaml': state(route), l: '10.0.0.0/8\n' })).listed !== undefined;
    assert.equal(await isList('{to_file: l, type: blackhole}'), true);
    assert.equal(await isList('{to_file: l, via: 192.0.2.1, dev: eth0, metric: 7, table: 9}'), true);
    assert.equal(await isList('{to_file: l, via: 192.0.2.1}'), true);
    assert.equal(await isList('{to_file: l, nexthops: [{via: 192.0.2.1}, {via: 192.0.2.2}]}'), false);
    assert.equal(await isList('{to_file: l, dev: eth0}'), false, 'gateways may stand on it');
    assert.equal(
      await isList('{to_file: l, type: blackhole, protocol: static}'),
      false,
      'the record knows whose it is',
    );
    assert.equal(await isList('{to_file: l, state: absent}'), false);
  });

  test('are told of route by route where two want one place', async () => {
    const clash = async (...routes: readonly string[]): Promise<readonly string[]> => {
      try {
        await load({ 'a.yaml': state(...routes), l: '10.0.0.0/8\n10.2.0.0/16\n', m: '10.1.0.0/16\n10.2.0.0/16\n' });
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        return error.diagnostics.map(({ code, source }) => `${code} ${source?.file}:${source?.line}`);
      }
      return [];
    };
    const [l, m] = ['{to_file: l, type: blackhole}', '{to_file: m, type: throw}'];
    assert.deepEqual(await clash(l, m), ['NR_DUPLICATE m:2']);
    assert.deepEqual(await clash(m, l), ['NR_DUPLICATE l:2']);
    assert.deepEqual(await clash(l, '{to_file: m, type: throw, metric: 5}'), []);
    assert.deepEqual(await clash(l, '{to: 10.2.0.0/16, type: throw}'), ['NR_DUPLICATE a.yaml:4']);
    assert.deepEqual(await clash('{to: 10.2.0.0/16, type: throw}', l), ['NR_DUPLICATE l:2']);
    assert.deepEqual(await clash(l, '{to: 10.2.0.0/16, type: throw, table: 7}'), []);
  });
});
