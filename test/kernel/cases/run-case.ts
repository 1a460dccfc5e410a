import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { formatYaml } from '../../../src/desired/format-yaml.ts';
import { createProblems } from '../../../src/desired/problems.ts';
import { ConfigError, formatSource } from '../../../src/model/errors.ts';
import type { KernelPort } from '../../../src/model/kernel-port.ts';
import type { Plan } from '../../../src/reconcile/plan/plan-types.ts';
import type { Outcome } from '../../../src/reconcile/transaction/outcome.ts';
import { exportState, renderYaml } from '../../../src/report/export.ts';
import { NAMES, openTestHost, type TestHost, viewOfTables } from '../harness.ts';
import { isDecoy } from '../lists-of-few.ts';
import {
  bridgeJson,
  type IpTables,
  ipJson,
  ipRun,
  nsExec,
  PATIENCE_MS,
  readTables,
  withNamespace,
} from '../support.ts';
import { assertShown, type StateCase } from './state-case.ts';

const EMPTY_FILE = 'version: 1\n';
const SETTLE_MS = 20;

/** An address may never get its own route (as a duplicate): it is waited for so long. */
const ROUTES_MS = 5000;
/** More than any plan here has steps: a transaction that never gets through fails instead of hanging. */
const MOST_STEPS = 60;

const fileOf = (yaml: string): string => `version: 1\n${yaml}`;

/** A namespace without duplicate address detection, so that an address is what it is at once; lo is up. */
export const withQuietNamespace = <T>(fn: (ns: string) => Promise<T>): Promise<T> =>
  withNamespace((ns) => {
    const conf = 'net.ipv6.conf';
    const { status, stderr } = nsExec(ns, 'sysctl', '-qw', `${conf}.all.accept_dad=0`, `${conf}.default.accept_dad=0`);
    assert.equal(status, 0, stderr);
    return fn(ns);
  });

interface Neighbor {
  readonly dst: string;
  readonly dev: string;
  readonly state?: readonly string[];
}

/** Entries for multicast, and all of lo, come and go with the traffic of the kernel itself. */
const isStatic = ({ dst, dev, state }: Neighbor): boolean =>
  state?.includes('NOARP') === true && dev !== 'lo' && !/^(ff|22[4-9]|23\d)/.test(dst);

interface ForwardingEntry {
  readonly mac: string;
  readonly state: string;
  readonly flags: readonly string[];
}

/** Learned entries, the groups that the kernel joins, and what a bridge keeps for its ports come and go. */
const isConfigured = ({ mac, state, flags }: ForwardingEntry, ownAddresses: ReadonlySet<string>): boolean =>
  (state !== '' || flags.includes('extern_learn')) && !/^(33:33|01:00:5e)/.test(mac) && !ownAddresses.has(mac);

interface Group {
  readonly state: string;
}

/** Groups that were joined come and go. */
const askedGroups = (tables: readonly unknown[]): readonly unknown[] =>
  (tables as readonly { readonly mdb?: readonly Group[] }[])
    .flatMap(({ mdb = [] }) => mdb)
    .filter(({ state }) => state === 'permanent');

/** Where there are no labels, their routes need not be asked for: a question is a process. */
const hasMpls = (): boolean => existsSync('/proc/sys/net/mpls');

type View = Readonly<Record<string, readonly string[]>>;

/** All that iproute2 shows of a namespace, the tables that `ipView` leaves out included. */
const viewOf = (ns: string, tables = readTables(ns)): View => {
  const text = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();
  const ownAddresses = new Set((tables.link as { readonly address: string }[]).map(({ address }) => address));
  return {
    ...viewOfTables(tables),
    mpls: text(hasMpls() ? ipJson(ns, '-f mpls route show') : []),
    noarp: text((tables.noarp as Neighbor[]).filter(isStatic)),
    mdb: text(askedGroups(tables.mdb)),
    // refused where nothing has loaded the module
    vni: text(JSON.stringify(tables.link).includes('vnifilter') ? bridgeJson(ns, 'vni show') : []),
    fdb: text((tables.fdb as ForwardingEntry[]).filter((entry) => isConfigured(entry, ownAddresses))),
  };
};

