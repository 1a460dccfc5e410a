import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Ajv } from 'ajv';
import type { Desired } from '../../src/model/desired.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import { planDesired } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { createPaint, PLAIN } from '../../src/report/paint.ts';
import { planJson } from '../../src/report/plan-json.ts';
import { renderPlanText } from '../../src/report/plan-text.ts';
import { valueText } from '../../src/report/value-text.ts';
import { busy, EMPTY, names, route, source } from './sample-plans.ts';

describe('plan as text', () => {
  it('shows symbols, fields, cascades and the count', () => {
    assert.equal(
      renderPlanText(busy(), { paint: PLAIN, names }),
      `-/+ link br0  # net.yaml:4:3; steps 1, 2
      bridge.vlan_default_pvid: 1 -> 2 (forces replacement)  # net.yaml:5:3
      mtu: 1500 -> 9000
  !   link br0 is made anew; what uses it is interrupted
      takes route 10.2.0.0/16 (comes back in step 4): goes with link br0
      takes route 10.3.0.0/16 proto bgp (NOT restored): goes with link br0
  + route 10.1.0.0/16  # net.yaml:9:3; step 3
      hops: via 10.0.0.254 dev eth0
  + route 10.2.0.0/16  # comes back; step 4
  - route 10.9.0.0/16  # no file names it any more; goes with step 1

Plan: 1 to create, 0 to update, 1 to replace, 1 to delete, 1 restored.
`,
    );
  });

  it('says so where nothing is to do', () => {
    assert.equal(renderPlanText(EMPTY, { paint: PLAIN, names }), 'No changes. The network is as the files say.\n');
  });

  it('colours only with a paint, and then the symbols by what they mean', () => {
    const text = renderPlanText(busy(), { paint: createPaint(true), names });
    assert.ok(text.includes('\u001b[32m  +\u001b[39m'));
    assert.ok(text.includes('\u001b[31m  -\u001b[39m'));
    assert.ok(text.includes('\u001b[33m-/+\u001b[39m'));
    assert.equal(stripVTControlCharacters(text), renderPlanText(busy(), { paint: PLAIN, names }));
  });
});

describe('plan as JSON', () => {
  let validate: ReturnType<Ajv['compile']>;
  before(() => {
    const schema = new URL('../../../schemas/plan.schema.json', import.meta.url);
    validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
  });
  const check = (plan: Plan) => {
    const json = JSON.parse(JSON.stringify(planJson(plan))) as unknown;
    assert.ok(validate(json), JSON.stringify(validate.errors));
    return json as ReturnType<typeof planJson>;
  };

  it('fits its schema and counts steps from 1', () => {
    const json = check(busy());
    assert.deepEqual(
      json.steps.map(({ number }) => number),
      [1, 2, 3, 4],
    );
    assert.deepEqual(json.changes[0]?.steps, [1, 2]);
    assert.equal(json.changes[0]?.cascades[0]?.restoredBy, 4);
    assert.deepEqual(Object.keys(json), ['version', 'summary', 'changes', 'steps', 'warnings']);
    check(EMPTY);
  });

  it('fits its schema where the planner made the plan', () => {
    const declared = route('10.1.0.0/16', '10.0.0.254', { hops: [{ dev: 'eth0', weight: 1 }] });
    const desired: Desired = {
      objects: {
        ...emptyObjects(),
        route: [{ object: declared, absent: false, adopt: false, source: source(3), fields: { to: source(3) } }],
      },
      exactAddresses: new Map(),
      prune: 'own',
      onDrift: {},
      expectations: [],
      files: ['net.yaml'],
    };
    const observed: State = { ...emptyState(), link: [{ name: 'eth0', index: 2, state: 'up' }] };
    const plan = planDesired(desired, observed, { owned: [], protocolName: names.protocols.toName });
    const json = check(plan);
    assert.deepEqual(json.summary, { create: 1, update: 0, replace: 0, delete: 0, restore: 0 });
    assert.deepEqual(json.changes[0]?.source, source(3));
  });

  it('refuses what is no plan', () => {
    assert.equal(validate({ ...planJson(EMPTY), version: 2 }), false);
    assert.equal(validate({ ...planJson(EMPTY), changes: [{}] }), false);
  });
});

const emptyObjects = (): Desired['objects'] => ({
  link: [],
  address: [],
  nexthop: [],
  route: [],
  mpls: [],
  rule: [],
  neighbor: [],
});

describe('values', () => {
  const cases = [
    ['route', 'protocol', 186, 'bgp'],
    ['address', 'protocol', 2, 'kernel_ra'],
    ['route', 'table', 254, 'main'],
    ['route', 'table', 100, '100'],
    ['route', 'scope', 253, 'link'],
    ['route', 'realm', 0x00020003, '2/3'],
    [
      'route',
      'hops',
      [{ via: '10.0.0.1', dev: 'eth0', weight: 2, onlink: true }],
      'via 10.0.0.1 dev eth0 weight 2 onlink',
    ],
    ['route', 'hops', [], 'none'],
    ['route', 'metrics', { mtu: 1400, lock: ['mtu'] }, 'mtu 1400, lock [mtu]'],
    ['address', 'valid_lft', 0xffffffff, 'forever'],
    ['address', 'valid_lft', 60, '60s'],
    ['link', 'alias', '', '""'],
    ['link', 'master', null, 'none'],
    ['link', 'group', 0, 'default'],
    ['link', 'mtu', undefined, '(none)'],
  ] as const;
  for (const [kind, field, value, text] of cases) {
    it(`${kind}.${field} ${JSON.stringify(value)} is ${text}`, () => {
      assert.equal(valueText(kind, field, value, names), text);
    });
  }
});
