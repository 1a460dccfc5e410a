import type { KernelPort } from '../../model/kernel-port.ts';
import { kindOf } from '../../model/kinds.ts';
import type { KernelRefusal, Op, OpResult } from '../../model/op.ts';
import { refKey } from '../plan/goal-restore.ts';
import type { PlanStep } from '../plan/plan-types.ts';

/** No errno that a transaction takes for success (execute.ts). */
const REFUSAL: KernelRefusal = { errno: 5, name: 'EIO', message: 'refused on purpose by the rehearsal' };

/** A kernel that refuses one operation, and remembers which others it refused by itself. */
export interface FailingKernel {
  readonly kernel: KernelPort;
  /** what it said since to changes of an object, by refKey */
  readonly refusals: ReadonlyMap<string, string>;
}

/** @param failed - index of the operation that is refused, in the order of sending; undefined: none */
export const failingKernel = (inner: KernelPort, failed: number | undefined): FailingKernel => {
  let next = 0;
  const refusals = new Map<string, string>();
  const remember = (ops: readonly Op[], results: readonly OpResult[]): readonly OpResult[] => {
    for (const [i, result] of results.entries()) {
      const op = ops[i] as Op;
      if (!result.ok)
        refusals.set(
          refKey(op.kind, kindOf(op.kind).slot(op.object)),
          `${result.error.name}${result.error.message === undefined ? '' : ` "${result.error.message}"`}`,
        );
    }
    return results;
  };
  const send: KernelPort['send'] = async (ops, options) => {
    const at = failed === undefined ? -1 : failed - next;
    if (at < 0 || at >= ops.length) {
      const results = await inner.send(ops, options);
      next += results.length;
      return remember(ops, results);
    }
    const before = at === 0 ? [] : await inner.send(ops.slice(0, at), options);
    next += before.length;
    if (before.length < at || before.some(({ ok }) => !ok)) return remember(ops, before);
    next++;
    return [...before, { ok: false, error: REFUSAL }];
  };
  return {
    kernel: {
      get portId() {
        return inner.portId as number;
      },
      renamesUp: inner.renamesUp === true,
      dump: (options) => inner.dump(options),
      send,
      hasLinkKind: (kind) => inner.hasLinkKind(kind),
      hasNexthops: () => inner.hasNexthops(),
      labelSpace: (label) => inner.labelSpace(label),
      lookUp: (queries) => inner.lookUp(queries),
      subscribe: (kinds) => inner.subscribe(kinds),
      close: () => undefined,
    },
    refusals,
  };
};

const shapeOf = ({ op }: PlanStep): string => `${op.kind} ${op.action} ${op.stage ?? ''}`;

/**
 * Which steps to fail: all where that is few enough, else the first and the last, the first of each kind, action and stage,
 * and the rest evenly spread. Pure.
 * @returns indexes, ascending, at most `most` of them
 */
export const sampleSteps = (steps: readonly PlanStep[], most: number): readonly number[] => {
  const { length } = steps;
  if (length <= most) return steps.map((_, i) => i);
  const chosen = new Set<number>();
  const shapes = new Set<string>();
  const choose = (i: number) => {
    if (chosen.size < most) chosen.add(i);
  };
  choose(0);
  choose(length - 1);
  for (const [i, step] of steps.entries()) {
    const shape = shapeOf(step);
    if (!shapes.has(shape)) choose(i);
    shapes.add(shape);
  }
  const others = steps.flatMap((_, i) => (chosen.has(i) ? [] : [i]));
  const wanted = Math.max(0, most - chosen.size);
  for (let n = 0; n < wanted; n++) chosen.add(others[Math.floor(((n + 0.5) * others.length) / wanted)] as number);
  return [...chosen].sort((a, b) => a - b);
};