/** Lines that one view has and the other has not. */
const differenceOf = (view: View, before: View): readonly string[] =>
  Object.keys(before).flatMap((table) => {
    const [now = [], then = []] = [view[table], before[table]];
    return [
      ...then.filter((line) => !now.includes(line)).map((line) => `- ${table} ${line}`),
      ...now.filter((line) => !then.includes(line)).map((line) => `+ ${table} ${line}`),
    ];
  });

interface LinkAddresses {
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly tentative?: boolean }[];
}

/** Whether each IPv6 address that is no duplicate has its own route, which the kernel makes when it has time (addrconf_dad_work). */
const hasOwnRoutes = (tables: IpTables): boolean => {
  const own = new Set((tables.route6 as { dst: string }[]).map(({ dst }) => dst));
  return (tables.address as LinkAddresses[])
    .filter(({ flags }) => flags.includes('UP'))
    .flatMap(({ addr_info }) => addr_info)
    .every(({ family, local, tentative }) => family !== 'inet6' || tentative === true || own.has(local));
};

/** What is there once the kernel has done its own part (operational state, multicast groups, routes of addresses). */
export const settledView = async (ns: string): Promise<View> => {
  let view = viewOf(ns);
  let since = performance.now();
  for (const end = since + PATIENCE_MS; performance.now() < end; ) {
    await sleep(SETTLE_MS);
    const tables = readTables(ns);
    const next = viewOf(ns, tables);
    const now = performance.now();
    if (!isDeepStrictEqual(next, view)) since = now;
    else if (hasOwnRoutes(tables) || now - since > ROUTES_MS) return next;
    view = next;
  }
  throw new Error('the namespace does not come to rest');
};

/** Fails where iproute2 shows anything else than before, given the time that the link layer takes. */
export const assertView = async (ns: string, before: View, when: string): Promise<void> => {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; ) {
    if (isDeepStrictEqual(viewOf(ns), before)) return;
    await sleep(SETTLE_MS);
  }
  assert.fail(`${when}\n${differenceOf(viewOf(ns), before).join('\n')}`);
};

/** Lets `allowed` operations through, refuses the next, and stands back: what rollback sends goes through. */
const refuseAfter =
  (allowed: number) =>
  (kernel: KernelPort): KernelPort => {
    let left: number | undefined = allowed;
    return {
      ...kernel,
      send: async (ops, options) => {
        if (left === undefined) return kernel.send(ops, options);
        if (ops.length <= left) {
          left -= ops.length;
          return kernel.send(ops, options);
        }
        const results = left === 0 ? [] : await kernel.send(ops.slice(0, left), options);
        if (results.some(({ ok }) => !ok)) return results;
        left = undefined;
        return [...results, { ok: false, error: { errno: 5, name: 'EIO', message: 'refused by the test' } }];
      },
    };
  };

const stepsOf = (plan: Plan): string => plan.steps.map(({ title }) => title).join(', ');

const describeOutcome = (outcome: Outcome): string => {
  const failure = 'failure' in outcome ? outcome.failure.message : '';
  const remaining = outcome.status === 'incomplete' ? `; remaining: ${stepsOf(outcome.remaining)}` : '';
  return `${outcome.status}: ${failure}${remaining}; plan: ${stepsOf(outcome.plan)}`;
};

/** A refusal of the input names its problems, so that a failing row tells why. */
const explained = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.diagnostics.map(({ message, source }) => `${source && formatSource(source)} ${message}`);
    throw new Error(lines.join('\n'), { cause: error });
  }
};

/**
 * A lab kernel has one slow processor. What other kernels can run as well, there has only its second operation refused;
 * elsewhere it is each one.
 */
const IS_SLOW = availableParallelism() === 1;
const needsLab = ({ name, yaml, next }: StateCase): boolean =>
  /\b(dummy|vlan|vrf|bond|mpls)/.test(`${name} ${yaml} ${next?.yaml ?? ''}`);

/**
 * Applies the file with its first operation refused, then its second ...: each time the namespace must be as before.
 * @param options `every: false`: only the second operation is refused; `settled`: what `settledView` has just told
 * @returns the outcome of the run that no operation was left to be refused in
 */
