import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { formatYaml } from '../../src/desired/format-yaml.ts';
import { createProblems } from '../../src/desired/problems.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
const RUNS = Number(process.env.FC_RUNS ?? 150);

const format = (text: string): string => {
  const problems = createProblems();
  const formatted = formatYaml('state.yaml', text, problems);
  assert.ok(formatted !== undefined, `${problems.list().map(({ message }) => message)}\n${text}`);
  return formatted;
};

const WORDS = ['eth0', '10.0.0.0/8', '0x10', '1_000', '1e3', 'yes', 'true', '~', 'null', 'fe80::1', 'a b'];

/** How a value is written: drawn together with it, so that one seed gives one text. */
type Tree =
  | { readonly word: string; readonly quotes: '' | "'" | '"' }
  | { readonly alias: true }
  | { readonly items: readonly Tree[]; readonly style: Style }
  | { readonly members: readonly (readonly [string, Tree])[]; readonly style: Style };

interface Style {
  readonly flow: boolean;
  readonly indent: number;
  /** above members and behind them, where a comment may stand */
  readonly comments: readonly number[];
  readonly blankLines: number;
  readonly anchor: boolean;
}

const style: fc.Arbitrary<Style> = fc.record({
  flow: fc.boolean(),
  indent: fc.integer({ min: 1, max: 5 }),
  comments: fc.array(fc.nat(5), { maxLength: 6 }),
  blankLines: fc.nat(3),
  anchor: fc.boolean(),
});

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ word: fc.constantFrom(...WORDS), quotes: fc.constantFrom('', '', "'", '"') }),
    fc.constant({ alias: true }),
    fc.record({ items: fc.array(tie('tree'), { maxLength: 5 }), style }),
    fc.record({
      members: fc.uniqueArray(fc.tuple(fc.constantFrom(...WORDS.slice(0, 8), 'key', 'other'), tie('tree')), {
        maxLength: 5,
        selector: ([key]) => key,
      }),
      style,
    }),
  ),
}));

/** Writes a tree as somebody may have written it by hand. */
const createWriter = () => {
  const anchors: string[] = [];
  let count = 0;
  const comment = ({ comments }: Style, at: number): boolean => comments.includes(at);
  const note = () => `# note ${++count}`;

  const scalar = (node: Extract<Tree, { word: string }>): string =>
    node.quotes === '' && /^[~]$|: |^&/.test(node.word) ? `"${node.word}"` : `${node.quotes}${node.word}${node.quotes}`;

  const inline = (node: Tree, indent: string): string => {
    if ('alias' in node) return anchors.length === 0 ? 'none' : `*${anchors.at(-1)} `;
    if ('word' in node) return scalar(node);
    const children =
      'items' in node
        ? node.items.map((item) => inline(item, indent))
        : node.members.map(([key, value]) => `${key}:  ${inline(value, indent)}`);
    const lines = children.map((child, i) =>
      // one behind the last member goes behind the bracket
      i < children.length - 1 && comment(node.style, i) ? `${child} , ${note()}\n${indent}   ` : `${child} ,  `,
    );
    const text = lines.join('');
    return 'items' in node ? `[ ${text}]` : `{${text} }`;
  };

  const block = (node: Tree, indent: string): string => {
    if ('alias' in node || 'word' in node) return ` ${inline(node, indent)}\n`;
    const size = 'items' in node ? node.items.length : node.members.length;
    if (node.style.flow || size === 0)
      return ` ${inline(node, indent)}${comment(node.style, 5) ? `  ${note()}` : ''}\n`;
    const name = node.style.anchor ? `a${++count}` : '';
    const inner = indent + ' '.repeat(node.style.indent);
    const children =
      'items' in node
        ? node.items.map((item) => `${inner}-${block(item, `${inner} `)}`)
        : node.members.map(([key, value]) => `${inner}${key}:${block(value, inner)}`);
    const text = children.map((child, i) => {
      const above = comment(node.style, i) ? `${inner}${note()}\n` : '';
      return `${'\n'.repeat(i === 0 ? 0 : node.style.blankLines)}${above}${child}`;
    });
    if (name !== '') anchors.push(name);
    return `${name === '' ? '' : ` &${name}`}${comment(node.style, 4) ? ` ${note()}` : ''}\n${text.join('')}`;
  };
  return (node: Tree): string => `version: 1\nroot:${block(node, '')}`;
};

