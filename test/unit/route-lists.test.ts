import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import { createProblems } from '../../src/desired/problems.ts';
import { createListText } from '../../src/desired/route-lists/list-text.ts';
import { RouteGroups } from '../../src/desired/route-lists/route-groups.ts';
import { LineScanner } from '../../src/desired/route-lists/scan-lines.ts';
import { checkPrefix } from '../../src/desired/scalars.ts';

import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import {
  addressBits,
  type Family,
  familyOf,
  formatAddress,
  formatPrefix,
  maskBytes,
  networkOf,
  parseAddress,
  prefixContains,
} from '../../src/model/ip.ts';
import {
  containsAddress,
  countRows,
  findPrefix,
  formatPrefixAt,
  type PrefixColumns,
  rowsOfAddress,
  rowsOfPrefix,
} from '../../src/model/prefix-columns.ts';
import { PrefixSet } from '../../src/model/prefix-set.ts';
import { lineAt } from '../../src/model/route-list.ts';

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

const inetPrefixes = fc
  .tuple(fc.integer({ min: 0, max: 32 }), fc.uint8Array({ minLength: 4, maxLength: 4 }))
  .map(([length, bytes]) => formatPrefix(maskBytes(bytes, length), length));

/** Addresses with zeros in many places, of few others: near to each other, and written in short in many ways. */
const inet6Bytes = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc
    .array(fc.constantFrom(0, 0, 0, 1, 0x8000, 0xffff, 0xdb8), { minLength: 8, maxLength: 8 })
    .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]))),
);

const inet6Prefixes = fc
  .tuple(fc.integer({ min: 0, max: 128 }), inet6Bytes)
  .map(([length, bytes]) => formatPrefix(maskBytes(bytes, length), length));

/** The same address in words that are not canonical: groups in full, in capitals, with `::` elsewhere, as IPv4 at the end. */
const otherForms = fc
  .tuple(fc.integer({ min: 0, max: 128 }), inet6Bytes, fc.nat(3), fc.nat(7), fc.boolean())
  .map(([length, bytes, form, gap, masked]) => {
    const shown = masked ? maskBytes(bytes, length) : bytes;
    const groups = Array.from({ length: 8 }, (_, i) => ((shown[2 * i] as number) << 8) | (shown[2 * i + 1] as number));
    const hex = groups.map((group) => group.toString(16).padStart(form === 0 ? 4 : 1, '0'));
    if (form === 1) return `${hex.join(':').toUpperCase()}/${length}`;
    // the group is left out whether it is zero or not
    if (form === 2) return `${hex.slice(0, gap).join(':')}::${hex.slice(gap + 1).join(':')}/${length}`;
    if (form === 3) return `${hex.slice(0, 6).join(':')}:${shown.subarray(12).join('.')}/${length}`;
    return `${hex.join(':')}/${length}`;
  });

const PREFIXES = { inet: inetPrefixes, inet6: inet6Prefixes } as const;
const FAMILIES: readonly Family[] = ['inet', 'inet6'];

/** Lines of a list as people write them, and as they should not. */
const BAD = {
  inet: fc.constantFrom(
    ...['10.0.0.0/8 # why', ' 10.0.0.0/8', '10.0.0.0/8\r', '10.0.0.1', '10.0.0.1/8', '010.0.0.0/8'],
    ...['10.0.0.0/08', '10.0.0/8', '10.0.0.0/33', '256.0.0.0/8', '2001:db8::/32', 'default'],
  ),
  inet6: fc.oneof(
    { weight: 3, arbitrary: otherForms },
    fc.constantFrom(
      ...[
        '2001:db8::/32 # why',
        ' 2001:db8::/32',
        '2001:db8::/32\r',
        '2001:db8::1',
        '2001:db8::1/64',
        '::/00',
        ':::/0',
      ],
      ...['2001:db8::/129', '2001:db8/32', '1:2:3:4:5:6:7:8::/64', '1::2::/32', '12345::/16', '::ffff:1.2.3.4/128'],
      ...['::ffff:0:0/96', '1:2:3:4:5:6:7::/112', '::2:3:4:5:6:7:8/128', '10.0.0.0/8', 'fe80::%eth0/64', '1:2:/32'],
    ),
  ),
} as const;

const fileLinesOf = (family: Family) =>
  fc.oneof(
    { weight: 20, arbitrary: PREFIXES[family] },
    fc.constantFrom('', '# a comment'),
    BAD[family],
    fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', '')),
  );

/** What a list comes to: its groups, and what is wrong with it. */
const scan = (text: string) => {
  const groups = new RouteGroups();
  const problems = createProblems();
  new LineScanner(createListText('l', text), groups, {}, problems).read();
  return { groups: groups.all, problems: problems.list() };
};

