import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createTestCommand } from './command.ts';
import { ipView } from './harness.ts';
import { ipRun, withNamespace } from './support.ts';

const command = createTestCommand();
const { run } = command;

const STATE = command.file(
  'net.yaml',
  `version: 1
links:
  br0: {kind: bridge, addresses: [10.9.0.1/24]}
`,
);
const OTHER = command.file('other.yaml', 'version: 1\nroutes:\n  - {to: 10.8.0.0/16, type: blackhole}\n');

describe('checks of an apply', () => {
  it('revert the apply when one does not pass in time', () =>
    withNamespace((ns) => {
      const before = ipView(ns);
      const tries = command.path('failed-tries');
      const { status, stderr } = run(
        ns,
        'apply',
        STATE,
        '--yes',
        '--check',
        'true',
        '--check',
        `echo no luck >&2; echo x >> ${tries}; exit 7`,
        '--check-timeout',
        '5',
      );
      assert.equal(status, 3, stderr);
      assert.match(stderr, /NR_CHECK_FAILED: check `echo no luck.*`: exit status 7: no luck \(within 5 s\)/);
      assert.match(readFileSync(tries, 'utf8'), /^x\nx\n/, 'it was tried again');
      assert.deepEqual(ipView(ns), before);
    }));

  it('run in the namespace, and pass once the network is there', () =>
    withNamespace((ns) => {
      const counter = command.path('tries');
      const { status, stderr } = run(
        ns,
        'apply',
        STATE,
        '--yes',
        '--check',
        `echo x >> ${counter}; test "$(wc -l < ${counter})" -ge 3 && grep -q br0: /proc/net/dev`,
        '--check-timeout',
        '60',
      );
      assert.equal(status, 0, stderr);
      assert.equal(readFileSync(counter, 'utf8'), 'x\nx\nx\n');
    }));

  it('kill what takes too long', () =>
    withNamespace((ns) => {
      const { status, stderr } = run(ns, 'apply', STATE, '--yes', '--check', 'sleep 60', '--check-timeout', '1');
      assert.equal(status, 3, stderr);
      assert.match(stderr, /check `sleep 60`: it took too long/);
    }));

  it('know gateways and TCP ports', () =>
    withNamespace((ns) =>
      withNamespace((far) => {
        ipRun(ns, `link add w0 type veth peer name w1 netns ${far}`, 'link set w0 up');
        ipRun(far, 'link set w1 up', 'addr add 192.0.2.1/24 dev w1');
        const uplink = (gateway: string) =>
          command.file(
            'uplink.yaml',
            `version: 1
links: {w0: {addresses: [192.0.2.10/24]}}
routes: [{to: default, via: ${gateway}}]
`,
          );
        const checks = ['--check', 'gateway', '--check-timeout'];
        const good = run(ns, 'apply', uplink('192.0.2.1'), '--yes', ...checks, '60');
        assert.equal(good.status, 0, good.stderr);
        const silent = run(ns, 'apply', uplink('192.0.2.2'), '--yes', ...checks, '2');
        assert.equal(silent.status, 3, silent.stderr);
        assert.match(silent.stderr, /check `gateway`: 192\.0\.2\.2 dev w0 does not answer/);
        const tcp = run(
          ns,
          'apply',
          uplink('192.0.2.1'),
          OTHER,
          '--yes',
          '--check',
          'tcp:192.0.2.1:9',
          '--check-timeout',
          '10',
        );
        assert.equal(tcp.status, 3, tcp.stderr);
        assert.match(tcp.stderr, /check `tcp:192\.0\.2\.1:9`: exit status 1: connect ECONNREFUSED/);
      }),
    ));
});
