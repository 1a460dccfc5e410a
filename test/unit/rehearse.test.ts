import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packError, packResult, packSubject, unpackResult, unpackSubject } from '../../src/cli/rehearse-protocol.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError, NetreconError } from '../../src/model/errors.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import type { Link } from '../../src/model/link.ts';
import type { Op } from '../../src/model/op.ts';
import type { Route } from '../../src/model/route.ts';
import { emptyState, type State } from '../../src/model/state.ts';
import type { Plan, PlanStep } from '../../src/reconcile/plan/plan-types.ts';
import { compareStates } from '../../src/reconcile/rehearse/rehearse-compare.ts';
import { failingKernel, sampleSteps } from '../../src/reconcile/rehearse/rehearse-faults.ts';
import { maskStandIns } from '../../src/reconcile/rehearse/rehearse-mask.ts';
import { planStage } from '../../src/reconcile/rehearse/rehearse-stage.ts';
import type { Rehearsal } from '../../src/reconcile/rehearse/rehearse-types.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { rehearsalJson } from '../../src/report/rehearse-json.ts';
import { exitStatusOfRehearsal, renderRehearsal, reviewRehearsal } from '../../src/report/rehearse-text.ts';

const EMPTY_PLAN: Plan = {
  changes: [],
  steps: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
  warnings: [],
};

const NOTHING: Desired = {
  objects: { link: [], address: [], nexthop: [], route: [], mpls: [], rule: [], neighbor: [] },
  exactAddresses: new Map(),
  prune: 'own',
  onDrift: {},
  expectations: [],
  files: [],
};

const link = (name: string, index: number, more: Partial<Link> = {}): Link => ({ name, index, state: 'up', ...more });

const route = (to: string, more: Partial<Route> = {}): Route => ({
  family: 'inet',
  to,
  table: 254,
  metric: 0,
  tos: 0,
  type: 'unicast',
  protocol: 4,
  scope: 0,
  hops: [{ via: '10.0.0.9', dev: 'eth0', weight: 1 }],
  ...more,
});

const stateOf = (parts: Partial<State>): State => ({ ...emptyState(), ...parts });

const step = (op: Op, title = 'step'): PlanStep => ({ op, title, cascades: [] });
const addRoute = (to: string): PlanStep => step({ kind: 'route', action: 'create', object: route(to) }, `create ${to}`);

