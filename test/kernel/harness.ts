import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { listContent } from '../../src/cli/read-list.ts';
import { loadDesired } from '../../src/desired/load.ts';
import { createNameTables } from '../../src/desired/names.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ConfigError } from '../../src/model/errors.ts';
import type { KernelPort } from '../../src/model/kernel-port.ts';
import { canRenameUp } from '../../src/model/kernel-release.ts';
import type { Ref } from '../../src/model/kind.ts';
import type { State } from '../../src/model/state.ts';
import type { TraceFrame } from '../../src/netlink/channel.ts';
import { type OpenedKernel, openKernel } from '../../src/netlink/open-kernel.ts';
import { readSharedConf, withSharedConf } from '../../src/observed/shared-conf.ts';
import { createSnapshot, parseSnapshot } from '../../src/observed/snapshot.ts';
import { planDesired } from '../../src/reconcile/plan/plan.ts';
import type { Plan } from '../../src/reconcile/plan/plan-types.ts';
import type { EchoUse } from '../../src/reconcile/transaction/echo-proof.ts';
import type { Outcome } from '../../src/reconcile/transaction/outcome.ts';
import { applyDesired } from '../../src/reconcile/transaction/reconcile.ts';
import type { NamespaceRecord, RecordStore } from '../../src/reconcile/transaction/record.ts';
import type { TransactionPorts } from '../../src/reconcile/transaction/transaction-ports.ts';
import { diagnosticText } from '../../src/report/error-text.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { planJson } from '../../src/report/plan-json.ts';
import { renderPlanText } from '../../src/report/plan-text.ts';
import { isDecoy, withListsOfFew } from './lists-of-few.ts';
import { type IpTables, PATIENCE_MS, readTables } from './support.ts';

export const NAMES = createNameTables();

/** A record that lives as long as the test. */
const createMemoryRecords = (): RecordStore => {
  // what goes to the disk is JSON: what does not survive it must not be relied on
  let current: string | undefined;
  return {
    read: () => (current === undefined ? undefined : (JSON.parse(current) as NamespaceRecord)),
    write: (record) => {
      current = JSON.stringify(record);
    },
  };
};

/** What files hold, by their paths. */
export type ListFiles = Readonly<Record<string, string | Buffer>>;

/** Desired state from the text of one state file; `lists` are the files that it names, those of keys included. */
export const desiredOf = (yaml: string, lists: ListFiles = {}): Promise<Desired> => {
  const contentOf = (path: string): string | Buffer => {
    const content = path === 'state.yaml' ? yaml : lists[path];
    if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return content;
  };
  return loadDesired({
    files: ['state.yaml'],
    names: NAMES,
    readFile: async (path) => contentOf(path).toString(),
    readList: async (path) => listContent(Buffer.from(contentOf(path)), NAMES),
    listDirectory: async () => undefined,
    readKey: async (path) => ({ text: lists[path]?.toString() ?? '', mode: 0o100600 }),
  });
};

/** RTM_NEW*, RTM_DEL* and RTM_SET* requests (rtnetlink.h numbers them in fours: new, del, get, set). */
const isWrite = ({ type, generic, bytes }: TraceFrame): boolean =>
  generic === undefined ? type >= 16 && type % 4 !== 2 : generic === 'wireguard' && bytes[16] === WG_CMD_SET_DEVICE;
const WG_CMD_SET_DEVICE = 1;

/** netrecon on one namespace of the test, in this process. */
export interface TestHost {
  readonly kernel: OpenedKernel;
  readonly records: RecordStore;
  /** requests that change something, since the last call */
  writes(): number;
  plan(yaml: string): Promise<Plan>;
  /** Applies without asking. `wrap` stands between the transaction and the kernel (faults, counts). */
  apply(yaml: string, options?: ApplyTestOptions): Promise<Outcome>;
  dump(): Promise<State>;
  close(): void;
}

