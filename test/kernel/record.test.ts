import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createTestCommand, until } from './command.ts';
import { assertBecomes, ipView } from './harness.ts';
import { ipJson, withNamespace } from './support.ts';

const command = createTestCommand();
const { run, start } = command;

const ROUTES = 3000;
const NET = command.file(
  'net.yaml',
  `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
${Array.from({ length: ROUTES }, (_, i) => `  - {to: 172.16.${i >> 8}.${i & 255}/32, via: 10.0.0.${2 + (i % 250)}}`).join('\n')}
`,
);

/** Of the namespace that was worked on last. */
const recordPath = (): string => {
  const paths = readdirSync(command.path('state')).map((folder) => join(command.path('state'), folder, 'record'));
  const [last] = paths.filter((path) => existsSync(path)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return last ?? assert.fail('no record');
};

/** Sent, and then kept from its end by a check. */
const applyAndKill = async (ns: string) => {
  const { options, isReached } = command.hold();
  const running = start(ns, 'apply', NET, '--yes', ...options);
  await until(isReached, () => running.text());
  assert.equal(ipJson(ns, 'route show root 172.16.0.0/12').length, ROUTES);
  running.child.kill('SIGKILL');
  await running.ended();
};

describe('the record', () => {
  it('notes what the kernel acknowledged, and shows what recover would do', () =>
    withNamespace(async (ns) => {
      const before = ipView(ns);
      await applyAndKill(ns);
      assert.equal(statSync(recordPath()).mode & 0o777, 0o600);
      assert.match(readFileSync(recordPath(), 'utf8'), /\nack \d+ [0-9a-f]{16}\n$/);
      const shown = run(ns, 'recover', '--dry-run');
      assert.equal(shown.status, 0, shown.stderr);
      const [, count] = /at least (\d+) operations had been acknowledged/.exec(shown.stdout) ?? [];
      assert.ok(Number(count) >= ROUTES, shown.stdout.slice(0, 300));
      assert.match(shown.stdout, /^ {2}- link v0/m);
      const json = JSON.parse(run(ns, 'recover', '--dry-run', '--format', 'json').stdout);
      assert.equal(json.acknowledged, Number(count));
      assert.equal(ipJson(ns, 'route show root 172.16.0.0/12').length, ROUTES, 'a dry run changes nothing');
      assert.equal(run(ns, 'recover').status, 0);
      await assertBecomes(ns, before, 'recovered');
      assert.equal(run(ns, 'recover', '--dry-run').stdout, 'Nothing to recover.\n');
    }));

  it('is not acted upon where it is damaged', () =>
    withNamespace(async (ns) => {
      await applyAndKill(ns);
      const text = readFileSync(recordPath(), 'utf8');
      const before = ipView(ns);
      for (const damaged of [text.slice(0, 5000), text.replace('"link"', '"lint"'), text.replace(/ack \d/, 'ack 9')]) {
        assert.notEqual(damaged, text);
        writeFileSync(recordPath(), damaged);
        for (const verb of [['recover'], ['apply', '--yes', NET], ['rollback', '--yes'], ['confirm']]) {
          const { status, stderr } = run(ns, ...verb);
          assert.equal(status, 1, stderr);
          assert.match(stderr, /^error NR_RECORD: /m);
        }
        assert.ok(isDeepStrictEqual(ipView(ns), before), 'nothing is touched');
      }
      // a last line that was being written is as good as none
      writeFileSync(recordPath(), text.slice(0, -3));
      assert.equal(run(ns, 'recover').status, 0);
      assert.equal(ipJson(ns, 'route show root 172.16.0.0/12').length, 0);
    }));

  it('leads back, or the apply was over, wherever SIGKILL strikes', () =>
    withNamespace(async (ns) => {
      const before = ipView(ns);
      let cut = 0;
      // a machine that is busy may come too late with each of them: then there are more
      for (let i = 0; i < 8 || (cut === 0 && i < 80); i++) {
        const running = start(ns, 'apply', NET, '--yes');
        // from before the first message to the verification
        await until(
          () => i === 0 || ipJson(ns, 'link').length > 1,
          () => running.text(),
        );
        await sleep((i % 8) * 15);
        running.child.kill('SIGKILL');
        await running.ended();
        const { status, stdout, stderr } = run(ns, 'recover');
        assert.equal(status, 0, stderr);
        if (stdout !== 'Nothing to recover.\n') cut++;
        else if (ipJson(ns, 'link').length > 1) assert.equal(run(ns, 'rollback', '--yes').status, 0);
        await assertBecomes(ns, before, `kill ${i}`);
      }
      assert.ok(cut > 0, 'one of them was cut off at work');
    }));
});
