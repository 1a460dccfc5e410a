import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../src/model/ip.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import { leavesRoutesAlone } from '../../src/reconcile/lists/list-bulks.ts';
import { type PlanFor, Surveyor } from '../../src/reconcile/lists/survey.ts';
import { planDesired } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import { rollbackLast } from '../../src/reconcile/transaction/recover.ts';
import { planJson } from '../../src/report/plan-json.ts';
import { IS_SLOW } from './bulk-scenes.ts';
import { applyWithEveryFault, assertIdempotent, settledView } from './cases/run-case.ts';
import { desiredOf, NAMES, openTestHost, sleep, type TestHost } from './harness.ts';
import { prefixesOf, type Scene, scenesOf, setScene, yamlOf } from './random-lists.ts';
import { GROUND, LISTS, textsOf } from './route-list-scenes.ts';
import { ipJson, ipRun, withNamespace } from './support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.ROUTE_LIST_RUNS ?? (IS_SLOW ? 12 : 40));

const PREFIXES = prefixesOf('inet');

/** Names every difference in the order of the plan; or what is wrong with the files. */
const told = async (plan: () => Plan | Promise<Plan>): Promise<unknown> => {
  try {
    return planJson(await plan());
  } catch (error) {
    return (error as Error).message;
  }
};

const planBoth = async (host: TestHost, scene: Scene) => {
  const load = () => desiredOf(yamlOf(scene), textsOf(scene.lists));
  const options = { protocolName: NAMES.protocols.toName, allowMassDelete: true, owned: [] };
  const planFor: PlanFor = (desired, observed, aside) => planDesired(desired, observed, { ...options, aside });
  const surveyor = new Surveyor(await load(), host.kernel);
  let settled = 0;
  let isBeside = false;
  const narrow = await told(async () => {
    const survey = await surveyor.look(planFor);
    settled = (survey.settled ?? []).reduce((sum, rows) => sum + rows.filter((row) => row === 1).length, 0);
    isBeside = settled > 0 && !leavesRoutesAlone(survey.plan);
    return survey.plan;
  });
  const whole = await load();
  const { listed: _, ...spelled } = whole;
  const observed = await host.dump();
  return {
    narrow,
    whole: await told(() => planFor({ ...spelled, objects: whole.objects }, observed, { kept: 0, removed: 0 })),
    settled,
    isBeside,
  };
};

/** Refuses one operation, after so many. */
const refuseAfter =
  (allowed: number) =>
  (kernel: KernelPort): KernelPort => {
    let sent = 0;
    return {
      ...kernel,
      send: async (ops, options) => {
        if (sent < 0 || sent + ops.length <= allowed) {
          sent += sent < 0 ? 0 : ops.length;
          return kernel.send(ops, options);
        }
        sent = -1;
        return [{ ok: false, error: { errno: 1, name: 'EPERM', message: 'refused by the test' } }];
      },
    };
  };

