import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '../netlink/socket/file-lock.ts';

/** A record that nobody wrote for so long is looked at: does its namespace still exist? */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

/** Files that a killed writer left beside the record. Only the holder of the lock writes, so nobody needs them. */
export const removeLeftovers = (folder: string): void => {
  for (const name of readdirSync(folder))
    if (/^record\.\d+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
};

/** Reads what may vanish at any moment or be nobody's business: no answer then. */
const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

/**
 * Network namespaces (`net:[4026531840]`) that a process is in or that are mounted somewhere, as `ip netns add` does.
 * @see namespaces(7): /proc/PID/ns/net; proc_pid_mountinfo(5): field 4 is the root within nsfs
 */
const livingNamespaces = (): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const name of readdirSync('/proc')) {
    const target = /^[0-9]+$/.test(name) ? attempt(() => readlinkSync(`/proc/${name}/ns/net`)) : undefined;
    if (target !== undefined) found.add(target);
  }
  for (const [target] of readFileSync('/proc/self/mountinfo', 'latin1').matchAll(/net:\[\d+\]/g)) found.add(target);
  return found;
};

interface Folder {
  readonly path: string;
  /** the namespace whose record this is, where the last holder of the lock said so */
  readonly namespace: string | undefined;
  /** of the record, where there is one */
  readonly boot: string | undefined;
}

const lookAt = (path: string): Folder => ({
  path,
  namespace: attempt(() => (JSON.parse(readFileSync(join(path, 'lock'), 'utf8')) as { namespace?: string }).namespace),
  boot: attempt(() => readFileSync(join(path, 'record'), 'latin1').slice(0, 200).split(' ')[2]),
});

const isOld = (path: string, now: Date): boolean => {
  const times = ['lock', 'record'].map((name) => attempt(() => statSync(join(path, name)).mtimeMs) ?? 0);
  const last = Math.max(...times);
  return last > 0 && now.getTime() - last > KEEP_MS;
};

/**
 * Removes the folders of namespaces that are gone: those untouched for a week whose namespace nobody is in and nothing
 * mounts, or whose record is of an earlier boot. Where that is not certain a folder stays: its record says what is whose.
 */
export const removeOldRecords = (root: string, at: { readonly now: Date; readonly boot: string }): void => {
  const old = readdirSync(root)
    .filter((name) => name.startsWith('net-'))
    .map((name) => join(root, name))
    .filter((path) => isOld(path, at.now))
    .map(lookAt);
  if (old.length === 0) return;
  const living = livingNamespaces();
  for (const { path, namespace, boot } of old) {
    const isOfEarlierBoot = boot !== undefined && boot !== at.boot;
    if (!isOfEarlierBoot && (namespace === undefined || living.has(namespace))) continue;
    const lock = lockFile(join(path, 'lock'));
    if (lock === undefined) continue;
    rmSync(path, { recursive: true, force: true });
    lock.release();
  }
};
