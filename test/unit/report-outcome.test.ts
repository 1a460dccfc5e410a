import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNameTables } from '../../src/desired/names.ts';
import { ConfigError, NetreconError } from '../../src/model/errors.ts';
import type { KernelEvent } from '../../src/model/kernel-port.ts';
import type { Plan, PlanStep } from '../../src/reconcile/plan/plan-types.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { errorJson, renderErrorText } from '../../src/report/error-text.ts';
import { eventJson, renderEventText } from '../../src/report/event-text.ts';
import { outcomeJson } from '../../src/report/outcome-json.ts';
import { APPLY_WORDS, exitStatusOf, renderOutcomeText } from '../../src/report/outcome-text.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { renderTextDiff } from '../../src/report/text-diff.ts';
import { visibleText } from '../../src/report/visible-text.ts';
import { wrapWords } from '../../src/report/wrap-words.ts';

const names = createNameTables();
const options = { paint: PLAIN, names, elapsedMs: 1234, words: APPLY_WORDS };

const steps: readonly PlanStep[] = [1, 2, 3].map((line) => ({
  op: { kind: 'link', action: 'create', object: { name: `br${line}`, index: 0, kind: 'bridge' } },
  title: `create link br${line}`,
  source: { file: 'state.yaml', line, column: 5 },
  cascades: [],
}));
const plan: Plan = {
  changes: [],
  steps,
  summary: { create: 3, update: 0, replace: 0, delete: 1, restore: 0 },
  warnings: [],
};
const failure = {
  cause: 'refused',
  message: 'create link br3: EINVAL "Nexthop has invalid gateway" (RTA_GATEWAY)',
  hint: 'look there',
  step: steps[2] as PlanStep,
  refusal: { errno: 22, name: 'EINVAL', message: 'Nexthop has invalid gateway', attribute: 'RTA_GATEWAY' },
} as const;

