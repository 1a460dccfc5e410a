import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestCommand } from './command.ts';
import { PLACES } from './route-list-scenes.ts';
import { ipBatch, ipJson, ipRun, withNamespace } from './support.ts';

/** As objects the routes of these lists take ten times as much. */
const command = createTestCommand({ NODE_OPTIONS: '--max-old-space-size=48' });
const { run } = command;

interface Step {
  readonly number: number;
  readonly title: string;
}

interface Outcome {
  readonly plan: { readonly steps: readonly Step[]; readonly changes: readonly unknown[]; readonly rest?: number };
}

const COUNT = 12_000;
const prefix = (i: number): string => `20.${i >> 8}.${i & 255}.0/24`;
const prefixes = Array.from({ length: COUNT }, (_, i) => prefix(i));

/** Some are there and change, some are as they should be, and one more goes. */
const HAD = [
  ...prefixes.slice(0, 2000).map((to) => `route add ${to} via 10.0.0.9 dev u0 proto 110`),
  ...prefixes.slice(2000, 4000).map((to) => `route add ${to} via 10.0.0.2 dev u0 proto 110`),
  'route add 30.0.0.0/8 via 10.0.0.9 dev u0 proto 110',
];

command.file('many.txt', `${prefixes.toReversed().join('\n')}\n`);
const FILE = command.file('many.yaml', 'version: 1\nroutes: [{to_file: many.txt, via: 10.0.0.2, dev: u0}]\n');
const CHANGES = COUNT - 2000 + 1;

const withRoutes = (act: (ns: string) => void): Promise<void> =>
  withNamespace((ns) => {
    ipRun(ns, ...PLACES.inet.ground);
    ipBatch(ns, HAD);
    act(ns);
  });

const planned = (ns: string): readonly Step[] => {
  const { stdout } = run(ns, 'plan', '--format', 'json', FILE);
  return (JSON.parse(stdout) as Outcome['plan']).steps;
};

describe('apply of many routes', () => {
  it('tells the whole plan, as plan does, with --format json', () =>
    withRoutes((ns) => {
      const steps = planned(ns);
      assert.equal(steps.length, CHANGES);
      const { status, stdout, stderr } = run(ns, 'apply', '--yes', '--format', 'json', FILE);
      assert.equal(status, 0, stderr);
      const { plan } = JSON.parse(stdout) as Outcome;
      assert.deepEqual(plan.steps, steps);
      assert.equal(plan.changes.length, CHANGES);
      assert.equal(plan.rest, undefined);
      assert.equal(ipJson(ns, 'route show proto 110').length, COUNT);
    }));

  it('tells of each step with -v, by its number and title in the plan', () =>
    withRoutes((ns) => {
      const wanted = planned(ns).map(({ number, title }) => `step ${number}: ${title}`);
      const { status, stderr } = run(ns, 'apply', '--yes', '-v', FILE);
      assert.equal(status, 0, stderr.slice(0, 1000));
      const told = stderr.split('\n').filter((line) => line.startsWith('step '));
      assert.deepEqual(told.toSorted(), wanted.toSorted());
    }));
});
