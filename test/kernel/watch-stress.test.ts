import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sleep } from './harness.ts';
import { ipJson, ipRun, ipTry, withNamespace } from './support.ts';
import { createRandom, eventually, report, sampleSize, startWatch, usageOf, withWatch } from './watch-support.ts';

const FIGHT_SECONDS = sampleSize('FIGHT_SECONDS', 10);
const FOREIGN = sampleSize('FOREIGN', 30_000);
const KILLS = sampleSize('KILLS', 10);
const SEED = sampleSize('SEED', 20_261_121);

const prefix = (i: number): string => `10.${100 + (i >> 8)}.${i & 255}.0/24`;
const stateOf = (routes: number): string =>
  `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, addresses: [10.0.0.1/24]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
${Array.from({ length: routes }, (_, i) => `  - {to: ${prefix(i)}, via: 10.0.0.254}`).join('\n')}
`;

const scratch = mkdtempSync(join(tmpdir(), 'netrecon-stress-'));
after(() => rmSync(scratch, { recursive: true }));

/** `ip -batch`, without waiting. */
const batch = (ns: string, lines: readonly string[]): Promise<void> => {
  const path = join(scratch, 'batch');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const child = spawn('ip', ['-n', ns, '-force', '-batch', path], { stdio: 'ignore' });
  return new Promise((resolve) => child.on('exit', () => resolve()));
};

describe(`watch under stress (seed ${SEED})`, () => {
  it(`slows down in a fight of ${FIGHT_SECONDS} s, names it, and leaves the rest healthy`, () =>
    withWatch(stateOf(20), async (ns, daemon) => {
      const before = usageOf(daemon.process.pid as number);
      const attackedAt = Date.now();
      const fighter = spawn('sh', [
        '-c',
        `while :; do ip -n ${ns} route del ${prefix(0)} 2>/dev/null; sleep 0.05; done`,
      ]);
      try {
        await eventually('the fight', () => daemon.events.some(({ type }) => type === 'fight'));
        const begun = Date.now();
        const calm: number[] = [];
        for (let i = 1; Date.now() - begun < FIGHT_SECONDS * 1000; i = (i % 19) + 1) {
          const start = daemon.events.length;
          ipRun(ns, `route del ${prefix(i)}`);
          calm.push((await eventually(`route ${i}`, () => daemon.drift(new RegExp(prefix(i)), start))).tookMs);
          await sleep(1000);
        }
        const fight = daemon.events.find((event) => event.type === 'fight');
        assert.ok(
          fight?.type === 'fight' &&
            fight.key.includes(prefix(0)) &&
            /(ip\[\d+\]|port \d+).* deleted it/.test(fight.cause),
        );
        const corrections = daemon.events.filter(
          (e) => e.type === 'drift' && e.done === 'corrected' && e.title.includes(prefix(0)),
        );
        // five at once, then 250 ms and twice as much each time, a quarter less by chance
        const most = 5 + 2 + Math.log2((Date.now() - attackedAt) / 180);
        assert.ok(corrections.length <= most, `${corrections.length} corrections, ${most} at most`);
        // not each of them: the machine itself may stop for seconds
        const [median = 0] = calm.toSorted((a, b) => a - b).slice(calm.length >> 1);
        assert.ok(median < 2000, `others took ${calm}`);
        assert.equal(daemon.events.filter(({ type }) => type === 'fight').length, 1, 'reported once');
        const cpu = usageOf(daemon.process.pid as number).cpuMs - before.cpuMs;
        report(
          `fight: ${corrections.length} corrections in ${FIGHT_SECONDS} s, ${cpu} ms of processor time; others in ${calm.map(Math.round)} ms`,
        );
      } finally {
        fighter.kill();
      }
    }));

  it(`survives ${FOREIGN} foreign changes while it cannot listen`, () =>
    withWatch(stateOf(20), async (ns, daemon) => {
      const pid = daemon.process.pid as number;
      const before = usageOf(pid);
      const lines = Array.from({ length: FOREIGN / 2 }, (_, i) => {
        const route = `10.${200 + (i % 50)}.${(i / 50) & 255}.0/24 via 10.0.0.253 table 77 proto bird`;
        return [`route add ${route}`, `route del ${route}`];
      }).flat();
      // the first half while it is stopped, which overruns any receive buffer; the second while it goes on
      daemon.process.kill('SIGSTOP');
      await batch(ns, lines.slice(0, FOREIGN / 2));
      ipRun(ns, `route del ${prefix(3)}`);
      daemon.process.kill('SIGCONT');
      const start = performance.now();
      await batch(ns, lines.slice(FOREIGN / 2));
      const seconds = (performance.now() - start) / 1000;
      await eventually('the resync', () => daemon.events.some((e) => e.type === 'resync' && /overrun/.test(e.reason)));
      await eventually('the correction', () => ipJson(ns, `route show ${prefix(3)}`).length === 1);
      await eventually('sync', () => daemon.status().inSync);
      const used = usageOf(pid);
      report(
        `burst: ${FOREIGN} changes, ${Math.round(FOREIGN / 2 / seconds)} a second heard, ${used.cpuMs - before.cpuMs} ms of processor time, ` +
          `${before.residentKiB} -> ${used.residentKiB} KiB, ${daemon.events.filter(({ type }) => type === 'resync').length} resyncs`,
      );
      assert.ok(used.residentKiB < before.residentKiB + 100 * 1024, 'memory');
      await eventually('the descriptors as before', () => usageOf(pid).descriptors <= before.descriptors);
      assert.equal(daemon.run('plan', daemon.path, '--detailed-exitcode').status, 0);
    }));

  it(`converges after ${KILLS} kills at random points`, () =>
    withNamespace(async (ns) => {
      const random = createRandom(SEED);
      const folder = mkdtempSync(join(scratch, 'kill-'));
      writeFileSync(join(folder, 'state.yaml'), stateOf(30));
      for (let i = 0; i < KILLS; i++) {
        const daemon = await startWatch(ns, folder);
        const drift = [
          'link set v0 down',
          'addr del 10.0.0.1/24 dev v0',
          'link del v1',
          ...Array.from({ length: 10 }, () => `route del ${prefix(Math.floor(random() * 30))}`),
        ];
        for (let n = 0; n < 3; n++) ipTry(ns, drift[Math.floor(random() * drift.length)] as string);
        await sleep(random() * 60);
        await daemon.stop('SIGKILL');
      }
      const daemon = await startWatch(ns, folder);
      await eventually('sync', () => daemon.status().inSync);
      assert.equal(daemon.run('plan', daemon.path, '--detailed-exitcode').status, 0);
      assert.equal(await daemon.stop(), 0);
    }));
});
