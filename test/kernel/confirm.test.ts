import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestCommand, killProcess, type Running, until } from './command.ts';
import { ipView } from './harness.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const command = createTestCommand();
const { run, start, startOnTerminal } = command;

const STATE = command.file(
  'net.yaml',
  `version: 1
links:
  br0: {kind: bridge, addresses: [10.9.0.1/24]}
`,
);
const OTHER = command.file('other.yaml', 'version: 1\nroutes:\n  - {to: 10.8.0.0/16, type: blackhole}\n');

const hasBridge = (ns: string): boolean =>
  ipJson<{ ifname: string }>(ns, 'link').some(({ ifname }) => ifname === 'br0');

/** The JSON of the record whose transaction has this phase. */
const transactions = (): readonly { phase: string; confirmation?: { guardian: number } }[] =>
  command.records().flatMap((text) => JSON.parse(text.split('\n')[1] as string).transaction ?? []);

const guardianOf = (): number => {
  const [pending, other] = transactions().filter(({ phase }) => phase === 'unconfirmed');
  assert.ok(pending?.confirmation, 'an apply waits for its confirmation');
  assert.equal(other, undefined, 'an earlier test has left an apply unconfirmed');
  return pending.confirmation.guardian;
};

/** Whether the process runs; one that nobody has waited for yet does not. */
const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

const untilGone = (pid: number) => until(() => !isAlive(pid), `guardian ${pid} ends`);

const applied = (running: Running) =>
  until(
    () => /It is reverted in/.test(running.text()),
    () => running.text(),
  );

describe('apply --confirm', () => {
  it('stays when it is confirmed, and the guardian goes', () =>
    withNamespace(async (ns) => {
      const { status, stderr } = run(ns, 'apply', STATE, '--yes', '--confirm', '5');
      assert.equal(status, 0, stderr);
      assert.match(stderr, /It is reverted in 5 s unless `netrecon confirm` comes before that/);
      const guardian = guardianOf();
      assert.ok(isAlive(guardian));
      assert.deepEqual(run(ns, 'confirm'), { status: 0, stdout: 'Confirmed: the changes stay.\n', stderr: '' });
      await untilGone(guardian);
      assert.ok(hasBridge(ns));
      const again = run(ns, 'confirm');
      assert.equal(again.status, 1);
      assert.match(again.stderr, /^error NR_NOTHING_TO_CONFIRM: /);
      assert.equal(run(ns, 'rollback', '--yes').status, 0, 'a confirmed apply can be reverted like any other');
      assert.ok(!hasBridge(ns));
    }));

  it('is reverted when nobody confirms it in time', () =>
    withNamespace(async (ns) => {
      const before = ipView(ns);
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', '1').status, 0);
      assert.ok(hasBridge(ns));
      await until(() => !hasBridge(ns), 'reverted');
      await until(() => transactions().every(({ phase }) => phase !== 'unconfirmed'), 'recorded');
      assert.deepEqual(ipView(ns), before);
      assert.match(run(ns, 'confirm').stderr, /NR_NOTHING_TO_CONFIRM[\s\S]*was reverted/);
    }));

  it('keeps others out while it waits, and goes at once with rollback', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', '30').status, 0);
      const guardian = guardianOf();
      const other = run(ns, 'apply', OTHER, '--yes');
      assert.equal(other.status, 6);
      assert.match(
        other.stderr,
        /^error NR_UNCONFIRMED: an earlier apply waits for its confirmation for another \d+ s/,
      );
      assert.equal(run(ns, 'recover').stdout, 'Nothing to recover.\n');
      assert.ok(hasBridge(ns));
      assert.equal(run(ns, 'rollback').status, 0, 'without a question');
      assert.ok(!hasBridge(ns));
      await untilGone(guardian);
    }));

  it('is reverted by the next command when the guardian has been killed', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', '1').status, 0);
      killProcess(guardianOf(), 'SIGKILL');
      await sleep(1200);
      assert.ok(hasBridge(ns), 'nobody is there to revert it');
      assert.match(run(ns, 'recover', '--dry-run').stdout, /not confirmed in time.*\n {2}- link br0/);
      const next = run(ns, 'apply', OTHER, '--yes');
      assert.equal(next.status, 0, next.stderr);
      assert.match(next.stderr, /An earlier apply was not confirmed in time\. What it changed is put back first/);
      assert.ok(!hasBridge(ns));
    }));

  it('comes too late to a confirmation', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', '1').status, 0);
      killProcess(guardianOf(), 'SIGKILL');
      await sleep(1100);
      const { status, stderr } = run(ns, 'confirm');
      assert.equal(status, 3, stderr);
      assert.match(stderr, /^error NR_NOT_CONFIRMED: the confirmation comes too late\nEverything was put back/);
      assert.ok(!hasBridge(ns));
    }));

  it('is reverted at once when the guardian is told to end', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', '30').status, 0);
      const guardian = guardianOf();
      killProcess(guardian, 'SIGTERM');
      await untilGone(guardian);
      assert.ok(!hasBridge(ns));
    }));

  it('starts no guardian where there is nothing to do, and none stays where it fails', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes').status, 0);
      const unchanged = run(ns, 'apply', STATE, '--yes', '--confirm', '30');
      assert.equal(unchanged.status, 0);
      assert.doesNotMatch(unchanged.stderr, /reverted in/);
      const bad = command.file(
        'bad.yaml',
        'version: 1\nlinks: {lo: {}}\nroutes: [{to: 10.7.0.0/16, dev: lo, src: 192.0.2.99}]\n',
      );
      assert.equal(run(ns, 'apply', bad, '--yes', '--confirm', '30').status, 3);
      assert.deepEqual(
        transactions().filter(({ phase }) => phase === 'unconfirmed'),
        [],
      );
    }));
});