const written = tree.map((node) => createWriter()(node));

/** For each note the word that it stands behind, else, as behind a key, the word that it stands above. */
const wordsAtNotes = (text: string): readonly string[] => {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const [, before = '', note] = /^(.*?)(# note \d+)$/.exec(line) ?? [];
    if (note === undefined) return [];
    const words = (part: readonly string[]) =>
      part
        .join('\n')
        .replace(/# note \d+/g, '')
        .replace(/\[\s*\]|\{\s*\}/g, 'empty')
        .match(/[^\s"'{}[\],]+/g) ?? [];
    const behind = words([...lines.slice(0, at), before]).at(-1) ?? '';
    const above = words(lines.slice(at + 1)).find((word) => !/^-$|^&/.test(word));
    const isAbove = before.trim() === '' || /^-$|^&|:$/.test(behind);
    return [`${note} ${isAbove ? `above ${above}` : `behind ${behind}`}`];
  });
};

describe('the canonical form of a file', () => {
  it('says the same as before, with every comment, and is its own canonical form', () => {
    console.log(`# seed ${SEED}, ${RUNS} runs`);
    fc.assert(
      fc.property(written, (text) => {
        const formatted = format(text);
        assert.deepEqual(parse(formatted), parse(text));
        assert.deepEqual(wordsAtNotes(formatted), wordsAtNotes(text));
        assert.equal(format(formatted), formatted);
        assert.doesNotMatch(formatted, /[ \t]$|\n\n\n|\t/m);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});

describe('what the canonical form looks like', () => {
  const shown: readonly (readonly [what: string, before: string, after: string])[] = [
    [
      'indents',
      'version: 1\nroutes:\n- to: default\n  via: 192.0.2.1\nlinks:\n    a:\n        mtu: 1\n',
      'version: 1\nroutes:\n  - to: default\n    via: 192.0.2.1\nlinks:\n  a:\n    mtu: 1\n',
    ],
    ['spaces', 'version:   1   # one\nlinks: { a: {mtu:  1 }, }\n', 'version: 1 # one\nlinks: { a: { mtu: 1 } }\n'],
    [
      'quotes',
      "version: 1\nlinks: {'a': {alias: 'say \"x\"'}}\n",
      'version: 1\nlinks: { "a": { alias: \'say "x"\' } }\n',
    ],
    ['spelling', 'version: 0x1\nlinks: {a: ~, b: , c: 1.50}\n', 'version: 0x1\nlinks: { a: ~, b: null, c: 1.50 }\n'],
    ['nothing', 'links:\n  a:\nroutes: [ ]\nrules:\n  -\n', 'links:\n  a:\nroutes: []\nrules:\n  - null\n'],
    ['empty lines', 'version: 1\n\n\n\nlinks:\n\n  a: {}\n\n', 'version: 1\n\nlinks:\n  a: {}\n'],
    [
      'comments above',
      'version: 1\nroutes:\n\n# all\n- to: default\n# more\n- to: x\n',
      'version: 1\nroutes:\n  # all\n  - to: default\n  # more\n  - to: x\n',
    ],
    ['line ends', 'version: 1\r\nlinks:\r\n  a: {}\r\n', 'version: 1\nlinks:\n  a: {}\n'],
    [
      'comments inside',
      'version: 1\nroutes: [{to: default, # all\n  via: 192.0.2.1}]\n',
      'version: 1\nroutes:\n  - to: default # all\n    via: 192.0.2.1\n',
    ],
    [
      'anchors',
      'version: 1\nlinks:\n  a: &x\n     # first\n     mtu: 1\n  b:   *x\n',
      'version: 1\nlinks:\n  a: &x\n    # first\n    mtu: 1\n  b: *x\n',
    ],
  ];
  for (const [what, before, after] of shown) it(what, () => assert.equal(format(before), after));

  it('what is longer than a line should be has one for each member', () => {
    const route = (metric: string) =>
      `{ to: 10.0.0.0/8, via: 192.0.2.1, dev: eth0, table: 1000, src: 192.0.2.2, protocol: 4, metric: ${metric} }`;
    assert.equal(route('1').length, 98);
    assert.equal(format(`version: 1\nroutes: [${route('100')}]\n`), `version: 1\nroutes:\n  - ${route('100')}\n`);
    assert.match(format(`version: 1\nroutes: [${route('10000')}]\n`), / {2}- to: 10\.0\.0\.0\/8\n {4}via: 192/);
  });

  it('refuses what is no state file', () => {
    const problems = createProblems();
    assert.equal(formatYaml('x', 'version: 1\nlinks: {a: [}\n', problems), undefined);
    assert.equal(formatYaml('x', 'a: 1\na: 2\n', problems), undefined);
    assert.deepEqual([...new Set(problems.list().map(({ code }) => code))].sort(), ['NR_DUPLICATE_KEY', 'NR_YAML']);
  });
});

describe('netrecon fmt', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'netrecon-fmt-'));
  after(() => rmSync(scratch, { recursive: true }));
  const root = join(import.meta.dirname, '../../..');
  const run = (args: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/netrecon'), 'fmt', ...args], {
      cwd: scratch,
      encoding: 'utf8',
      input,
      env: { ...process.env, NO_COLOR: '1' },
    });
    return { status, stdout, stderr };
  };
  const write = (name: string, text: string) => writeFileSync(join(scratch, name), text);
  const read = (name: string) => readFileSync(join(scratch, name), 'utf8');
  const ugly = 'version:   1\n';

  it('rewrites files, names those that it changed, and has nothing to do again', () => {
    write('a.yaml', ugly);
    write('b.yaml', 'version: 1\n');
    assert.deepEqual(run(['a.yaml', 'b.yaml']), { status: 0, stdout: 'a.yaml\n', stderr: '' });
    assert.equal(read('a.yaml'), 'version: 1\n');
    assert.deepEqual(run(['a.yaml', 'b.yaml']), { status: 0, stdout: '', stderr: '' });
  });

  it('--check writes nothing and ends with 2', () => {
    write('a.yaml', ugly);
    assert.deepEqual(run(['--check', 'a.yaml']), { status: 2, stdout: 'a.yaml\n', stderr: '' });
    assert.equal(read('a.yaml'), ugly);
    assert.equal(run(['--check', '-'], ugly).status, 2);
    assert.equal(run(['--check', '-'], 'version: 1\n').status, 0);
    assert.deepEqual(JSON.parse(run(['--check', '--format', 'json', 'a.yaml']).stdout).changed, ['a.yaml']);
  });

  it('prints what comes in by standard input', () => {
    assert.deepEqual(run(['-'], ugly), { status: 0, stdout: 'version: 1\n', stderr: '' });
  });

  it('keeps the mode, the owner and a symbolic link', () => {
    write('c.yaml', ugly);
    chmodSync(join(scratch, 'c.yaml'), 0o640);
    if (process.getuid?.() === 0) chownSync(join(scratch, 'c.yaml'), 65534, 65534);
    const before = statSync(join(scratch, 'c.yaml'));
    symlinkSync('c.yaml', join(scratch, 'link.yaml'));
    assert.equal(run(['link.yaml']).stdout, 'link.yaml\n');
    const { mode, uid, gid } = statSync(join(scratch, 'c.yaml'));
    assert.deepEqual({ mode, uid, gid }, { mode: before.mode, uid: before.uid, gid: before.gid });
    assert.ok(lstatSync(join(scratch, 'link.yaml')).isSymbolicLink());
    assert.equal(read('c.yaml'), 'version: 1\n');
    assert.deepEqual(
      readdirSync(scratch).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('writes none where one is broken, and leaves JSON alone', () => {
    write('a.yaml', ugly);
    write('broken.yaml', 'version: [\n');
    const { status, stderr } = run(['a.yaml', 'broken.yaml']);
    assert.equal(status, 1);
    assert.match(stderr, /^broken\.yaml:2:1: error NR_YAML/);
    assert.equal(read('a.yaml'), ugly);
    assert.match(run(['x.json']).stderr, /error NR_USAGE: x\.json is JSON/);
  });

  it('has nothing to do with the examples', () => {
    assert.deepEqual(run(['--check', join(root, 'examples')]), { status: 0, stdout: '', stderr: '' });
  });
});