describe('the stage of a rehearsal', () => {
  const host = stateOf({
    link: [
      link('lo', 1),
      link('eth0', 2, { lladdr: '02:00:00:00:00:01', mtu: 9000 }),
      link('tun0', 3, { kind: 'tun', options: { persist: false } }),
      link('v7', 4, { kind: 'veth', linkNetnsid: 0, linkIndex: 9, options: {} }),
      link('va', 5, { kind: 'veth', options: { peer: 'vb' } }),
      link('vb', 6, { kind: 'veth', options: { peer: 'va' } }),
      link('bond0', 7, { kind: 'bond', options: {} }),
      link('eth1', 8, { master: 'bond0' }),
      link('bond0.5', 9, { kind: 'vlan', link: 'bond0', options: { id: 5 } }),
    ],
    route: [route('10.1.0.0/16'), route('10.2.0.0/16', { hops: [{ dev: 'bond0.5', weight: 1 }] })],
  });

  it('has stand-ins for what no message makes', () => {
    const { standIns, leftOut } = planStage(host, NOTHING, EMPTY_PLAN, new Set());
    assert.deepEqual(
      standIns.map(({ name, why }) => [name, why]),
      [
        ['eth0', 'hardware'],
        ['tun0', 'unmakeable'],
        ['v7', 'elsewhere'],
        ['eth1', 'hardware'],
      ],
    );
    assert.deepEqual(leftOut, []);
    assert.equal(new Set(standIns.map(({ peerIndex }) => peerIndex)).size, 4);
  });

  it('gives links indexes that no kernel gives, and each end of a pair that of the other', () => {
    const { target } = planStage(host, NOTHING, EMPTY_PLAN, new Set());
    const [lo, ...others] = target.link;
    assert.equal(lo?.index, 1);
    assert.ok(others.every(({ index }) => index > 1_000_000));
    const of = (name: string) => target.link.find((l) => l.name === name);
    assert.equal(of('va')?.options?.peerIndex, of('vb')?.index);
    assert.equal(of('vb')?.options?.peerIndex, of('va')?.index);
  });

  it('leaves out what the kernel lacks, with all that needs it', () => {
    const { target, leftOut } = planStage(host, NOTHING, EMPTY_PLAN, new Set(['bond']));
    assert.deepEqual(leftOut, [
      { link: 'bond0', why: 'this kernel has no links of kind bond', kind: 'bond', planned: false },
      { link: 'eth1', why: 'it needs bond0', planned: false },
      { link: 'bond0.5', why: 'it needs bond0', planned: false },
    ]);
    assert.deepEqual(
      target.route.map(({ to }) => to),
      ['10.1.0.0/16'],
    );
  });

  it('leaves out a link of another program that the plan deletes', () => {
    const tun = host.link[2] as Link;
    const plan = { ...EMPTY_PLAN, steps: [step({ kind: 'link', action: 'delete', object: tun })] };
    const { leftOut, standIns } = planStage(host, NOTHING, plan, new Set());
    assert.deepEqual(leftOut, [{ link: 'tun0', why: 'only another program can make such a link', planned: true }]);
    assert.ok(standIns.every(({ name }) => name !== 'tun0'));
  });

  it('shows stand-ins as what they stand for, and hides the far ends', async () => {
    const { standIns } = planStage(host, NOTHING, EMPTY_PLAN, new Set());
    const seen = standIns.flatMap(({ shown, name, peer, peerIndex }) => [
      link(name, shown.index, { kind: 'veth', options: { peer }, lladdr: '02:00:00:00:00:77', mtu: 1500, link: null }),
      link(peer, peerIndex, { kind: 'veth', options: { peer: name } }),
    ]);
    const kernel = { dump: async () => stateOf({ link: seen }) } as unknown as KernelPort;
    const dumped = await maskStandIns(kernel, standIns, true).dump();
    assert.deepEqual(
      dumped.link.map(({ name, kind, lladdr, mtu, linkNetnsid }) => ({ name, kind, lladdr, mtu, linkNetnsid })),
      [
        { name: 'eth0', kind: undefined, lladdr: '02:00:00:00:00:77', mtu: 1500, linkNetnsid: undefined },
        { name: 'tun0', kind: 'tun', lladdr: undefined, mtu: 1500, linkNetnsid: undefined },
        { name: 'v7', kind: 'veth', lladdr: undefined, mtu: 1500, linkNetnsid: 0 },
        { name: 'eth1', kind: undefined, lladdr: undefined, mtu: 1500, linkNetnsid: undefined },
      ],
    );
  });
});

describe('a comparison of states', () => {
  it('tells what is missing, changed and too much', () => {
    const was = stateOf({ route: [route('10.1.0.0/16'), route('10.2.0.0/16'), route('10.3.0.0/16')] });
    const is = stateOf({
      route: [route('10.1.0.0/16'), route('10.2.0.0/16', { metrics: { mtu: 1400 } }), route('10.4.0.0/16')],
    });
    assert.deepEqual(
      compareStates(was, is).map(({ title, how, fields }) => [title, how, ...fields]),
      [
        ['route 10.2.0.0/16', 'changed', 'metrics'],
        ['route 10.3.0.0/16', 'missing'],
        ['route 10.4.0.0/16', 'extra'],
      ],
    );
  });

  it('minds a field of a link that was not there before', () => {
    const was = stateOf({ link: [link('eth0', 2)] });
    const is = stateOf({ link: [link('eth0', 2, { master: 'br0' })] });
    assert.deepEqual(compareStates(was, is)[0]?.fields, ['master']);
  });

  it('leaves alone what the kernel makes by itself', () => {
    const local = route('10.0.0.1/32', { protocol: 2, table: 255 });
    const linkLocal = route('fe80::/64', { family: 'inet6', protocol: 2, metric: 256 });
    assert.deepEqual(compareStates(emptyState(), stateOf({ route: [local, linkLocal] })), []);
    assert.equal(compareStates(emptyState(), stateOf({ route: [route('10.0.0.0/24', { protocol: 2 })] })).length, 1);
  });
});

