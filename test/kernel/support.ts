import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { type CommandResult, mustRun, runCommand } from './run-command.ts';

/** The machines that run the tests differ by a factor of three, and stop for seconds: to wait for long costs nothing where all is well. */
export const PATIENCE_MS = 60_000;

const addNamespace = (): string => {
  const ns = `nr-${process.pid}-${randomBytes(4).toString('hex')}`;
  mustRun('ip', ['netns', 'add', ns]);
  mustRun('ip', ['-n', ns, 'link', 'set', 'lo', 'up']);
  return ns;
};

const deleteNamespace = (ns: string): void => {
  mustRun('ip', ['netns', 'del', ns]);
};

/** Runs `fn` with the name of a fresh network namespace, which goes at the end whatever happens. lo is up. */
export const withNamespace = async <T>(fn: (ns: string) => T | Promise<T>): Promise<T> => {
  const ns = addNamespace();
  try {
    return await fn(ns);
  } finally {
    deleteNamespace(ns);
  }
};

/**
 * One namespace for all tests of a suite, which clean up after themselves: making one is slow in the lab.
 * Call it within `describe`; the name is known once the tests run.
 */
export const useNamespace = (): (() => string) => {
  let ns = '';
  before(() => {
    ns = addNamespace();
  });
  after(() => deleteNamespace(ns));
  return () => ns;
};

const words = (args: string | readonly string[]): readonly string[] =>
  typeof args === 'string' ? args.split(/\s+/).filter((word) => word !== '') : args;

/** Runs `ip -n NS ...` and tells how it ended; a refusal is no exception. `args`: a list, or a line split at blanks. */
export const ipTry = (ns: string, args: string | readonly string[]): CommandResult =>
  runCommand('ip', ['-n', ns, ...words(args)]);

/** Runs each line through `ip -n NS`; throws with the kernel's answer at the first that fails. */
export const ipRun = (ns: string, ...lines: readonly (string | readonly string[])[]): void => {
  for (const line of lines) {
    const { status, stderr } = ipTry(ns, line);
    if (status !== 0) throw new Error(`ip ${words(line).join(' ')}: ${stderr.trim()}`);
  }
};

/** No output counts as the empty list; iproute2 6.1 writes an empty object for each object that a filter drops. */
export const parseObjects = <T>(stdout: string): readonly T[] =>
  stdout.trim() === '' ? [] : (JSON.parse(stdout) as T[]).filter((item) => Object.keys(item as object).length > 0);

/** Runs many lines through one `ip -n NS -batch`, which is much faster than one process each; throws at a refusal. */
export const ipBatch = (ns: string, lines: readonly string[]): void => {
  const { status, stderr } = runCommand('ip', ['-n', ns, '-batch', '-'], { input: lines.join('\n') });
  if (status !== 0) throw new Error(`ip -batch: ${stderr.trim()}`);
};

/** `ip -n NS -d -j ...` as parsed JSON; no output counts as the empty list. */
export const ipJson = <T = Record<string, unknown>>(ns: string, args: string | readonly string[]): readonly T[] => {
  const { status, stdout, stderr } = ipTry(ns, ['-d', '-j', ...words(args)]);
  if (status !== 0) throw new Error(`ip ${words(args).join(' ')}: ${stderr.trim()}`);
  return parseObjects<T>(stdout);
};

/** What iproute2 can be asked, by the name under which the answer is kept: the program with its family, and its line. */
const TABLES = {
  link: ['ip -d', 'link show'],
  address: ['ip -d', 'addr show'],
  // what the kernel learns comes and goes by itself
  neighbor: ['ip -d', 'neigh show nud permanent'],
  noarp: ['ip -d', 'neigh show nud noarp'],
  proxy: ['ip -d', 'neigh show proxy'],
  nexthop: ['ip -d', 'nexthop show'],
  route: ['ip -4 -d', 'route show table all'],
  rule: ['ip -4 -d', 'rule show'],
  route6: ['ip -6 -d', 'route show table all'],
  rule6: ['ip -6 -d', 'rule show'],
  fdb: ['bridge -d', 'fdb show'],
  mdb: ['bridge -d', 'mdb show'],
  // with details it is refused by a kernel without VLAN filtering
  vlan: ['bridge', 'vlan show'],
  vlanTunnel: ['bridge', 'vlan tunnelshow'],
} as const satisfies Readonly<Record<string, readonly [program: string, line: string]>>;

export type IpTables = Readonly<Record<keyof typeof TABLES, readonly unknown[]>>;

/** What each program is asked, in the order of TABLES. */
export const QUESTIONS = [...new Set(Object.values(TABLES).map(([program]) => program))].map((program) => ({
  program,
  tables: Object.entries(TABLES).flatMap(([name, [other, line]]) => (other === program ? [{ name, line }] : [])),
}));

/** Everything that iproute2 shows of a namespace, from a single child of this process: in the lab each takes its time. */
export const readTables = (ns: string): IpTables => {
  const script = QUESTIONS.map(
    ({ program, tables }) =>
      `${program} -n ${ns} -j -batch - <<END\n${tables.map(({ line }) => line).join('\n')}\nEND\n`,
  );
  const answers = mustRun('sh', ['-e'], { input: script.join('') })
    .trim()
    .split('\n');
  const names = QUESTIONS.flatMap(({ tables }) => tables.map(({ name }) => name));
  if (answers.length !== names.length) throw new Error(`${answers.length} answers to ${names.length} questions`);
  return Object.fromEntries(names.map((name, i) => [name, parseObjects(answers[i] ?? '')])) as IpTables;
};

