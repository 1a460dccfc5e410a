import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { ADVICE_CODES, type AdviceCode } from '../../src/reconcile/lint/advice.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'netrecon-lint-'));
after(() => rmSync(scratch, { recursive: true }));

const lint = (yaml: string, ...args: readonly string[]) => {
  writeFileSync(join(scratch, 'state.yaml'), `version: 1\n${yaml}`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'bin/netrecon'), 'lint', 'state.yaml', ...args],
    { cwd: scratch, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { status, stdout, stderr };
};

/** For each code a file that earns it, at the line, and one like it that does not. */
const CASES: Readonly<Record<AdviceCode, readonly [bad: string, line: number, good: string]>> = {
  NR_LINT_SHADOWED_RULE: [
    'rules:\n  - {priority: 10, from: 10.0.0.0/8, action: prohibit}\n  - {priority: 20, from: 10.1.0.0/16}\n',
    4,
    'rules:\n  - {priority: 10, from: 10.1.0.0/16, action: prohibit}\n  - {priority: 20, from: 10.0.0.0/8}\n',
  ],
  NR_LINT_DUPLICATE_PREFIX: [
    'routes:\n  - {to: 10.0.0.0/8, via: 192.0.2.1, metric: 5}\n  - {to: 10.0.0.0/8, via: 192.0.2.1, metric: 9}\n',
    4,
    'routes:\n  - {to: 10.0.0.0/8, via: 192.0.2.1, metric: 5}\n  - {to: 10.0.0.0/8, via: 192.0.2.2, metric: 9}\n',
  ],
  NR_LINT_UNUSED_TABLE: [
    'routes:\n  - {to: default, via: 192.0.2.1, table: 100}\n',
    3,
    'routes:\n  - {to: default, via: 192.0.2.1, table: 100}\nrules:\n  - {priority: 9, fwmark: 1, table: 100}\n',
  ],
  NR_LINT_UNUSED_NEXTHOP: [
    'nexthops:\n  - {id: 1, dev: a}\n',
    3,
    'nexthops:\n  - {id: 1, dev: a}\n  - {id: 2, group: [1]}\nroutes:\n  - {to: 10.0.0.0/8, nhid: 2}\n',
  ],
  NR_LINT_OVERLAPPING_ADDRESSES: [
    'links:\n  a: {addresses: [10.0.0.1/16]}\n  b: {addresses: [10.0.9.1/24]}\n',
    4,
    'links:\n  a: {addresses: [10.0.0.1/16]}\n  b: {addresses: [10.1.9.1/24, 10.0.9.1/32]}\n',
  ],
  NR_LINT_ASYMMETRIC_MTU: [
    'links:\n  a: {kind: veth, veth: {peer: b}, mtu: 1400}\n  b: {kind: veth, veth: {peer: a}, mtu: 1500}\n',
    3,
    'links:\n  a: {kind: veth, veth: {peer: b}, mtu: 1400}\n  b: {kind: veth, veth: {peer: a}, mtu: 1400}\n',
  ],
  NR_LINT_SMALL_MTU: [
    'links:\n  a: {mtu: 1200, addresses: ["2001:db8::1/64"]}\n',
    3,
    'links:\n  a: {mtu: 1280, addresses: ["2001:db8::1/64"]}\n  b: {mtu: 1200, addresses: [10.0.0.1/24]}\n',
  ],
  NR_LINT_ROUTE_THROUGH_DOWN: [
    'links:\n  a: {state: down}\nroutes:\n  - {to: 10.0.0.0/8, dev: a}\n',
    5,
    'links:\n  a: {state: up}\nroutes:\n  - {to: 10.0.0.0/8, dev: a}\n',
  ],
};

describe('lint', () => {
  for (const [code, [bad, line, good]] of Object.entries(CASES)) {
    it(`advises ${code} where it is due, once, and nowhere else`, () => {
      const { status, stdout, stderr } = lint(bad);
      assert.equal(status, 2, stderr);
      assert.match(stdout, new RegExp(`^state\\.yaml:${line}:\\d+: warning ${code}: `));
      assert.equal(stdout.match(/NR_LINT/g)?.length, 1);
      const fine = lint(good);
      assert.deepEqual([fine.status, fine.stdout, fine.stderr], [0, '', '']);
    });

    it(`is silent on ${code} where it is told to be`, () => {
      assert.equal(lint(bad, '--ignore', code).status, 0);
      const lines = bad.split('\n');
      lines.splice(line - 2, 0, `  # lint-ignore ${code}: known`);
      assert.equal(lint(lines.join('\n')).status, 0, 'a comment above');
      const commented = bad.split('\n').map((text, i) => (i === line - 2 ? `${text} # lint-ignore ${code}` : text));
      assert.equal(lint(commented.join('\n')).status, 0, 'a comment behind');
      const other = bad.split('\n').map((text, i) => (i === line - 2 ? `${text} # lint-ignore NR_LINT_OTHER` : text));
      assert.equal(lint(other.join('\n')).status, 2, 'another code');
    });
  }

  it('knows that a jump can go round the rule that shadows', () => {
    const shadowed = '  - {priority: 20, action: prohibit}\n  - {priority: 30, from: 10.0.0.0/8}\n';
    assert.equal(lint(`rules:\n${shadowed}`).status, 2);
    assert.equal(lint(`rules:\n  - {priority: 10, goto: 30, fwmark: 1}\n${shadowed}`).status, 0);
  });

  it('prints JSON, and refuses a code that does not exist', () => {
    const [bad, line] = CASES.NR_LINT_UNUSED_TABLE;
    const { advice } = JSON.parse(lint(bad, '--format', 'json').stdout);
    assert.deepEqual(
      advice.map(({ code, source }: { readonly code: string; readonly source: { readonly line: number } }) => [
        code,
        source.line,
      ]),
      [['NR_LINT_UNUSED_TABLE', line]],
    );
    assert.equal(lint(bad, '--ignore', 'NR_LINT_NOTHING').status, 1);
  });

  it('has a page with each code', () => {
    const page = readFileSync(join(ROOT, 'docs/lint.md'), 'utf8');
    assert.deepEqual(
      [...page.matchAll(/^## (NR_LINT_\w+)$/gm)].map(([, code]) => code).sort(),
      ADVICE_CODES.toSorted(),
    );
  });
});
