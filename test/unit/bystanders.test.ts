import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Address } from '../../src/model/address.ts';
import type { Op } from '../../src/model/op.ts';
import { ROUTE, type Route } from '../../src/model/route.ts';
import type { RouteList } from '../../src/model/route-list.ts';
import type { State } from '../../src/model/state.ts';
import { type Bystanders, leavesAlone, takesNothingAway } from '../../src/reconcile/lists/bystanders.ts';
import type { Cascade, Plan, PlanStep } from '../../src/reconcile/plan/plan-types.ts';

const route: Route = {
  family: 'inet',
  to: '20.0.0.0/24',
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 110,
  scope: 0,
  hops: [{ via: '10.0.0.2', dev: 'u0', weight: 1 }],
};
const { to: _, ...body } = route;
const list: RouteList = {
  words: 1,
  to: Uint32Array.of(0x14000000, 0x14000100),
  length: Uint8Array.of(24, 24),
  line: Uint32Array.of(1, 2),
  body,
  adopt: false,
  fields: {},
  file: 'list',
  at: 0,
};
const LISTED = { single: [], lists: [list] };
const BESIDE: Bystanders = {
  observed: [route],
  declared: [{ object: route, absent: false, adopt: false, source: { file: 'list', line: 1, column: 1 }, fields: {} }],
};
const addressOn = (dev: string, address: string, prefixlen = 24): Address => ({
  dev,
  family: address.includes(':') ? 'inet6' : 'inet',
  address,
  prefixlen,
});
const STATE: State = {
  link: [],
  address: [addressOn('u0', '10.0.0.1'), addressOn('u1', '20.0.1.1')],
  nexthop: [],
  route: [route, { ...route, to: '30.0.0.0/8', hops: [{ via: '10.0.1.2', dev: 'u1', weight: 1 }] }],
  mpls: [],
  rule: [],
  neighbor: [],
};

const planOf = (op: Op, ...cascades: readonly Cascade[]): Plan => ({
  steps: [{ op, title: '', cascades } satisfies PlanStep],
  changes: [],
  warnings: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
});
const leaves = (op: Op, ...cascades: readonly Cascade[]): boolean =>
  leavesAlone(planOf(op, ...cascades), STATE, BESIDE, LISTED);

const linkOp = (name: string, stage: 'options' | 'rename' | 'netns' | 'down' | 'up'): Op => ({
  kind: 'link',
  action: 'update',
  stage,
  object: { name, index: 9 },
});
const addressOp = (action: 'create' | 'delete', address: Address): Op => ({ kind: 'address', action, object: address });
const takes = (kind: Cascade['kind'], key: string): Cascade => ({
  kind,
  key,
  title: '',
  why: '',
  effect: 'removed',
  foreign: false,
});

describe('routes that stand beside a plan', () => {
  it('are left alone by changes of links, addresses and neighbors that take no route of ours along', () => {
    assert.equal(leaves(linkOp('u0', 'options')), true);
    assert.equal(leaves(linkOp('u9', 'down')), true);
    assert.equal(leaves(linkOp('u9', 'down'), takes('address', 'u9 10.0.9.1')), true);
    assert.equal(leaves(linkOp('u9', 'down'), takes('route', 'inet 254 40.0.0.0/8 0 0')), true);
    assert.equal(leaves(addressOp('create', addressOn('u9', '10.0.9.1'))), true);
    assert.equal(leaves(addressOp('create', addressOn('u0', '10.0.0.7'))), true, 'it has another one');
    assert.equal(leaves(addressOp('delete', addressOn('u9', '10.0.9.1'))), true);
  });

  it('are looked at where one of them, or another route of ours, goes along', () => {
    for (const taken of STATE.route)
      assert.equal(leaves(linkOp('u9', 'down'), takes('route', ROUTE.slot(taken))), false, taken.to);
  });

  it('are looked at where one of them is changed', () => {
    assert.equal(leaves({ kind: 'route', action: 'update', object: route, before: route, fields: [] }), false);
    assert.equal(leaves({ kind: 'route', action: 'create', object: { ...route, to: '40.0.0.0/8' } }), true);
  });

  it('are looked at where a link gets another name, or goes elsewhere', () => {
    assert.equal(leaves(linkOp('u9', 'rename')), false);
    assert.equal(leaves(linkOp('u9', 'netns')), false);
  });

  it('are looked at where their link gets its first address: they would go with it again', () => {
    assert.equal(leaves(addressOp('create', addressOn('u0', '2001:db8::1', 64))), false);
    assert.equal(leaves(addressOp('create', addressOn('u9', '2001:db8::1', 64))), true);
  });

  it('are looked at where the kernel makes a route of its own in the place of one', () => {
    assert.equal(leaves(addressOp('create', addressOn('u9', '20.0.0.1'))), false);
    assert.equal(leaves(addressOp('delete', addressOn('u9', '20.0.0.1'))), false);
    assert.equal(leaves(addressOp('create', { ...addressOn('u9', '10.0.9.1'), peer: '20.0.0.9' })), false);
    assert.equal(leaves(addressOp('create', addressOn('u9', '20.0.0.1', 25))), true);
    assert.equal(leaves(linkOp('u1', 'up')), false, 'by an address that it has already');
    assert.equal(leaves(linkOp('u0', 'up')), true);
  });

  it('and are to change later keep what they stand on until then', () => {
    const nexthop = { id: 7, family: 'inet', via: '10.0.0.9', dev: 'u0', protocol: 110 } as const;
    const keeps: readonly Op[] = [
      linkOp('u0', 'options'),
      linkOp('u9', 'up'),
      { kind: 'link', action: 'create', object: { name: 'u9', index: 0 } },
      addressOp('create', addressOn('u9', '10.0.9.1')),
      { kind: 'nexthop', action: 'update', object: nexthop, before: nexthop, fields: [] },
      { kind: 'route', action: 'delete', object: route },
    ];
    for (const op of keeps) assert.equal(takesNothingAway(planOf(op)), true, JSON.stringify(op));
    const takes: readonly Op[] = [
      linkOp('u0', 'down'),
      linkOp('u0', 'netns'),
      { kind: 'link', action: 'delete', object: { name: 'u9', index: 0 } },
      addressOp('delete', addressOn('u9', '10.0.9.1')),
      { kind: 'nexthop', action: 'delete', object: nexthop },
    ];
    for (const op of takes) assert.equal(takesNothingAway(planOf(op)), false, JSON.stringify(op));
  });
});