export interface ApplyTestOptions {
  readonly wrap?: (kernel: KernelPort) => KernelPort;
  readonly lists?: ListFiles;
  readonly signal?: AbortSignal;
  readonly approve?: TransactionPorts['approve'];
  readonly routesAPass?: number;
  readonly sample?: number;
  readonly echoUse?: EchoUse;
  /** as the file says, whatever the tests force */
  readonly plain?: boolean;
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A plan as people and as programs read it, or why there is none. */
const planTexts = (desired: Desired, observed: State, options: PlanGoal): readonly string[] => {
  try {
    const plan = planDesired(desired, observed, options);
    return [renderPlanText(plan, { paint: PLAIN, names: NAMES }), JSON.stringify(planJson(plan), null, 2)];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map((diagnostic) => diagnosticText(diagnostic, PLAIN));
  }
};

type PlanGoal = Parameters<typeof planDesired>[2];

/** What a plan starts from goes through a snapshot: the plan must be the same, byte for byte. */
const assertSameFromSnapshot = (
  desired: Desired,
  observed: State,
  options: PlanGoal & { readonly owned: readonly Ref[] },
): void => {
  const snapshot = createSnapshot({ state: observed, owned: options.owned }, release(), new Date());
  const { state, owned, kernel } = parseSnapshot(JSON.stringify(snapshot), 'snapshot');
  // secrets are in no snapshot, so what differs in nothing else is no difference to it
  const told: State = observed.link.some(({ kind }) => kind === 'wireguard')
    ? JSON.parse(JSON.stringify(observed))
    : observed;
  assert.deepEqual(
    planTexts(desired, state, { ...options, owned, renamesUp: canRenameUp(kernel) }),
    planTexts(desired, told, options),
    'the plan against a snapshot',
  );
};

/** For all tests: `NETRECON_BULK=1 npm test -- --kernel`. */
const BULK_FROM_ENV = process.env.NETRECON_BULK === '1';

/** A plan as it is for the routes that a test has asked for. */
const withoutDecoys = (plan: Plan): Plan => ({
  ...plan,
  steps: plan.steps.filter(({ title }) => !isDecoy(title)),
  changes: plan.changes.filter(({ title }) => !isDecoy(title)),
});

/** Bulks go by `send` as well, where tests count operations and refuse them. */
const countable = (kernel: KernelPort): KernelPort => {
  const { sendRoutes: _, ...rest } = kernel;
  return rest;
};

/**
 * `records`: where others read them, too; default: a record that lives as long as the test. `forcesBulk`: routes that can go
 * in bulk do, though they were two; whatever a test says must hold all the same.
 */
export const openTestHost = (
  namespace: string,
  records: RecordStore = createMemoryRecords(),
  forcesBulk = BULK_FROM_ENV,
): TestHost => {
  let count = 0;
  const kernel = openKernel({
    namespace,
    refine: (state, inNamespace) =>
      withSharedConf(
        state,
        inNamespace(() => readSharedConf((path) => readFileSync(path, 'utf8'))),
      ),
    trace: (frame) => {
      if (frame.direction === 'out' && isWrite(frame)) count++;
    },
  });
  const goalOptions = { protocolName: NAMES.protocols.toName, allowMassDelete: true };
  const seen = new Set<string>();
  /** every state of a test, the first time that it is asked for */
  const compareWithSnapshot = async (text: string, desired: Desired): Promise<void> => {
    if (seen.has(text)) return;
    seen.add(text);
    const owned = records.read()?.owned ?? [];
    assertSameFromSnapshot(desired, await kernel.dump(), { ...goalOptions, owned, renamesUp: kernel.renamesUp });
  };
  return {
    kernel,
    records,
    writes: () => {
      const seen = count;
      count = 0;
      return seen;
    },
    plan: async (yaml) => {
      const owned: readonly Ref[] = records.read()?.owned ?? [];
      const { renamesUp } = kernel;
      const written = await desiredOf(yaml);
      const desired = forcesBulk && !yaml.includes('to_file') ? withListsOfFew(written) : written;
      return withoutDecoys(planDesired(desired, await kernel.dump(), { ...goalOptions, owned, renamesUp }));
    },
    apply: async (
      yaml,
      { wrap, lists, signal, approve = async () => true, routesAPass, sample, echoUse, plain } = {},
    ) => {
      const written = await desiredOf(yaml, lists);
      await compareWithSnapshot(yaml, written);
      // a test that is about lists, passes or bulks chooses them itself
      const forced =
        forcesBulk && plain !== true && !yaml.includes('to_file') && routesAPass === undefined && sample === undefined;
      const wrapped = wrap === undefined ? kernel : forced ? countable(wrap(kernel)) : wrap(kernel);
      const desired = forced ? withListsOfFew(written) : written;
      return applyDesired(
        desired,
        {
          kernel: wrapped,
          records,
          approve,
          sleep,
          now: Date.now,
          ...(signal === undefined ? {} : { signal }),
        },
        {
          ...goalOptions,
          ...(routesAPass === undefined ? {} : { routesAPass }),
          ...(sample === undefined ? {} : { sample }),
          ...(echoUse === undefined ? {} : { echoUse }),
          ...(forced ? { sample: 1, echoUse: 'always' } : {}),
        },
      );
    },
    dump: () => kernel.dump(),
    close: () => kernel.close(),
  };
};

const VOLATILE: ReadonlySet<string> = new Set([
  'ifindex',
  'link_index',
  'stats',
  'stats64',
  'valid_life_time',
  'preferred_life_time',
  'hello_timer',
  'tcn_timer',
  'topology_change_timer',
  'gc_timer',
  'message_age_timer',
  'forward_delay_timer',
  'hold_timer',
  'used',
  'confirmed',
  'updated',
  'refcnt',
  'expires',
  'min_mtu',
  'max_mtu',
  // a count that the kernel keeps for its own users; what was asked for is the PROMISC flag
  'promiscuity',
  // of the next frame of a ring (hsr), which sends some by itself
  'seq_nr',
  // drawn at random for a new tunnel
  'permaddr',
  // follow from the address of the bridge, once it has been up
  'bridge_id',
  'root_id',
  // a bridge takes them from the ports it has or had
  'tso_max_size',
  'tso_max_segs',
]);

const settle = (value: unknown): unknown => {
  // iproute2 lists alternative names in the order in which they were added
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'string') ? value.toSorted() : value.map(settle);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !VOLATILE.has(key))
      .map(([key, item]) => [key, settle(item)]),
  );
};

