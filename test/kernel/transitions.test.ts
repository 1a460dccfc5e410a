import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { assertBecomes, type IpView, ipView, openTestHost, restedView } from './harness.ts';
import { arbitraryState, findExtraKinds, type StateDocument } from './random-state.ts';
import { withNamespace } from './support.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** The lab kernels are slow. */
const RUNS = Number(process.env.FC_RUNS ?? (availableParallelism() === 1 ? 6 : 30));

/** A smaller counterexample costs minutes of namespaces: only on request (FC_SHRINK=1). */
const parameters = (numRuns: number): fc.Parameters<[StateDocument, StateDocument]> => ({
  includeErrorInReport: true,
  seed: SEED,
  numRuns,
  endOnFailure: process.env.FC_SHRINK === undefined,
});

const EMPTY = JSON.stringify({ version: 1 });

/** An outcome that was not expected, in a few lines. */
const explain = (outcome: Outcome): string =>
  [
    outcome.status,
    'failure' in outcome ? outcome.failure.message : '',
    ...outcome.plan.steps.map(({ title }, i) => `${i} ${title}`),
  ].join('\n');

/** What a fresh namespace looks like once the state is applied to it. */
const viewOfFresh = (state: StateDocument): Promise<IpView> =>
  withNamespace(async (ns) => {
    const host = openTestHost(ns);
    try {
      const outcome = await host.apply(JSON.stringify(state));
      assert.match(outcome.status, /applied|unchanged/, explain(outcome));
      return ipView(ns, 'asked');
    } finally {
      host.close();
    }
  });

/** Refuses operation `k` of those sent from now on, and lets everything else through. */
const refuseOperation = (kernel: KernelPort, k: number): KernelPort => {
  let sent = 0;
  return {
    ...kernel,
    dump: (options) => kernel.dump(options),
    send: async (ops) => {
      const at = k - sent;
      sent += ops.length;
      if (at < 0 || at >= ops.length) return kernel.send(ops);
      const results = at === 0 ? [] : await kernel.send(ops.slice(0, at));
      if (results.some(({ ok }) => !ok)) return results;
      return [...results, { ok: false, error: { errno: 22, name: 'EINVAL', message: 'refused by the test' } }];
    },
  };
};

const extra = await findExtraKinds();

describe('random pairs of states', () => {
  before(() => {
    console.log(`# seed ${SEED}, ${RUNS} runs, extra kinds: ${extra.join(' ') || 'none'}`);
  });

  it('apply A, apply B: the kernel shows B, a second plan is empty, and nothing is left when it is taken back', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryState(extra), arbitraryState(extra), async (a, b) => {
        const fresh = await viewOfFresh(b);
        await withNamespace(async (ns) => {
          const host = openTestHost(ns);
          try {
            const start = ipView(ns, 'asked');
            for (const state of [a, b]) {
              const outcome = await host.apply(JSON.stringify(state));
              assert.match(outcome.status, /applied|unchanged/, explain(outcome));
              host.writes();
              assert.equal((await host.apply(JSON.stringify(state))).status, 'unchanged');
              assert.equal(host.writes(), 0);
            }
            assert.deepEqual(ipView(ns, 'asked'), fresh);
            const emptied = await host.apply(EMPTY);
            assert.match(emptied.status, /applied|unchanged/, explain(emptied));
            assert.deepEqual(ipView(ns, 'asked'), start);
          } finally {
            host.close();
          }
        });
      }),
      parameters(RUNS),
    );
  });

  it('a refusal of any operation leaves the namespace as it was', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryState(extra), arbitraryState(extra), async (a, b) => {
        await withNamespace(async (ns) => {
          const host = openTestHost(ns);
          try {
            const first = await host.apply(JSON.stringify(a));
            assert.match(first.status, /applied|unchanged/, explain(first));
            const start = await restedView(() => ipView(ns));
            const { steps } = await host.plan(JSON.stringify(b));
            for (let k = 0; k < steps.length; k++) {
              const outcome = await host.apply(JSON.stringify(b), { wrap: (kernel) => refuseOperation(kernel, k) });
              assert.equal(outcome.status, 'rolledBack', `operation ${k} of ${steps.length}: ${explain(outcome)}`);
              await assertBecomes(ns, start, `operation ${k} of ${steps.length}: ${explain(outcome)}`);
              refused++;
            }
          } finally {
            host.close();
          }
        });
      }),
      parameters(Math.ceil(RUNS / 5)),
    );
    console.log(`# ${refused} operations refused, each rolled back`);
  });
});