describe(`lists of routes (seed ${seed}, ${numRuns} runs)`, () => {
  const giveTheSamePlan = async (family: Family): Promise<void> => {
    let settled = 0;
    let beside = 0;
    await fc.assert(
      fc.asyncProperty(scenesOf(family), async (scene) => {
        await withNamespace(async (ns) => {
          setScene(ns, scene);
          const host = openTestHost(ns);
          try {
            const both = await planBoth(host, scene);
            settled += both.settled;
            beside += both.isBeside ? 1 : 0;
            assert.deepEqual(both.narrow, both.whole);
          } finally {
            host.close();
          }
        });
      }),
      { seed, numRuns },
    );
    assert.ok(settled > numRuns, `only ${settled} routes were left out of the plans: they say nothing`);
    assert.ok(beside > numRuns / 20, `only ${beside} plans changed something else beside settled routes`);
  };

  it('give the plan that the same routes one by one give', () => giveTheSamePlan('inet'));

  it('give the plan that the same IPv6 routes one by one give', () => giveTheSamePlan('inet6'));

  it('are brought about, and undone where any operation is refused', async () => {
    await withNamespace(async (ns) => {
      ipRun(ns, ...GROUND, ...PREFIXES.slice(0, 20).map((to) => `route add ${to} via 10.0.0.2 dev u0 proto 110`));
      const host = openTestHost(ns);
      try {
        const lists = { l: PREFIXES.slice(3).join('\n') };
        const yaml = 'version: 1\nroutes: [{to_file: l, via: 10.0.0.2, dev: u0}]\n';
        const outcome = await applyWithEveryFault(ns, host, yaml, { lists });
        assert.equal(outcome.status, 'applied');
        assert.equal(outcome.plan.steps.length, 7, '4 to create and 3 to delete');
        assert.deepEqual(
          (ipJson(ns, 'route show proto 110') as { dst: string }[]).map(({ dst }) => dst),
          PREFIXES.slice(3),
        );
        await assertIdempotent(host, yaml, lists);
      } finally {
        host.close();
      }
    });
  });

  it('are looked at as a whole where links change: what the kernel takes along comes back', async () => {
    await withNamespace(async (ns) => {
      ipRun(ns, ...GROUND, ...PREFIXES.map((to) => `route add ${to} via 10.0.0.2 dev u0 proto 110`));
      const host = openTestHost(ns);
      try {
        const before = await settledView(ns);
        const lists = { l: PREFIXES.join('\n') };
        const routes = 'routes: [{to_file: l, via: 10.0.0.2, dev: u0}]\n';
        const outcome = await applyWithEveryFault(ns, host, `version: 1\nlinks: {u0: {state: down}}\n`, {
          lists,
          every: false,
          settled: before,
        });
        assert.equal(outcome.status, 'applied', 'down, and the routes with it');
        assert.deepEqual(ipJson(ns, 'route show proto 110'), []);
        const back = await host.apply(`version: 1\nlinks: {u0: {state: up}}\n${routes}`, { lists });
        assert.equal(back.status, 'applied');
        assert.deepEqual((await settledView(ns)).route, before.route);
      } finally {
        host.close();
      }
    });
  });

  it('are made in passes where they are long, and undone after any of them', async () => {
    await withNamespace(async (ns) => {
      ipRun(ns, ...GROUND, 'route add 172.16.3.0/24 via 10.0.0.3 dev u0 proto 110', 'addr del 10.0.1.1/24 dev u1');
      const host = openTestHost(ns);
      const lists = { one: PREFIXES.join('\n'), open: PREFIXES.join('\n') };
      const routes = `  - {to_file: one, ${LISTS.one}}\n  - {to_file: open, ${LISTS.open}}\n`;
      const yaml = `version: 1\nlinks: {u1: {addresses: [10.0.1.1/24]}}\nroutes:\n${routes}`;
      try {
        const before = await settledView(ns);
        for (let allowed = 0; ; allowed += 7) {
          const outcome = await host.apply(yaml, { lists, wrap: refuseAfter(allowed), routesAPass: 5 });
          assert.equal(outcome.plan.summary.create, 2 * PREFIXES.length, 'the other is there, and goes another way');
          if (outcome.status === 'applied') {
            assert.ok(allowed > PREFIXES.length, 'it took many refusals');
            break;
          }
          assert.equal(outcome.status, 'rolledBack');
          assert.deepEqual(await settledView(ns), before, `after ${allowed} operations`);
        }
        assert.equal(ipJson(ns, 'route show proto 110').length, 2 * PREFIXES.length);
        await assertIdempotent(host, yaml, lists);
      } finally {
        host.close();
      }
    });
  });

  it('are changed and deleted in passes where they are long, and undone after any of them', async () => {
    await withNamespace(async (ns) => {
      const [gone, kept, fresh] = [PREFIXES.slice(0, 9), PREFIXES.slice(9, 20), PREFIXES.slice(20)];
      const had = [...gone, ...kept].map((to) => `route add ${to} via 10.0.0.2 dev u0 proto 110 mtu 1300`);
      ipRun(ns, ...GROUND, ...had, `route add ${kept[3]} via 10.0.0.2 dev u0 proto 110 metric 8`);
      const host = openTestHost(ns);
      const lists = { l: [...kept, ...fresh].join('\n') };
      const yaml = 'version: 1\nroutes: [{to_file: l, via: 10.0.1.2}]\n';
      try {
        const before = await settledView(ns);
        for (let allowed = 0; ; allowed += 3) {
          const outcome = await host.apply(yaml, { lists, wrap: refuseAfter(allowed), routesAPass: 4 });
          const { create, update, delete: deleted } = outcome.plan.summary;
          assert.deepEqual({ create, update, deleted }, { create: 4, update: 11, deleted: 10 });
          if (outcome.status === 'applied') {
            assert.ok(allowed > 20, 'it took many refusals');
            break;
          }
          assert.equal(outcome.status, 'rolledBack');
          assert.deepEqual(await settledView(ns), before, `after ${allowed} operations`);
        }
        const left = ipJson(ns, 'route show proto 110') as { dst: string; dev: string }[];
        assert.deepEqual(
          left.map(({ dst, dev }) => `${dst} ${dev}`),
          [...kept, ...fresh].map((to) => `${to} u1`),
        );
        await assertIdempotent(host, yaml, lists);
        const back = await rollbackLast({
          kernel: host.kernel,
          records: host.records,
          approve: async () => true,
          sleep,
          now: Date.now,
        });
        assert.equal(back.status, 'applied');
        assert.deepEqual(await settledView(ns), before, 'rolled back later on');
      } finally {
        host.close();
      }
    });
  });
});