/** The columns of a list that says nothing but prefixes of one family. */
const columnsOf = (lines: readonly string[]): PrefixColumns => {
  const { groups, problems } = scan(lines.join('\n'));
  assert.deepEqual(problems, []);
  assert.equal(groups.length, 1);
  return groups[0]?.rows.finish() ?? assert.fail();
};

/** The same by splitting and matching: each line that holds something, with its place. */
const readSlowly = (text: string): { readonly read: readonly string[]; readonly bad: readonly string[] } => {
  const read: string[] = [];
  const bad: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const content = line.replace(/#.*/, '');
    const [word, next] = content.trim().split(/\s+/);
    if (word === undefined || word === '') continue;
    const column = content.indexOf(word) + 1;
    const to = word === 'default' ? '0.0.0.0/0' : checkPrefix(word);
    if (typeof to !== 'string') bad.push(`${i + 1}:${column} ${to.code}`);
    else if (next !== undefined)
      bad.push(`${i + 1}:${content.indexOf(next, column + word.length - 1) + 1} NR_UNKNOWN_KEY`);
    else read.push(`${i + 1}:${column} ${to}`);
  }
  return { read: read.sort(), bad: bad.sort() };
};

const textsOf = (columns: PrefixColumns): string[] =>
  Array.from({ length: countRows(columns) }, (_, row) => formatPrefixAt(columns, row));

for (const family of FAMILIES) {
  const prefixes = PREFIXES[family];

  describe(`a list of ${family}`, () => {
    test('says what a line by line reader reads, each at its place', () => {
      fc.assert(
        fc.property(fc.array(fileLinesOf(family), { maxLength: 12 }), fc.constantFrom('', '\n'), (written, end) => {
          const text = written.join('\n') + end;
          const { groups, problems } = scan(text);
          const { lineStarts } = createListText('l', text);
          const read = groups.flatMap(({ rows }) => {
            const columns = rows.unsorted();
            return textsOf(columns).map((to, row) => {
              const { line, column } = lineAt('l', lineStarts, (columns.line[row] as number) - 1);
              return `${line}:${column} ${to}`;
            });
          });
          const bad = problems.map(({ code, source }) => `${source?.line}:${source?.column} ${code}`);
          assert.deepEqual({ read: read.sort(), bad: bad.sort() }, readSlowly(text));
        }),
        { seed, numRuns: 3000 },
      );
    });

    test('has its columns in ascending order, whatever the order of the lines', () => {
      fc.assert(
        fc.property(fc.uniqueArray(prefixes, { minLength: 1, maxLength: 200 }), (written) => {
          const columns = columnsOf(written);
          const key = ({ words, to, length }: PrefixColumns, row: number): bigint =>
            [...to.subarray(row * words, (row + 1) * words), 255 - (length[row] as number)].reduce(
              (sum, word) => (sum << 32n) + BigInt(word),
              0n,
            );
          for (let i = 1; i < written.length; i++) assert.ok(key(columns, i - 1) < key(columns, i));
          const text = written.join('\n');
          for (const [row, line] of columns.line.entries()) {
            const to = formatPrefixAt(columns, row);
            assert.equal(text.slice(line - 1, line - 1 + to.length), to, 'each with its own place');
          }
        }),
        { seed },
      );
    });
  });

  describe(`findPrefix of ${family}`, () => {
    test('finds what is there wherever it begins to look, and where the rest would be', () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(prefixes, { minLength: 2, maxLength: 30 }),
          fc.nat(),
          fc.nat(),
          (written, pick, from) => {
            const [wanted = '', ...others] = written;
            const columns = columnsOf(pick % 2 === 0 ? written : others);
            const found = findPrefix(columns, rowsOfPrefix(wanted), 0, from % (countRows(columns) + 1));
            assert.equal(textsOf(columns)[found] ?? -1, pick % 2 === 0 ? wanted : -1);
            if (found < 0) {
              const merged = columnsOf(written);
              assert.equal(formatPrefixAt(merged, -1 - found), wanted);
            }
          },
        ),
        { seed, numRuns: 500 },
      );
    });
  });
}

test('an address is in a prefix if the text of both says so', () => {
  const flipped = (address: string, bit: number): string => {
    const bytes = parseAddress(address) ?? assert.fail();
    const at = (bit >> 3) % bytes.length;
    bytes[at] = (bytes[at] as number) ^ (0x80 >> (bit & 7));
    return formatAddress(bytes);
  };
  fc.assert(
    fc.property(fc.oneof(inetPrefixes, inet6Prefixes), fc.nat(127), fc.nat(128), (to, bit, length) => {
      const address = to.slice(0, to.indexOf('/'));
      const bits = addressBits(familyOf(address));
      const prefix = `${networkOf(flipped(address, bit % bits), length % (bits + 1))}`;
      const rows = rowsOfPrefix(prefix);
      assert.equal(containsAddress(rows, 0, rowsOfAddress(address)), prefixContains(prefix, address));
      assert.equal(containsAddress(rows, 0, rowsOfAddress(address)), bit % bits >= length % (bits + 1));
      assert.equal(containsAddress(rows, 0, rowsOfAddress(bits === 32 ? '::' : '0.0.0.0')), false);
    }),
    { seed, numRuns: 500 },
  );
});