export const applyWithEveryFault = async (
  ns: string,
  host: TestHost,
  yaml: string,
  {
    lists = {},
    every = !IS_SLOW,
    settled,
  }: { readonly lists?: StateCase['lists']; readonly every?: boolean; readonly settled?: View } = {},
): Promise<Outcome> => {
  const before = settled ?? (await settledView(ns));
  for (let allowed = every ? 0 : 1; allowed < MOST_STEPS; allowed += every ? 1 : MOST_STEPS - 2) {
    const outcome: Outcome = await explained(host.apply(yaml, { wrap: refuseAfter(allowed), lists }));
    if (outcome.status === 'applied' || outcome.status === 'unchanged') return outcome;
    assert.equal(outcome.status, 'rolledBack', describeOutcome(outcome));
    assert.match('failure' in outcome ? outcome.failure.message : '', /refused by the test/);
    const refused = outcome.plan.steps[allowed]?.title ?? 'a later step';
    await assertView(
      ns,
      before,
      `operation ${allowed + 1} (${refused}) refused and rolled back; plan: ${stepsOf(outcome.plan)}`,
    );
  }
  throw new Error('the plan has no end');
};

/** The same file again: nothing to do, and not one request that changes anything. */
export const assertIdempotent = async (host: TestHost, yaml: string, lists: StateCase['lists'] = {}): Promise<void> => {
  host.writes();
  const again = await explained(host.apply(yaml, { lists }));
  assert.equal(again.status, 'unchanged', describeOutcome(again));
  assert.equal(host.writes(), 0, 'requests of a second apply');
};

/** What `export` writes of the namespace is in canonical form, and applied to it changes nothing. */
export const assertExportIsNoChange = async (host: TestHost): Promise<void> => {
  const yaml = renderYaml(
    exportState(await host.dump(), { all: false, names: NAMES, owned: host.records.read()?.owned ?? [] }),
  );
  assert.equal(formatYaml('export', yaml, createProblems()), yaml, 'the form of the exported file');
  const plan = await explained(host.plan(yaml));
  assert.deepEqual(
    plan.changes.map(({ title, action, reason, fields }) => ({ title, action, reason, fields })),
    [],
    `the exported file plans something:\n${yaml}`,
  );
  host.writes();
  await host.apply(yaml, { plain: true });
  assert.equal(host.writes(), 0, 'requests of the exported file');
};

const check = async (ns: string, host: TestHost, state: StateCase): Promise<void> => {
  const { yaml, shows, next, leaves, lists = {} } = state;
  const before = await settledView(ns);
  const every = !IS_SLOW || needsLab(state);

  const made = await applyWithEveryFault(ns, host, fileOf(yaml), { lists, every, settled: before });
  assert.equal(made.status, 'applied', 'there is something to do');
  assertShown(ns, shows, 'applied');
  await assertIdempotent(host, fileOf(yaml), lists);
  await assertExportIsNoChange(host);

  if (next !== undefined) {
    const changed = await applyWithEveryFault(ns, host, fileOf(next.yaml), { lists, every });
    assertShown(ns, next.shows, 'changed');
    const asked = changed.plan.changes.filter(({ reason }) => reason !== 'restore');
    // in bulk, the changes are those of the decoys
    if (!asked.some(({ key }) => isDecoy(key)))
      assert.deepEqual(asked.map(({ action }) => action).sort(), [...next.actions].sort(), stepsOf(changed.plan));
    await assertIdempotent(host, fileOf(next.yaml), lists);
    await assertExportIsNoChange(host);
  }

  await applyWithEveryFault(ns, host, EMPTY_FILE, { every });
  await assertIdempotent(host, EMPTY_FILE);
  if (leaves === undefined) await assertView(ns, before, 'dropped from the file');
  else assertShown(ns, leaves, 'dropped from the file');
};

/**
 * Runs a table, each row in a namespace of its own, in which `setup` has been done.
 * @param sysctls `net.mpls.platform_labels=1000`, set before
 * @param forcesBulk see openTestHost
 */
export const testCases = (
  cases: readonly StateCase[],
  setup: readonly string[] = [],
  sysctls: readonly string[] = [],
  forcesBulk?: boolean,
): void => {
  for (const state of cases) {
    it(state.name, { skip: state.skip ?? false }, () =>
      withQuietNamespace(async (ns) => {
        if (sysctls.length > 0) assert.equal(nsExec(ns, 'sysctl', '-qw', ...sysctls).status, 0);
        ipRun(ns, ...setup, ...(state.setup ?? []));
        const host = openTestHost(ns, undefined, forcesBulk);
        try {
          await check(ns, host, state);
        } finally {
          host.close();
        }
      }),
    );
  }
};
