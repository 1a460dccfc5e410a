import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { BACKOFF } from '../../src/reconcile/watch/backoff.ts';
import { createChoice } from '../../src/reconcile/watch/choice.ts';
import { createRestraint } from '../../src/reconcile/watch/restraint.ts';
import {
  dueAt,
  isFullDue,
  markDirty,
  markHeld,
  passDone,
  SCHEDULE,
  startSchedule,
} from '../../src/reconcile/watch/schedule.ts';
import { createWitness } from '../../src/reconcile/watch/witness.ts';

const SEED = Number(process.env.NETRECON_TEST_SEED ?? 20_261_121);
const RUNS = Number(process.env.NETRECON_TEST_RUNS ?? 500);
const property = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, holds), { seed: SEED, numRuns: RUNS });

describe(`watch: when passes run (seed ${SEED})`, () => {
  /** A clock that only the test moves: passes take no time, and start when they are due. */
  const simulate = (events: readonly number[], quiet: number, most: number, interval: number): readonly number[] => {
    const limits = { quiet, most, interval };
    let schedule = startSchedule(0);
    const passes: number[] = [];
    const end = (events.at(-1) ?? 0) + 2 * interval;
    for (let now = 0, next = 0; now <= end; ) {
      const due = dueAt(schedule, limits);
      const event = events[next];
      if (event !== undefined && event <= due) {
        now = event;
        next++;
        schedule = markDirty(schedule, now);
        continue;
      }
      now = due;
      passes.push(now);
      const { dirty: _, ...clean } = schedule;
      schedule = passDone({ startedAt: now, endedAt: now, full: isFullDue(schedule, now) }, clean, limits);
    }
    return passes;
  };
  const gaps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 });
  const sums = (list: readonly number[]): number[] =>
    list.map((_, i) => list.slice(0, i + 1).reduce((a, b) => a + b, 0));

  it('answers every event within the bound, and looks at everything at the interval', () => {
    property(fc.tuple(gaps, fc.integer({ min: 0, max: 30 })), ([list, quiet]) => {
      const [most, interval] = [100, 1000];
      const events = sums(list);
      const passes = simulate(events, quiet, most, interval);
      for (const event of events) {
        const answer = passes.find((pass) => pass >= event) as number;
        assert.ok(answer - event <= most, `event at ${event}, pass at ${answer}`);
      }
      for (const [i, pass] of passes.entries())
        if (i > 0) assert.ok(pass - (passes[i - 1] as number) <= interval, 'no interval without a pass');
    });
  });

  it('makes one pass of a burst, and starts it when the burst is over', () => {
    assert.deepEqual(simulate([5000, 5003, 5006, 5009], 5, 100, 60_000).slice(1, 2), [5014]);
    // a burst without end does not put the pass off for ever
    const endless = Array.from({ length: 100 }, (_, i) => 5000 + 4 * i);
    assert.deepEqual(simulate(endless, 5, 100, 60_000).slice(1, 3), [5100, 5204]);
  });

  it('comes back to what has to wait when it may be tried again, also if it was heard of during a pass', () => {
    const clean = passDone({ startedAt: 1000, endedAt: 1001, full: true }, startSchedule(0), SCHEDULE);
    assert.equal(dueAt(clean, SCHEDULE), 1001 + SCHEDULE.interval);
    const held = markHeld(markHeld(clean, 1500), 1800);
    assert.equal(dueAt(held, SCHEDULE), 1500);
    const after = passDone({ startedAt: 1100, endedAt: 1101, full: false, retryAt: 1600 }, held, SCHEDULE);
    assert.equal(dueAt(after, SCHEDULE), 1500);
  });

  it('rests after a long pass, so that passes take a third of the time at most', () => {
    const clean = startSchedule(0);
    const after = passDone({ startedAt: 1000, endedAt: 1300, full: false }, clean, SCHEDULE);
    assert.equal(dueAt(markDirty(after, 1300), { ...SCHEDULE, quiet: 0 }), 1900);
    const short = passDone({ startedAt: 1000, endedAt: 1003, full: true }, clean, SCHEDULE);
    assert.equal(dueAt(markDirty(short, 1003), { ...SCHEDULE, quiet: 0 }), 1003);
  });
});

