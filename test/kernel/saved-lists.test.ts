import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv, type AnySchema } from 'ajv';
import fc from 'fast-check';
import type { Desired } from '../../src/model/desired.ts';
import type { Family } from '../../src/model/ip.ts';
import type { PlanFor } from '../../src/reconcile/lists/survey.ts';
import { surveyWhole } from '../../src/reconcile/lists/survey-whole.ts';
import { planDesired } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { unpackDesired } from '../../src/reconcile/saved/saved-desired.ts';
import { type SavedPlan, savePlan } from '../../src/reconcile/saved/saved-plan.ts';
import { differencesSince } from '../../src/reconcile/saved/stale-plan.ts';
import { IS_SLOW } from './bulk-scenes.ts';
import { createTestCommand } from './command.ts';
import { desiredOf, NAMES, openTestHost, type TestHost } from './harness.ts';
import { prefixesOf, scenesOf, setScene, yamlOf } from './random-lists.ts';
import { PLACES, textsOf } from './route-list-scenes.ts';
import { ipBatch, ipJson, ipRun, ipTry, withNamespace } from './support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_125);
const numRuns = Number(process.env.SAVED_LISTS_RUNS ?? (IS_SLOW ? 8 : 25));

const planFor: PlanFor = (wanted, observed, aside) =>
  planDesired(wanted, observed, { protocolName: NAMES.protocols.toName, allowMassDelete: true, owned: [], aside });

/** A plan and what it was made from, with bulks, or every route as an object. */
const look = async (host: TestHost, desired: Desired, inBulk: boolean) => {
  if (inBulk) return surveyWhole(desired, host.kernel, planFor, []);
  const { listed: _, ...spelled } = desired;
  const observed = await host.dump();
  return { observed, plan: planFor({ ...spelled, objects: desired.objects }, observed, { kept: 0, removed: 0 }) };
};

const save = (plan: Plan, desired: Desired, { observed }: Awaited<ReturnType<typeof look>>): SavedPlan =>
  JSON.parse(JSON.stringify(savePlan(plan, desired, observed, { allowMassDelete: true })));

/** What others may do to a route of the scene, or beside it. */
const CHANGES: Readonly<Record<Family, readonly string[]>> = {
  inet: [
    'del TO',
    'del TO via 10.0.0.2 dev u0',
    'append TO via 10.0.0.2 dev u0 proto 110',
    'replace TO via 10.0.0.7 dev u0 proto 110',
    'replace TO via 10.0.0.2 dev u0 proto 110',
    'append TO via 10.0.1.2 dev u1 metric 9 proto 110',
    'append blackhole TO metric 7 proto 110',
    'append TO via 10.0.0.2 dev u0 proto static metric 55',
  ],
  inet6: [
    'del TO',
    'append TO via 2001:db8::2 dev u0 proto 110',
    'replace TO via 2001:db8::7 dev u0 proto 110',
    'append TO via 2001:db8:0:1::2 dev u1 metric 9 proto 110',
    'append blackhole TO metric 7 proto 110',
  ],
};

describe(`a saved plan with lists of routes (seed ${seed}, ${numRuns} runs)`, () => {
  for (const family of ['inet', 'inet6'] as const)
    it(`is found to be stale just where that of the same routes one by one is (${family})`, async () => {
      const counts = { stale: 0, good: 0, inBulk: 0 };
      const changed = fc.array(fc.tuple(fc.constantFrom(...CHANGES[family]), fc.constantFrom(...prefixesOf(family))), {
        maxLength: 2,
      });
      await fc.assert(
        fc.asyncProperty(scenesOf(family), changed, async (scene, changes) =>
          withNamespace(async (ns) => {
            setScene(ns, scene);
            const host = openTestHost(ns);
            try {
              const desired = await desiredOf(yamlOf(scene), textsOf(scene.lists));
              const whole = await look(host, desired, false).catch((error: Error) => error);
              if (whole instanceof Error) return;
              const narrow = await look(host, desired, true);
              const saved = save(narrow.plan, desired, narrow);
              counts.inBulk += (saved.routes ?? []).length;
              const savedWhole = save(whole.plan, desired, whole);
              assert.equal(saved.signature, savedWhole.signature);
              for (const [change, to] of changes)
                ipTry(ns, `${family === 'inet' ? 'route' : '-6 route'} ${change.replace('TO', to)}`);
              const back = unpackDesired(saved.desired);
              const told = async (from: SavedPlan, inBulk: boolean) => {
                const now = await look(host, back, inBulk).catch((error: Error) => error);
                if (now instanceof Error) return now.message;
                return differencesSince(from, now.plan, now.observed).map(({ message }) => message);
              };
              const found = await told(saved, true);
              const foundWhole = await told(savedWhole, false);
              assert.equal(found.length > 0, foundWhole.length > 0, `${found}; one by one: ${foundWhole}`);
              counts[found.length > 0 ? 'stale' : 'good']++;
            } finally {
              host.close();
            }
          }),
        ),
        { seed, numRuns },
      );
      assert.ok(Math.min(counts.stale, counts.good, counts.inBulk) > numRuns / 10, JSON.stringify(counts));
    });
});

