import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';

/** What a command said; `status` is null where a signal ended it. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const addNamespace = (): string => {
  const ns = `nr-${process.pid}-${randomBytes(4).toString('hex')}`;
  execFileSync('ip', ['netns', 'add', ns]);
  execFileSync('ip', ['-n', ns, 'link', 'set', 'lo', 'up']);
  return ns;
};

const deleteNamespace = (ns: string): void => {
  execFileSync('ip', ['netns', 'del', ns]);
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
export const ipTry = (ns: string, args: string | readonly string[]): CommandResult => {
  const { status, stdout, stderr, error } = spawnSync('ip', ['-n', ns, ...words(args)], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
};

/** Runs each line through `ip -n NS`; throws with the kernel's answer at the first that fails. */
export const ipRun = (ns: string, ...lines: readonly (string | readonly string[])[]): void => {
  for (const line of lines) {
    const { status, stderr } = ipTry(ns, line);
    if (status !== 0) throw new Error(`ip ${words(line).join(' ')}: ${stderr.trim()}`);
  }
};

/** `ip -n NS -d -j ...` as parsed JSON; no output counts as the empty list. */
export const ipJson = <T = Record<string, unknown>>(ns: string, args: string | readonly string[]): readonly T[] => {
  const { status, stdout, stderr } = ipTry(ns, ['-d', '-j', ...words(args)]);
  if (status !== 0) throw new Error(`ip ${words(args).join(' ')}: ${stderr.trim()}`);
  // iproute2 6.1 writes an empty object for each object that a filter drops
  const list = stdout.trim() === '' ? [] : (JSON.parse(stdout) as T[]);
  return list.filter((item) => Object.keys(item as object).length > 0);
};

/** `bridge -n NS -d -j ...` as parsed JSON. */
export const bridgeJson = <T = Record<string, unknown>>(ns: string, args: string): readonly T[] => {
  const stdout = execFileSync('bridge', ['-n', ns, '-d', '-j', ...words(args)], { encoding: 'utf8' });
  return stdout.trim() === '' ? [] : (JSON.parse(stdout) as T[]);
};

/** Runs a command inside the namespace. */
export const nsExec = (ns: string, command: string, ...args: readonly string[]): CommandResult => {
  const { status, stdout, stderr, error } = spawnSync('ip', ['netns', 'exec', ns, command, ...args], {
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
};

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
};

/** Tries the kind out in a scratch namespace. Any refusal but "no such kind" is an exception. */
export const kernelHasKind = async (kind: string): Promise<boolean> =>
  withNamespace((ns) => {
    const probe = PROBES[kind] ?? {};
    ipRun(ns, 'link add parent0 type veth peer name parent1');
    const link = probe.link === true ? 'link parent0' : '';
    const { status, stderr } = ipTry(ns, `link add ${link} name probe0 type ${kind} ${probe.options ?? ''}`);
    if (status === 0) return true;
    if (/Unknown device type|Operation not supported/.test(stderr)) return false;
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

/** For the `skip` option of a test: VLAN filtering of bridges is built into some kernels only. */
export const lacksBridgeVlanFiltering = async (): Promise<string | false> =>
  withNamespace((ns) => {
    const { status, stderr } = ipTry(ns, 'link add br0 type bridge vlan_filtering 1');
    if (status === 0) return false;
    if (/Operation not supported/.test(stderr)) return 'kernel lacks bridge vlan_filtering';
    throw new Error(`probe of bridge vlan_filtering: ${stderr.trim()}`);
  });
