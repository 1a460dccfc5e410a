import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { kindOf } from '../../src/model/kinds.ts';
import type { Op } from '../../src/model/op.ts';
import type { State } from '../../src/model/state.ts';
import { applyOperation } from '../../src/reconcile/effects/index.ts';
import { WorkingState } from '../../src/reconcile/plan/working-state.ts';
import { disagreements } from './effects-compare.ts';
import { createDice, randomOperation } from './effects-ops.ts';
import { buildWorld, writeConf } from './effects-world.ts';
import { openTestHost } from './harness.ts';
import { type ExtraKind, findExtraKinds } from './random-state.ts';
import { withNamespace } from './support.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
/** Pairs of a state and an operation; FC_RUNS asks for more. */
const PAIRS = Number(process.env.FC_RUNS ?? (availableParallelism() === 1 ? 150 : 600));
/** As many to one namespace, which keeps its history. */
const PER_NAMESPACE = 250;

const describeOp = (op: Op): string => {
  const stage = op.kind === 'link' ? (op.stage ?? '') : '';
  const values =
    op.kind === 'link' && op.action === 'update' ? op.fields?.map((name) => op.object[name as 'mtu']) : op.object;
  const append = op.append === true ? ' append' : '';
  return `${op.action} ${stage} ${kindOf(op.kind).describe(op.object)} ${JSON.stringify(values)}${append}`;
};

interface Tally {
  pairs: number;
  refused: number;
  casualties: number;
  readonly byWhat: Map<string, number>;
  readonly found: string[];
}

const isBondOp = (op: Op, { link }: State): boolean => {
  if (op.kind !== 'link') return false;
  if (op.action === 'delete') return link.some(({ port }) => port?.kind === 'bond');
  return op.stage === 'master' && op.before?.port?.kind === 'bond';
};

/** Sends random operations to the kernel and to the model, and compares after each. */
const fuzzNamespace = async (
  seed: number,
  wanted: number,
  extra: ReadonlySet<ExtraKind>,
  tally: Tally,
): Promise<void> => {
  const dice = createDice(seed);
  await withNamespace((far) =>
    withNamespace(async (near) => {
      buildWorld(near, far, extra);
      const host = openTestHost(near);
      try {
        writeConf(host.kernel, { promote: dice.chance(0.5), keep: dice.chance(0.5) });
        let state: State = await host.dump();
        let working = new WorkingState(state);
        for (let sent = 0, tries = 0; sent < wanted && tries < 6 * wanted; tries++) {
          if (dice.chance(0.01)) {
            writeConf(host.kernel, { promote: dice.chance(0.5), keep: dice.chance(0.5) });
            state = await host.dump();
            working = new WorkingState(state);
          }
          const op = randomOperation(dice, state);
          if (op === undefined) continue;
          const [result] = await host.kernel.send([op]);
          if (result?.ok !== true) {
            tally.refused++;
            // half of what was refused may have been done, and the undoing of an IPv6 multipath route takes ways of the
            // one that was there (do_setlink, ip6_route_multipath_add)
            state = await host.dump();
            working = new WorkingState(state);
            continue;
          }
          sent++;
          tally.pairs++;
          const what = op.kind === 'link' ? `${op.action} link ${op.stage ?? ''}` : `${op.action} ${op.kind}`;
          tally.byWhat.set(what, (tally.byWhat.get(what) ?? 0) + 1);
          tally.casualties += applyOperation(working, op).length;
          const after = await host.dump();
          // a port that leaves a bond has its own MAC address back, which no dump told
          const freed = isBondOp(op, state) ? (line: string) => !line.includes(': lladdr:') : () => true;
          const differences = disagreements(working.toState(), after).filter(freed);
          if (differences.length > 0) {
            tally.found.push([`seed ${seed}, pair ${sent}: ${describeOp(op)}`, ...differences].join('\n    '));
          }
          // the model goes on by itself for a while: what it keeps of order and history must be right, too
          if (differences.length > 0 || isBondOp(op, state) || dice.chance(0.3)) working = new WorkingState(after);
          state = after;
        }
      } finally {
        host.close();
      }
    }),
  );
};

const extra = new Set(await findExtraKinds());

describe('the model of effects against the kernel', () => {
  it('random operations on random states: model and kernel agree', async () => {
    const tally: Tally = { pairs: 0, refused: 0, casualties: 0, byWhat: new Map(), found: [] };
    for (let seed = SEED; tally.pairs < PAIRS; seed++) {
      await fuzzNamespace(seed, Math.min(PER_NAMESPACE, PAIRS - tally.pairs), extra, tally);
    }
    const kinds = [...tally.byWhat].map(([what, n]) => `${n} ${what.trim()}`).join(', ');
    console.log(`# seed ${SEED}: ${tally.pairs} pairs agree, ${tally.refused} refused, ${tally.casualties} casualties`);
    console.log(`# ${kinds}`);
    assert.equal(tally.found.length, 0, `${tally.found.length} disagreements\n${tally.found.slice(0, 12).join('\n')}`);
  });
});