/** `bridge -n NS -d -j ...` as parsed JSON. */
export const bridgeJson = <T = Record<string, unknown>>(ns: string, args: string): readonly T[] => {
  const stdout = mustRun('bridge', ['-n', ns, '-d', '-j', ...words(args)]);
  return stdout.trim() === '' ? [] : (JSON.parse(stdout) as T[]);
};

/** Runs a command inside the namespace. */
export const nsExec = (ns: string, command: string, ...args: readonly string[]): CommandResult =>
  runCommand('ip', ['netns', 'exec', ns, command, ...args]);

/** What `ip link add k0 ... type KIND ...` needs beyond the kind; `parent0` is there. */
const PROBES: Readonly<Record<string, { readonly link?: true; readonly options?: string }>> = {
  vlan: { link: true, options: 'id 2' },
  macvlan: { link: true },
  macvtap: { link: true },
  ipvlan: { link: true },
  ipvtap: { link: true },
  macsec: { link: true },
  vrf: { options: 'table 10' },
  vxlan: { options: 'id 1 dstport 4789' },
  geneve: { options: 'id 1 remote 192.0.2.1' },
  bareudp: { options: 'dstport 5000 ethertype mpls_uc' },
  xfrm: { options: 'dev parent0 if_id 1' },
  hsr: { options: 'slave1 parent0 slave2 parent1' },
  erspan: { options: 'remote 192.0.2.1 seq key 5 erspan_ver 1' },
  ip6erspan: { options: 'remote 2001:db8::1 seq key 5 erspan_ver 1' },
  // any to any is the fallback device
  ...Object.fromEntries(['gre', 'gretap', 'ipip', 'sit', 'vti'].map((kind) => [kind, { options: 'remote 192.0.2.1' }])),
  ...Object.fromEntries(
    ['ip6gre', 'ip6gretap', 'ip6tnl', 'vti6'].map((kind) => [kind, { options: 'remote 2001:db8::1' }]),
  ),
};

/** Tries the kind out in a scratch namespace. Any refusal but "no such kind" is an exception. */
export const kernelHasKind = async (kind: string): Promise<boolean> =>
  withNamespace((ns) => {
    const probe = PROBES[kind] ?? {};
    ipRun(ns, 'link add parent0 type veth peer name parent1');
    const link = probe.link === true ? 'link parent0' : '';
    const make = kind === 'tun' ? 'tuntap add probe0 mode tun' : `link add ${link} name probe0 type ${kind}`;
    const { status, stderr } = ipTry(ns, `${make} ${probe.options ?? ''}`);
    if (status === 0) return true;
    if (/Unknown device type|Operation not supported|No such (device|file)/.test(stderr)) return false;
    throw new Error(`probe of link kind ${kind}: ${stderr.trim()}`);
  });

/**
 * For the `skip` option of a test: false where this kernel has every kind, else the reason. The test command knows the
 * wording and demands that another kernel ran the test.
 */
export const lacksKind = async (...kinds: readonly string[]): Promise<string | false> => {
  for (const kind of kinds) if (!(await kernelHasKind(kind))) return `kernel lacks ${kind}`;
  return false;
};

/**
 * For the `skip` option of a test: UDP encapsulation of tunnels is in modules that nothing loads on first use, and some
 * kernels build them without it (CONFIG_NET_FOU_IP_TUNNELS).
 */
export const lacksFou = async (): Promise<string | false> => {
  // a kernel without modules has no such file
  const path = '/proc/sys/kernel/modprobe';
  const modprobe = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  for (const module of modprobe === '' ? [] : ['fou', 'fou6']) runCommand(modprobe, ['-q', module]);
  return withNamespace((ns) => {
    const { status, stderr } = ipTry(ns, 'link add k0 type ipip remote 192.0.2.1 encap gue encap-dport 5555');
    if (status === 0) return false;
    if (/Unknown device type|Operation not supported|Invalid argument/.test(stderr)) return 'kernel lacks fou';
    throw new Error(`probe of fou: ${stderr.trim()}`);
  });
};

/** For the `skip` option of a test: rapid deployment of IPv6 is built into some kernels only. */
export const lacks6rd = async (): Promise<string | false> =>
  withNamespace((ns) => {
    const { status, stderr } = ipTry(ns, 'link add k0 type sit remote 192.0.2.1');
    if (/Unknown device type|Operation not supported/.test(stderr)) return 'kernel lacks sit';
    if (status !== 0) throw new Error(`probe of sit 6rd: ${stderr.trim()}`);
    ipRun(ns, 'link set k0 type sit remote 192.0.2.1 6rd-prefix 2001:db8::/32');
    return JSON.stringify(ipJson(ns, 'link show k0')).includes('2001:db8::') ? false : 'kernel lacks sit 6rd';
  });

/** For the `skip` option of a test: VLAN filtering of bridges is built into some kernels only. */
export const lacksBridgeVlanFiltering = async (): Promise<string | false> =>
  withNamespace((ns) => {
    const { status, stderr } = ipTry(ns, 'link add br0 type bridge vlan_filtering 1');
    if (status === 0) return false;
    if (/Operation not supported/.test(stderr)) return 'kernel lacks bridge vlan_filtering';
    throw new Error(`probe of bridge vlan_filtering: ${stderr.trim()}`);
  });

/** For the `skip` option of a test: without CONFIG_RPS a link has but one receive queue, of which nothing is said. */
export const lacksReceiveQueues = async (): Promise<string | false> =>
  withNamespace((ns) => {
    const [lo] = ipJson<{ readonly num_rx_queues?: number }>(ns, 'link show dev lo');
    return lo?.num_rx_queues === undefined ? 'kernel lacks numrxqueues' : false;
  });
