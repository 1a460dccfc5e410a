import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { lintDesired } from '../../src/reconcile/lint/lint.ts';
import { judgeByFiles } from '../../src/reconcile/lookup/expect-files.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_124);
const numRuns = Number(process.env.THIN_LISTS_RUNS ?? 300);

const load = (files: Readonly<Record<string, string>>): Promise<Desired> =>
  loadDesired({
    files: ['a.yaml'],
    names: createNameTables(),
    readFile: async (path) => files[path] ?? assert.fail(`no file ${path}`),
    listDirectory: async () => undefined,
  });

const PREFIXES = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.2.0.0/16', '172.16.0.0/12', '0.0.0.0/0'];

/** Lists of which some go the same way, by links of which one may be down. */
const WAYS = ['via: 192.0.2.1, dev: a', 'via: 192.0.2.1, dev: a, metric: 7', 'via: 198.51.100.1, dev: b, table: 77'];

const prefixes = fc.shuffledSubarray(PREFIXES);

const files = fc
  .record({
    lists: fc.array(fc.tuple(fc.constantFrom(...WAYS), prefixes), { maxLength: 4 }),
    single: fc.array(fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...WAYS)), { maxLength: 2 }),
    down: fc.constantFrom('', ', state: down'),
  })
  .map(({ lists, single, down }) => {
    const routes = [
      ...lists.map(([way], i) => `  - {to_file: l${i}, ${way}}\n`),
      ...single.map(([to, way], i) => `  - {to: ${to}, ${way}, tos: ${4 * (i + 1)}}\n`),
    ];
    const expect = ['10.1.2.3', '172.16.0.9', '8.8.8.8'].map((to) => `  - {to: ${to}, dev: a}\n`).join('');
    const links = `links:\n  a: {addresses: [192.0.2.9/24]}\n  b: {addresses: [198.51.100.9/24]${down}}\n`;
    const yaml = `version: 1\n${links}${routes.length === 0 ? '' : `routes:\n${routes.join('')}`}expect:\n${expect}`;
    return {
      'a.yaml': yaml,
      ...Object.fromEntries(lists.map(([, list], i) => [`l${i}`, `${list.join('\n')}\n`] as const)),
    };
  });

/** The same with every route of a list as one of its own. */
const spelled = ({ listed: _, ...desired }: Desired): Desired => ({ ...desired, objects: { ...desired.objects } });

describe(`files with lists of routes (seed ${seed}, ${numRuns} runs)`, () => {
  const compare = async (judge: (desired: Desired) => unknown, isTelling: (found: unknown) => boolean) => {
    let telling = 0;
    await fc.assert(
      fc.asyncProperty(files, async (texts) => {
        let desired: Desired;
        try {
          desired = await load(texts);
        } catch {
          // one prefix twice
          return;
        }
        const found = judge(desired);
        assert.deepEqual(found, judge(spelled(desired)));
        if (desired.listed !== undefined && isTelling(found)) telling++;
      }),
      { seed, numRuns },
    );
    assert.ok(telling > numRuns / 10, `only ${telling} of them say anything`);
  };

  it('get the advice that the routes one by one get', () =>
    compare(lintDesired, (found) => (found as readonly unknown[]).length > 0));

  it('keep what they expect as the routes one by one do', () =>
    compare(judgeByFiles, (found) => (found as { readonly met: readonly unknown[] }).met.length > 0));

  it('are judged without an object of every route', async () => {
    const desired = await load({
      'a.yaml':
        'version: 1\nlinks: {a: {addresses: [192.0.2.9/24]}}\nroutes: [{to_file: l, via: 192.0.2.1, dev: a}]\nexpect: [{to: 10.1.2.3, dev: a}]\n',
      l: `${PREFIXES.join('\n')}\n`,
    });
    const objects = Object.defineProperty({ ...desired.objects }, 'route', {
      enumerable: true,
      get: () => assert.fail('every route was asked for'),
    });
    const guarded = { ...desired, objects };
    assert.deepEqual(lintDesired(guarded), []);
    assert.equal(judgeByFiles(guarded).met.length, 1);
  });
});
