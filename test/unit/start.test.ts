import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeCacheOf, codePartFor, compileProgram } from '../../src/cli/compile-program.ts';

const root = process.env.NETRECON_ROOT ?? process.cwd();
const program = join(root, 'dist/bundle/cli/netrecon.js');

for (const part of ['help', 'all'] as const) {
  test(`V8 takes the compiled code that the build keeps beside the program (${part})`, () => {
    assert.equal(compileProgram(program, readFileSync(codeCacheOf(program, part))).cachedDataRejected, false);
  });
}

test('who asks for help gets less compiled code than who has something to do', () => {
  for (const words of [[], ['--help'], ['apply', '-h'], ['-V'], ['--version']])
    assert.equal(codePartFor(words), 'help');
  for (const words of [['apply', 'a.yaml'], ['status'], ['plan', 'help']]) assert.equal(codePartFor(words), 'all');
  const [help, all] = (['help', 'all'] as const).map((part) => statSync(codeCacheOf(program, part)).size);
  assert.ok((help as number) < (all as number) / 2, `${help} and ${all} bytes`);
});

for (const [what, spoil] of [
  ['without its compiled code', (path: string) => rmSync(path)],
  ['with the compiled code of another Node', (path: string) => writeFileSync(path, readFileSync(path).fill(7, 0, 16))],
  ['with half of its compiled code', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5000))],
] as const) {
  test(`the program starts ${what}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'netrecon-start-'));
    try {
      for (const part of ['bin', 'package.json', 'schemas', 'dist/bundle'])
        cpSync(join(root, part), join(folder, part), { recursive: true });
      const caches = readdirSync(join(folder, 'dist/bundle/cli')).filter((name) => name.endsWith('.cache'));
      assert.equal(caches.length, 2);
      for (const name of caches) spoil(join(folder, 'dist/bundle/cli', name));
      writeFileSync(join(folder, 'a.yaml'), 'version: 1\nlinks: { eth0: { mtu: 9000 } }\n');
      for (const words of [['--help'], ['validate', join(folder, 'a.yaml')]]) {
        const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/netrecon'), ...words], {
          encoding: 'utf8',
        });
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, stdout);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

for (const part of ['dist', 'dist/bundle/cli/netrecon.js']) {
  test(`without ${part} it says that it is not built`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'netrecon-start-'));
    try {
      for (const copied of ['bin', 'package.json', 'schemas', 'dist/bundle'])
        cpSync(join(root, copied), join(folder, copied), { recursive: true });
      rmSync(join(folder, part), { recursive: true, force: true });
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/netrecon'), '--help'], {
        encoding: 'utf8',
      });
      assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
      assert.match(stderr, /^netrecon is not built: .*\nhint: run "npm ci && npm run build" in its folder\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
