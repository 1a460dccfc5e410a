import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { bashCompletion } from '../../src/cli/completion/bash.ts';
import { sketchCommands } from '../../src/cli/completion/command-tree.ts';
import { fishCompletion } from '../../src/cli/completion/fish.ts';
import { zshCompletion } from '../../src/cli/completion/zsh.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Diagnostic } from '../../src/model/errors.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'netrecon-test-'));
after(() => rmSync(scratch, { recursive: true }));

const run = (
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/netrecon'), ...args], {
    encoding: 'utf8',
    cwd: scratch,
    input: options.input ?? '',
    env: { ...process.env, NO_COLOR: '1', ...options.env },
  });
  return { status, stdout, stderr };
};

const write = (name: string, text: string): string => {
  writeFileSync(join(scratch, name), text);
  return name;
};

describe('validate and what packets are expected to do', () => {
  const check = (name: string, text: string, ...args: readonly string[]) => {
    write(name, `version: 1\n${text}`);
    return run(['validate', name, ...args]);
  };
  const routes =
    'routes:\n  - {to: 10.0.0.0/8, via: 192.0.2.2, dev: eth0, onlink: true}\n  - {to: 10.9.0.0/16, type: blackhole}\n';

  it('answers what the files decide, and says how much needs a host', () => {
    const { status, stdout, stderr } = check(
      'expect-files.yaml',
      `${routes}expect:\n  - {to: 10.1.1.1, via: 192.0.2.2}\n  - {to: 10.9.1.1, type: blackhole}\n  - {to: 8.8.8.8, dev: eth0}\n`,
    );
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, /valid, 2 objects; of 3 expectations 2 met by the files alone, 0 missed, 1 need a host\n/);
  });

  it('warns of a miss at its line', () => {
    const text = `${routes}expect:\n  - {to: 10.9.1.1, via: 192.0.2.2}\n`;
    const { status, stderr } = check('expect-miss.yaml', text);
    assert.equal(status, 0);
    assert.match(
      stderr,
      /^expect-miss\.yaml:6:5: warning NR_EXPECTATION: by the files alone, 10\.9\.1\.1 gets EINVAL, expected is via 192\.0\.2\.2\n$/,
    );
    const { expectations } = JSON.parse(check('expect-miss.yaml', text, '--format', 'json').stdout);
    assert.equal(expectations.missed.length, 1);
    assert.match(
      check('expect-miss.yaml', text, '--format', 'github').stdout,
      /^::warning file=expect-miss\.yaml,line=6/m,
    );
  });

  it('leaves open what depends on addresses of the host', () => {
    const text = 'routes: [{to: 10.0.0.0/8, via: 192.0.2.2}]\nexpect: [{to: 10.1.1.1, via: 192.0.2.3}]\n';
    const { status, stdout, stderr } = check('expect-open.yaml', text);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /of 1 expectation 0 met by the files alone, 0 missed, 1 need a host/);
  });
});

