import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type NameTables, readNameTables } from '../desired/names.ts';
import type { Trace } from '../netlink/channel.ts';
import { type OpenedKernel, openKernel } from '../netlink/open-kernel.ts';
import { readNamespaceCookie } from '../netlink/socket/namespace-cookie.ts';
import type { NamespaceHandle } from '../netlink/socket/namespace-switch.ts';
import { enterSandbox } from '../netlink/socket/sandbox.ts';
import { readSharedConf, withSharedConf } from '../observed/shared-conf.ts';
import type { Context } from './context.ts';
import { openStateDirectory, openTransientState, type StateDirectory } from './state-directory.ts';
import { locateStateDirectory } from './state-location.ts';
import { traceText } from './trace-text.ts';
import { type OpenedWorld, openWorld } from './world.ts';

/** The namespace at hand and what is kept of it. */
export interface Host {
  readonly kernel: OpenedKernel;
  readonly state: StateDirectory;
  /**
   * Reaches the named namespaces; absent in a sandbox, which goes with the command.
   * @param command takes each for this process, and says so to others; without, they are only looked at
   */
  readonly openWorld?: (command?: string) => OpenedWorld;
}

const tracer = (context: Context): Trace | undefined => {
  const { verbose } = context.options;
  return verbose < 2 ? undefined : (frame) => context.complain(traceText(frame, verbose > 2));
};

/** What tells a namespace from all others since boot. */
const identifyNamespace = (inNamespace: NamespaceHandle['run']): string =>
  inNamespace(() => {
    const cookie = readNamespaceCookie();
    if (cookie !== undefined) return `net-${cookie}`;
    // stat, not lstat: the identity of a namespace is that of its file in nsfs
    const { dev, ino } = statSync('/proc/thread-self/ns/net');
    return `net-${dev}-${ino}`;
  });

/**
 * Opens the namespace that --netns or --sandbox names, or the process's own.
 *
 * With --sandbox an ordinary user's process starts again from the beginning (see enterSandbox): call this before standard
 * input is read.
 * @throws {NetlinkError} NR_NO_NAMESPACE, NR_NO_PRIVILEGE; {NetreconError} NR_STATE_DIR
 */
const openHost = (context: Context): Host => {
  const { netns, sandbox, stateDir } = context.options;
  if (sandbox === true) enterSandbox();
  const trace = tracer(context);
  const descriptors = new Map<string, number>();
  const open = (namespace: string | undefined): OpenedKernel =>
    openKernel({
      ...(namespace === undefined ? {} : { namespace }),
      ...(trace === undefined ? {} : { trace }),
      namespaceFd: (name) => descriptors.get(name),
      refine: (state, inNamespace) =>
        withSharedConf(
          state,
          inNamespace(() => readSharedConf(readFileIfThere)),
        ),
    });
  const kernel = open(netns);
  try {
    if (sandbox === true) return { kernel, state: openTransientState() };
    const location = locateStateDirectory(stateDir, context.process.env);
    const openState = (of: OpenedKernel): StateDirectory =>
      openStateDirectory(
        location,
        identifyNamespace(of.inNamespace),
        of.inNamespace(() => readlinkSync('/proc/thread-self/ns/net')),
      );
    return {
      kernel,
      state: openState(kernel),
      openWorld: (command) => openWorld({ kernel, open, openState, identify: identifyNamespace, descriptors, command }),
    };
  } catch (error) {
    kernel.close();
    throw error;
  }
};

/** Runs an action on the host and closes it, however the action ends. */
export const withHost = async <T>(context: Context, action: (host: Host) => Promise<T>): Promise<T> => {
  const host = openHost(context);
  try {
    return await action(host);
  } finally {
    host.kernel.close();
  }
};

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    // a host without iproute2 has none of these files, and a name file that may not be read names nothing
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

/** The text of a file; undefined where there is none. */
export const readFileIfThere = (path: string): string | undefined => attempt(() => readFileSync(path, 'utf8'));

/** What this host calls its tables, protocols, scopes and groups. */
export const readHostNames = (): NameTables =>
  readNameTables({
    readFile: readFileIfThere,
    listDirectory: (path) => attempt(() => readdirSync(path)),
  });