describe('a kernel that fails', () => {
  const ops = ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'].map((to) => addRoute(to).op);
  const kernelOf = (sent: string[], refuses = ''): KernelPort =>
    ({
      send: async (batch: readonly Op[]) =>
        batch.map((op) => {
          const { to } = op.object as Route;
          sent.push(to);
          return to === refuses ? { ok: false, error: { errno: 17, name: 'EEXIST' } } : { ok: true };
        }),
    }) as unknown as KernelPort;

  it('refuses the one operation, sends those before it, and goes on afterwards', async () => {
    const sent: string[] = [];
    const { kernel, refusals } = failingKernel(kernelOf(sent), 1);
    const results = await kernel.send(ops, { pipeline: true });
    assert.deepEqual(
      results.map(({ ok }) => ok),
      [true, false],
    );
    assert.deepEqual(sent, ['10.1.0.0/16']);
    assert.equal(refusals.size, 0, 'its own refusal is none of the kernel');
    assert.equal((await kernel.send(ops)).length, 3);
  });

  it('counts over several batches', async () => {
    const { kernel } = failingKernel(kernelOf([]), 3);
    assert.ok((await kernel.send(ops)).every(({ ok }) => ok));
    assert.deepEqual(
      (await kernel.send(ops)).map(({ ok }) => ok),
      [false],
    );
  });

  it('remembers what the kernel itself refused', async () => {
    const { kernel, refusals } = failingKernel(kernelOf([], '10.2.0.0/16'), undefined);
    await kernel.send(ops);
    assert.deepEqual([...refusals], [['route inet 254 10.2.0.0/16 0 0', 'EEXIST']]);
  });
});

describe('a sample of steps', () => {
  const steps = [
    ...Array.from({ length: 500 }, (_, i) => addRoute(`10.${i >> 8}.${i & 255}.0/24`)),
    step({ kind: 'link', action: 'delete', object: link('v0', 4) }),
    ...Array.from({ length: 499 }, (_, i) => addRoute(`11.${i >> 8}.${i & 255}.0/24`)),
  ];

  it('is all of them where they are few', () => assert.deepEqual(sampleSteps(steps.slice(0, 3), 3), [0, 1, 2]));

  it('has the first, the last, one of each shape, and others far apart', () => {
    const sample = sampleSteps(steps, 10);
    assert.equal(sample.length, 10);
    for (const i of [0, 500, 999]) assert.ok(sample.includes(i), `${i}`);
    const gaps = sample.slice(1).map((i, n) => i - (sample[n] as number));
    assert.ok(Math.max(...gaps) < 300, `${sample}`);
  });

  it('is as small as asked', () => {
    assert.deepEqual(sampleSteps(steps, 0), []);
    assert.deepEqual(sampleSteps(steps, 1), [0]);
  });
});

