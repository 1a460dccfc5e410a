import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runNetrecon } from './command.ts';
import { ipView } from './harness.ts';
import type { CommandResult } from './run-command.ts';
import { ipRun, nsExec, withNamespace } from './support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netrecon-expect-'));
after(() => rmSync(scratch, { recursive: true }));

const run = (ns: string, command: string, expectations: readonly string[]): CommandResult => {
  const path = join(scratch, 'state.yaml');
  writeFileSync(path, `${STATE}expect:\n${expectations.map((line) => `  - ${line}\n`).join('')}`);
  const options = ['--netns', ns, '--state-dir', join(scratch, 'state')];
  return runNetrecon([...command.split(' '), path, ...options], { env: { ...process.env, NO_COLOR: '1' } });
};

const STATE = `version: 1
links:
  v0: {addresses: [10.0.0.1/24]}
  v1: {addresses: [10.1.0.1/24]}
routes:
  - {to: default, via: 10.0.0.254}
  - {to: 203.0.113.0/24, type: blackhole}
  - {to: 198.51.100.0/24, type: unreachable}
  - {to: 10.9.0.0/16, via: 10.1.0.9, table: 100}
rules:
  - {priority: 100, fwmark: 0x10, table: 100}
`;

const setUp = (ns: string): void => {
  for (const i of [0, 1]) {
    ipRun(ns, `link add v${i} type veth peer name p${i}`, `link set v${i} up`, `link set p${i} up`);
  }
  for (const name of ['all', 'default', 'v0', 'v1']) nsExec(ns, 'sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=0`);
  nsExec(ns, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
};

const MET = [
  '{to: 8.8.8.8, via: 10.0.0.254, dev: v0, src: 10.0.0.1}',
  '{to: 10.9.1.1, mark: 0x10, via: 10.1.0.9}',
  '{to: 10.9.1.1, from: 10.0.0.5, iif: v0, dev: v0}',
  '{to: 203.0.113.9, type: blackhole}',
  '{to: 198.51.100.9, type: unreachable}',
  '{to: "2001:db8::1", type: unreachable}',
  '{to: 10.1.0.1, type: local}',
];

describe('expect', () => {
  it('is met by the plan and by the kernel', () =>
    withNamespace((ns) => {
      setUp(ns);
      const planned = run(ns, 'plan', MET);
      assert.equal(planned.status, 0, planned.stderr);
      const applied = run(ns, 'apply --yes', MET);
      assert.equal(applied.status, 0, applied.stderr);
      assert.equal(run(ns, 'plan --detailed-exitcode', MET).status, 0);
    }));

  for (const command of ['plan', 'apply --yes']) {
    it(`is missed: ${command} tells each with its line and sends nothing`, () =>
      withNamespace((ns) => {
        setUp(ns);
        const before = ipView(ns);
        const { status, stderr } = run(ns, command, [
          ...MET,
          '{to: 10.9.1.1, via: 10.1.0.9}',
          '{to: 203.0.113.9, dev: v0}',
        ]);
        assert.equal(status, 1);
        assert.match(
          stderr,
          /state\.yaml:20:5: error NR_EXPECTATION: 10\.9\.1\.1 goes via 10\.0\.0\.254 dev v0 src 10\.0\.0\.1, expected is via 10\.1\.0\.9/,
        );
        assert.match(stderr, /state\.yaml:21:5: error NR_EXPECTATION: 203\.0\.113\.9 gets EINVAL, expected is dev v0/);
        assert.deepEqual(ipView(ns), before);
      }));
  }

  it('is rolled back where the kernel knows better than the model', () =>
    withNamespace((ns) => {
      setUp(ns);
      // no part of a state: the kernel drops what comes in by a link that its source is not reached by
      nsExec(ns, 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1');
      const before = ipView(ns);
      const { status, stderr } = run(ns, 'apply --yes', ['{to: 8.8.8.8, from: 9.9.9.9, iif: v1, dev: v0}']);
      assert.equal(status, 3, stderr);
      assert.match(stderr, /NR_EXPECTATION: 8\.8\.8\.8 from 9\.9\.9\.9 iif v1 gets (EXDEV|EINVAL), expected is dev v0/);
      assert.deepEqual(ipView(ns), before);
    }));

  it('refuses what says nothing, and packets that cannot be', () =>
    withNamespace((ns) => {
      const { status, stderr } = run(ns, 'validate', [
        '{to: 8.8.8.8}',
        '{to: 8.8.8.8, from: "::1", dev: v0}',
        '{to: 8.8.8.8, iif: v0, oif: v1, dev: v0}',
        '{to: 8.8.8.0/24, dev: v0}',
      ]);
      assert.equal(status, 1);
      assert.equal(stderr.match(/NR_CONTRADICTION/g)?.length, 3);
      assert.match(stderr, /NR_BAD_PREFIX/);
    }));
});
