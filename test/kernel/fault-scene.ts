import assert from 'node:assert/strict';
import { openStateDirectory } from '../../src/cli/state-directory.ts';
import { makeStateDirectory } from '../../src/cli/state-location.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import type { RecordStore } from '../../src/reconcile/transaction/record.ts';
import { recover, rollbackLast } from '../../src/reconcile/transaction/recover.ts';
import type { TransactionPorts } from '../../src/reconcile/transaction/transaction-ports.ts';
import { exitStatusOf, renderOutcomeText } from '../../src/report/outcome-text.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { faultAt, faultyPort, type Judge, Killed, refuseTwice } from './fault-ports.ts';
import {
  assertViewBecomes,
  type IpView,
  NAMES,
  openTestHost,
  restedView,
  sleep,
  type TestHost,
  viewOfTables,
} from './harness.ts';
import { openIpReader } from './ip-reader.ts';
import type { StateDocument } from './random-state.ts';
import { withNamespace } from './support.ts';

/** How long a transaction has to be to be worth breaking. */
const LEAST_STEPS = 5;
const MOST_STEPS = Number(process.env.FAULT_STEPS ?? 40);

/** One transaction of a namespace that is at `start`. */
export interface Scene {
  readonly ns: string;
  readonly host: TestHost;
  readonly start: IpView;
  /** what iproute2 shows now */
  readonly look: () => Promise<IpView>;
  /** the state file that it applies */
  readonly text: string;
  readonly steps: number;
}

/** How often each thing happened. */
export type Count = (what: string) => void;

/** An outcome in a few lines, for the message of a failed assertion. */
const explain = (outcome: Outcome): string =>
  [
    outcome.status,
    'failure' in outcome ? outcome.failure.message : '',
    ...('remaining' in outcome ? outcome.remaining.steps.map(({ title }) => `remaining: ${title}`) : []),
    ...outcome.plan.steps.map(({ title }, i) => `${i} ${title}`),
  ].join('\n');

/** The records of a namespace as they lie on the disk, for this process and for those that are killed. */
export const openRecords = (folder: string, ns: string): RecordStore => {
  const location = { path: folder, isShared: false };
  makeStateDirectory(location, ns);
  return openStateDirectory(location, ns).records;
};

/** Makes the first state and hands over the way to the second; false where that is too short or too long to be broken. */
export const withTransaction = (
  folder: string,
  [a, b]: readonly [StateDocument, StateDocument],
  run: (scene: Scene) => Promise<void>,
): Promise<boolean> =>
  withNamespace(async (ns) => {
    const host = openTestHost(ns, openRecords(folder, ns));
    const iproute2 = openIpReader(ns);
    const look = async () => viewOfTables(await iproute2.read());
    try {
      const first = await host.apply(JSON.stringify(a));
      assert.match(first.status, /applied|unchanged/, explain(first));
      const text = JSON.stringify(b);
      const { steps } = await host.plan(text);
      if (steps.length < LEAST_STEPS || steps.length > MOST_STEPS) return false;
      await run({ ns, host, look, start: await restedView(look), text, steps: steps.length });
      return true;
    } finally {
      iproute2.close();
      host.close();
    }
  });

const portsOf = (host: TestHost): TransactionPorts => ({
  kernel: host.kernel,
  records: host.records,
  approve: async () => true,
  sleep,
  now: Date.now,
});

const applyWith = (scene: Scene, judge: Judge, controller = new AbortController()): Promise<Outcome> =>
  scene.host.apply(scene.text, {
    wrap: (kernel) => faultyPort(kernel, judge, { abort: () => controller.abort() }),
    signal: controller.signal,
  });

/** The dumps of iproute2 are those from before the transaction. */
const assertBefore = (scene: Scene, what: string): Promise<void> => assertViewBecomes(scene.look, scene.start, what);

/** `recover`, as the next process would run it, brings back what was before. */
export const recoverToStart = async (scene: Scene, what: string): Promise<void> => {
  const outcome = await recover(portsOf(scene.host));
  assert.equal(exitStatusOf(outcome), 0, `${what}, recovered: ${explain(outcome)}`);
  await assertBefore(scene, `${what}, recovered: ${explain(outcome)}`);
};

