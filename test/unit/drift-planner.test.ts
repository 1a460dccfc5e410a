import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import { kindOf } from '../../src/model/kinds.ts';
import type { Route } from '../../src/model/route.ts';
import { type AnyObject, emptyState, KIND_NAMES, type KindName, type State } from '../../src/model/state.ts';
import type { GoalOptions } from '../../src/reconcile/plan/goal-desired.ts';
import { planDesired, predictState } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { differenceOf } from '../../src/reconcile/transaction/differences.ts';
import { createDriftPlanner } from '../../src/reconcile/watch/drift-planner.ts';
import { planJson } from '../../src/report/plan-json.ts';

const SEED = Number(process.env.NETRECON_TEST_SEED ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env.NETRECON_TEST_RUNS ?? 400);

const FILE = `version: 1
links:
  up0: {state: up, addresses: [192.0.2.1/24, 192.0.2.9/24, 10.5.0.1/32, "2001:db8::1/64"]}
  later: {optional: true, addresses: [10.6.0.1/24]}
addresses:
  - {address: 10.7.0.1/24, dev: up1}
  - {address: 10.7.9.1/24, dev: up1, state: absent}
nexthops:
  - {id: 7, via: 192.0.2.3, dev: up0}
routes:
  - {to: 10.1.0.0/16, via: 192.0.2.2}
  - {to: 10.1.0.0/16, via: 192.0.2.2, metric: 50, src: 10.5.0.1}
  - {to: 10.2.0.0/16, nexthops: [{via: 192.0.2.2}, {via: 192.0.2.3, weight: 3}]}
  - {to: 10.3.0.0/16, nhid: 7}
  - {to: 10.4.0.0/16, type: blackhole, table: 100}
  - {to: 172.16.0.1/32, dev: up1}
  - {to: 172.17.0.0/16, via: 172.16.0.1, dev: up1}
  - {to: "2001:db8:1::/48", via: "2001:db8::2", dev: up0}
  - {to: 10.9.0.0/16, dev: up0, state: absent}
rules:
  - {priority: 10, from: 10.0.0.0/8, table: 100}
  - {priority: 20, iif: up0, table: 100}
  - {priority: 30, from: 10.99.0.0/16, action: prohibit, state: absent}
neighbors:
  - {to: 192.0.2.2, dev: up0, lladdr: "02:00:00:00:00:02"}
  - {to: 10.7.0.7, dev: up1, lladdr: "02:00:00:00:00:07"}
`;

const names = createNameTables();
const load = (text: string): Promise<Desired> =>
  loadDesired({ files: ['a.yaml'], names, readFile: async () => text, listDirectory: async () => undefined });

const link = (name: string, index: number) =>
  ({ name, index, kind: 'veth', state: 'up', mtu: 1500, options: {} }) as unknown as State['link'][number];
const BARE: State = { ...emptyState(), link: [link('lo', 1), link('up0', 2), link('up1', 3)] };
const OPTIONS: GoalOptions = { owned: [], protocolName: names.protocols.toName, waitForLinks: true };

const kernels = (to: string): Route => ({
  ...{ family: 'inet', to, table: 254, metric: 0, tos: 0, type: 'unicast', protocol: 2, scope: 253 },
  hops: [{ dev: 'up1', weight: 1 }],
});
const hop = (via: string) => [{ via, dev: 'up0', weight: 1 }];

/** What another program may bring, besides what it takes away and changes. */
const BROUGHT: readonly (readonly [KindName, AnyObject])[] = [
  ['route', kernels('10.7.0.0/24')],
  ['route', { ...kernels('10.9.0.0/16'), protocol: 4, hops: [{ dev: 'up0', weight: 1 }] }],
  ['route', { ...kernels('10.1.0.0/16'), protocol: 186, scope: 0, hops: hop('192.0.2.77') }],
  ['route', { ...kernels('10.8.0.0/16'), protocol: 110, scope: 0, hops: hop('192.0.2.77') }],
  ['rule', { family: 'inet', priority: 30, from: '10.99.0.0/16', action: 'prohibit', protocol: 3 }],
  ['rule', { family: 'inet', priority: 40, from: '10.98.0.0/16', action: 'table', table: 9, protocol: 110 }],
  ['link', link('later', 9)],
];

const changedOf = (kind: KindName, object: AnyObject): AnyObject => {
  if (kind === 'route') return { ...(object as Route), hops: hop('192.0.2.66') };
  if (kind === 'neighbor') return { ...object, lladdr: '02:00:00:00:00:66' } as AnyObject;
  if (kind === 'link') return { ...object, state: 'down' } as AnyObject;
  return { ...object, protocol: 3 } as AnyObject;
};

interface Drift {
  readonly place: number;
  readonly what: 'delete' | 'change' | 'bring' | 'reorder';
}

const drifts = fc.array(
  fc.record<Drift>({
    place: fc.nat({ max: 1000 }),
    what: fc.constantFrom('delete', 'delete', 'delete', 'change', 'change', 'bring', 'reorder'),
  }),
  { minLength: 1, maxLength: 4 },
);

const withList = (state: State, kind: KindName, list: readonly AnyObject[]): State =>
  ({ ...state, [kind]: list }) as unknown as State;