describe('apply --confirm on a terminal', () => {
  it('is confirmed by Enter', () =>
    withNamespace(async (ns) => {
      const running = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', '20');
      await applied(running);
      running.child.stdin?.write('\n');
      assert.equal(await running.ended(), 0, running.text());
      assert.match(running.text(), /Confirmed/);
      assert.ok(hasBridge(ns));
    }));

  it('is reverted by Ctrl-C, and says so when it is reverted elsewhere', () =>
    withNamespace(async (ns) => {
      const first = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', '20');
      await applied(first);
      first.child.stdin?.write('\x03');
      assert.equal(await first.ended(), 3, first.text());
      assert.match(first.text(), /NR_NOT_CONFIRMED: interrupted by a signal/);
      assert.ok(!hasBridge(ns));
      const second = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', '1');
      await applied(second);
      assert.equal(await second.ended(), 3, second.text());
      assert.match(second.text(), /NR_NOT_CONFIRMED: nobody confirmed it in time/);
      assert.ok(!hasBridge(ns));
    }));

  it('is reverted in time when apply is killed while it waits', () =>
    withNamespace(async (ns) => {
      const running = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', '5');
      await applied(running);
      const guardian = guardianOf();
      // the parent of the guardian is the apply
      const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${guardian}/status`, 'utf8')) ?? [];
      killProcess(Number(parent), 'SIGKILL');
      await running.ended();
      assert.ok(hasBridge(ns));
      await until(() => !hasBridge(ns), 'reverted');
    }));
});

describe('a killed apply with a guardian', () => {
  it('is reverted at once where it was killed at work', () =>
    withNamespace(async (ns) => {
      const before = ipView(ns);
      // the check keeps it at work: nothing is committed before it has passed
      const running = start(ns, 'apply', STATE, '--yes', '--confirm', '30', '--check', 'sleep 20');
      await until(
        () => hasBridge(ns),
        () => running.text(),
      );
      await sleep(100);
      running.child.kill('SIGKILL');
      await until(() => !hasBridge(ns), 'reverted long before the time is over');
      await until(() => transactions().every(({ phase }) => phase !== 'open'), 'recorded');
      assert.deepEqual(ipView(ns), before);
    }));
});

describe('checks', () => {
  it('revert the apply when one does not pass in time', () =>
    withNamespace((ns) => {
      const before = ipView(ns);
      const started = performance.now();
      const { status, stderr } = run(
        ns,
        'apply',
        STATE,
        '--yes',
        '--check',
        'true',
        '--check',
        'echo no luck >&2; exit 7',
        '--check-timeout',
        '1',
      );
      assert.equal(status, 3, stderr);
      assert.match(stderr, /NR_CHECK_FAILED: check `echo no luck.*`: exit status 7: no luck \(within 1 s\)/);
      assert.ok(performance.now() - started >= 700, 'it was tried again');
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
        const checks = ['--check', 'gateway', '--check-timeout', '2'];
        const good = run(ns, 'apply', uplink('192.0.2.1'), '--yes', ...checks);
        assert.equal(good.status, 0, good.stderr);
        const silent = run(ns, 'apply', uplink('192.0.2.2'), '--yes', ...checks);
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
          '3',
        );
        assert.equal(tcp.status, 3, tcp.stderr);
        assert.match(tcp.stderr, /check `tcp:192\.0\.2\.1:9`: exit status 1: connect ECONNREFUSED/);
      }),
    ));
});