describe('the forms for reviewers', () => {
  const bad = 'version: 1\nlinks:\n  a: {mtu: x}\n';
  const good = 'version: 1\nroutes:\n  - {to: default, via: 192.0.2.2, table: 100}\n';

  it('tell a failure, an advice and a success at the lines of the files', () => {
    write('bad.yaml', bad);
    write('good.yaml', good);
    const failed = run(['validate', 'bad.yaml', '--format', 'github']);
    assert.equal(failed.status, 1);
    assert.match(
      failed.stdout,
      /^::error file=bad\.yaml,line=3,col=12,title=netrecon validate%3A NR_SCHEMA::links\.a\.mtu/m,
    );
    const advised = run(['lint', 'good.yaml', '--format', 'sarif']);
    assert.equal(advised.status, 2);
    assert.equal(JSON.parse(advised.stdout).runs[0].results[0].ruleId, 'NR_LINT_UNUSED_TABLE');
    const valid = run(['validate', 'good.yaml', '--format', 'junit']);
    assert.equal(valid.status, 0);
    assert.match(valid.stdout, /<testcase classname="netrecon\.validate\.passed" name="good\.yaml" time="0"\/>/);
    assert.match(
      run(['validate', 'good.yaml', '--format', 'markdown']).stdout,
      /^### netrecon: validate: good\.yaml: valid/,
    );
  });

  it('hold a plan and why it is refused in one document', () => {
    const route = 'version: 1\nroutes:\n  - {to: 203.0.113.0/24, type: blackhole}\n';
    write('expect.yaml', `${route}expect:\n  - {to: 192.0.2.9, dev: a}\n  - {to: 192.0.2.8, type: unreachable}\n`);
    const kinds = ['link', 'address', 'route', 'rule', 'neighbor', 'nexthop'];
    const state = Object.fromEntries(kinds.map((kind) => [kind, []]));
    write('empty.json', JSON.stringify({ version: 1, kernel: '6.1.0', time: new Date(0).toISOString(), state }));
    const plan = (...args: readonly string[]) => run(['plan', '--against', 'empty.json', 'expect.yaml', ...args]);
    const { status, stdout, stderr } = plan('--format', 'json');
    assert.equal(status, 1, stderr);
    assert.deepEqual(
      JSON.parse(stdout).errors.map(({ code, source }: Diagnostic) => [code, source?.line]),
      [['NR_EXPECTATION', 5]],
    );
    assert.match(stderr, /^expect\.yaml:5:5: error NR_EXPECTATION/m);
    assert.match(
      plan('--format', 'junit').stdout,
      /failures="1"[\s\S]*name="192\.0\.2\.8 goes unreachable" time="0"\/>/,
    );
    assert.match(plan('--format', 'markdown').stdout, /^### netrecon: refused; 1 to create/);
    assert.match(plan('--diff', '--format', 'markdown').stdout, /^```diff\n[\s\S]*\n\+ {2}- /);
    assert.match(plan('--diff', '--format', 'junit').stderr, /error NR_USAGE: --diff has no format junit/);
  });

  it('name files as the repository does', () => {
    write('bad.yaml', bad);
    const { stdout } = run(['validate', join(scratch, 'bad.yaml'), '--format', 'github'], {
      env: { GITHUB_WORKSPACE: dirname(scratch) },
    });
    assert.match(stdout, new RegExp(`^::error file=${basename(scratch)}/bad\\.yaml,line=3`, 'm'));
  });
});

describe('the command line', () => {
  it('lists its commands and common options', () => {
    const { status, stdout } = run(['--help']);
    assert.equal(status, 0);
    for (const word of [
      'apply',
      'plan',
      'validate',
      'export',
      'snapshot',
      'monitor',
      'rollback',
      'recover',
      'schema',
      'completion',
    ]) {
      assert.match(stdout, new RegExp(`^  ${word}\\b`, 'm'));
    }
    assert.match(run(['plan', '--help']).stdout, /--detailed-exitcode[\s\S]*Global Options:[\s\S]*--netns/);
  });

  it('loads nothing but commander before it knows the command', () => {
    const seen = new Set<string>();
    const walk = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = readFileSync(path, 'utf8');
      for (const [, specifier] of text.matchAll(/^import\s(?:[^;]*?from\s)?['"]([^'"]+)['"]/gm)) {
        if (specifier?.startsWith('.')) walk(join(dirname(path), specifier));
        else seen.add(specifier as string);
      }
    };
    walk(resolve(import.meta.dirname, '../../src/cli/main.js'));
    assert.deepEqual([...seen].filter((name) => !name.startsWith('/')).sort(), ['commander', 'node:fs']);
    assert.ok(seen.size < 10, `${seen.size} modules`);
  });

  it('prints the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    assert.equal(run(['--version']).stdout, `${version}\n`);
  });

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [['aply', 'x.yaml'], /error NR_USAGE: unknown command 'aply'\n\(Did you mean apply\?\)/],
    [['plan', '--dif', 'x.yaml'], /error NR_USAGE: unknown option '--dif'\n\(Did you mean --diff\?\)/],
    [['apply'], /error NR_USAGE: missing required argument 'files'/],
    [
      ['plan', '--sandbox', '--netns', 'a', 'x.yaml'],
      /error NR_USAGE: option '--netns <name>' cannot be used with option '--sandbox'/,
    ],
    [['plan', '--format', 'xml', 'x.yaml'], /error NR_USAGE: option '--format <format>' argument 'xml' is invalid/],
    [
      ['export', '--format', 'markdown'],
      /error NR_USAGE: this command has no format markdown\n {2}hint: it has: text, json/,
    ],
    [['monitor', 'cars'], /error NR_USAGE: .*'cars' is invalid/],
    [['completion', 'tcsh'], /error NR_USAGE: .*'tcsh' is invalid/],
    [[], /Usage: netrecon/],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses: netrecon ${args.join(' ')}`, () => {
      const { status, stdout, stderr } = run(args);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at .*:\d+:\d+/);
    });
  }

  it('takes the common options before the command and after it', () => {
    const file = write('ok.yaml', 'version: 1\nroutes: [{to: 203.0.113.0/24, type: blackhole}]\n');
    for (const args of [
      ['--format', 'json', 'validate', file],
      ['validate', file, '--format', 'json'],
    ]) {
      const { status, stdout } = run(args);
      assert.equal(status, 0);
      assert.deepEqual(JSON.parse(stdout).files, [file]);
    }
  });

  it('prints the schemas as they lie in schemas/', () => {
    assert.equal(run(['schema']).stdout, readFileSync(join(ROOT, 'schemas/state.schema.json'), 'utf8'));
    assert.equal(run(['schema', '--plan']).stdout, readFileSync(join(ROOT, 'schemas/plan.schema.json'), 'utf8'));
  });
});

describe('the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

  it('shows a state file that is valid', () => {
    const example = /```yaml\n(version: 1\n[\s\S]*?)```/.exec(readme)?.[1];
    assert.equal(example?.trimEnd().split('\n').length, 12);
    assert.equal(run(['validate', '-'], { input: example as string }).status, 0);
  });

  it('names commands and options that exist', () => {
    const commands = sketchCommands(buildProgram('', { run: async () => undefined }));
    const used = [...readme.matchAll(/netrecon ([a-z]+)((?: --[a-z-]+)*)/g)].filter(([, name]) =>
      commands.some((c) => c.name === name),
    );
    assert.ok(used.length > 10);
    for (const [text, name, words = ''] of used) {
      const options = commands.find((command) => command.name === name)?.options.map(({ long }) => long) ?? [];
      for (const option of words.split(' ').filter((word) => word !== '')) assert.ok(options.includes(option), text);
    }
    for (const { name } of commands) assert.match(readme, new RegExp(`netrecon ${name}\\b`));
  });
});