describe('the report of a rehearsal', () => {
  const failed: PlanStep = { ...addRoute('10.5.0.0/16'), source: { file: 'net.yaml', line: 7, column: 5 } };
  const plan: Plan = { ...EMPTY_PLAN, steps: [addRoute('10.4.0.0/16'), failed] };
  const good: Rehearsal = {
    plan,
    asPlanned: true,
    played: { result: 'accepted', warnings: [] },
    stoodIn: [{ name: 'eth0', why: 'hardware' }],
    leftOut: [],
    copy: { objects: 12, discrepancies: [] },
    rollbacks: [
      { leftovers: [] },
      { step: 0, title: 'create 10.4.0.0/16', leftovers: [] },
      { step: 1, title: 'create 10.5.0.0/16', leftovers: [] },
    ],
    failable: 2,
  };
  const leftover = { kind: 'route', key: 'k', title: 'route 10.9.0.0/16', how: 'missing', fields: [] } as const;
  const incomplete: Rehearsal = { ...good, rollbacks: [{ leftovers: [{ ...leftover, refusal: 'ENETUNREACH' }] }] };
  const refused: Rehearsal = {
    ...good,
    failable: 1,
    played: {
      result: 'failed',
      failure: { cause: 'refused', message: 'create route 10.5.0.0/16: EINVAL', step: failed },
    },
  };
  const partly: Rehearsal = {
    ...good,
    leftOut: [{ link: 'bond0', why: 'this kernel has no links of kind bond', kind: 'bond', planned: true }],
  };
  const text = (rehearsal: Rehearsal) => renderRehearsal(rehearsal, { paint: PLAIN, kernel: '6.1.0' });

  it('is short where all is well', () => {
    assert.equal(
      text(good),
      [
        'Rehearsal on Linux 6.1.0, in a private namespace:',
        '  copy      12 objects, with stand-ins for 1 hardware link',
        '  plan      accepted: 2 steps, and the kernel shows what was asked for',
        '  rollback  proven: 3 of 3 times everything was as before',
        '',
      ].join('\n'),
    );
    assert.deepEqual(reviewRehearsal(good), []);
  });

  it('says that another plan was played', () =>
    assert.match(
      text({ ...good, asPlanned: false }),
      /accepted: 2 steps.*\n +its steps are not all those of the plan/,
    ));

  it('points at the line of what is refused', () => {
    assert.match(text(refused), /plan {6}refused: step 2 of 2\n/);
    const [objection] = reviewRehearsal(refused);
    assert.equal(objection?.code, 'NR_REFUSED');
    assert.equal(objection?.source?.line, 7);
    assert.equal(objection?.message, 'step 2 of 2: create route 10.5.0.0/16: EINVAL');
  });

  it('lists what would remain', () => {
    assert.match(
      text(incomplete),
      /incomplete: 1 of 1 time.*\n {4}after the last step:\n {6}route 10\.9\.0\.0\/16 is missing: ENETUNREACH\n/,
    );
    assert.deepEqual(
      reviewRehearsal(incomplete).map(({ code }) => code),
      ['NR_ROLLBACK_INCOMPLETE'],
    );
  });

  it('does not pass for whole where a part was left out', () => {
    assert.match(
      text(partly),
      /left out {2}1 link.*\n {4}bond0: this kernel has no links of kind bond \(the plan has to do with it\)/,
    );
    assert.deepEqual(
      reviewRehearsal(partly).map(({ code }) => code),
      ['NR_NOT_REHEARSED'],
    );
  });

  it('ends with what apply would end with', () => {
    assert.deepEqual([good, partly, refused, incomplete].map(exitStatusOfRehearsal), [0, 1, 3, 4]);
  });

  it('says the same to programs', () => {
    const json = rehearsalJson(refused, '6.1.0') as Record<string, unknown>;
    assert.deepEqual(
      { result: json.result, step: json.step, code: json.code, exit: json.exit },
      { result: 'refused', step: 2, code: 'NR_REFUSED', exit: 3 },
    );
  });
});

describe('what goes between the processes of a rehearsal', () => {
  it('is the same on both sides', () => {
    const desired = { ...NOTHING, exactAddresses: new Map([['eth0', { file: 'a', line: 1, column: 2 }]]) };
    const subject = {
      observed: emptyState(),
      owned: [],
      desired,
      renamesUp: true,
      allowMassDelete: false,
      mostFailures: 3,
    };
    assert.deepEqual(unpackSubject(packSubject(subject)), subject);
  });

  it('keeps the failed step one of the steps of the plan', () => {
    const failed = addRoute('10.5.0.0/16');
    const rehearsal: Rehearsal = {
      plan: { ...EMPTY_PLAN, steps: [failed] },
      asPlanned: true,
      played: { result: 'failed', failure: { cause: 'refused', message: '', step: failed } },
      stoodIn: [],
      leftOut: [],
      copy: { objects: 0, discrepancies: [] },
      rollbacks: [],
      failable: 0,
    };
    const { plan, played } = unpackResult(packResult(rehearsal, '6.1.0'), '').rehearsal;
    assert.ok(played.result === 'failed' && played.failure.step === plan.steps[0]);
  });

  it('carries errors across, with every problem of the input', () => {
    const error = packError(new NetreconError('NR_NO_PRIVILEGE', 'no', { hint: 'yes' }));
    assert.throws(() => unpackResult(error as Buffer, ''), { code: 'NR_NO_PRIVILEGE', message: 'no', hint: 'yes' });
    const problems = packError(new ConfigError([{ code: 'NR_X', message: 'x', severity: 'error' }]));
    assert.throws(
      () => unpackResult(problems as Buffer, ''),
      (thrown: unknown) => thrown instanceof ConfigError && thrown.diagnostics[0]?.code === 'NR_X',
    );
    assert.equal(packError(new TypeError('x')), undefined);
    assert.throws(() => unpackResult(Buffer.alloc(0), 'SIGKILL ended its process'), {
      code: 'NR_REHEARSAL',
      message: 'the rehearsal came to no end: SIGKILL ended its process',
    });
  });
});
