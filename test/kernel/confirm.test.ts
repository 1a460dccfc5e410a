import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { bootTime } from '../../src/cli/boot-time.ts';
import { createTestCommand, isAlive, killProcess, type Running, until, untilGone } from './command.ts';
import { ipView } from './harness.ts';
import { ipJson, withNamespace } from './support.ts';

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

/** Seconds that are never over before the test is. */
const LONG = '3600';
/** Seconds in which a busy machine gets a few commands done; the test waits for their end. */
const SHORT = '6';

/** A guardian that has put everything back ends. */
const untilReverted = async (ns: string, guardian: number): Promise<void> => {
  await until(() => !hasBridge(ns), 'reverted');
  await untilGone(guardian);
};

/** An apply that nobody confirms, and nobody reverts: the time is over, and its guardian was killed before. */
const leaveOverdue = async (ns: string): Promise<void> => {
  assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', SHORT).status, 0);
  const { guardian, deadline } = command.pending();
  killProcess(guardian, 'SIGKILL');
  await untilGone(guardian);
  await until(() => bootTime() > deadline, 'the time is over');
  assert.ok(hasBridge(ns), 'nobody is there to revert it');
};

const applied = (running: Running) =>
  until(
    () => /It is reverted in/.test(running.text()),
    () => running.text(),
  );

describe('apply --confirm', () => {
  it('stays when it is confirmed, and the guardian goes', () =>
    withNamespace(async (ns) => {
      const { status, stderr } = run(ns, 'apply', STATE, '--yes', '--confirm', LONG);
      assert.equal(status, 0, stderr);
      assert.match(stderr, /It is reverted in 3600 s unless `netrecon confirm` comes before that/);
      const guardian = command.pending().guardian;
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
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', SHORT).status, 0);
      const { guardian } = command.pending();
      assert.ok(hasBridge(ns));
      await untilReverted(ns, guardian);
      assert.ok(
        command.transactions().every(({ phase }) => phase !== 'unconfirmed'),
        'recorded',
      );
      assert.deepEqual(ipView(ns), before);
      assert.match(run(ns, 'confirm').stderr, /NR_NOTHING_TO_CONFIRM[\s\S]*was reverted/);
    }));

  it('keeps others out while it waits, and goes at once with rollback', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', LONG).status, 0);
      const guardian = command.pending().guardian;
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
      await leaveOverdue(ns);
      assert.match(run(ns, 'recover', '--dry-run').stdout, /not confirmed in time.*\n {2}- link br0/);
      const next = run(ns, 'apply', OTHER, '--yes');
      assert.equal(next.status, 0, next.stderr);
      assert.match(next.stderr, /An earlier apply was not confirmed in time\. What it changed is put back first/);
      assert.ok(!hasBridge(ns));
    }));

  it('comes too late to a confirmation', () =>
    withNamespace(async (ns) => {
      await leaveOverdue(ns);
      const { status, stderr } = run(ns, 'confirm');
      assert.equal(status, 3, stderr);
      assert.match(stderr, /^error NR_NOT_CONFIRMED: the confirmation comes too late\nEverything was put back/);
      assert.ok(!hasBridge(ns));
    }));

  it('is reverted at once when the guardian is told to end', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes', '--confirm', LONG).status, 0);
      const guardian = command.pending().guardian;
      killProcess(guardian, 'SIGTERM');
      await untilGone(guardian);
      assert.ok(!hasBridge(ns));
    }));

  it('starts no guardian where there is nothing to do, and none stays where it fails', () =>
    withNamespace(async (ns) => {
      assert.equal(run(ns, 'apply', STATE, '--yes').status, 0);
      const unchanged = run(ns, 'apply', STATE, '--yes', '--confirm', LONG);
      assert.equal(unchanged.status, 0);
      assert.doesNotMatch(unchanged.stderr, /reverted in/);
      const bad = command.file(
        'bad.yaml',
        'version: 1\nlinks: {lo: {}}\nroutes: [{to: 10.7.0.0/16, dev: lo, src: 192.0.2.99}]\n',
      );
      assert.equal(run(ns, 'apply', bad, '--yes', '--confirm', LONG).status, 3);
      assert.deepEqual(
        command.transactions().filter(({ phase }) => phase === 'unconfirmed'),
        [],
      );
    }));
});

describe('apply --confirm on a terminal', () => {
  it('is confirmed by Enter', () =>
    withNamespace(async (ns) => {
      const running = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', LONG);
      await applied(running);
      running.child.stdin?.write('\n');
      assert.equal(await running.ended(), 0, running.text());
      assert.match(running.text(), /Confirmed/);
      assert.ok(hasBridge(ns));
    }));

  it('is reverted by Ctrl-C, and says so when it is reverted elsewhere', () =>
    withNamespace(async (ns) => {
      const first = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', LONG);
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
      const running = startOnTerminal(ns, 'apply', STATE, '--yes', '--confirm', SHORT);
      await applied(running);
      const guardian = command.pending().guardian;
      // the parent of the guardian is the apply
      const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${guardian}/status`, 'utf8')) ?? [];
      killProcess(Number(parent), 'SIGKILL');
      await running.ended();
      assert.ok(hasBridge(ns));
      await untilReverted(ns, guardian);
    }));
});

describe('a killed apply with a guardian', () => {
  it('is reverted at once where it was killed at work', () =>
    withNamespace(async (ns) => {
      const before = ipView(ns);
      const { options, isReached } = command.hold();
      const running = start(ns, 'apply', STATE, '--yes', '--confirm', LONG, ...options);
      await until(isReached, () => running.text());
      assert.ok(hasBridge(ns));
      running.child.kill('SIGKILL');
      await until(() => !hasBridge(ns), 'reverted long before the time is over');
      await until(() => command.transactions().every(({ phase }) => phase !== 'open'), 'recorded');
      assert.deepEqual(ipView(ns), before);
    }));
});