describe('validate', () => {
  const BAD = 'version: 1\nlinks:\n  eth0: {adress: [10.0.0.1/24]}\nroutes:\n  - {to: 10.0.0.1/8, via: 10.0.0.254}\n';

  it('shows every problem at its place and ends with 1', () => {
    const file = write('bad.yaml', BAD);
    const { status, stdout, stderr } = run(['validate', file]);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    const places = stderr.split('\n').filter((line) => /^bad\.yaml:\d+:\d+: error NR_[A-Z_]+: /.test(line));
    assert.equal(places.length, 2, stderr);
    assert.match(stderr, /^bad\.yaml:3:10: error NR_UNKNOWN_KEY: .*\n {2}hint: did you mean "addresses"\?$/m);
  });

  it('shows them to programs as JSON', () => {
    const { status, stdout } = run(['validate', '--format', 'json', write('bad.yaml', BAD)]);
    assert.equal(status, 1);
    const { error } = JSON.parse(stdout) as {
      error: { code: string; diagnostics: { code: string; source: { line: number } }[] };
    };
    assert.equal(error.code, 'NR_CONFIG');
    assert.deepEqual(
      error.diagnostics.map(({ code, source }) => [code, source.line]),
      [
        ['NR_UNKNOWN_KEY', 3],
        ['NR_HOST_BITS', 5],
      ],
    );
  });

  it('reads standard input', () => {
    assert.equal(run(['validate', '-'], { input: 'version: 1\n' }).stdout, '-: valid, 0 objects\n');
    assert.match(run(['validate', '-'], { input: '' }).stderr, /^-:1:1: error NR_EMPTY_FILE: /);
  });

  it('says which file is not there', () => {
    const { status, stderr } = run(['validate', 'nowhere.yaml']);
    assert.equal(status, 1);
    assert.match(stderr, /error NR_FILE: cannot read nowhere\.yaml: no such file/);
  });

  it('colours standard error only where it is asked to', () => {
    const file = write('bad.yaml', BAD);
    assert.ok(run(['validate', file, '--color', 'always']).stderr.includes('\u001b['));
    assert.ok(run(['validate', file], { env: { NO_COLOR: '', FORCE_COLOR: '1' } }).stderr.includes('\u001b['));
    assert.ok(!run(['validate', file]).stderr.includes('\u001b['));
  });
});