test('a set of prefixes has what was put in, of either family', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(inetPrefixes, inet6Prefixes), { maxLength: 40 }), fc.nat(40), (all, count) => {
      const set = new PrefixSet(all.slice(0, count));
      assert.deepEqual(
        all.map((to) => set.has(rowsOfPrefix(to))),
        all.map((_, i) => i < count),
      );
    }),
    { seed, numRuns: 300 },
  );
});

/** 64 prefixes and more: runs that short are left to the parser. Some are of IPv6, the last not in its canonical form. */
const block = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    if (from === 4) return `2001:db8:${(i + 1).toString(16)}::/48`;
    return from === 5 ? `2001:DB8:${i.toString(16)}:0::/64` : `10.${from}.${i}.0/24`;
  });

describe('like routes in a row', () => {
  const tails = fc.constantFrom(
    ', via: 10.0.0.2, dev: eth0',
    ', via: 10.0.0.2, dev: eth0, metric: 5, mtu: 1400',
    ', type: blackhole',
    ', via: 10.0.0.2',
    ', dev: eth0, state: absent',
    ', type: blackhole, adress: 1',
    ', via: 2001:db8::1, dev: eth0',
    ', via: "2001:db8::1", dev: \'eth0\'',
    ', to: 10.0.0.0/8',
  );
  const quotes = fc.constantFrom('', '', '"', "'");
  const parts = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.nat(5), fc.integer({ min: 62, max: 80 }), tails, fc.constantFrom('flow', 'block'), quotes),
    },
    fc.constantFrom('  - { to: 192.0.2.0/24, type: throw }', '', '  - { to: 10.1.0.0/24, type: throw }', '  - 7'),
    fc.constantFrom('rules: []', 'alias: |', '  - {to: 10.300.0.0/24}', "  - { to: '10.0.0.0/8' }", 'routes:'),
  );
  const textOf = (items: readonly (string | [number, number, string, string, string?])[], comment: string): string =>
    `version: 1\nroutes:\n${items.flatMap((item) => linesOf(item, comment)).join('\n')}\n`;
  const linesOf = (item: string | [number, number, string, string, string?], comment: string): string[] => {
    if (typeof item === 'string') return [item];
    const [from, count, tail, form, quote = ''] = item;
    const written = block(from, count).map((to) => `${quote}${to}${quote}`);
    return written.flatMap((to) =>
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

  test('are as long as they are alike: the next may begin in the same way, and have more to it', async () => {
    const via = '    via: 10.0.0.2\n';
    const more = [`${via}    dev: eth0\n`, `${via}\n    dev: eth0\n`, `${via}    # why\n    dev: eth0\n`];
    for (const rest of more) {
      const items = block(0, 70).map((to, i) => `  - to: ${to}\n${i === 69 ? rest : via}`);
      const { objects, listed } = await load({ 'a.yaml': `version: 1\nroutes:\n${items.join('')}` });
      assert.deepEqual(listed?.lists.map(countRows), [69]);
      assert.deepEqual(
        objects.route.map(({ object: { hops } }) => hops[0]?.dev),
        [...Array.from({ length: 69 }, () => undefined), 'eth0'],
      );
    }
  });

  test('are lists where they may be', async () => {
    const { listed } = await load({ 'a.yaml': textOf([[0, 70, ', via: 10.0.0.2, dev: eth0', 'flow']], '') });
    assert.deepEqual(listed?.lists.map(countRows), [70]);
    const { objects } = await load({ 'a.yaml': textOf([[9, 70, ', via: 10.0.0.2, dev: eth0', 'flow']], '') });
    assert.deepEqual(objects.route[69]?.source, { file: 'a.yaml', line: 72, column: 5 });
    assert.deepEqual(objects.route[69]?.fields.hops, { file: 'a.yaml', line: 72, column: 25 });
    const inet6 = await load({ 'a.yaml': textOf([[4, 70, ', via: "2001:db8::2", dev: eth0', 'flow', '"']], '') });
    assert.deepEqual(inet6.listed?.lists.map(countRows), [70]);
    assert.deepEqual(inet6.objects.route[69]?.fields.hops, { file: 'a.yaml', line: 72, column: 31 });
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
    const isList6 = async (route: string) =>
      (await load({ 'a.yaml': state(route), l: '2001:db8::/32\n' })).listed !== undefined;
    assert.equal(await isList6('{to_file: l, via: "2001:db8::1", dev: eth0, pref: low}'), true);
    assert.equal(await isList6('{to_file: l, from: "fd00::/8", type: blackhole}'), true);
    assert.equal(await isList6('{to_file: l, type: blackhole, expires: 300}'), false, 'each has its own time left');
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
