import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { settledView, withQuietNamespace } from './cases/run-case.ts';
import { createTestCommand } from './command.ts';
import { arbitraryState, findExtraKinds } from './random-state.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** The lab kernels are slow. */
const RUNS = Number(process.env.FC_RUNS ?? (availableParallelism() === 1 ? 1 : 2));

const command = createTestCommand();

/** Runs a command that must end well, and gives its result. */
const result = (ns: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = command.run(ns, ...args);
  assert.equal(status, 0, stderr);
  return stdout;
};

const extra = await findExtraKinds();

// every state of the other tests is compared too, within this process: openTestHost does it
describe('a plan against a snapshot', () => {
  before(() => {
    console.log(`# seed ${SEED}, ${RUNS} runs, extra kinds: ${extra.join(' ') || 'none'}`);
  });

  it('is the plan on the host, byte for byte: random states, the links that netrecon made included', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryState(extra), arbitraryState(extra), (a, b) =>
        withQuietNamespace(async (ns) => {
          result(ns, 'apply', '--yes', command.file('a.json', JSON.stringify(a)));
          await settledView(ns);
          const snapshot = command.file('snapshot.json', result(ns, 'snapshot'));
          const file = command.file('b.json', JSON.stringify(b));
          for (const format of ['text', 'json', 'sarif']) {
            const asked = ['plan', file, '--allow-mass-delete', '--format', format];
            assert.equal(result(ns, ...asked, '--against', snapshot), result(ns, ...asked), format);
          }
          const asked = ['plan', file, '--allow-mass-delete', '--probe', '192.0.2.9,2001:db8::9', '--diff'];
          assert.equal(result(ns, ...asked, '--against', snapshot), result(ns, ...asked));
        }),
      ),
      { seed: SEED, numRuns: RUNS, endOnFailure: true, includeErrorInReport: true },
    );
  });
});