/** (a) the kernel refuses operation `k`, (b) it carries it out and the acknowledgement is lost; (d) SIGTERM at it. */
const breakOnce = async (scene: Scene, k: number, fault: 'refused' | 'ackLost' | 'aborted'): Promise<number> => {
  let sent = 0;
  const judge = faultAt(k, fault);
  const outcome = await applyWith(scene, (op, index) => {
    sent = index + 1;
    return judge(op, index);
  });
  const what = `operation ${k} of ${scene.steps} ${fault}: ${explain(outcome)}`;
  assert.equal(exitStatusOf(outcome), 3, what);
  await assertBefore(scene, what);
  return sent - k - 1;
};

/** (c) SIGKILL before or after operation `k`, then `recover`. */
const kill = async (scene: Scene, k: number, fault: 'killedBefore' | 'killedAfter'): Promise<void> => {
  await assert.rejects(applyWith(scene, faultAt(k, fault)), Killed);
  await recoverToStart(scene, `${fault} at operation ${k} of ${scene.steps}`);
};

/** (e) operation `k` is refused, and then operation `j` of the rollback. */
const refuseRollback = async (scene: Scene, k: number, j: number, count: Count): Promise<void> => {
  const outcome = await applyWith(scene, refuseTwice(k, j));
  const what = `operation ${k} of ${scene.steps} refused, and ${j} of the rollback: ${explain(outcome)}`;
  if (outcome.status !== 'incomplete') {
    // the rollback found another way
    assert.equal(exitStatusOf(outcome), 3, what);
    count('rollback refused, put back all the same');
    await assertBefore(scene, what);
    return;
  }
  assert.equal(exitStatusOf(outcome), 4, what);
  count('rollback refused, finished by recover');
  const words = { done: '', unchanged: '' };
  const { talk } = renderOutcomeText(outcome, { paint: PLAIN, names: NAMES, elapsedMs: 0, words });
  for (const { title } of outcome.remaining.changes) assert.ok(talk.includes(title), `${title} is not told: ${talk}`);
  const finished = await recover(portsOf(scene.host));
  assert.equal(exitStatusOf(finished), 0, what);
  assert.deepEqual(
    finished.plan.steps.map(({ title }) => title),
    outcome.remaining.steps.map(({ title }) => title),
    `recover does what was told to be left: ${what}`,
  );
  await assertBefore(scene, what);
};

/** Everything that can go wrong at operation `k`. */
export const breakOperation = async (scene: Scene, k: number, count: Count): Promise<void> => {
  const undone = await breakOnce(scene, k, 'refused');
  count('refused');
  await breakOnce(scene, k, 'ackLost');
  count('acknowledgement lost');
  await kill(scene, k, 'killedBefore');
  count('killed before');
  await kill(scene, k, 'killedAfter');
  count('killed after');
  await breakOnce(scene, k, 'aborted');
  count('SIGTERM');
  for (const j of chooseOf(undone, k)) await refuseRollback(scene, k, j, count);
};

/** Rollbacks of so many operations have each of them refused in turn; of longer ones it would be hundreds a transaction. */
const MOST_IN_TURN = Number(process.env.FAULT_TURNS ?? 6);

/** All of `count` operations, or another one for each `k`. */
const chooseOf = (count: number, k: number): readonly number[] =>
  count <= MOST_IN_TURN ? Array.from({ length: count }, (_, j) => j) : [(7 * k) % count];

/** Nothing goes wrong: the second state comes about, and `rollback` takes it back. */
export const applyAndTakeBack = async (scene: Scene): Promise<void> => {
  const outcome = await applyWith(scene, () => undefined);
  assert.equal(exitStatusOf(outcome), 0, explain(outcome));
  const back = await rollbackLast(portsOf(scene.host));
  assert.equal(exitStatusOf(back), 0, explain(back));
  await assertBefore(scene, `taken back: ${explain(back)}`);
};
