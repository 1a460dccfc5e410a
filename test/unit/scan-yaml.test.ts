import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseYaml } from '../../src/desired/parse-yaml.ts';
import { createProblems } from '../../src/desired/problems.ts';
import { scanYaml } from '../../src/desired/scan-yaml.ts';
import { createSourceFile, type Place, type Placed } from '../../src/desired/source-file.ts';

const root = process.env.NETRECON_ROOT ?? process.cwd();
const seed = Number(process.env.NETRECON_SEED ?? 20_261_121);
const numRuns = Number(process.env.NETRECON_RUNS ?? 4000);

/** What a place tells; the ends of mappings and lists are nobody's business. */
const told = ({ start, end, key, members, items }: Place): unknown => ({
  start,
  key,
  ...(members === undefined && items === undefined ? { end } : {}),
  members: members && [...members].map(([name, place]) => [name, told(place)]),
  items: items?.map(told),
});

const parse = (text: string): Placed | undefined => {
  const problems = createProblems();
  const placed = parseYaml(createSourceFile('a', text), problems);
  return problems.count > 0 ? undefined : placed;
};

/** @returns whether the scanner had an opinion, which is then the parser's */
const agree = (text: string): boolean => {
  const scanned = scanYaml(text);
  if (scanned === undefined) return false;
  const parsed = parse(text);
  assert.ok(parsed !== undefined, `the parser refuses ${JSON.stringify(text)}`);
  assert.deepEqual(scanned.value, parsed.value, JSON.stringify(text));
  assert.deepEqual(told(scanned.place), told(parsed.place), JSON.stringify(text));
  return true;
};

const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => readFileSync(join(root, 'examples', name), 'utf8'));

describe('a regular text is read as the parser reads it', () => {
  test('the examples', () => {
    const count = examples.filter(agree).length;
    console.log(`${count} of ${examples.length} examples are regular`);
    assert.ok(count > examples.length / 2);
  });

  for (const text of [
    'version: 1\nlinks:\n  eth0: { mtu: 1500, addresses: [192.0.2.1/24, "2001:db8::1/64"] }\n',
    '---\n# first\n\nroutes:\n- to: 10.0.0.0/8 # here\n  via: 192.0.2.1\n- { to: default, table: 0x10 }\n',
    "a:\n    - b: 'x y'\n      c:\n        d: [[], {}]\n# last",
    'a: -1\nb: fe80::1%eth0\nc: True\nd: null\ne: 1.2.3.4',
  ])
    test(JSON.stringify(text), () => assert.ok(agree(text)));
});

test('what is not regular is left to the parser', () => {
  for (const text of [
    '',
    'a: &x 1\nb: *x',
    'a: !!str 1',
    'a: |\n  text',
    'a: b\n  c',
    'a: 1\na: 2',
    'a: 007',
    'a: 1e3',
    'a:',
    'a: {b: 1,}',
    'a: "\\n"',
    'a: b: c',
    'a:\tb',
    'a: 1\n---\nb: 2',
    '? a\n: b',
    'a: {b: 1}#c',
    '__proto__: 1',
    'a: 99999999999999999999',
  ])
    assert.equal(scanYaml(text), undefined, text);
});

const word = fc.constantFrom(
  ...['a', 'to', 'via', '10.0.0.0/8', 'fe80::1', '::', 'x:', ':x', '-', '--', '---', '...', '.', '~', 'null', 'yes'],
  ...['1', '-1', '+1', '010', '0x1F', '0o7', '1.5', '.5', '1e3', '.inf', '-.inf', '.nan', '1_000', '12345678901234567'],
  ...[
    '"a b"',
    "'it''s'",
    '"\\t"',
    '"#"',
    "''",
    '#c',
    '*a',
    '&a',
    '!t',
    '|',
    '>',
    '<<',
    '?',
    '@x',
    '`',
    '%a',
    'a#b',
    'a b',
  ],
);

/** Texts that are nearly regular: lines of words with the marks of YAML between them. */
const line = fc
  .tuple(
    fc.constantFrom('', '', '  ', '    ', ' ', '      '),
    fc.constantFrom('', '', '- ', '-', '-  ', '- - '),
    fc.array(fc.tuple(word, fc.constantFrom(': ', ':', ', ', ',', ' ', '', '{', '}', ' }', '[', ']', ' # ', '{ ')), {
      maxLength: 5,
    }),
  )
  .map(([indent, dash, parts]) => `${indent}${dash}${parts.flat().join('')}`);

const keyLine = fc
  .tuple(
    fc.constantFrom('', '  ', '    ', '- ', '  - ', '    - '),
    fc.constantFrom('a', 'b', 'c', 'to', 'via', '1'),
    fc.oneof(
      word.map((text) => ` ${text}`),
      fc.constantFrom('', '', ' {}', ' []', ' { a: 1, b: [2, x] }', ' [a: 1]', ' {a}', ' # c', ' {a: {b: c}} '),
    ),
  )
  .map(([indent, key, value]) => `${indent}${key}:${value}`);

const lines = fc.array(fc.oneof({ weight: 1, arbitrary: line }, { weight: 6, arbitrary: keyLine }), { maxLength: 6 });

/** An example with a few characters of it replaced, put in or taken out. */
const damaged = fc
  .tuple(
    fc.constantFrom(...examples.filter((text) => text.length < 3000)),
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...' :-#{}[],"\'\n&*!|>%0a.~?\t')), { maxLength: 3 }),
  )
  .map(([text, edits]) =>
    edits.reduce((current, [where, width, put]) => {
      const at = where % (current.length + 1);
      return `${current.slice(0, at)}${put}${current.slice(at + width)}`;
    }, text),
  );

for (const [name, texts] of [
  ['lines of words', lines.map((parts) => parts.join('\n'))],
  ['damaged examples', damaged],
] as const) {
  test(`the scanner reads as the parser does, or leaves it to that: ${name}`, () => {
    let regular = 0;
    const runs = name === 'damaged examples' ? Math.ceil(numRuns / 10) : numRuns;
    fc.assert(
      fc.property(texts, (text) => {
        if (agree(text)) regular++;
      }),
      { seed, numRuns: runs },
    );
    console.log(`${name}: ${runs} texts, ${regular} regular, seed ${seed}`);
    assert.ok(regular > runs / 50, 'some must be regular');
  });
}
