import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { createTestCommand, runNetrecon } from './command.ts';
import { ipRun, withNamespace } from './support.ts';

const BIN = join(resolve(import.meta.dirname, '../../..'), 'bin/netrecon');
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];

const command = createTestCommand();

/** netrecon as nobody, without capabilities and without a way to get any. */
const runAsNobody = (...args: readonly string[]) =>
  runNetrecon(args, {
    prefix: ['setpriv', ...NOBODY],
    env: { ...process.env, NO_COLOR: '1', SSH_CONNECTION: '', HOME: '/', XDG_RUNTIME_DIR: '' },
  });

const STATE = `version: 1
routes:
  - { to: 203.0.113.0/24, type: blackhole }
expect:
  - { to: 203.0.113.9, type: blackhole }
`;

describe('an ordinary user without capabilities', () => {
  it('validates, lints, formats, plans and looks up against a snapshot, as root does', () =>
    withNamespace(async (ns) => {
      ipRun(ns, 'link add v0 type veth peer name v1', 'route add prohibit 198.51.100.0/24');
      const file = command.file('state.yaml', STATE);
      const snapshot = command.file('snapshot.json', command.run(ns, 'snapshot').stdout);
      chmodSync(dirname(file), 0o755);
      const asked: readonly (readonly string[])[] = [
        ['validate', file],
        ['lint', file],
        ['fmt', '--check', file],
        ['plan', file, '--against', snapshot, '--probe', '203.0.113.9'],
        ['plan', file, '--against', snapshot, '--format', 'sarif'],
        ['lookup', '198.51.100.1', '--against', snapshot],
      ];
      for (const args of asked) {
        const { status, stdout, stderr } = runAsNobody(...args);
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, args.join(' '));
        assert.equal(stdout, command.run(ns, ...args).stdout, args.join(' '));
      }
    }));

  it('is told so where the host gives no user namespaces', () =>
    withNamespace(() => {
      const file = command.file('state.yaml', STATE);
      chmodSync(dirname(file), 0o755);
      // a user namespace of its own, in which there are to be no more of them
      const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
      const without = ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', process.execPath, BIN];
      const { status, stdout, stderr } = spawnSync(
        'unshare',
        ['--user', '--map-root-user', 'sh', '-c', script, 'sh', ...without, 'plan', '--sandbox', file],
        { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
      );
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(
        stderr,
        /^error NR_NO_PRIVILEGE: this host gives ordinary users no private network namespace\n {2}hint: .*user\.max_user_namespaces/,
      );
    }));
});
