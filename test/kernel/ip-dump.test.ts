import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import type { Link } from '../../src/model/link.ts';
import { ROUTE } from '../../src/model/route.ts';
import type { State } from '../../src/model/state.ts';
import { parseIpDump } from '../../src/observed/ip-dump/parse-ip-dump.ts';
import { planDesired } from '../../src/reconcile/plan/plan.ts';
import { diagnosticText } from '../../src/report/error-text.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { planJson } from '../../src/report/plan-json.ts';
import { renderPlanText } from '../../src/report/plan-text.ts';
import { ADDRESS_LIST_CASES, INET_ADDRESS_CASES, INET6_ADDRESS_CASES } from './cases/addresses.ts';
import { BASIC_KINDS, optionCases, portCases } from './cases/link-options.ts';
import { HARDWARE_CASES, TOPOLOGY_CASES } from './cases/links.ts';
import { NEIGHBOR_CASES } from './cases/neighbors.ts';
import { findLacking } from './cases/option-lacks.ts';
import { INET_ROUTE_CASES, METRIC_CASES } from './cases/routes-inet.ts';
import { INET6_ROUTE_CASES } from './cases/routes-inet6.ts';
import { RULE_CASES } from './cases/rules.ts';
import { settledView, withQuietNamespace } from './cases/run-case.ts';
import type { StateCase } from './cases/state-case.ts';
import { createTestCommand } from './command.ts';
import { PAIR } from './ground.ts';
import { desiredOf, NAMES, openTestHost, type TestHost } from './harness.ts';
import { arbitraryTransition, findExtraKinds } from './random-state.ts';
import { runCommand } from './run-command.ts';
import { ipRun, readTables } from './support.ts';

const SEED = Number(process.env.FC_SEED ?? 20261121);
const IS_SLOW = availableParallelism() === 1;
const RUNS = Number(process.env.FC_RUNS ?? (IS_SLOW ? 2 : 3));
/** Every so many rows of the tables; 1 = all of them. */
const EVERY = Number(process.env.IP_DUMP_EVERY ?? (IS_SLOW ? 16 : 8));

/** The state as iproute2 of this machine shows it. */
const readIpState = (ns: string): Promise<State> => {
  const { link, address, route, route6, rule, rule6, neighbor, noarp, proxy } = readTables(ns);
  const files: Readonly<Record<string, readonly unknown[]>> = {
    'link.json': link,
    'addr.json': address,
    'route.json': route,
    'route6.json': route6,
    'rule.json': rule,
    'rule6.json': rule6,
    // both show what has the flag extern_learn
    'neigh.json': [...neighbor, ...noarp.filter((entry) => !neighbor.some((other) => isDeepStrictEqual(entry, other)))],
    'proxy.json': proxy,
  };
  const { tables, protocols, scopes, groups, dsfields } = NAMES;
  return parseIpDump(async (name) => JSON.stringify(files[name]), {
    table: tables.toNumber,
    protocol: protocols.toNumber,
    scope: scopes.toNumber,
    group: groups.toNumber,
    dsfield: dsfields.toNumber,
  }).then(({ state }) => state);
};

/** Options that the kernel says nothing of, and ip neither, are taken as the default: both sides show it as such. */
const withDefaults = (live: Link, shown: Partial<Link>): Link => ({
  ...live,
  ...(live.options === undefined ? {} : { options: { ...shown.options, ...live.options } }),
  ...(live.port === undefined
    ? {}
    : { port: { ...live.port, options: { ...shown.port?.options, ...live.port.options } } }),
});

/** What ip does not tell (docs/ip-dump.md), taken out of a state of the kernel. */
const withoutUntold = (live: State, shown: State): State => ({
  ...live,
  nexthop: [],
  neighbor: live.neighbor.filter(({ type }) => type !== 'fdb'),
  // from iproute2 6.3 on it prints them
  address: live.address.map((address) => {
    const other = shown.address.find(({ dev, address: text }) => dev === address.dev && text === address.address);
    return { ...address, protocol: other?.protocol ?? 0 };
  }),
  // what this version of ip does not know, as the settings of /proc/sys
  link: live.link.map((link) => {
    const other = shown.link.find(({ name }) => name === link.name) ?? {};
    const known = Object.fromEntries(Object.entries(link).filter(([field]) => field in other)) as unknown as Link;
    return withDefaults(known, other);
  }),
  route: live.route.map((route) => {
    const expires = shown.route.find((other) => ROUTE.slot(other) === ROUTE.slot(route))?.expires;
    const { lock: _, ...metrics } = route.metrics ?? {};
    return {
      ...route,
      ...(route.metrics === undefined ? {} : { metrics }),
      // a second may have passed
      ...(expires === undefined ? {} : { expires }),
    };
  }),
});

