import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../src/model/ip.ts';
import type { PlanFor } from '../../src/reconcile/lists/survey.ts';
import { surveyWhole } from '../../src/reconcile/lists/survey-whole.ts';
import { planDesired } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { jsonPieces } from '../../src/report/json-text.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { planDocument, planJson } from '../../src/report/plan-json.ts';
import { planTextPieces } from '../../src/report/plan-text.ts';
import { githubPieces } from '../../src/report/review/github.ts';
import { junitPieces } from '../../src/report/review/junit.ts';
import { renderPlanMarkdown } from '../../src/report/review/markdown.ts';
import { reviewPlan } from '../../src/report/review/review-plan.ts';
import { reviewSarif } from '../../src/report/review/sarif.ts';
import { IS_SLOW } from './bulk-scenes.ts';
import { createTestCommand } from './command.ts';
import { desiredOf, NAMES, openTestHost } from './harness.ts';
import { type Scene, scenesOf, setScene, yamlOf } from './random-lists.ts';
import { PLACES, textsOf } from './route-list-scenes.ts';
import { ipRun, withNamespace } from './support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_122);
const numRuns = Number(process.env.PLAN_PIECES_RUNS ?? (IS_SLOW ? 4 : 25));

const pathOf = (file: string): string => file;

/** A plan in every form that there is. */
const formsOf = (plan: Plan): Readonly<Record<string, string>> => {
  const facts = { plan, files: ['net.yaml'], names: NAMES, refusals: [], met: [], changesFail: true };
  const review = reviewPlan(facts);
  const text = (pieces: Iterable<string>): string => [...pieces].join('');
  return {
    json: text(jsonPieces(planDocument(plan))),
    text: text(planTextPieces(plan, { paint: PLAIN, names: NAMES })),
    limited: text(planTextPieces(plan, { paint: PLAIN, names: NAMES, limit: 7 })),
    github: text(githubPieces(review, pathOf)),
    junit: text(junitPieces(review, pathOf)),
    sarif: text(jsonPieces(reviewSarif(review, { pathOf, version: '1' }))),
    markdown: renderPlanMarkdown(facts),
  };
};

/** Or what is wrong with the files. */
const told = async <T>(make: () => Promise<T>): Promise<T | string> => {
  try {
    return await make();
  } catch (error) {
    return (error as Error).message;
  }
};

/** As objects they take ten times as much. */
const command = createTestCommand({ NODE_OPTIONS: '--max-old-space-size=48' });
const COUNT = 30_000;
const prefix = (i: number): string => `20.${i >> 8}.${i & 255}.0/24`;

describe('a plan of many routes', () => {
  command.file('many.txt', Array.from({ length: COUNT }, (_, i) => `${prefix(i)}\n`).join(''));
  const file = command.file('many.yaml', 'version: 1\nroutes: [{to_file: many.txt, via: 10.0.0.2, dev: u0}]\n');
  for (const format of ['json', 'text', 'github', 'junit', 'sarif', 'markdown'])
    it(`needs no more memory than one of a few, as ${format}`, () =>
      withNamespace((ns) => {
        ipRun(ns, ...PLACES.inet.ground);
        const { status, stdout, stderr } = command.run(ns, 'plan', '--format', format, file);
        assert.equal(status, 0, stderr.slice(0, 1000));
        if (format !== 'markdown') assert.ok(stdout.includes(prefix(COUNT - 1)));
        if (format === 'json') assert.ok(stdout.includes(`"number": ${COUNT},`));
      }));
});

