import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { KernelAnswer, Query } from '../../src/model/lookup.ts';
import type { Answer } from '../../src/reconcile/lookup/query.ts';
import { runNetrecon } from './command.ts';
import type { CommandResult } from './run-command.ts';
import { ipRun, withNamespace } from './support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netrecon-lookup-'));
after(() => rmSync(scratch, { recursive: true }));

const run = (ns: string, ...args: readonly string[]): CommandResult => {
  const options = ['--netns', ns, '--state-dir', join(scratch, 'state')];
  return runNetrecon([...args, ...options], { env: { ...process.env, NO_COLOR: '1' } });
};

const STATE = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24, 10.0.0.2/24, {address: 2001:db8::1/64, nodad: true}]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
  - {to: default, via: 10.0.0.254}
  - {to: 10.9.0.0/16, type: blackhole}
  - {to: 10.8.0.0/16, via: 10.0.0.9, src: 10.0.0.2}
  - {to: 10.7.0.0/16, via: 10.0.0.7, table: 100}
  - {to: "2001:db8:9::/48", via: "2001:db8::9"}
  - {to: "2001:db8:8::/48", type: prohibit}
rules:
  - {priority: 100, fwmark: 0x10, table: 100}
`;
const ASKED: readonly (readonly string[])[] = [
  ['8.8.8.8'],
  ['10.0.0.2'],
  ['10.0.0.77'],
  ['10.0.0.255'],
  ['10.9.1.1'],
  ['10.8.1.1'],
  ['10.7.1.1'],
  ['10.7.1.1', '--mark', '0x10'],
  ['8.8.8.8', '--from', '10.0.0.2'],
  ['2001:db8::77'],
  ['2001:db8::1'],
  ['2001:db8:9::1'],
  ['2001:db8:8::1'],
  ['2001:db8:7::1'],
];

/** The parts that the kernel and the model both tell; one way here, so that there is no choice. */
const outcome = (answer: KernelAnswer | Answer, from: string | undefined): unknown => {
  if ('error' in answer) return answer.error;
  const { dev, via, src } = 'paths' in answer ? (answer.paths[0] ?? {}) : answer;
  // a source that the packet has already the kernel does not repeat
  return [answer.type, dev, via, src ?? from];
};

const look = (ns: string, ...args: readonly string[]): unknown => {
  const { status, stdout, stderr } = run(ns, 'lookup', '--format', 'json', ...args);
  assert.equal(status, 0, stderr);
  const { query, answer } = JSON.parse(stdout) as { readonly query: Query; readonly answer: KernelAnswer };
  return outcome(answer, query.from);
};

describe('lookup', () => {
  it('foretells what the kernel says once the file is applied', () =>
    withNamespace((ns) => {
      const path = join(scratch, 'state.yaml');
      writeFileSync(path, STATE);
      assert.match(run(ns, 'lookup', '8.8.8.8').stdout, /^8\.8\.8\.8: ENETUNREACH \(no route\)\n$/);
      const foretold = ASKED.map(([to = '', ...options]) => look(ns, to, path, ...options));
      assert.equal(run(ns, 'apply', '--yes', path).status, 0);
      assert.deepEqual(
        ASKED.map((asked) => look(ns, ...asked)),
        foretold,
      );
      const snapshot = join(scratch, 'snapshot.json');
      writeFileSync(snapshot, run(ns, 'snapshot').stdout);
      assert.deepEqual(
        ASKED.map((asked) => look(ns, ...asked, '--against', snapshot)),
        foretold,
      );
      assert.equal(
        run(ns, 'lookup', '10.7.1.1', path, '--mark', '0x10').stdout,
        '10.7.1.1 mark 0x10: via 10.0.0.7 dev v0 src 10.0.0.1 (table 100, 10.7.0.0/16)\n',
      );
    }));

  it('refuses a packet that cannot be', () =>
    withNamespace((ns) => {
      for (const args of [['10.0'], ['10.0.0.1', '--from', '::1'], ['::1', '--iif', 'lo', '--oif', 'lo']]) {
        const { status, stderr } = run(ns, 'lookup', ...args);
        assert.equal(status, 1);
        assert.match(stderr, /NR_USAGE/);
      }
    }));
});

describe('plan --probe', () => {
  it('shows which packets move', () =>
    withNamespace((ns) => {
      ipRun(
        ns,
        'link add v0 type veth peer name v1',
        'link set v0 up',
        'link set v1 up',
        'addr add 10.0.0.1/24 dev v0',
        'route add default via 10.0.0.253',
      );
      const path = join(scratch, 'probe.yaml');
      writeFileSync(path, 'version: 1\nroutes:\n  - {to: 8.0.0.0/8, via: 10.0.0.254}\n');
      const probes = ['--probe', '8.8.8.8,9.9.9.9,2001:db8::1'];
      const { stdout, stderr, status } = run(ns, 'plan', path, ...probes);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /Plan: 1 to create/);
      assert.equal(
        stdout.slice(stdout.indexOf('\nPackets')),
        '\nPackets, before -> after:\n' +
          '  ~ 8.8.8.8: via 10.0.0.253 dev v0 src 10.0.0.1 (table main, 0.0.0.0/0) -> via 10.0.0.254 dev v0 src 10.0.0.1 (table main, 8.0.0.0/8)\n' +
          '  = 9.9.9.9: via 10.0.0.253 dev v0 src 10.0.0.1 (table main, 0.0.0.0/0)\n' +
          '  = 2001:db8::1: ENETUNREACH (no route)\n',
      );
      const json = JSON.parse(run(ns, 'plan', path, '--format', 'json', ...probes).stdout);
      assert.deepEqual(
        json.probes.map(({ moved }: { readonly moved: boolean }) => moved),
        [true, false, false],
      );
      assert.match(run(ns, 'plan', path, '--format', 'markdown', ...probes).stdout, /~ 8\.8\.8\.8: via 10\.0\.0\.253/);
    }));
});
