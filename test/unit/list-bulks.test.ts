import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Op, OpOf } from '../../src/model/op.ts';
import type { PrefixColumns } from '../../src/model/prefix-columns.ts';
import type { Route } from '../../src/model/route.ts';
import type { RouteList } from '../../src/model/route-list.ts';
import { type BulkPart, coversDoomed, findBulks } from '../../src/reconcile/lists/list-bulks.ts';
import type { Cascade, Plan, PlanStep } from '../../src/reconcile/plan/plan-types.ts';

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

const columns: PrefixColumns = {
  words: 1,
  to: Uint32Array.of(0x14000000, 0x14000100, 0x14000200),
  length: Uint8Array.of(24, 24, 24),
  line: Uint32Array.of(1, 2, 3),
};
const list: RouteList = { ...columns, body, adopt: false, fields: {}, file: 'list', at: 0 };

const PARTS: readonly BulkPart[] = [
  { action: 'create', list, columns },
  { action: 'update', list, body: other, columns },
  { action: 'delete', body: other, columns },
];

const FIRST = '20.0.0.0/24';
const create: OpOf<'route'> = { kind: 'route', action: 'create', object: { ...body, to: FIRST } };
const update: OpOf<'route'> = { ...create, action: 'update', before: { ...other, to: FIRST }, fields: ['hops'] };
const remove: OpOf<'route'> = { ...create, action: 'delete', object: { ...other, to: '30.0.0.0/8' } };
const rule: Op = {
  kind: 'rule',
  action: 'delete',
  object: { family: 'inet', priority: 5, action: 'table', table: 7, protocol: 110 },
};
const down: Op = { kind: 'link', action: 'update', stage: 'down', object: { name: 'u0', index: 2 } };

const stepOf = (op: Op, cascades: readonly Cascade[] = []): PlanStep => ({ op, title: '', cascades });
const planOf = (...steps: readonly PlanStep[]): Plan => ({
  steps,
  changes: [],
  warnings: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
});
const found = (...ops: readonly Op[]): readonly number[] =>
  findBulks(planOf(...ops.map((op) => stepOf(op))), PARTS).map(({ like }) => like);

describe('bulks of routes', () => {
  it('are like the step that does the same to one of them', () => {
    assert.deepEqual(found(rule, create, update, remove), [1, 2, 3]);
    assert.deepEqual(found(remove, create), [1, 0], 'in the order of the parts');
    assert.deepEqual(found(rule), []);
  });

  it('are not where the step is about another place, another shape, or shares its place', () => {
    const elsewhere = { ...create.object, table: 7 };
    assert.deepEqual(found({ ...create, object: elsewhere }), []);
    assert.deepEqual(found({ ...create, object: { ...create.object, to: '20.1.0.0/24' } }), [], 'not of the list');
    assert.deepEqual(found({ ...create, append: true }), []);
    assert.deepEqual(found({ ...update, before: { ...other, to: FIRST, metrics: { mtu: 1300 } } }), []);
    assert.deepEqual(found({ ...remove, object: { ...remove.object, src: '10.0.0.1' } }), []);
    const restoring: BulkPart = { action: 'create', append: true, list, columns };
    assert.deepEqual(
      [create, { ...create, append: true }].map((op) => findBulks(planOf(stepOf(op)), [restoring]).length),
      [0, 1],
    );
  });

  it('are not where a link moves, or something is taken along', () => {
    assert.deepEqual(found(create, down), []);
    const object = { id: 5, family: 'inet', via: '10.0.0.2', dev: 'u0', protocol: 110 } as const;
    assert.deepEqual(found({ kind: 'nexthop', action: 'update', object, before: object }, create), [1], 'in its place');
    assert.deepEqual(found({ kind: 'nexthop', action: 'create', object }, create), [1]);
    assert.deepEqual(found({ kind: 'nexthop', action: 'delete', object }, create), [1], 'see below');
    const taken: Cascade = { kind: 'route', key: '', title: '', why: '', effect: 'removed', foreign: false };
    assert.deepEqual(findBulks(planOf(stepOf(create), stepOf(rule, [taken])), PARTS), []);
  });

  it('move all that goes by a nexthop object before that goes, or the plan is no good', () => {
    const object = { id: 5, family: 'inet', via: '10.0.0.2', dev: 'u0', protocol: 110 } as const;
    const gone: Op = { kind: 'nexthop', action: 'delete', object, before: object };
    const away: OpOf<'route'> = { ...update, before: { ...body, hops: [], nhid: 5, to: FIRST } };
    const plan = planOf(stepOf(away), stepOf(gone));
    const moving: Plan = { ...plan, bulks: [{ like: 0, columns }] };
    assert.equal(coversDoomed(moving, [{ nhid: 5, count: 3 }]), true);
    assert.equal(coversDoomed(moving, [{ nhid: 5, count: 4 }]), false, 'one stays');
    assert.equal(coversDoomed(plan, [{ nhid: 5, count: 3 }]), false);
    assert.equal(coversDoomed(plan, [{ nhid: 6, count: 3 }]), true, 'by another object');
    assert.equal(coversDoomed(planOf(stepOf(away)), [{ nhid: 5, count: 3 }]), true, 'it stays');
  });
});