const drift = (state: State, { place, what }: Drift): State => {
  if (what === 'bring') {
    const [kind, object] = BROUGHT[place % BROUGHT.length] as (typeof BROUGHT)[number];
    return withList(state, kind, [...state[kind], object]);
  }
  const all = KIND_NAMES.flatMap((kind) =>
    (state[kind] as readonly AnyObject[]).map((object) => [kind, object] as const),
  );
  const [kind, object] = all[place % all.length] as (typeof all)[number];
  const list = state[kind] as readonly AnyObject[];
  const others = list.filter((one) => one !== object);
  if (what === 'delete') return withList(state, kind, kind === 'link' ? list : others);
  if (what === 'reorder') return withList(state, kind, [...others, structuredClone(object)]);
  return withList(
    state,
    kind,
    list.map((one) => (one === object ? changedOf(kind, object) : one)),
  );
};

/** What a plan says, or why there is none. */
const told = (plan: () => Plan): unknown => {
  try {
    return planJson(plan());
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics.map(({ message }) => message).sort();
    throw error;
  }
};

describe(`planning of drift (seed ${SEED})`, () => {
  let desired: Desired;
  let synced: State;
  before(async () => {
    desired = await load(FILE);
    synced = predictState(BARE, planDesired(desired, BARE, OPTIONS));
    assert.deepEqual(planDesired(desired, synced, OPTIONS).steps, []);
    assert.ok(
      synced.route.length >= 8 && synced.address.length >= 5 && synced.rule.length >= 2,
      'there is much to lose',
    );
  });

  it('finds what planning of everything finds, whatever has happened since all was right', () => {
    let narrow = 0;
    fc.assert(
      fc.property(drifts, drifts, (first, second) => {
        const planner = createDriftPlanner();
        assert.deepEqual(planner.plan(desired, synced, OPTIONS).changes, []);
        let state = synced;
        for (const one of first) state = drift(state, one);
        const expected = told(() => planDesired(desired, state, OPTIONS));
        const found = told(() => planner.plan(desired, state, OPTIONS));
        // of several problems of a file the narrow plan meets those of what has changed
        if (Array.isArray(expected)) assert.ok(Array.isArray(found) && found.length > 0);
        else assert.deepEqual(found, expected);
        narrow++;
        // and again, with what has not been put right
        for (const one of second) state = drift(state, one);
        const last = told(() => planDesired(desired, state, OPTIONS));
        if (!Array.isArray(last))
          assert.deepEqual(
            told(() => planner.plan(desired, state, OPTIONS)),
            last,
          );
      }),
      { seed: SEED, numRuns: RUNS },
    );
    assert.equal(narrow, RUNS);
  });

  it('plans everything for other files, and after it was told to forget', () => {
    const planner = createDriftPlanner();
    planner.plan(desired, synced, OPTIONS);
    const other = { ...desired, objects: { ...desired.objects, rule: [] } };
    assert.deepEqual(
      planner.plan(other, synced, OPTIONS).changes.map(({ kind, action }) => `${action} ${kind}`),
      ['delete rule', 'delete rule'],
    );
    planner.plan(desired, synced, OPTIONS);
    planner.forget();
    assert.deepEqual(planner.plan(desired, synced, OPTIONS).changes, []);
  });

  it('says the same of the same state', () => {
    const planner = createDriftPlanner();
    const idle = planner.plan(desired, synced, OPTIONS);
    assert.equal(planner.plan(desired, structuredClone(synced), OPTIONS), idle, 'nothing was planned again');
  });
});

describe(`differences of dumps (seed ${SEED})`, () => {
  const rule = (priority: number, table = 9): State['rule'][number] =>
    ({ family: 'inet', priority, action: 'table', table, protocol: 110 }) as State['rule'][number];
  const stateOf = (rules: readonly State['rule'][number][]): State => ({ ...emptyState(), rule: rules });
  const rules = fc.uniqueArray(fc.record({ priority: fc.nat({ max: 60 }), table: fc.integer({ min: 1, max: 2 }) }), {
    selector: ({ priority }) => priority,
    maxLength: 40,
  });

  it('are what has gone, has come or has changed, in whatever order', () => {
    fc.assert(
      fc.property(rules, rules, (a, b) => {
        const [was, is] = [a, b].map((list) => list.map(({ priority, table }) => rule(priority, table)));
        const { gone, come } = differenceOf('rule', stateOf(was ?? []), stateOf(is ?? []));
        const { identity } = kindOf('rule');
        const textOf = (one: AnyObject) => `${identity(one)} ${JSON.stringify(one)}`;
        const minus = (x: readonly AnyObject[], y: readonly AnyObject[]) => {
          const texts = new Set(y.map(textOf));
          return x
            .map(textOf)
            .filter((text) => !texts.has(text))
            .sort();
        };
        assert.deepEqual(gone.map(textOf).sort(), minus(was ?? [], is ?? []));
        assert.deepEqual(come.map(textOf).sort(), minus(is ?? [], was ?? []));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('may be as many as a host has', () => {
    const many = Array.from({ length: 300_000 }, (_, i) => rule(i));
    assert.equal(differenceOf('rule', stateOf([rule(1)]), stateOf(many)).come.length, many.length - 1);
    assert.equal(differenceOf('rule', stateOf(many), stateOf([])).gone.length, many.length);
  });
});
