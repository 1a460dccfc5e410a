import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { applyAndTakeBack, breakOperation, recoverToStart, type Scene, withTransaction } from './fault-scene.ts';
import { assertBecomes, ipView, openTestHost } from './harness.ts';
import { arbitraryTransition, findExtraKinds } from './random-state.ts';
import { withNamespace } from './support.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** Transactions of which every operation goes wrong in every way; FC_RUNS asks for more (300 take about an hour). */
const RUNS = Number(process.env.FC_RUNS ?? 1);
/** Transactions that real processes carry out, which are killed; FC_KILLS asks for more. */
const KILLS = Number(process.env.FC_KILLS ?? 1);

const RUNNER = fileURLToPath(new URL('./fault-runner.js', import.meta.url));

const counts = new Map<string, number>();
const count = (what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1);
};

/** One process for each: at the first operation, in the middle, at the last. */
const killProcesses = async (scene: Scene, folder: string): Promise<void> => {
  const stateFile = join(folder, `${scene.ns}.json`);
  writeFileSync(stateFile, scene.text);
  for (const k of [0, Math.floor(scene.steps / 2), scene.steps - 1]) {
    for (const moment of ['killedBefore', 'killedAfter']) {
      const { signal, stderr } = spawnSync(process.execPath, [RUNNER, scene.ns, stateFile, folder, `${k}`, moment], {
        encoding: 'utf8',
      });
      assert.equal(signal, 'SIGKILL', stderr);
      await recoverToStart(scene, `process ${moment} ${k} of ${scene.steps}`);
      count('process killed');
    }
  }
};

const extra = await findExtraKinds();

describe('transactions that go wrong', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'netrecon-faults-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs as many generated transactions, and prints what was done to them. */
  const forTransactions = async (transactions: number, run: (scene: Scene) => Promise<void>): Promise<void> => {
    counts.clear();
    let operations = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryTransition(extra), async (states) => {
        const done = await withTransaction(folder, states, async (scene) => {
          operations += scene.steps;
          await run(scene);
        });
        fc.pre(done);
      }),
      // a smaller counterexample costs minutes of namespaces: only on request (FC_SHRINK=1)
      {
        includeErrorInReport: true,
        seed: SEED,
        numRuns: transactions,
        endOnFailure: process.env.FC_SHRINK === undefined,
      },
    );
    const told = [...counts].map(([what, n]) => `${n} ${what}`).join(', ');
    console.log(`# seed ${SEED}: ${transactions} transactions of ${operations} operations: ${told}`);
  };

  it('at every operation: refused, unacknowledged, killed, SIGTERM, rollback refused: before or after, never between', () =>
    forTransactions(RUNS, async (scene) => {
      await applyAndTakeBack(scene);
      for (let k = 0; k < scene.steps; k++) await breakOperation(scene, k, count);
    }));

  it('a process that SIGKILL ends leaves a record from which recover goes back', () =>
    forTransactions(KILLS, (scene) => killProcesses(scene, folder)));

  it('a signal that comes with the last operation takes everything back, too', () =>
    withNamespace(async (ns) => {
      const host = openTestHost(ns);
      const start = ipView(ns);
      const controller = new AbortController();
      const outcome = await host.apply('{version: 1, links: {br0: {kind: bridge, addresses: [10.0.0.1/24]}}}', {
        signal: controller.signal,
        wrap: (kernel) => ({
          ...kernel,
          send: async (ops, options) => {
            const results = await kernel.send(ops, options);
            controller.abort();
            return results;
          },
        }),
      });
      assert.equal(outcome.status === 'rolledBack' ? outcome.failure.cause : outcome.status, 'interrupted');
      await assertBecomes(ns, start, 'interrupted');
      host.close();
    }));
});
