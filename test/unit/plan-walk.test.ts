import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { writePieces } from '../../src/cli/write-pieces.ts';
import { ColumnBuilder } from '../../src/model/column-builder.ts';
import type { OpOf } from '../../src/model/op.ts';
import { type PrefixColumns, rowsOfPrefix } from '../../src/model/prefix-columns.ts';
import type { Route } from '../../src/model/route.ts';
import type { RouteList } from '../../src/model/route-list.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { findSessionRisks } from '../../src/reconcile/plan/management-path.ts';
import type { Plan, PlanChange, PlanStep } from '../../src/reconcile/plan/plan-types.ts';
import { PlanWalk } from '../../src/reconcile/plan/walk-plan.ts';
import { JsonList, jsonPieces } from '../../src/report/json-text.ts';
import { outcomeJson } from '../../src/report/outcome-json.ts';
import { planJson } from '../../src/report/plan-json.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_123);

const body: Omit<Route, 'to'> = {
  family: 'inet',
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via: '10.0.0.2', dev: 'u0', weight: 1 }],
};
const other: Omit<Route, 'to'> = { ...body, hops: [{ via: '10.0.0.9', dev: 'u0', weight: 1 }] };

const columnsOf = (rows: Readonly<Record<string, number>>): PrefixColumns => {
  const builder = new ColumnBuilder(1);
  for (const [to, line] of Object.entries(rows)) builder.add(rowsOfPrefix(to), line);
  return builder.finish() as PrefixColumns;
};

const list: RouteList = {
  ...columnsOf({ '20.0.0.0/24': 4, '20.0.1.0/24': 1, '20.0.2.0/24': 3, '20.0.3.0/24': 2, '20.0.4.0/24': 5 }),
  body,
  adopt: false,
  fields: { to: { file: 'net.yaml', line: 3, column: 6 } },
  file: 'list',
  at: 1,
};

const single = { ...body, to: '30.0.0.0/8' };
const last = { ...body, to: '31.0.0.0/8' };
const declare = (object: Route) => ({
  object,
  absent: false,
  adopt: false,
  source: { file: 'net.yaml', line: 9, column: 1 },
  fields: {},
});

const stepOf = (object: Route, action: 'create' | 'delete', bundle: number): PlanStep => {
  const op: OpOf<'route'> = { kind: 'route', action, object };
  return { op, title: `${action} route ${object.to}`, bundle, cascades: [] };
};

const changeOf = ({ op }: PlanStep, i: number): PlanChange => ({
  kind: 'route',
  key: `inet 254 ${(op.object as Route).to} 0 0`,
  title: `route ${(op.object as Route).to}`,
  action: op.action,
  reason: op.action === 'delete' ? 'prune' : 'declared',
  fields: [],
  disruptive: [],
  steps: [i],
});

/** One before a list, of which line 1 is planned, one behind it, and two that go: 50.0.1.0/24 and 60.0.0.0/8 in bulk. */
const planOf = (more: Partial<Plan> = {}): Plan => {
  const steps = [
    stepOf(single, 'create', 0),
    stepOf({ ...body, to: '20.0.1.0/24' }, 'create', 0),
    stepOf(last, 'create', 0),
    stepOf({ ...other, to: '50.0.0.0/24' }, 'delete', 1),
    stepOf({ ...other, to: '50.0.2.0/24' }, 'delete', 1),
  ];
  const rows = columnsOf({ '20.0.0.0/24': 4, '20.0.2.0/24': 3, '20.0.3.0/24': 2, '20.0.4.0/24': 5 });
  return {
    steps,
    changes: steps.map(changeOf),
    warnings: [],
    summary: { create: 7, update: 0, replace: 0, delete: 4, restore: 0 },
    rest: 6,
    bulks: [
      { like: 1, columns: rows, list },
      { like: 3, columns: columnsOf({ '50.0.1.0/24': 0, '60.0.0.0/8': 0 }) },
    ],
    listed: { single: [declare(single), declare(last)], lists: [list] },
    ...more,
  };
};

const titles = (plan: Plan): readonly string[] => planJson(plan).steps.map(({ title }) => title);