/** As objects the routes of these lists take ten times as much. */
const command = createTestCommand({ NODE_OPTIONS: '--max-old-space-size=48' });
const { run } = command;

const COUNT = 30_000;
const prefix = (i: number): string => `20.${i >> 8}.${i & 255}.0/24`;
const prefixes = Array.from({ length: COUNT }, (_, i) => prefix(i));
command.file('many.txt', `${prefixes.join('\n')}\n`);
const FILE = command.file('many.yaml', 'version: 1\nroutes: [{to_file: many.txt, via: 10.0.0.2, dev: u0}]\n');
const OUT = command.path('plan.json');

const readSchema = (name: string): AnySchema =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../../../schemas/${name}.schema.json`), 'utf8'));

const withSavedPlan = (check: (ns: string) => void): Promise<void> =>
  withNamespace((ns) => {
    ipRun(ns, ...PLACES.inet.ground);
    ipBatch(ns, [
      ...prefixes.slice(0, 3000).map((to) => `route add ${to} via 10.0.0.9 dev u0 proto 110`),
      ...prefixes.slice(3000, 6000).map((to) => `route add ${to} via 10.0.0.2 dev u0 proto 110`),
      ...prefixes.slice(0, 50).map((to) => `route add ${to} via 10.0.0.9 dev u0 proto 110 metric 7`),
    ]);
    const { status, stderr } = run(ns, 'plan', '--limit', '3', '--out', OUT, FILE);
    assert.equal(status, 0, stderr);
    check(ns);
  });

describe('a saved plan of many routes', () => {
  it('is short, as its schema says, and carried out in bulk', () =>
    withSavedPlan((ns) => {
      assert.ok(statSync(OUT).size < 2 ** 20, `${statSync(OUT).size} bytes`);
      const validate = new Ajv({ schemas: [readSchema('plan')] }).compile(readSchema('saved-plan'));
      assert.ok(validate(JSON.parse(readFileSync(OUT, 'utf8'))), JSON.stringify(validate.errors));
      const { status, stderr } = run(ns, 'apply', '--plan', OUT);
      assert.equal(status, 0, stderr);
      assert.equal(ipJson(ns, 'route show proto 110').length, COUNT);
      assert.equal(run(ns, 'plan', '--detailed-exitcode', FILE).status, 0);
      assert.equal(run(ns, 'apply', '--plan', OUT).status, 5, 'it has been carried out already');
    }));

  const changes: readonly (readonly [string, string, RegExp])[] = [
    ['has appeared', `route add ${prefix(9000)} via 10.0.0.3 dev u0`, /route 20\.35\.40\.0\/24 has appeared/],
    [
      'has been made already',
      `route add ${prefix(9000)} via 10.0.0.2 dev u0 proto 110`,
      /20\.35\.40\.0\/24 has appeared/,
    ],
    [
      'that is to change has',
      `route replace ${prefix(1000)} via 10.0.0.8 dev u0 proto 110`,
      /20\.3\.232\.0\/24: hops was/,
    ],
    ['that is to go has gone', `route del ${prefix(40)} metric 7`, /20\.0\.40\.0\/24 metric 7 has gone/],
    ['that was in order has gone', `route del ${prefix(4000)}`, /a step is needed .*: create route 20\.15\.160\.0\/24/],
  ];
  for (const [what, change, message] of changes)
    it(`is refused with 5 where a route ${what}`, () =>
      withSavedPlan((ns) => {
        ipRun(ns, change);
        const count = ipJson(ns, 'route show').length;
        const { status, stderr } = run(ns, 'apply', '--plan', OUT);
        assert.equal(status, 5, stderr);
        assert.match(stderr, message);
        assert.equal(ipJson(ns, 'route show').length, count);
      }));
});