describe('watch: fights', () => {
  it('puts an object right at once five times, then ever more slowly, and forgets after a calm', () => {
    const restraint = createRestraint(BACKOFF, () => 0.5);
    const delays: number[] = [];
    let now = 0;
    for (let i = 0; i < 16; i++) {
      const { delay, fightBegins } = restraint.count('x', now, false);
      assert.equal(fightBegins, i === 5, `correction ${i + 1}`);
      delays.push(delay);
      now += delay + 50;
    }
    assert.deepEqual(delays.slice(0, 9), [0, 0, 0, 0, 0, 250, 500, 1000, 2000]);
    assert.equal(delays.at(-1), BACKOFF.most);
    assert.deepEqual(restraint.fights(), ['x']);
    assert.deepEqual(restraint.forgetCalm(now), []);
    assert.deepEqual(restraint.forgetCalm(now + 3 * BACKOFF.most), ['x']);
    assert.equal(restraint.count('x', now + 4 * BACKOFF.most, false).count, 1);
  });

  it('corrects an object that is undone every 50 ms some twelve times a minute, whatever the jitter', () => {
    property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }), (random) => {
      let drawn = 0;
      const restraint = createRestraint(BACKOFF, () => random[drawn++ % random.length] as number);
      let corrections = 0;
      for (let now = 0; now < 60_000; now += 50) {
        if (restraint.heldUntil('x') > now) continue;
        restraint.count('x', now, false);
        corrections++;
        assert.equal(restraint.heldUntil('y'), 0, 'no other object waits');
      }
      assert.ok(corrections >= 11 && corrections <= 14, `${corrections} corrections`);
    });
  });

  it('lets what failed wait from the first time on, until there are other files', () => {
    const restraint = createRestraint(BACKOFF, () => 0.5);
    assert.deepEqual(restraint.count('x', 0, true), { count: 6, delay: 250, fightBegins: false });
    assert.equal(restraint.count('x', 1000, true).delay, 500);
    restraint.forgetFailures();
    assert.equal(restraint.heldUntil('x'), 0);
  });

  it('knows whether any route has to wait: then none of its kind goes in bulk', () => {
    const restraint = createRestraint(BACKOFF, () => 0.5);
    restraint.count('rule 5', 0, true);
    restraint.count('route inet 254 10.0.0.0/8 0 0', 0, false);
    assert.equal(restraint.holdsAny('route', 100), false, 'it was put right once');
    restraint.count('route inet 254 10.0.0.0/8 0 0', 0, true);
    assert.equal(restraint.holdsAny('route', 100), true);
    assert.equal(restraint.holdsAny('route', BACKOFF.most), false, 'its time has come');
  });
});

describe('watch: what a pass puts right', () => {
  const planOf = (...titles: readonly string[]): Plan => ({
    changes: titles.map((title) => ({
      ...{ kind: 'rule', key: title, title, action: 'create', reason: 'declared' },
      ...{ fields: [], steps: [], disruptive: [] },
    })),
    steps: [],
    summary: { create: titles.length, update: 0, replace: 0, delete: 0, restore: 0 },
    warnings: [],
  });
  const titles = ({ changes }: Plan): readonly string[] => changes.map(({ title }) => title);

  it('is all that is sent, also what came up between its first look and the sending', async () => {
    const choice = createChoice(() => true);
    choice.select(planOf('a'));
    await choice.approve(choice.select(planOf('a', 'b')));
    choice.select(planOf());
    assert.deepEqual(
      [titles(choice.sent), titles(choice.found)],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    );
    assert.equal(choice.hasNews, false);
  });

  it('is not what comes up while it is sent: that is news for the next pass', async () => {
    const choice = createChoice((_, key) => key !== 'waits');
    await choice.approve(choice.select(planOf('a', 'waits')));
    assert.deepEqual(titles(choice.select(planOf('c', 'waits'))), []);
    assert.deepEqual([titles(choice.sent), titles(choice.found)], [['a'], ['a', 'waits']]);
    assert.equal(choice.hasNews, true);
  });
});

describe('watch: who did it', () => {
  const by = { pid: 4, command: 'ip', cmdline: ['ip', 'route', 'del'] };
  const route = { family: 'inet', to: '10.0.0.0/8', table: 254, metric: 0, tos: 0 } as never;
  const link = (state: string) => ({ name: 'v0', index: 2, state }) as never;

  it('names the process of a direct change, and the link of a cascade', () => {
    const witness = createWitness();
    witness.forget([link('up')]);
    witness.saw({ kind: 'route', action: 'delete', object: route, portId: 4, sequence: 1 }, by);
    const slot = '10.0.0.0/8 table main';
    const cause = () => witness.explain('route', slot, 'deleted', ['v0']).cause;
    const down = { kind: 'link', action: 'new', object: link('down'), portId: 0, sequence: 0 } as const;
    witness.saw(down, undefined);
    assert.equal(cause(), 'kernel: link v0 went down');
    witness.saw({ ...down, action: 'delete' }, undefined);
    assert.equal(cause(), 'kernel: link v0 was deleted');
    assert.match(witness.explain('link', 'v0', 'deleted', []).cause, /^link v0 was deleted \(the kernel does not tell/);
    witness.looks();
    witness.forget([link('up')]);
    assert.match(cause(), /^unknown/);
    witness.looks();
    witness.saw(down, undefined);
    witness.forget([link('down')]);
    assert.equal(cause(), 'kernel: link v0 went down', 'it came after the look, and may show in the next');
    witness.looks();
    witness.forget([link('down')]);
    witness.saw(down, undefined);
    assert.match(cause(), /^unknown/, 'it was down before');
  });
});
