import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../src/model/ip.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import { planDesired } from '../../src/reconcile/plan.ts';
import type { Plan } from '../../src/reconcile/plan-types.ts';
import { rollbackLast } from '../../src/reconcile/recover.ts';
import { type PlanFor, Surveyor } from '../../src/reconcile/survey.ts';
import { planJson } from '../../src/report/plan-json.ts';
import { IS_SLOW } from './bulk-scenes.ts';
import { applyWithEveryFault, assertIdempotent, settledView } from './cases/run-case.ts';
import { desiredOf, NAMES, openTestHost, sleep, type TestHost } from './harness.ts';
import { entriesOf, GROUND, LISTS, PLACES, textsOf } from './route-list-scenes.ts';
import { ipJson, ipRun, ipTry, withNamespace } from './support.ts';

const seed = Number(process.env.FC_SEED ?? 20_261_121);
const numRuns = Number(process.env.ROUTE_LIST_RUNS ?? (IS_SLOW ? 8 : 40));

const prefixesOf = (family: Family): string[] => Array.from({ length: 24 }, (_, i) => PLACES[family].prefixAt(i));
const PREFIXES = prefixesOf('inet');

/** What may stand at a prefix, as `ip route append` takes it; most of it is as some list wants it. */
const HAVE: Readonly<Record<Family, readonly string[]>> = {
  inet: [
    ...Array.from({ length: 30 }, () => 'via 10.0.0.2 dev u0 proto 110'),
    'blackhole metric 7 proto 110',
    ...Array.from({ length: 10 }, () => 'via 10.0.1.2 dev u1 metric 9 proto 110'),
    'via 10.0.1.2 dev u0 onlink metric 9 proto 110',
    'via 10.0.1.2 dev u1 proto 110 table 77 mtu 1400',
    'via 10.0.0.3 dev u0 proto 110',
    'via 10.0.0.2 dev u0 proto static',
    'via 10.0.0.2 dev u0 proto 110 metric 5',
    'via 10.0.0.2 dev u0 proto 110 src 10.0.1.1',
    'nexthop via 10.0.0.2 dev u0 nexthop via 10.0.1.2 dev u1 proto 110',
  ],
  inet6: [
    ...Array.from({ length: 30 }, () => 'via 2001:db8::2 dev u0 proto 110'),
    'blackhole metric 7 proto 110',
    ...Array.from({ length: 10 }, () => 'via 2001:db8:0:1::2 dev u1 metric 9 proto 110'),
    'via 2001:db8:0:1::2 dev u0 onlink metric 9 proto 110',
    'via 2001:db8:0:1::2 dev u1 proto 110 table 77 mtu 1400',
    'via 2001:db8::3 dev u0 proto 110',
    'via 2001:db8::2 dev u0 proto static',
    'via 2001:db8::2 dev u0 proto 110 metric 5',
    'via 2001:db8::2 dev u0 proto 110 src 2001:db8:0:1::1',
    'via 2001:db8::2 dev u0 proto 110 pref low',
    'from 2001:db8:f::/48 via 2001:db8::2 dev u0 proto 110',
    'dev u1 proto 110',
    'nexthop via 2001:db8::2 dev u0 nexthop via 2001:db8:0:1::2 dev u1 proto 110',
  ],
};

/** Nearer to the gateway of a list than its subnet: the list is then to go another way. */
const ONLINK = { inet: '{to: 10.0.1.2/32, dev: u0}', inet6: '{to: "2001:db8:0:1::2/128", dev: u0}' } as const;

const scenesOf = (family: Family) => {
  const prefixes = prefixesOf(family);
  const some = fc.oneof(
    fc.constant([]),
    fc.shuffledSubarray(prefixes),
    fc.shuffledSubarray(prefixes, { minLength: 16 }),
  );
  const [address, expected] = family === 'inet' ? ['10.0.0.9/24', '172.16.1.1'] : ['2001:db8::9/64', '2400:2::1'];
  return fc.record({
    family: fc.constant(family),
    have: fc.array(fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...HAVE[family])), {
      minLength: 10,
      maxLength: 40,
    }),
    lists: fc.record({ one: some, open: some, two: some, three: some }),
    single: fc.array(fc.constantFrom(...prefixes), { maxLength: 2 }),
    /** beside routes: then the plan has to look at everything */
    extra: fc.constantFrom(
      ...['', '', '', ONLINK[family], 'links: {u0: {mtu: 1400}}\n', `links: {u0: {addresses: ["${address}"]}}\n`],
    ),
    rest: fc.constantFrom('', '', 'prune: none\n', 'prune: all\n', `expect: [{to: "${expected}", dev: u0}]\n`),
  });
};
type Scene = ReturnType<typeof scenesOf> extends fc.Arbitrary<infer T> ? T : never;

const yamlOf = ({ family, lists, single, extra, rest }: Scene): string => {
  const onlink = ONLINK[family];
  const routes = [
    ...(extra === onlink ? [onlink] : []),
    ...entriesOf(lists, PLACES[family]),
    ...single.map((to, i) => `{to: "${to}", type: throw, table: ${90 + i}}`),
  ];
  return `version: 1\n${extra === onlink ? '' : extra}${rest}${routes.length === 0 ? '' : `routes:\n${routes.map((r) => `  - ${r}\n`).join('')}`}`;
};

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
  const narrow = await told(async () => {
    const survey = await surveyor.look(planFor);
    settled = (survey.settled ?? []).reduce((sum, rows) => sum + rows.filter((row) => row === 1).length, 0);
    return survey.plan;
  });
  const whole = await load();
  const { listed: _, ...spelled } = whole;
  const observed = await host.dump();
  return {
    narrow,
    whole: await told(() => planFor({ ...spelled, objects: whole.objects }, observed, { kept: 0, removed: 0 })),
    settled,
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
    await fc.assert(
      fc.asyncProperty(scenesOf(family), async (scene) => {
        await withNamespace(async (ns) => {
          ipRun(ns, ...PLACES[family].ground);
          for (const [to, what] of scene.have) {
            const [type = '', ...words] = what.split(' ');
            const route = type === 'blackhole' ? `blackhole ${to} ${words.join(' ')}` : `${to} ${what}`;
            ipTry(ns, `${family === 'inet' ? 'route' : '-6 route'} append ${route}`);
          }
          const host = openTestHost(ns);
          try {
            const both = await planBoth(host, scene);
            settled += both.settled;
            assert.deepEqual(both.narrow, both.whole);
          } finally {
            host.close();
          }
        });
      }),
      { seed, numRuns },
    );
    assert.ok(settled > numRuns, `only ${settled} routes were left out of the plans: they say nothing`);
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
        const outcome = await applyWithEveryFault(ns, host, yaml, lists);
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
        const outcome = await applyWithEveryFault(ns, host, `version: 1\nlinks: {u0: {state: down}}\n`, lists, false);
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
