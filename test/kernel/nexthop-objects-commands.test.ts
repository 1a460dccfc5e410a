import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestCommand } from './command.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const command = createTestCommand();
const { run, file } = command;

const COUNT = 70;
file('list.txt', Array.from({ length: COUNT }, (_, i) => `172.16.${i}.0/24\n`).join(''));
const stateBy = (gateway: string): string =>
  file(
    `by-${gateway}.yaml`,
    `version: 1\nnexthop_objects: auto\nroutes:\n  - {to_file: list.txt, via: ${gateway}, dev: u0}\n`,
  );
const [FIRST, SECOND] = ['10.0.0.2', '10.0.0.3'].map(stateBy) as [string, string];

const GROUND = [
  'link add u0 type veth peer name u1',
  'link set u0 up',
  'link set u1 up',
  'addr add 10.0.0.1/24 dev u0',
];

/** By which number and gateway the routes go, each once. */
const waysOf = (ns: string): readonly string[] => {
  const routes = ipJson(ns, 'route show proto 110') as readonly { readonly nhid?: number; readonly gateway: string }[];
  assert.equal(routes.length, COUNT);
  return [...new Set(routes.map(({ nhid, gateway }) => `${nhid} ${gateway}`))];
};

const must = (ns: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = run(ns, ...args);
  assert.equal(status, 0, stderr);
  return stdout;
};

const withGround = (test: (ns: string) => void): Promise<void> =>
  withNamespace((ns) => {
    ipRun(ns, ...GROUND);
    test(ns);
  });

describe('commands and nexthop objects that are left to netrecon', () => {
  it('plan shows why an object is made, and what is saved of it is carried out', () =>
    withGround((ns) => {
      const out = command.path('plan.json');
      const shown = must(ns, 'plan', FIRST, '--out', out);
      assert.match(shown, /\+ nexthop id 110000 {2}# .*by-10\.0\.0\.2\.yaml:4:\d+; shared by routes of one way/);
      assert.match(shown, /\+ route 172\.16\.0\.0\/24 {2}# .*list\.txt:1:1; step 2\n {6}nhid: 110000/);
      const json = JSON.parse(must(ns, 'plan', FIRST, '--format', 'json'));
      assert.deepEqual([json.changes[0].title, json.changes[0].reason], ['nexthop id 110000', 'shared']);
      must(ns, 'apply', '--plan', out, '--yes');
      assert.deepEqual(waysOf(ns), ['110000 10.0.0.2']);
      assert.equal(run(ns, 'apply', '--plan', out, '--yes').status, 5);
    }));

  it('snapshot, lookup, export and rollback know them', () =>
    withGround((ns) => {
      must(ns, 'apply', FIRST, '--yes');
      const snapshot = file('snapshot.json', must(ns, 'snapshot'));
      assert.match(must(ns, 'plan', FIRST, '--against', snapshot), /^No changes/);
      const against = must(ns, 'plan', SECOND, '--against', snapshot);
      assert.match(against, /~ nexthop id 110000/);
      assert.match(against, /0 to create, 1 to update, 0 to replace, 0 to delete/);
      assert.equal(against, must(ns, 'plan', SECOND));
      assert.match(must(ns, 'lookup', '172.16.5.1', SECOND), /via 10\.0\.0\.3 dev u0/);
      const exported = file('exported.yaml', must(ns, 'export'));
      assert.match(must(ns, 'plan', exported), /^No changes/);
      must(ns, 'apply', SECOND, '--yes');
      assert.deepEqual(waysOf(ns), ['110000 10.0.0.3']);
      must(ns, 'rollback', '--yes');
      assert.deepEqual(waysOf(ns), ['110000 10.0.0.2']);
    }));

  it('a rehearsal proves the way there and back', () =>
    withGround((ns) => {
      must(ns, 'apply', FIRST, '--yes');
      const off = file('off.yaml', 'version: 1\nroutes:\n  - {to_file: list.txt, via: 10.0.0.2, dev: u0}\n');
      const told = must(ns, 'plan', off, '--rehearse', '--rehearse-steps', '3');
      assert.match(told, /plan +accepted: 71 steps/);
      assert.match(told, /rollback +proven/);
    }));

  it('every namespace chooses for itself, and a transaction keeps to its choice', () =>
    withNamespace((ns) => {
      const other = `${ns}-other`;
      const state = file(
        'world.yaml',
        `version: 1
namespaces:
  ${other}:
    nexthop_objects: auto
    links:
      u0: {kind: veth, veth: {peer: u1}, addresses: [10.0.0.1/24]}
      u1: {kind: veth, veth: {peer: u0}}
    routes:
      - {to_file: list.txt, via: 10.0.0.2}
`,
      );
      must(ns, 'apply', state, '--yes');
      assert.deepEqual(waysOf(other), ['undefined 10.0.0.2'], 'the link had no carrier before');
      assert.match(must(ns, 'plan', state), /1 to create, 70 to update, 0 to replace, 0 to delete/);
      must(ns, 'apply', state, '--yes');
      assert.deepEqual(waysOf(other), ['110000 10.0.0.2']);
      assert.match(must(ns, 'plan', state), /^No changes/);
      must(ns, 'apply', file('gone.yaml', `version: 1\nnamespaces: {${other}: {state: absent}}\n`), '--yes');
    }));
});
