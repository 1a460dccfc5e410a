import type { PlanBulk, PlanStep } from '../plan/plan-types.ts';

/** As many as are sent before a look at whether somebody wants to stop. */
const MOST_AT_ONCE = 256;
export const MOST_IN_BULK = 8192;

/** From so many independent operations on, it pays to have several in flight. */
const WORTH_PIPELINING = 64;

/** From so many operations on, the order among independent ones tells in the kernel's time. */
const WORTH_STRIDING = 4096;

const PASS_BITS = 8;

/** The number with its low PASS_BITS bits in reverse. */
const reverseBits = (value: number): number => {
  let reversed = 0;
  for (let bit = 0; bit < PASS_BITS; bit++) reversed |= ((value >> bit) & 1) << (PASS_BITS - 1 - bit);
  return reversed;
};

/** The step behind the last one of the bundle that begins at `start`. */
const bundleEnd = (steps: readonly PlanStep[], start: number): number => {
  const bundle = steps[start]?.bundle;
  let end = start + 1;
  if (bundle !== undefined) while (steps[end]?.bundle === bundle) end++;
  return end;
};

/**
 * Numbers from 0 on as operations on neighbors in a table are best sent. Such that come one after the other make the kernel's
 * trie (fib_trie.c resize) grow and shrink its nodes again and again; in 256 passes over a large table, each with every 256th
 * route, adding takes two thirds of the time and deleting a tenth, and later dumps stay nearly as fast.
 */
export const strideOrder = (count: number): Uint32Array => {
  const order = new Uint32Array(count);
  const passes = count < WORTH_STRIDING ? 1 : 1 << PASS_BITS;
  let next = 0;
  for (let pass = 0; pass < passes; pass++)
    for (let i = passes === 1 ? 0 : reverseBits(pass); i < count; i += passes) order[next++] = i;
  return order;
};

/** Steps that are sent in one go. */
export interface Batch {
  /** of steps, in the order of sending */
  readonly indexes: readonly number[];
  /** they do not need each other: several may be in flight, and those behind a refused one may be carried out */
  readonly independent: boolean;
  /** sent behind them */
  readonly bulks?: readonly PlanBulk[];
}

/**
 * Cuts a sequence of steps into batches: large bundles in the order that the kernel likes best, everything else in its own.
 * Pure.
 * @param startsBatch - whether a step needs a look at the kernel before it is sent (once for the steps of a bundle)
 */
export const batchSteps = function* (
  steps: readonly PlanStep[],
  bulks: readonly PlanBulk[],
  startsBatch: (step: PlanStep) => boolean,
): Generator<Batch> {
  let plain: number[] = [];
  for (let start = 0; start < steps.length; ) {
    const end = bundleEnd(steps, start);
    const isMany = end - start >= WORTH_PIPELINING;
    if (plain.length > 0 && (isMany || plain.length >= MOST_AT_ONCE || startsBatch(steps[start] as PlanStep))) {
      yield { indexes: plain, independent: false };
      plain = [];
    }
    if (isMany) {
      const order = Array.from(strideOrder(end - start), (i) => start + i);
      for (let i = 0; i < order.length; i += MOST_IN_BULK)
        yield { indexes: order.slice(i, i + MOST_IN_BULK), independent: true };
    } else for (let i = start; i < end; i++) plain.push(i);
    const behind = bulks.filter(({ like }) => like >= start && like < end);
    if (behind.length > 0) {
      yield { indexes: plain, independent: false, bulks: behind };
      plain = [];
    }
    start = end;
  }
  if (plain.length > 0) yield { indexes: plain, independent: false };
};