describe('the routes of bulks', () => {
  it('stand among the others as the files name them, and those that go as in a dump', () => {
    const json = planJson(planOf());
    assert.deepEqual(
      json.steps.map(({ number, key }) => `${number} ${key.split(' ')[2]}`),
      [
        '1 30.0.0.0/8',
        '2 20.0.1.0/24',
        '3 20.0.3.0/24',
        '4 20.0.2.0/24',
        '5 20.0.0.0/24',
        '6 20.0.4.0/24',
        '7 31.0.0.0/8',
        '8 50.0.0.0/24',
        '9 50.0.1.0/24',
        '10 50.0.2.0/24',
        '11 60.0.0.0/8',
      ],
    );
    assert.deepEqual(
      json.changes.map(({ steps }) => steps),
      json.steps.map(({ number }) => [number]),
    );
    assert.deepEqual(
      json.changes.map(({ source }) => source?.line),
      [undefined, undefined, 2, 3, 4, 5, ...Array(5)],
      'only rows have places here',
    );
    assert.equal('rest' in json, false);
  });

  it('are counted where it cannot be told where they belong', () => {
    const left = new PlanWalk(planOf({ rest: 7 }));
    assert.deepEqual([left.steps, left.changes, left.rest], [5, 5, 7], 'a later pass has something to do');
    assert.equal(planJson(planOf({ rest: 7 })).rest, 7);
    const { listed: _, ...unknown } = planOf();
    assert.equal(titles(unknown).length, 5);
    const first = planOf().bulks?.map((bulk) => ({ ...bulk, columns: columnsOf({ '1.0.0.0/8': 0 }) }));
    assert.equal(titles(planOf({ rest: 2, bulks: first?.slice(1) ?? [] })).length, 5, 'a row would begin its bundle');
  });

  it('count where a failure names its step', () => {
    const numberOf = (object: Route, plan = planOf()): number | undefined => {
      const step = plan.steps.find(({ op }) => op.object === object) ?? stepOf(object, 'create', 0);
      const failure = { cause: 'refused', message: 'no', step } as const;
      return outcomeJson({ status: 'rolledBack', plan, failure }, 1).failure?.step;
    };
    assert.equal(numberOf({ ...body, to: '20.0.2.0/24' }), 4);
    assert.equal(numberOf(last), 7, 'behind those of the list');
    assert.equal(numberOf({ ...body, to: '20.0.9.0/24' }), undefined, 'in no bulk');
  });

  it('count where a warning names a step', () => {
    const link = { name: 'u0', index: 2, state: 'up' } as const;
    const observed: State = {
      ...emptyState(),
      link: [link],
      address: [{ dev: 'u0', family: 'inet', address: '10.0.0.1', prefixlen: 24 }],
      route: [{ ...other, to: '50.0.2.0/24' }],
    };
    const [risk] = findSessionRisks(planOf(), observed, {
      client: '50.0.2.7',
      clientPort: 5,
      server: '10.0.0.1',
      serverPort: 22,
    });
    assert.match(risk?.message ?? '', /^step 10, delete route 50\.0\.2\.0\/24: /);
  });
});

describe('a document in pieces', () => {
  it('has the text of one in one piece', () => {
    const elements = fc.array(fc.json().map((text) => JSON.parse(text) as unknown));
    fc.assert(
      fc.property(elements, fc.json(), (list, text) => {
        const rest = JSON.parse(text) as unknown;
        const made = new JsonList((indent) =>
          list.map((one) => JSON.stringify(one, null, 2).replaceAll('\n', `\n${indent}`)),
        );
        const of = (some: unknown) => ({ a: rest, none: undefined, b: { some, runs: [{ some, rest }, []] }, c: some });
        assert.equal([...jsonPieces(of(made))].join(''), JSON.stringify(of(list), null, 2));
      }),
      { seed },
    );
  });
});

describe('a long result', () => {
  const PIECE = 'x'.repeat(1 << 16);
  const pieces = function* (made: { count: number }, most: number): Generator<string> {
    for (made.count = 0; made.count < most; made.count++) yield PIECE;
  };

  it('is made as fast as it is read', async () => {
    const made = { count: 0 };
    let [taken, mostWaiting] = [0, 0];
    const slow = new Writable({
      write: (chunk: Buffer, _, done) => {
        mostWaiting = Math.max(mostWaiting, made.count - taken / PIECE.length);
        taken += chunk.length;
        setImmediate(done);
      },
    });
    await writePieces(slow, pieces(made, 200));
    assert.equal(taken, 200 * PIECE.length);
    assert.ok(mostWaiting < 10, `${mostWaiting} pieces waited`);
  });

  it('ends where its reader goes', async () => {
    const made = { count: 0 };
    const gone = new Writable({ write: (_chunk, _, done) => done(new Error('EPIPE')) });
    gone.on('error', () => undefined);
    await writePieces(gone, pieces(made, 1000));
    assert.ok(made.count < 10, `${made.count} pieces were made for nobody`);
  });
});
