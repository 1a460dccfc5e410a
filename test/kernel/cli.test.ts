import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { runNetrecon, until } from './command.ts';
import { ipView } from './harness.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { ipJson, ipRun, ipTry, lacksKind, nsExec, withNamespace } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'bin/netrecon');
const scratch = mkdtempSync(join(tmpdir(), 'netrecon-test-'));
after(() => rmSync(scratch, { recursive: true }));

const common = (ns: string) => ['--netns', ns, '--state-dir', join(scratch, 'state')];
const env = { ...process.env, NO_COLOR: '1' };

const run = (ns: string, ...args: readonly string[]): CommandResult => {
  return runNetrecon([...args, ...common(ns)], { cwd: ROOT, env });
};

const file = (name: string, text: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const SMALL = `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
  - {to: default, via: 10.0.0.254}
`;
/** The kernel takes no route of type local whose source is none of its addresses: fails as the last step. */
const FAILING = `${SMALL}  - {to: 10.7.0.0/16, dev: v0, src: 192.0.2.99}\n`;

describe('apply and plan', () => {
  it('plans, applies, and then has nothing to do', () =>
    withNamespace((ns) => {
      const path = file('small.yaml', SMALL);
      const plan = run(ns, 'plan', path, '--detailed-exitcode');
      assert.equal(plan.status, 2);
      assert.match(plan.stdout, /^ {2}\+ link v0 {2}# .*small\.yaml:3:3/m);
      assert.equal(ipJson(ns, 'link').length, 1, 'plan changes nothing');
      const first = run(ns, 'apply', path, '--yes');
      assert.equal(first.status, 0, first.stderr);
      assert.match(first.stdout, /Applied and verified in [0-9.]+ s: 4 created\.\n$/);
      assert.equal(ipJson<{ gateway: string }>(ns, 'route show default')[0]?.gateway, '10.0.0.254');
      const second = run(ns, 'apply', path, '-vv');
      assert.equal(second.status, 0);
      assert.equal(second.stdout, 'No changes. The network is as the files say.\n');
      assert.match(second.stderr, /> RTM_GETLINK/);
      assert.doesNotMatch(second.stderr, /> RTM_(NEW|DEL|SET)/);
      assert.equal(run(ns, 'plan', path, '--detailed-exitcode').status, 0);
    }));

  it('does nothing without a yes', () =>
    withNamespace((ns) => {
      const { status, stdout, stderr } = run(ns, 'apply', file('small.yaml', SMALL));
      assert.equal(status, 1);
      assert.match(stdout, /Plan: 4 to create/);
      assert.match(stderr, /^error NR_NEEDS_YES: /);
      assert.equal(ipJson(ns, 'link').length, 1);
    }));

  it('puts everything back when a step fails, and says which', () =>
    withNamespace((ns) => {
      ipRun(ns, 'link add keep0 type veth peer name keep1', 'addr add 192.0.2.1/24 dev keep0', 'link set keep0 up');
      const before = ipView(ns);
      const { status, stderr } = run(ns, 'apply', '--yes', file('failing.yaml', FAILING));
      assert.equal(status, 3, stderr);
      assert.match(stderr, /failing\.yaml:7:5: error NR_REFUSED: step \d+ of \d+: .*10\.7\.0\.0\/16.*EINVAL/);
      assert.match(stderr, /Everything was put back \(verified\)\.\n$/);
      assert.deepEqual(ipView(ns), before);
      const json = run(ns, 'apply', '--yes', '--format', 'json', file('failing.yaml', FAILING));
      const result = JSON.parse(json.stdout) as {
        status: string;
        exit: number;
        failure: { code: string; source: { line: number } };
      };
      assert.deepEqual([result.status, result.exit, json.status], ['rolledBack', 3, 3]);
      assert.deepEqual([result.failure.code, result.failure.source.line], ['NR_REFUSED', 7]);
    }));

  it('rolls back the last apply, once', () =>
    withNamespace((ns) => {
      const before = ipView(ns);
      assert.equal(run(ns, 'apply', '--yes', file('small.yaml', SMALL)).status, 0);
      assert.equal(run(ns, 'recover').status, 0);
      assert.notDeepEqual(ipView(ns), before);
      const back = run(ns, 'rollback', '--yes');
      assert.equal(back.status, 0, back.stderr);
      assert.match(back.stdout, /^Rolled back and verified in /m);
      assert.deepEqual(ipView(ns), before);
      const again = run(ns, 'rollback', '--yes');
      assert.equal(again.status, 1);
      assert.match(again.stderr, /^error NR_NOTHING_TO_ROLL_BACK: /);
    }));

  it('deletes what it made and the file no longer names, and nothing else', () =>
    withNamespace((ns) => {
      ipRun(ns, 'link add keep0 type veth peer name keep1');
      assert.equal(run(ns, 'apply', '--yes', file('small.yaml', SMALL)).status, 0);
      const { status, stdout } = run(ns, 'apply', '--yes', file('none.yaml', 'version: 1\n'));
      assert.equal(status, 0);
      assert.match(stdout, /^ {2}- link v0 {2}# no file names it any more/m);
      assert.deepEqual(
        ipJson<{ ifname: string }>(ns, 'link')
          .map(({ ifname }) => ifname)
          .sort(),
        ['keep0', 'keep1', 'lo'],
      );
    }));

  it('refuses a file that does not fit the host, with every place, and touches nothing', () =>
    withNamespace((ns) => {
      const path = file(
        'unfit.yaml',
        'version: 1\nlinks:\n  eth7: {mtu: 1400}\nroutes:\n  - {to: 10.9.0.0/16, via: 10.0.0.254}\n',
      );
      const { status, stderr } = run(ns, 'apply', '--yes', path);
      assert.equal(status, 1);
      assert.match(stderr, /unfit\.yaml:3:3: error NR_NO_LINK: /);
      assert.match(stderr, /unfit\.yaml:5:\d+: error NR_UNREACHABLE_GATEWAY: /);
      assert.equal(ipJson(ns, 'link').length, 1);
    }));

  it('plans against a snapshot, without a look at the kernel', () =>
    withNamespace((ns) => {
      const path = file('small.yaml', SMALL);
      const empty = file('empty.json', run(ns, 'snapshot').stdout);
      assert.equal(run(ns, 'apply', '--yes', path).status, 0);
      const full = file('full.json', run(ns, 'snapshot').stdout);
      assert.equal(run(ns, 'plan', path, '--detailed-exitcode', '--against', empty).status, 2);
      assert.equal(run(ns, 'plan', path, '--detailed-exitcode', '--against', full).status, 0);
      const broken = run(ns, 'plan', path, '--against', file('broken.json', '{}'));
      assert.equal(broken.status, 1);
      assert.match(broken.stderr, /^error NR_SNAPSHOT: /);
    }));

  it('counts what --limit leaves out, of long lists without planning each', () =>
    withNamespace((ns) => {
      ipRun(ns, 'link add v0 type veth peer name v1', 'address add 10.0.0.1/24 dev v0', 'link set v0 up');
      file('limit.txt', Array.from({ length: 200 }, (_, i) => `172.16.${i >> 1}.${(i & 1) * 128}/25\n`).join(''));
      const routes = '  - {to: 10.9.0.0/16, via: 10.0.0.3}\n  - {to_file: limit.txt, via: 10.0.0.2}\n';
      const path = file('limit.yaml', `version: 1\nexpect:\n  - {to: 172.16.90.1, via: 10.0.0.2}\nroutes:\n${routes}`);
      const whole = run(ns, 'plan', path);
      assert.equal(whole.stdout.match(/^ {2}\+ route/gm)?.length, 201);
      const summary = /^Plan: .*$/m.exec(whole.stdout)?.[0];
      assert.equal(summary, 'Plan: 201 to create, 0 to update, 0 to replace, 0 to delete.');
      for (const limit of [0, 1, 20, 1000]) {
        const { status, stdout, stderr } = run(ns, 'plan', '--limit', `${limit}`, path);
        assert.equal(status, 0, stderr);
        const shown = stdout.match(/^ {2}\+ route/gm)?.length ?? 0;
        assert.equal(shown, Math.min(limit, 201));
        assert.equal(/\.\.\. and (\d+) more/.exec(stdout)?.[1] ?? '0', `${201 - shown}`);
        assert.equal(/^Plan: .*$/m.exec(stdout)?.[0], summary);
        const json = JSON.parse(run(ns, 'plan', '--limit', `${limit}`, '--format', 'json', path).stdout);
        assert.equal(json.summary.create, 201);
        assert.equal(json.changes.length + (json.rest ?? 0), 201);
        if (limit < 100) assert.ok(json.changes.length < 30, `${json.changes.length} changes`);
      }
      assert.match(run(ns, 'plan', '--limit', 'x', path).stderr, /NR_USAGE/);
    }));

  it('shows the difference as YAML', () =>
    withNamespace((ns) => {
      const { stdout } = run(ns, 'plan', '--diff', file('small.yaml', SMALL));
      assert.match(stdout, /^--- before\n\+\+\+ after\n@@ /);
      assert.match(stdout, /^\+ {2}v0:$/m);
      assert.match(stdout, /^\+.*default.*10\.0\.0\.254/m);
    }));

  it('exports what applies as it is', () =>
    withNamespace((ns) => {
      assert.equal(run(ns, 'apply', '--yes', file('small.yaml', SMALL)).status, 0);
      for (const format of ['text', 'json']) {
        const exported = file('exported.yaml', run(ns, 'export', '--format', format).stdout);
        assert.equal(run(ns, 'apply', exported).stdout, 'No changes. The network is as the files say.\n');
      }
    }));

  it('does not exist in a namespace that does not', () => {
    const { status, stderr } = run('nr-none', 'plan', file('small.yaml', SMALL));
    assert.equal(status, 1);
    assert.match(stderr, /^error NR_NO_NAMESPACE: network namespace nr-none does not exist\n {2}hint: /);
  });

  it('works in a namespace that goes with the command', () => {
    const { status, stdout } = runNetrecon(['apply', '--sandbox', '--yes', file('small.yaml', SMALL)], { env });
    assert.equal(status, 0);
    assert.match(stdout, /Applied and verified/);
  });
});

describe('an ordinary user', () => {
  const asNobody = (ns: string, ...args: readonly string[]): CommandResult =>
    nsExec(
      ns,
      'setpriv',
      ...['--reuid=65534', '--regid=65534', '--clear-groups', 'env', '-u', 'XDG_RUNTIME_DIR', 'NO_COLOR=1'],
      ...[process.execPath, BIN, ...args],
    );
  const open = (path: string): string => {
    chmodSync(scratch, 0o755);
    return path;
  };

  it('plans without leaving a trace, is told what applying needs, and may apply what changes nothing', () =>
    withNamespace((ns) => {
      const path = open(file('small.yaml', SMALL));
      const state = join(scratch, 'nobody');
      const plan = asNobody(ns, 'plan', '--detailed-exitcode', '--state-dir', state, path);
      assert.equal(plan.status, 2, plan.stderr);
      assert.equal(existsSync(state), false);
      mkdirSync(state);
      chownSync(state, 65534, 65534);
      const refused = asNobody(ns, 'apply', '--yes', '--state-dir', state, path);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /^error NR_NO_PRIVILEGE: changing the network needs CAP_NET_ADMIN\n {2}hint: /);
      assert.equal(ipJson(ns, 'link').length, 1);
      assert.equal(run(ns, 'apply', '--yes', path).status, 0);
      const same = asNobody(ns, 'apply', '--state-dir', state, path);
      assert.equal(same.status, 0, same.stderr);
      assert.equal(same.stdout, 'No changes. The network is as the files say.\n');
    }));
});

describe('the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

  it('shows the plan that its example has on the host that it describes', () =>
    withNamespace((ns) => {
      ipRun(
        ns,
        'link add eth0 type veth peer name far0',
        'link set far0 up',
        'link set eth0 up',
        'addr add 192.0.2.10/24 dev eth0',
        'addr add 192.0.2.77/24 dev eth0',
        'route add default via 192.0.2.254 dev eth0 metric 100',
        'route add 10.99.0.0/16 via 192.0.2.77 dev eth0 proto bgp src 192.0.2.77',
      );
      file('net.yaml', /```yaml\n(version: 1\n[\s\S]*?)```/.exec(readme)?.[1] as string);
      const { stdout } = runNetrecon(['plan', 'net.yaml', ...common(ns)], { cwd: scratch, env });
      assert.equal(stdout, /\$ netrecon plan net\.yaml\n([\s\S]*?)```/.exec(readme)?.[1]);
    }));
});

describe('the demo', () => {
  it('runs, as root and as an ordinary user', () => {
    for (const prefix of [[], ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']]) {
      const [command, ...args] = [...prefix, process.execPath, join(ROOT, 'scripts/demo.mjs')];
      const { status, stdout, stderr } = runCommand(command as string, args, { env });
      assert.equal(status, 0, stderr);
      assert.deepEqual(
        stdout.match(/\(exit status \d\)/g),
        [0, 0, 0, 3, 0].map((expected) => `(exit status ${expected})`),
      );
      assert.match(stdout, /Everything was put back \(verified\)\./);
    }
  });
});

describe('the lock', () => {
  it('makes the second one end with 6 and name the first', () =>
    withNamespace(async (ns) => {
      const path = file('small.yaml', SMALL);
      // script(1) gives it a terminal, where it waits for an answer while it holds the lock
      const command = [process.execPath, BIN, 'apply', path, ...common(ns)].map((word) => `'${word}'`).join(' ');
      const first = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
      let seen = '';
      first.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
      });
      await until(
        () => /Apply these changes\? \[y\/N\] /.test(seen),
        () => seen,
      );
      const second = run(ns, 'apply', '--yes', path);
      assert.equal(second.status, 6);
      assert.match(
        second.stderr,
        /^error NR_LOCKED: netrecon apply .*small\.yaml \(process \d+, since 20[^)]*\) is at work/,
      );
      assert.equal(run(ns, 'plan', path).status, 0, 'plan takes no lock');
      first.stdin.write('n\n');
      const [status] = (await once(first, 'close')) as [number];
      assert.equal(status, 1);
      assert.match(seen, /Nothing was changed\./);
      assert.equal(ipJson(ns, 'link').length, 1);
    }));
});

/** Enough routes that a signal comes while they are being sent. */
const many = (count: number): string =>
  JSON.stringify({
    version: 1,
    links: {
      v0: { kind: 'veth', veth: { peer: 'v1' }, addresses: ['10.0.0.1/24'] },
      v1: { kind: 'veth', veth: { peer: 'v0' } },
    },
    routes: Array.from({ length: count }, (_, i) => ({
      to: `172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32`,
      via: '10.0.0.254',
    })),
  });

describe('signals', () => {
  interface Interrupted {
    readonly ns: string;
    readonly before: unknown;
    readonly status: number | null;
    readonly seen: string;
  }
  /** Where the machine is so busy that the signal comes after the end, more routes take longer. */
  const COUNTS = [20_000, 40_000, 80_000, 160_000];

  const attempt = async (ns: string, count: number, signal: NodeJS.Signals): Promise<Interrupted> => {
    const before = ipView(ns);
    const child = spawn(
      process.execPath,
      [BIN, 'apply', '--yes', '-v', '-v', file('many.json', many(count)), ...common(ns)],
      { env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let seen = '';
    child.stderr.on('data', (chunk: Buffer) => {
      // the first message that changes something is on its way
      if (!seen.includes('> RTM_NEWROUTE') && chunk.includes('> RTM_NEWROUTE')) child.kill(signal);
      seen += chunk.toString();
    });
    const [status] = (await once(child, 'close')) as [number | null];
    return { ns, before, status, seen };
  };

  /** Sends a signal while routes are being created, and lets `judge` look at what has come of it. */
  const interrupt = async (signal: NodeJS.Signals, judge: (interrupted: Interrupted) => void): Promise<void> => {
    for (const count of COUNTS) {
      const wasInTime = await withNamespace(async (ns) => {
        const interrupted = await attempt(ns, count, signal);
        if (ipJson(ns, 'route show root 172.16.0.0/12').length === count) {
          run(ns, 'recover');
          return false;
        }
        judge(interrupted);
        return true;
      });
      if (wasInTime) return;
    }
    assert.fail(`${signal} did not stop an apply of ${COUNTS.at(-1)} routes`);
  };

  it('while operations are sent lead back to where it began', () =>
    interrupt('SIGTERM', ({ ns, before, status, seen }) => {
      assert.equal(status, 3);
      assert.match(seen, /^SIGTERM: putting everything back/m);
      assert.match(seen, /error NR_INTERRUPTED: [\s\S]*Everything was put back \(verified\)\.\n$/);
      assert.deepEqual(ipView(ns), before);
    }));

  it('that kill leave a record, from which recover goes back', () =>
    interrupt('SIGKILL', ({ ns, before, status }) => {
      assert.equal(status, null);
      assert.notDeepEqual(ipView(ns), before);
      const recovered = run(ns, 'recover');
      assert.equal(recovered.status, 0, recovered.stderr);
      assert.deepEqual(ipView(ns), before);
      assert.equal(run(ns, 'recover').stdout, 'Nothing to recover.\n');
    }));

  it('that kill leave a record, which the next apply puts back first', () =>
    interrupt('SIGKILL', ({ ns }) => {
      const { status, stderr } = run(ns, 'apply', '--yes', file('small.yaml', SMALL));
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^An earlier apply was cut off\. What it changed is put back first\.$/m);
      assert.equal(ipJson(ns, 'route show root 172.16.0.0/12').length, 0);
    }));

  it('of a reader that has gone do not stop a transaction', () =>
    withNamespace((ns) => {
      const command = `set -o pipefail; '${process.execPath}' '${BIN}' apply --yes '${file('small.yaml', SMALL)}' ${common(ns).join(' ')} | true`;
      assert.equal(spawnSync('bash', ['-c', command], { env }).status, 0);
      assert.equal(ipJson(ns, 'route show default').length, 1);
    }));

  it('before anything is done end it with their own status', () =>
    withNamespace(async (ns) => {
      const command = `exec '${process.execPath}' '${BIN}' apply '${file('small.yaml', SMALL)}' ${common(ns).join(' ')}`;
      const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
      let seen = '';
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
      });
      await until(
        () => seen.includes('[y/N]'),
        () => seen,
      );
      child.stdin.write('\u0003');
      const [status] = (await once(child, 'close')) as [number];
      assert.equal(status, 130, seen);
      assert.match(seen, /Nothing was changed\./);
      assert.equal(ipJson(ns, 'link').length, 1);
    }));
});

describe('a slow reader', () => {
  it('gets everything', () => {
    const command = `'${process.execPath}' '${BIN}' plan --sandbox --format json '${file('many.json', many(5000))}' | (sleep 1; cat)`;
    const { stdout } = spawnSync('bash', ['-c', command], { encoding: 'utf8', env, maxBuffer: 1 << 28 });
    assert.equal((JSON.parse(stdout) as { changes: unknown[] }).changes.length, 5003);
  });
});

/** Whether a socket of the namespace has joined a multicast group: column Groups of protocol 0 (NETLINK_ROUTE). */
const isListenedTo = (ns: string): boolean =>
  nsExec(ns, 'cat', '/proc/net/netlink')
    .stdout.split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, protocol, , groups]) => protocol === '0' && groups !== '00000000');

describe('monitor', () => {
  const watch = async (ns: string, args: readonly string[], act: () => void, done: (seen: string) => boolean) => {
    const child = spawn(process.execPath, [BIN, 'monitor', ...args, ...common(ns)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const end = once(child, 'close') as Promise<[number | null]>;
    try {
      await until(() => isListenedTo(ns), 'the monitor listens');
      act();
      await until(
        () => done(seen),
        () => seen,
      );
    } finally {
      child.kill('SIGTERM');
    }
    const [status] = await end;
    return { seen, status };
  };

  it('prints changes of the kinds asked for, and ends with 0', () =>
    withNamespace(async (ns) => {
      const { seen, status } = await watch(
        ns,
        ['route', '-t'],
        () =>
          ipRun(
            ns,
            'route add blackhole 10.9.0.0/16',
            'link add v0 type veth peer name v1',
            'route del blackhole 10.9.0.0/16',
          ),
        (text) => text.includes('Deleted'),
      );
      assert.equal(status, 0);
      const lines = seen
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\[20[^\]]*Z\] /, ''));
      assert.deepEqual(
        lines.map((line) => line.replace(/ {2}# by .*/, '')),
        ['route blackhole 10.9.0.0/16 proto boot', 'Deleted route blackhole 10.9.0.0/16 proto boot'],
      );
    }));

  it('prints JSON lines, and names the process while it lives', () =>
    withNamespace(async (ns) => {
      const batch = spawn('ip', ['-n', ns, '-batch', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
      const { seen } = await watch(
        ns,
        ['rule', '--format', 'json'],
        () => batch.stdin.write('rule add pref 77 from 10.0.0.0/8 table 7\n'),
        (text) => text.includes('\n'),
      ).finally(() => batch.stdin.end());
      const event = JSON.parse(seen.split('\n')[0] as string) as {
        kind: string;
        object: { priority: number };
        by: unknown;
      };
      assert.equal(event.kind, 'rule');
      assert.equal(event.object.priority, 77);
      assert.deepEqual(event.by, { pid: batch.pid, command: 'ip' });
    }));
});

describe('examples', () => {
  const isNamed = (namespace: string): boolean => existsSync(`/run/netns/${namespace}`);
  /** What stands in for hardware, and kinds that not every kernel has. */
  const needs: Readonly<Record<string, { readonly setup?: readonly string[]; readonly kinds?: readonly string[] }>> = {
    'two-uplinks.yaml': {
      setup: [
        'link add uplink0 type veth peer name far0',
        'link add uplink1 type veth peer name far1',
        'link set far0 up',
        'link set far1 up',
      ],
    },
    'shared-nexthops.yaml': {
      setup: ['link add up0 type veth peer name far0', 'link set far0 up', 'link set up0 up'],
    },
    'vlan-trunk.yaml': { setup: ['link add trunk0 type veth peer name far0'], kinds: ['vlan'] },
    'vrf.yaml': { kinds: ['vrf'] },
    'bridge-vlans.yaml': { kinds: ['vlan', 'vxlan'] },
  };
  for (const name of readdirSync(join(ROOT, 'examples')).filter((entry) => entry.endsWith('.yaml'))) {
    it(name, async (t) => {
      const { setup = [], kinds = [] } = needs[name] ?? {};
      const missing = await lacksKind(...kinds);
      if (missing !== false) return t.skip(missing);
      await withNamespace((ns) => {
        ipRun(ns, ...setup);
        const text = readFileSync(join(ROOT, 'examples', name), 'utf8');
        const tenants = [...new Set(text.match(/tenant-\w+/g))].map((tenant) => `${ns}-${tenant}`);
        // names of namespaces are the host's: this test takes its own
        const path =
          tenants.length === 0 ? `examples/${name}` : file(name, text.replaceAll(/tenant-(?=\w)/g, `${ns}-$&`));
        const first = run(ns, 'apply', '--yes', path);
        assert.equal(first.status, 0, first.stderr);
        const second = run(ns, 'apply', path, '-vv');
        assert.equal(second.stdout, 'No changes. The network is as the files say.\n');
        assert.doesNotMatch(second.stderr, /> RTM_(NEW|DEL|SET)/);
        assert.equal(ipTry(ns, 'link').status, 0);
        if (tenants.length === 0) return;
        assert.deepEqual(tenants.map(isNamed), [true, true]);
        assert.equal(run(ns, 'rollback', '--yes').status, 0);
        assert.deepEqual(tenants.map(isNamed), [false, false]);
      });
    });
  }
});
