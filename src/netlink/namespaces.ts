import { existsSync, readdirSync } from 'node:fs';
import { NetlinkError } from './wire/errors.ts';

/** Where ip-netns(8) keeps named namespaces; the second is the same folder on most hosts. */
const NAMESPACE_FOLDERS = ['/run/netns', '/var/run/netns'] as const;

/** The two questions to the file system. */
export interface NamespaceFiles {
  exists(path: string): boolean;
  /** names in a folder, empty where there is no such folder */
  list(folder: string): readonly string[];
}

const hostFiles: NamespaceFiles = {
  exists: existsSync,
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
};

/** The named namespaces of the host, sorted. */
export const listNamespaces = (files: NamespaceFiles = hostFiles): readonly string[] =>
  [...new Set(NAMESPACE_FOLDERS.flatMap((folder) => files.list(folder)))].sort();

const notFound = (value: string, files: NamespaceFiles): NetlinkError => {
  const names = listNamespaces(files);
  const hint =
    names.length === 0
      ? 'there are no named namespaces; make one with `ip netns add`'
      : `there are: ${names.join(', ')}`;
  return new NetlinkError('NR_NO_NAMESPACE', `network namespace ${value} does not exist`, { hint });
};

/**
 * The file of a network namespace. A value with a slash is a path; else a name under /run/netns, or, where there is no such
 * name and the value is a number, a process id.
 * @throws {NetlinkError} NR_NO_NAMESPACE
 */
export const resolveNamespace = (value: string, files: NamespaceFiles = hostFiles): string => {
  if (value.includes('/')) {
    if (files.exists(value)) return value;
    throw notFound(value, files);
  }
  // `.` and `..` would be folders.
  const named = /^\.*$/.test(value) ? [] : NAMESPACE_FOLDERS.map((folder) => `${folder}/${value}`);
  const ofProcess = /^[1-9][0-9]*$/.test(value) ? [`/proc/${value}/ns/net`] : [];
  const path = [...named, ...ofProcess].find((candidate) => files.exists(candidate));
  if (path === undefined) throw notFound(value, files);
  return path;
};