const sortedText = (items: readonly unknown[]): string[] => items.map((item) => JSON.stringify(settle(item))).sort();

/** What the kernel makes at an event and keeps: IPv6 link-local state once a link has had a carrier, the VRF rule. */
const isKernelsOwn = (item: unknown): boolean => {
  const { info, protocol, dst, l3mdev } = item as {
    info?: { local?: string };
    protocol?: string;
    dst?: string;
    l3mdev?: unknown;
  };
  if (info?.local?.startsWith('fe80') === true) return true;
  // the first VRF of a namespace adds a rule for all of them, which stays
  return protocol === 'kernel' && (l3mdev !== undefined || /^(fe80|ff00)/.test(dst ?? ''));
};

/** What follows the carrier of a link, now or once: the kernel sets it when it comes to it. */
const CARRIER: ReadonlySet<string> = new Set([
  'operstate',
  'qdisc',
  'state',
  'topology_change',
  'topology_change_detected',
  'topology_change_ack',
]);
const CARRIER_FLAGS: ReadonlySet<unknown> = new Set(['LOWER_UP', 'NO-CARRIER', 'M-DOWN', 'linkdown']);

/** Numbers of ports, given in the order of attaching: indexes. */
const PORT_NUMBERS: ReadonlySet<string> = new Set(['id', 'no', 'designated_port']);

/** What depends on which address of a subnet came first, and how long an address has been there. */
const PAST: ReadonlySet<string> = new Set(['secondary', 'prefsrc', 'tentative']);

/**
 * How much of a namespace is compared. `state`: all that a rollback must bring back; carrier, link-local addresses and
 * indexes are the kernel's. `asked`: only what somebody asked for, whatever was there before.
 */