describe('outcome', () => {
  it('tells what was done and how long it took', () => {
    const outcome: Outcome = { status: 'applied', plan, warnings: ['the kernel grumbled'] };
    const text = renderOutcomeText(outcome, options);
    assert.equal(text.result, 'Applied and verified in 1.23 s: 3 created, 1 deleted.\n');
    assert.equal(text.talk, 'warning: the kernel grumbled\n');
    assert.equal(exitStatusOf(outcome), 0);
  });

  it('tells what failed, where it was asked for, and that everything was put back', () => {
    const outcome: Outcome = { status: 'rolledBack', plan, failure };
    const text = renderOutcomeText(outcome, options);
    assert.equal(text.result, '');
    assert.equal(
      text.talk,
      'state.yaml:3:5: error NR_REFUSED: step 3 of 3: create link br3: EINVAL "Nexthop has invalid gateway" (RTA_GATEWAY)\n' +
        '  hint: look there\n' +
        'Everything was put back (verified).\n',
    );
    assert.equal(exitStatusOf(outcome), 3);
  });

  it('tells what is left where not everything could be put back', () => {
    const remaining: Plan = {
      ...plan,
      steps: [steps[0] as PlanStep],
      changes: [
        {
          kind: 'link',
          key: 'br1',
          title: 'link br1',
          action: 'delete',
          reason: 'declared',
          fields: [],
          disruptive: [],
          steps: [0],
        },
      ],
      summary: { create: 0, update: 0, replace: 0, delete: 1, restore: 0 },
    };
    const outcome: Outcome = {
      status: 'incomplete',
      plan,
      failure: { cause: 'transport', message: 'no reply' },
      remaining,
    };
    const { talk } = renderOutcomeText(outcome, options);
    assert.match(talk, /^error NR_TRANSPORT: no reply\nNot everything could be put back\./);
    assert.match(talk, /^ {2}- link br1 {2}# step 1$/m);
    assert.equal(exitStatusOf(outcome), 4);
    assert.equal(outcomeJson(outcome, 5).remaining?.summary.delete, 1);
  });

  it('is JSON with the exit status and the failure', () => {
    const json = outcomeJson({ status: 'rolledBack', plan, failure }, 1.6);
    assert.equal(json.exit, 3);
    assert.equal(json.elapsedMs, 2);
    assert.equal(json.failure?.code, 'NR_REFUSED');
    assert.equal(json.failure?.step, 3);
    assert.deepEqual(json.failure?.source, { file: 'state.yaml', line: 3, column: 5 });
  });

  it('has a status for what changed nothing', () => {
    assert.equal(exitStatusOf({ status: 'unchanged', plan }), 0);
    assert.equal(exitStatusOf({ status: 'declined', plan }), 1);
  });
});

describe('errors', () => {
  const text = (error: unknown, stack = false) => renderErrorText(error, { paint: PLAIN, stack });

  it('shows every diagnostic at its place', () => {
    const error = new ConfigError([
      {
        code: 'NR_A',
        message: 'first',
        severity: 'error',
        source: { file: 'a.yaml', line: 2, column: 7 },
        hint: 'do this',
      },
      { code: 'NR_B', message: 'second', severity: 'error' },
    ]);
    assert.equal(text(error), 'a.yaml:2:7: error NR_A: first\n  hint: do this\nerror NR_B: second\n');
    assert.deepEqual(
      errorJson(error).error.diagnostics?.map(({ code }) => code),
      ['NR_A', 'NR_B'],
    );
  });

  it('shows a known error without a stack', () => {
    const error = new NetreconError('NR_C', 'no such thing', { hint: 'make one' });
    assert.equal(text(error, true), 'error NR_C: no such thing\n  hint: make one\n');
  });

  it('asks for a report of anything else, on one line, and shows the stack only when asked', () => {
    const bug = new TypeError('x is not a function\nsecond line');
    assert.match(text(bug), /^error NR_BUG: [^\n]*TypeError: x is not a function\n {2}hint: [^\n]*-v\n$/);
    assert.doesNotMatch(text(bug), /\n\s+at /);
    assert.match(text(bug, true), /\n\s+at /);
  });
});

describe('events', () => {
  const event: KernelEvent = {
    kind: 'route',
    action: 'delete',
    portId: 77,
    sequence: 1,
    object: {
      family: 'inet',
      to: '0.0.0.0/0',
      table: 100,
      metric: 50,
      tos: 0,
      type: 'unicast',
      protocol: 186,
      scope: 0,
      hops: [{ via: '10.0.0.1', dev: 'eth0', weight: 1 }],
    },
  };

  it('are lines in the words of ip, deletions marked, the requester named', () => {
    assert.equal(
      renderEventText(event, { paint: PLAIN, names, prefix: '[t] ', requester: { pid: 1234, comm: 'ip' } }),
      '[t] Deleted route default via 10.0.0.1 dev eth0 table 100 proto bgp metric 50  # by ip[1234]\n',
    );
  });

  it('stay readable where the object could not be', () => {
    assert.equal(
      renderEventText({ kind: 'link', action: 'new', portId: 0, sequence: 0 }, { paint: PLAIN, names }),
      'link (no details)\n',
    );
  });

  const lines = [
    [
      'link',
      { name: 'v0', index: 3, kind: 'veth', state: 'up', carrier: false, mtu: 1500, master: 'br0' },
      '3: v0: type veth up no-carrier mtu 1500 master br0',
    ],
    [
      'address',
      { dev: 'v0', family: 'inet', address: '10.0.0.1', prefixlen: 32, peer: '10.0.0.2', scope: 0, protocol: 110 },
      '10.0.0.1 peer 10.0.0.2/32 dev v0 scope global proto netrecon',
    ],
    ['rule', { family: 'inet6', priority: 5, action: 'table', table: 7, protocol: 0 }, '-6 5: from all table 7'],
    [
      'nexthop',
      {
        id: 9,
        family: 'unspec',
        protocol: 4,
        scope: 0,
        group: [
          { id: 1, weight: 2 },
          { id: 2, weight: 1 },
        ],
      },
      'id 9 group 1,2/2 proto static',
    ],
    [
      'neighbor',
      {
        type: 'neighbor',
        family: 'inet',
        dev: 'v0',
        to: '10.0.0.5',
        lladdr: '02:00:00:00:00:05',
        state: 'permanent',
        protocol: 0,
      },
      '10.0.0.5 dev v0 lladdr 02:00:00:00:00:05 permanent',
    ],
    [
      'neighbor',
      { type: 'fdb', dev: 'vx0', lladdr: '02:00:00:00:00:05', where: 'self', dst: '10.0.0.9', state: 'permanent' },
      '02:00:00:00:00:05 dev vx0 self dst 10.0.0.9 permanent',
    ],
  ] as const;
  for (const [kind, object, line] of lines) {
    it(`${kind} ${line}`, () => {
      const told: KernelEvent = { kind, action: 'new', object, portId: 0, sequence: 0 };
      assert.equal(renderEventText(told, { paint: PLAIN, names }), `${kind} ${line}\n`);
    });
  }

  it('are JSON for programs', () => {
    const json = eventJson(event, '2026-01-01T00:00:00.000Z', { pid: 1, comm: 'bird' });
    assert.deepEqual(json.by, { pid: 1, command: 'bird' });
    assert.equal('by' in eventJson(event, 't', undefined), false);
  });
});

describe('text helpers', () => {
  it('diffs two texts', () => {
    assert.equal(renderTextDiff('a\n', 'a\n', PLAIN), '');
    assert.equal(renderTextDiff('a\nb\n', 'a\nc\n', PLAIN), '--- before\n+++ after\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n');
  });

  it('makes control characters visible', () => {
    assert.equal(visibleText('a\u001b[31mb\n\u009b'), 'a\\x1b[31mb\\x0a\\x9b');
    const evil: KernelEvent = {
      kind: 'link',
      action: 'new',
      object: { name: '\u001b]0;x', index: 1 },
      portId: 0,
      sequence: 0,
    };
    assert.equal(renderEventText(evil, { paint: PLAIN, names }), 'link 1: \\x1b]0;x:\n');
  });

  it('wraps words', () => {
    assert.deepEqual(wrapWords([], ', ', 10), []);
    assert.deepEqual(wrapWords(['aaaa', 'bbbb', 'cccc'], ', ', 10), ['aaaa, bbbb,', 'cccc']);
    assert.deepEqual(wrapWords(['longer than the line', 'b'], ', ', 5), ['longer than the line,', 'b']);
  });
});