describe('completion', () => {
  const commands = sketchCommands(buildProgram('', { run: async () => undefined }));

  /** What bash would offer behind `words`; the last one is being typed. */
  const complete = (...words: readonly string[]): readonly string[] => {
    const script = `${bashCompletion(commands)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _netrecon; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: scratch });
    assert.equal(status, 0, stderr);
    return stdout.split('\n').filter((word) => word !== '');
  };

  it('offers commands, options and values in bash', () => {
    write('net.yaml', '');
    assert.deepEqual(complete('netrecon', 'ex'), ['export']);
    assert.deepEqual(complete('netrecon', '--format', 'json', 'sn'), ['snapshot']);
    assert.deepEqual(complete('netrecon', 'plan', '--det'), ['--detailed-exitcode']);
    assert.deepEqual(complete('netrecon', 'plan', '--format', 'm'), ['markdown']);
    assert.deepEqual(complete('netrecon', 'apply', 'net'), ['net.yaml']);
    assert.deepEqual(complete('netrecon', 'monitor', 'ne'), ['nexthop', 'neighbor']);
    assert.deepEqual(complete('netrecon', 'apply', '--detailed'), []);
  });

  const hasFish = spawnSync('fish', ['--version']).status === 0;
  it('offers commands, options and values in fish', { skip: hasFish ? false : 'no fish on this machine' }, () => {
    const path = join(scratch, write('netrecon.fish', fishCompletion(commands)));
    const offered = (line: string): readonly string[] => {
      const { stdout } = spawnSync('fish', ['--no-config', '-c', `source ${path}; complete -C '${line}'`], {
        encoding: 'utf8',
      });
      return stdout
        .split('\n')
        .filter((word) => word !== '')
        .map((word) => word.split('\t')[0] as string);
    };
    assert.deepEqual(offered('netrecon ex'), ['export']);
    assert.deepEqual(offered('netrecon plan --det'), ['--detailed-exitcode']);
    assert.deepEqual(offered('netrecon plan --format m'), ['markdown']);
    assert.deepEqual(offered('netrecon monitor ne'), ['neighbor', 'nexthop']);
  });

  for (const [shell, script] of [
    ['zsh', zshCompletion(commands)],
    ['fish', fishCompletion(commands)],
  ] as const) {
    it(`knows every command and option in ${shell}`, () => {
      for (const { name, options } of commands) {
        assert.ok(script.includes(name), name);
        for (const { long } of options)
          assert.ok(script.includes(shell === 'fish' ? `-l ${long.slice(2)}` : long), long);
      }
    });

    const isThere = spawnSync(shell, ['--version']).status === 0;
    it(`is a valid ${shell} script`, { skip: isThere ? false : `no ${shell} on this machine` }, () => {
      const path = join(scratch, write(`completion.${shell}`, script));
      const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  }
});