const planTexts = (desired: Desired, observed: State): readonly string[] => {
  try {
    const plan = planDesired(desired, observed, {
      owned: [],
      protocolName: NAMES.protocols.toName,
      allowMassDelete: true,
    });
    return [renderPlanText(plan, { paint: PLAIN, names: NAMES }), JSON.stringify(planJson(plan))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map((diagnostic) => diagnosticText(diagnostic, PLAIN));
  }
};

/** Files that change what is there in one way or another. */
const compare = async (ns: string, host: TestHost, files: readonly string[], lists: StateCase['lists'] = {}) => {
  await settledView(ns);
  const shown = await readIpState(ns);
  const live = withoutUntold(await host.dump(), shown);
  for (const yaml of files) {
    const desired = await desiredOf(yaml, lists);
    assert.deepEqual(planTexts(desired, shown), planTexts(desired, live), yaml);
  }
};

const ADDRESSES = [
  'addr add 192.0.2.1/24 dev v0',
  'addr add 192.0.2.11/24 dev v0',
  'addr add 2001:db8::1/64 dev v0 nodad',
];
const LOWER = ['parent0', 'parent1'].flatMap((name, i) => [
  `link add ${name} type veth peer name far${i}`,
  `link set ${name} up`,
  `link set far${i} up`,
]);

const lacking = await findLacking();

const TABLES: readonly (readonly [what: string, cases: readonly StateCase[], setup: readonly string[]])[] = [
  ['addresses', [...INET_ADDRESS_CASES, ...INET6_ADDRESS_CASES, ...ADDRESS_LIST_CASES], PAIR],
  ['routes', [...INET_ROUTE_CASES, ...INET6_ROUTE_CASES, ...METRIC_CASES], [...PAIR, ...ADDRESSES]],
  ['rules', RULE_CASES, PAIR],
  ['neighbors', NEIGHBOR_CASES, [...PAIR, ...ADDRESSES]],
  ['hardware and topologies', [...HARDWARE_CASES, ...TOPOLOGY_CASES], PAIR],
  ['options of links and ports', [...optionCases(lacking, ['bridge', ...BASIC_KINDS]), ...portCases(lacking)], LOWER],
];

const extra = await findExtraKinds();

describe('a plan from what ip prints is the one of the host, where ip shows everything', () => {
  for (const [what, cases, setup] of TABLES) {
    it(what, async () => {
      const failed: string[] = [];
      const rows = cases.filter(({ skip = false }, i) => skip === false && i % EVERY === 0);
      for (const { name, setup: own = [], yaml, next, lists } of rows) {
        await withQuietNamespace(async (ns) => {
          ipRun(ns, ...setup, ...own);
          const host = openTestHost(ns);
          const files = [yaml, ...(next === undefined ? [] : [next.yaml]), ''].map((text) => `version: 1\n${text}`);
          try {
            await host.apply(files[0] as string, { ...(lists === undefined ? {} : { lists }) });
            await compare(ns, host, files, lists);
          } catch (error) {
            failed.push(`${name}: ${(error as Error).message}`);
          } finally {
            host.close();
          }
        });
      }
      assert.deepEqual(failed, [], `${failed.length} of ${rows.length}`);
      assert.ok(rows.length > 0);
    });
  }

  before(() => {
    console.log(`# seed ${SEED}, ${RUNS} runs, extra kinds: ${extra.join(' ') || 'none'}`);
  });

  it('random states', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryTransition(extra), ([a, b]) =>
        withQuietNamespace(async (ns) => {
          const host = openTestHost(ns);
          try {
            await host.apply(JSON.stringify(a));
            await compare(ns, host, [JSON.stringify(a), JSON.stringify(b)]);
          } finally {
            host.close();
          }
        }),
      ),
      { seed: SEED, numRuns: RUNS, endOnFailure: true, includeErrorInReport: true },
    );
  });
});

describe('the commands that docs/ip-dump.md names', () => {
  const command = createTestCommand();

  it('make a folder that plans as the host does, and the plan says what they cannot tell', async () => {
    const page = readFileSync(join(process.cwd(), 'docs/ip-dump.md'), 'utf8');
    const [, script = ''] = /```sh\n(.*?)```/s.exec(page) ?? [];
    await withQuietNamespace(async (ns) => {
      ipRun(
        ns,
        ...PAIR,
        ...ADDRESSES,
        'route add 10.1.0.0/16 via 192.0.2.2 metric 5',
        'rule add ipproto tcp blackhole',
      );
      await settledView(ns);
      mkdirSync(command.path('dump'));
      const made = runCommand('ip', ['netns', 'exec', ns, 'sh', '-e'], { input: script, cwd: command.path('dump') });
      assert.equal(made.status, 0, made.stderr);
      const file = command.file('state.yaml', 'version: 1\nroutes: [{to: 10.1.0.0/16, via: 192.0.2.3, metric: 5}]\n');
      const live = command.run(ns, 'plan', file);
      const shown = command.run(ns, 'plan', file, '--against', `ip:${command.path('dump/router1')}`);
      assert.match(live.stdout, /1 to update/);
      assert.equal(shown.stdout, live.stdout);
      assert.match(shown.stderr, /warning NR_IP_DUMP: ip does not tell which links netrecon made/);
      const none = command.run(ns, 'plan', file, '--against', `ip:${command.path('.')}`);
      assert.equal(none.status, 1);
      assert.match(none.stderr, /error NR_SNAPSHOT: link\.json is missing/);
    });
  });
});
