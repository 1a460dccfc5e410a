import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.ts';

/** The checkout's own bin/netrecon, two folders above the compiled bench. */
const NETRECON = fileURLToPath(new URL('../../bin/netrecon', import.meta.url));

/** The link that every namespace has, up, and the gateway behind it. */
export const UPLINK = 'up0';
export const GATEWAY = '192.0.2.2';
export const GATEWAY6 = '2001:db8::2';

/** For the end of a namespace; some thousand links take seconds. */
const MOST_PATIENCE_MS = 120_000;

/** Files and network namespaces of one bench, gone after it. */
export interface Scratch {
  /** for what programs leave behind */
  readonly folder: string;
  /** Writes a file and returns its path. */
  file(name: string, text: string): string;
  /** Makes the namespace, in place of an earlier one of that name: UPLINK is up and reaches GATEWAY and GATEWAY6. Returns its full name. */
  namespace(name: string): string;
  /** A netrecon command with records of its own; `ns` is a full name. */
  netrecon(ns: string, ...args: readonly string[]): Command;
  /** Whether the kernel can make links of this kind on another link. */
  hasKind(kind: 'vlan'): boolean;
  /** Ends something when the row is over, before its namespaces go. */
  afterRow(end: () => void): void;
  /** Takes the namespaces away, so that the next row finds an empty machine. */
  clear(): void;
  /** Takes the files away too. */
  close(): void;
}

/** Runs a command that prepares something. @throws {Error} where it fails */
export const run = (command: Command): void => {
  const [program, ...args] = command;
  const { status, stderr, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')}: exit status ${status}\n${stderr}`);
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a program is, on the PATH or among those of the administrator; undefined where it is not installed. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** `netrecon` as node runs it, without a namespace. */
export const bareNetrecon = (...args: readonly string[]): Command => [process.execPath, NETRECON, ...args];

export const createScratch = (): Scratch => {
  const folder = mkdtempSync(join(tmpdir(), 'netrecon-bench-'));
  const spaces = new Set<string>();
  const bystander = `nr-bench-${process.pid}-bystander`;
  let ends: (() => void)[] = [];
  const isThere = (link: string): boolean => spawnSync('ip', ['-n', bystander, 'link', 'show', link]).status === 0;
  /**
   * The kernel takes a namespace down later, beside whatever is measured then, and holds the lock of all links for as long
   * as that takes: so its end is waited for, which a link from it to another namespace shows.
   */
  const remove = (ns: string): void => {
    if (!spaces.delete(ns)) return;
    spawnSync('ip', ['-n', ns, 'link', 'del', UPLINK], { stdio: 'ignore' });
    run(['ip', 'netns', 'add', bystander]);
    run(['ip', '-n', ns, 'link', 'add', 'end0', 'type', 'veth', 'peer', 'name', 'end1', 'netns', bystander]);
    run(['ip', 'netns', 'del', ns]);
    const end = performance.now() + MOST_PATIENCE_MS;
    while (isThere('end1') && performance.now() < end) spawnSync('sleep', ['0.02']);
    run(['ip', 'netns', 'del', bystander]);
  };
  const clear = (): void => {
    for (const end of ends) end();
    ends = [];
    for (const ns of [...spaces]) remove(ns);
  };
  return {
    folder,
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    namespace(name) {
      const ns = `nr-bench-${process.pid}-${name}`;
      remove(ns);
      run(['ip', 'netns', 'add', ns]);
      spaces.add(ns);
      const lines = [
        'link set lo up',
        `link add ${UPLINK} type veth peer name ${UPLINK}-far`,
        `link set ${UPLINK}-far up`,
        `address add 192.0.2.1/24 dev ${UPLINK}`,
        `address add 2001:db8::1/64 dev ${UPLINK} nodad`,
        `link set ${UPLINK} up`,
      ];
      for (const line of lines) run(['ip', '-n', ns, ...line.split(' ')] as unknown as Command);
      return ns;
    },
    hasKind(kind) {
      const ns = this.namespace('probe');
      const line = ['-n', ns, 'link', 'add', 'link', UPLINK, 'name', 'probe0', 'type', kind, 'id', '2'];
      const { status } = spawnSync('ip', line, { stdio: 'ignore' });
      remove(ns);
      return status === 0;
    },
    netrecon: (ns, ...args) => bareNetrecon('--netns', ns, '--state-dir', join(folder, 'state'), ...args),
    afterRow: (end) => void ends.push(end),
    clear,
    close() {
      clear();
      rmSync(folder, { recursive: true });
    },
  };
};