export type ViewScope = 'state' | 'asked';

const strip = (value: unknown, scope: ViewScope, inPort = false): unknown => {
  if (Array.isArray(value))
    return value.filter((item) => !CARRIER_FLAGS.has(item)).map((item) => strip(item, scope, inPort));
  if (typeof value !== 'object' || value === null) return value;
  const { protocol, flags, stp_state } = value as { protocol?: string; flags?: readonly string[]; stp_state?: number };
  const isPast = (key: string) => PAST.has(key) && (key !== 'prefsrc' || protocol === 'kernel');
  // for half a minute after the spanning tree changed a bridge shows another value in its place
  const isVeiled = (key: string) => key === 'ageing_time' && stp_state === 1;
  // counted anew only as the link comes up (dev.c __dev_set_rx_mode)
  const isStale = (key: string) => key === 'promiscuity' && flags?.includes('UP') === false;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key]) =>
          !CARRIER.has(key) &&
          !isStale(key) &&
          !isVeiled(key) &&
          !(inPort && PORT_NUMBERS.has(key)) &&
          !(scope === 'asked' && isPast(key)),
      )
      .map(([key, item]) => [key, strip(item, scope, key === 'info_slave_data')]),
  );
};

export type IpView = Readonly<Record<string, readonly string[]>>;

/** `ipView` of tables that have been read already. */
export const viewOfTables = (tables: IpTables, scope: ViewScope = 'state'): IpView => {
  // the kernel adds the IPv6 host routes of an address when it has time (addrconf_dad_work)
  const isLate = ({ protocol }: { protocol?: string }) => scope === 'asked' && protocol === 'kernel';
  const text = (items: readonly unknown[]): string[] =>
    sortedText(items.filter((item) => !isKernelsOwn(item)).map((item) => strip(item, scope)));
  return {
    link: text(tables.link),
    address: text(
      (tables.address as { ifname?: string; addr_info?: unknown[] }[]).flatMap(({ ifname, addr_info = [] }) =>
        addr_info.map((info) => ({ ifname, info })),
      ),
    ),
    route: text(tables.route),
    route6: text((tables.route6 as { protocol?: string }[]).filter((item) => !isLate(item))),
    rule: text(tables.rule),
    rule6: text(tables.rule6),
    neighbor: text(tables.neighbor),
    proxy: text(tables.proxy),
    nexthop: text(tables.nexthop),
    vlan: text(tables.vlan),
    vlanTunnel: text(tables.vlanTunnel),
  };
};

/** What iproute2 says of a namespace, without indexes, counters and clocks: two equal ones are equal namespaces. */
export const ipView = (ns: string, scope: ViewScope = 'state'): IpView => viewOfTables(readTables(ns), scope);

/** Longer than the kernel rests between two steps: carriers are told within a second, addresses tried out in two more. */
const QUIET_MS = 3500;

/** What is there once carrier changes and duplicate address detection have come to rest. */
export const restedView = async <T>(look: () => T | Promise<T>): Promise<T> => {
  let view = await look();
  for (let since = performance.now(); performance.now() - since < QUIET_MS; ) {
    await sleep(150);
    const next = await look();
    if (isDeepStrictEqual(next, view)) continue;
    view = next;
    since = performance.now();
  }
  return view;
};

/**
 * Waits until the namespace looks like this, as carrier changes and duplicate address detection take their time; fails
 * with the difference when it does not in time.
 */
export const assertBecomes = (ns: string, wanted: IpView, what: string): Promise<void> =>
  assertViewBecomes(() => ipView(ns), wanted, what);

/** The same of whatever `look` sees. */
export const assertViewBecomes = async (
  look: () => IpView | Promise<IpView>,
  wanted: IpView,
  what: string,
): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  for (let pause = 5; performance.now() < end; pause = Math.min(1000, pause * 1.3)) {
    if (isDeepStrictEqual(await look(), wanted)) return;
    await sleep(pause);
  }
  assert.deepEqual(await look(), wanted, what);
};
