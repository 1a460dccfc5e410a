import { readFileSync } from 'node:fs';
import { canonicalAddress } from '../model/ip.ts';
import type { Session } from '../reconcile/plan/session-route.ts';
import type { Process } from './context.ts';

/** What of /proc is read; undefined where a process has gone or may not be looked at. */
export interface ProcessTable {
  /** NUL-separated, as in /proc/PID/environ */
  environ(pid: number): string | undefined;
  /** of /proc/PID/status */
  status(pid: number): string | undefined;
}

const attempt = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // what cannot be seen cannot be asked
  }
};

const procTable: ProcessTable = {
  environ: (pid) => attempt(`/proc/${pid}/environ`),
  status: (pid) => attempt(`/proc/${pid}/status`),
};

const VARIABLE = 'SSH_CONNECTION=';

/** The longest line of ancestors that is followed; a chain this long is no login. */
const MOST_ANCESTORS = 64;

/** sudo and su take the variable away: the shell that they were started from still has it. */
const findInAncestors = (pid: number, table: ProcessTable): string | undefined => {
  let current = pid;
  for (let i = 0; i < MOST_ANCESTORS && current > 1; i++) {
    const entry = table
      .environ(current)
      ?.split('\0')
      .find((text) => text.startsWith(VARIABLE));
    if (entry !== undefined) return entry.slice(VARIABLE.length);
    current = Number(/^PPid:\s*(\d+)$/m.exec(table.status(current) ?? '')?.[1] ?? 0);
  }
  return undefined;
};

/**
 * Reads `CLIENT CLIENT-PORT SERVER SERVER-PORT`. IPv6 addresses may carry their link behind a `%`.
 * @returns undefined where it is anything else
 * @see ssh(1) ENVIRONMENT
 */
const parseSshConnection = (text: string): Session | undefined => {
  const [client = '', clientPort, server = '', serverPort, ...rest] = text.trim().split(/\s+/);
  const [clientText = '', scope] = client.split('%');
  const clientAddress = canonicalAddress(clientText);
  const serverAddress = canonicalAddress(server.split('%')[0] ?? '');
  if (clientAddress === undefined || serverAddress === undefined || rest.length > 0) return undefined;
  return {
    client: clientAddress,
    clientPort: Number(clientPort),
    server: serverAddress,
    serverPort: Number(serverPort),
    ...(scope === undefined ? {} : { scope }),
  };
};

/** The SSH session that this process is run from; undefined where it is run from none. */
export const findSshSession = (
  env: Process['env'],
  pid: number = process.ppid,
  table: ProcessTable = procTable,
): Session | undefined => {
  const text = env.SSH_CONNECTION ?? findInAncestors(pid, table);
  return text === undefined ? undefined : parseSshConnection(text);
};
