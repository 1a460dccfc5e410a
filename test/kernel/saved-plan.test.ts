import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv, type AnySchema } from 'ajv';
import { createTestCommand } from './command.ts';
import { ipView } from './harness.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const command = createTestCommand();
const { run } = command;
const OUT = command.path('plan.json');

const NET = command.file(
  'net.yaml',
  `version: 1
links:
  v0: {kind: veth, veth: {peer: v1}, mtu: 1400, addresses: [10.0.0.1/24]}
  v1: {kind: veth, veth: {peer: v0}}
routes:
  - {to: default, via: 10.0.0.254}
`,
);

/** A pair with another address, and a plan saved for it. */
const withSavedPlan = (check: (ns: string) => void) =>
  withNamespace((ns) => {
    ipRun(ns, 'link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up', 'addr add 10.0.0.9/24 dev v0');
    const { status, stdout, stderr } = run(ns, 'plan', NET, '--out', OUT);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /- address 10\.0\.0\.9\/24 dev v0/);
    check(ns);
  });

const readSchema = (name: string): AnySchema =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../../../schemas/${name}.schema.json`), 'utf8'));

describe('a saved plan', () => {
  it('is carried out as it was shown, without a question, and without its files', () =>
    withSavedPlan((ns) => {
      const { status, stderr } = run(ns, 'apply', '--plan', OUT);
      assert.equal(status, 0, stderr);
      assert.equal(run(ns, 'plan', '--detailed-exitcode', NET).status, 0);
      const again = run(ns, 'apply', '--plan', OUT);
      assert.equal(again.status, 5, 'it has been carried out already');
    }));

  it('is as its schema says, and for the eyes of its owner', () =>
    withSavedPlan(() => {
      const validate = new Ajv({ schemas: [readSchema('plan')] }).compile(readSchema('saved-plan'));
      assert.ok(validate(JSON.parse(readFileSync(OUT, 'utf8'))), JSON.stringify(validate.errors));
      assert.equal(statSync(OUT).mode & 0o777, 0o600);
    }));

  const changes: readonly (readonly [string, string, RegExp])[] = [
    ['a field that it changes', 'link set v0 mtu 1300', /link v0: mtu was 1500 and is 1300/],
    ['an object that it deletes', 'addr del 10.0.0.9/24 dev v0', /address 10\.0\.0\.9\/24 dev v0 has gone/],
    ['a place that it fills', 'route add default via 10.0.0.7', /route default has appeared/],
    ['a link that it relies on', 'link del v0', /link v0 has gone/],
    ['what it found in order', 'link set v1 down', /link v1: state was "up" and is "down"/],
  ];
  for (const [what, change, message] of changes) {
    it(`is refused with 5 when ${what} has changed`, () =>
      withSavedPlan((ns) => {
        ipRun(ns, change);
        const before = ipView(ns);
        const { status, stderr } = run(ns, 'apply', '--plan', OUT);
        assert.equal(status, 5, stderr);
        assert.match(stderr, /^error NR_PLAN_STALE: the network has changed since /);
        assert.match(stderr, message);
        assert.deepEqual(ipView(ns), before);
      }));
  }

  it('does not mind changes elsewhere', () =>
    withSavedPlan((ns) => {
      ipRun(ns, 'link add other0 type bridge', 'route add blackhole 10.77.0.0/16', 'link set other0 txqueuelen 77');
      const { status, stderr } = run(ns, 'apply', '--plan', OUT);
      assert.equal(status, 0, stderr);
      assert.equal(ipJson(ns, 'route show 10.77.0.0/16').length, 1);
    }));

  it('is refused where it has been edited, or is none', () =>
    withSavedPlan((ns) => {
      writeFileSync(OUT, readFileSync(OUT, 'utf8').replaceAll('10.0.0.254', '10.0.0.253'));
      const edited = run(ns, 'apply', '--plan', OUT);
      assert.equal(edited.status, 1);
      assert.match(edited.stderr, /^error NR_SAVED_PLAN: .*has been edited or damaged/);
      const text = run(ns, 'apply', '--plan', NET);
      assert.match(text.stderr, /^error NR_SAVED_PLAN: .*is no JSON/);
      assert.match(run(ns, 'apply', NET, '--plan', OUT).stderr, /^error NR_USAGE: --plan takes no files/);
    }));
});

describe('--no-disruption', () => {
  it('refuses a plan that is marked, names what, and lets others pass', () =>
    withNamespace((ns) => {
      ipRun(ns, 'link add x0 type vxlan id 7 dstport 4789', 'link set x0 up');
      const before = ipView(ns);
      const marked = command.file(
        'marked.yaml',
        'version: 1\nlinks:\n  x0: {kind: vxlan, vxlan: {id: 8, dstport: 4789}}\n',
      );
      for (const verb of [['plan'], ['apply', '--yes']]) {
        const { status, stderr } = run(ns, ...verb, '--no-disruption', marked);
        assert.equal(status, 1);
        assert.match(stderr, /marked\.yaml:3:\d+: error NR_DISRUPTIVE: link x0: link x0 is made anew/);
        assert.deepEqual(ipView(ns), before);
      }
      const harmless = command.file('harmless.yaml', 'version: 1\nroutes:\n  - {to: 10.8.0.0/16, type: blackhole}\n');
      assert.equal(run(ns, 'apply', '--yes', '--no-disruption', harmless).status, 0);
    }));
});
