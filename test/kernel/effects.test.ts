import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kindOf } from '../../src/model/kinds.ts';
import { applyOperation } from '../../src/reconcile/effects/index.ts';
import { WorkingState } from '../../src/reconcile/plan/working-state.ts';
import { EFFECT_CASES, type EffectCase, findIn } from './effects-cases.ts';
import { disagreements } from './effects-compare.ts';
import { writeConf } from './effects-world.ts';
import { openTestHost } from './harness.ts';
import { mustRun } from './run-command.ts';
import { ipBatch, lacksKind, withNamespace } from './support.ts';

const check = ({ conf, lines, forwarding, op, taken }: EffectCase): Promise<void> =>
  withNamespace(async (ns) => {
    ipBatch(ns, ['link add e0 type veth peer name e1', 'link set e0 up', 'link set e1 up']);
    const host = openTestHost(ns);
    try {
      writeConf(host.kernel, { promote: false, keep: false, ...conf });
      ipBatch(ns, lines);
      if (forwarding !== undefined) mustRun('bridge', ['-n', ns, ...forwarding.split(' ')]);
      const state = await host.dump();
      const operation = op(findIn(state));
      const working = new WorkingState(state);
      const casualties = applyOperation(working, operation).map(
        ({ kind, object, after }) => `${after === undefined ? '' : '~'}${kindOf(kind).describe(object)}`,
      );
      assert.deepEqual(casualties.toSorted(), taken.toSorted());
      const [result] = await host.kernel.send([operation]);
      assert.deepEqual(result, { ok: true });
      assert.deepEqual(disagreements(working.toState(), await host.dump()), []);
    } finally {
      host.close();
    }
  });

describe('what one operation takes along', async () => {
  for (const effectCase of EFFECT_CASES) {
    it(effectCase.name, { skip: await lacksKind(...(effectCase.kinds ?? [])) }, () => check(effectCase));
  }
});