describe(`a plan in pieces (seed ${seed}, ${numRuns} runs)`, () => {
  const isTheSame = async (family: Family, scene: Scene): Promise<number> =>
    withNamespace(async (ns) => {
      setScene(ns, scene);
      const host = openTestHost(ns);
      try {
        const desired = await desiredOf(yamlOf(scene), textsOf(scene.lists));
        const options = { protocolName: NAMES.protocols.toName, allowMassDelete: true, owned: [] };
        const planFor: PlanFor = (wanted, observed, aside) => planDesired(wanted, observed, { ...options, aside });
        const whole = await told(async () => {
          const { listed: _, ...spelled } = desired;
          return planFor({ ...spelled, objects: desired.objects }, await host.dump(), { kept: 0, removed: 0 });
        });
        const survey = await told(() => surveyWhole(desired, host.kernel, planFor, []));
        if (typeof survey === 'string' || typeof whole === 'string') {
          assert.equal(survey, whole, family);
          return 0;
        }
        assert.equal(
          JSON.stringify(planJson(survey.plan), null, 2),
          [...jsonPieces(planDocument(survey.plan))].join(''),
        );
        assert.deepEqual(formsOf(survey.plan), formsOf(whole));
        return survey.plan.bulks === undefined ? 0 : (survey.plan.rest ?? 0);
      } finally {
        host.close();
      }
    });

  it('is the same of lists of every sort, whose routes have places of their own', () =>
    withNamespace(async (ns) => {
      ipRun(ns, ...PLACES.inet.ground, ...PLACES.inet6.ground.slice(3));
      const old = [4, 9, 30, 31].map((i) => `172.16.${i}.0/24 via 10.0.0.7 dev u0 proto 110`);
      ipRun(ns, ...old.map((route) => `route add ${route}`), 'route add 10.66.0.0/16 via 10.0.0.7 dev u0 proto 110');
      const at = (length: number, line: (i: number) => string) => Array.from({ length }, (_, i) => line(i)).join('');
      const lists = {
        both: at(40, (i) => (i % 3 === 0 ? `2400:${i + 1}::/32  # one\n` : `172.17.${39 - i}.0/24\n`)),
        words: at(40, (i) => `  172.16.${i}.0/24 via 10.0.0.${2 + (i & 1)}${i % 5 === 0 ? ' metric 30' : ''}\n`),
        json: `[\n${at(30, (i) => `${i === 0 ? '' : ', '}"172.18.${i}.0/${i % 4 === 0 ? 25 : 24}"${i & 1 ? '\n' : ''}`)}]`,
      };
      const run = at(70, (i) => `  - {to: 172.${19 + (i & 1)}.${i}.0/24, via: 10.0.0.2, metric: 7}\n`);
      const yaml = `version: 1
routes:
  - {to: 10.77.0.0/16, type: blackhole}
  - {to_file: both, type: blackhole}
  - {to_file: words, dev: u0}
${run}  - {to_file: json, via: 10.0.1.2}
  - {to: 10.78.0.0/16, type: blackhole}
`;
      const host = openTestHost(ns);
      try {
        const desired = await desiredOf(yaml, lists);
        const options = { protocolName: NAMES.protocols.toName, allowMassDelete: true, owned: [] };
        const planFor: PlanFor = (wanted, observed, aside) => planDesired(wanted, observed, { ...options, aside });
        const { listed: _, ...spelled } = desired;
        const all = { ...spelled, objects: desired.objects };
        const whole = planFor(all, await host.dump(), { kept: 0, removed: 0 });
        const { plan } = await surveyWhole(desired, host.kernel, planFor, []);
        assert.ok((plan.bulks?.length ?? 0) >= 5, `${plan.bulks?.length} bulks`);
        assert.ok(plan.steps.length < 40, `${plan.steps.length} steps are planned one by one`);
        assert.deepEqual(formsOf(plan), formsOf(whole));
      } finally {
        host.close();
      }
    }));

  for (const family of ['inet', 'inet6'] as const)
    it(`is the same as in one, in every form (${family})`, async () => {
      let inBulk = 0;
      await fc.assert(
        fc.asyncProperty(scenesOf(family), async (scene) => {
          inBulk += await isTheSame(family, scene);
        }),
        { seed, numRuns },
      );
      assert.ok(inBulk > numRuns, `only ${inBulk} routes were not planned one by one: it says nothing`);
    });
});
