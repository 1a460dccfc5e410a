import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who holds a netlink socket. */
export interface ProcessInfo {
  readonly pid: number;
  /** the kernel's short name, at most 15 characters */
  readonly comm: string;
  readonly cmdline: readonly string[];
}

/** What of /proc is read. Each answers with nothing where the process has gone or may not be looked at. */
export interface ProcFiles {
  /** the text of /proc/net/netlink in the namespace at hand */
  netlinkTable(): string;
  pids(): readonly number[];
  /** targets of the links in /proc/PID/fd: `socket:[12345]` */
  descriptors(pid: number): readonly string[];
  comm(pid: number): string | undefined;
  /** NUL-separated, as in /proc/PID/cmdline */
  cmdline(pid: number): string | undefined;
}

const NETLINK_ROUTE = 0;

/**
 * Inodes of the rtnetlink sockets by port id, from the text of /proc/net/netlink.
 * @see net/netlink/af_netlink.c netlink_native_seq_show: `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`, where Eth is
 * the protocol and Pid the port id (signed in older kernels)
 */
export const parseNetlinkTable = (text: string): ReadonlyMap<number, number> => {
  const inodes = new Map<number, number>();
  const [header, ...rows] = text.split('\n');
  const columns = (header ?? '').trim().split(/\s+/);
  const [protocol, port, inode] = ['Eth', 'Pid', 'Inode'].map((name) => columns.indexOf(name)) as [
    number,
    number,
    number,
  ];
  for (const row of rows) {
    const cells = row.trim().split(/\s+/);
    if (Number(cells[protocol]) !== NETLINK_ROUTE || cells[inode] === undefined) continue;
    const portId = Number(cells[port]) >>> 0;
    if (portId !== 0) inodes.set(portId, Number(cells[inode]));
  }
  return inodes;
};

/** Reads /proc, and says nothing of what vanishes meanwhile or belongs to other users: that is no error here. */
const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};

/**
 * The host's /proc.
 * @param inNamespace runs a function with the thread in the namespace that is watched
 */
export const readProc = (inNamespace: <T>(action: () => T) => T = (action) => action()): ProcFiles => ({
  // thread-self, not self: entering a namespace moves only the calling thread.
  netlinkTable: () => inNamespace(() => attempt(() => readFileSync('/proc/thread-self/net/netlink', 'latin1'), '')),
  pids: () =>
    readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number),
  descriptors: (pid) =>
    // without CAP_SYS_PTRACE the numbers of root's descriptors can be read, and not what they are
    attempt(() => readdirSync(`/proc/${pid}/fd`), [] as string[]).flatMap((fd) =>
      attempt(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)], [] as string[]),
    ),
  comm: (pid) => attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd(), undefined),
  cmdline: (pid) => attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), undefined),
});

/**
 * The process behind a port id. A port id is the process id for a process's first netlink socket and a random number for
 * others, so it is never taken for a process id: the socket must be found among the process's descriptors. Costs a walk over
 * /proc; a program that has ended by now (`ip route add`) cannot be named.
 * @returns undefined where no process that may be looked at holds the socket
 */
export const findRequester = (portId: number, proc: ProcFiles): ProcessInfo | undefined => {
  const inode = portId === 0 ? undefined : parseNetlinkTable(proc.netlinkTable()).get(portId);
  if (inode === undefined) return undefined;
  const socket = `socket:[${inode}]`;
  const pid = proc.pids().find((candidate) => proc.descriptors(candidate).includes(socket));
  const comm = pid === undefined ? undefined : proc.comm(pid);
  if (pid === undefined || comm === undefined) return undefined;
  return { pid, comm, cmdline: (proc.cmdline(pid) ?? '').split('\0').filter((word) => word !== '') };
};

/**
 * The same for a program that may be about to end, such as `ip`: what the port id is the process id of, as it nearly always is,
 * is read first, and the proof is looked for afterwards. Where the process has ended in between, its name is believed: no
 * other can have got its number within that time.
 */
export const catchRequester = (portId: number, proc: ProcFiles): ProcessInfo | undefined => {
  if (portId === 0) return undefined;
  const comm = proc.comm(portId);
  if (comm === undefined) return findRequester(portId, proc);
  const cmdline = (proc.cmdline(portId) ?? '').split('\0').filter((word) => word !== '');
  const descriptors = proc.descriptors(portId);
  const inode = parseNetlinkTable(proc.netlinkTable()).get(portId);
  if (inode !== undefined && descriptors.length > 0 && !descriptors.includes(`socket:[${inode}]`))
    return findRequester(portId, proc);
  return { pid: portId, comm, cmdline };
};
