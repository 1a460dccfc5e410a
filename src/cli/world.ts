import { isNetreconError, NetreconError } from '../model/errors.ts';
import type { OpenedKernel } from '../netlink/open-kernel.ts';
import type { FileLock } from '../netlink/socket/file-lock.ts';
import { createNamed, giveName, hasNamespace, openNamed, removeNamed } from '../netlink/socket/named-namespace.ts';
import { type NamespaceHandle, openNamespace } from '../netlink/socket/namespace-switch.ts';
import type { ScopePort, WorldPort } from '../reconcile/world/world-port.ts';
import { AT_HAND } from '../reconcile/world/world-undo.ts';
import { refuseHeld } from './refuse-pending.ts';
import type { StateDirectory } from './state-directory.ts';

/** The named namespaces of this host, as far as somebody has asked for them. */
export interface OpenedWorld extends WorldPort {
  /** gives every namespace free again; no transaction may be at work */
  close(): void;
}

export interface OpenWorldOptions {
  /** of the namespace at hand */
  readonly kernel: OpenedKernel;
  /** opens one by its name or path */
  readonly open: (namespace: string) => OpenedKernel;
  readonly openState: (kernel: OpenedKernel) => StateDirectory;
  /** what tells a namespace from all others since boot */
  readonly identify: (inNamespace: NamespaceHandle['run']) => string;
  /** by which the kernels find the namespaces that operations name; filled here */
  readonly descriptors: Map<string, number>;
  /** see Host.openWorld */
  readonly command: string | undefined;
}

interface Opened extends ScopePort {
  readonly kernel: OpenedKernel;
  readonly state: StateDirectory;
  readonly handle: NamespaceHandle;
  readonly lock: FileLock | undefined;
}

/**
 * What an earlier apply in that namespace alone left open must be dealt with there: its rollback knows nothing of the others.
 * @throws {NetreconError} NR_UNFINISHED, exit status 6
 */
const refuseUnfinished = (name: string, { records }: StateDirectory): void => {
  const phase = records.read()?.transaction?.phase;
  if (phase !== 'open' && phase !== 'incomplete' && phase !== 'unconfirmed') return;
  const [why, hint] =
    phase === 'unconfirmed'
      ? [
          'waits for its confirmation',
          `\`netrecon --netns ${name} confirm\` keeps what it did, \`rollback\` reverts it`,
        ]
      : ['was cut off', `\`netrecon --netns ${name} recover\` puts back what it changed`];
  throw new NetreconError('NR_UNFINISHED', `an earlier apply in namespace ${name} ${why}`, { hint, exitStatus: 6 });
};

/** @throws {NetreconError} NR_LOCKED, exit status 6 */
const lockScope = (name: string, state: StateDirectory, command: string): FileLock => {
  try {
    return state.lock(command, new Date());
  } catch (error) {
    if (!isNetreconError(error) || error.code !== 'NR_LOCKED') throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new NetreconError(error.code, `namespace ${name}: ${error.message}`, { ...hint, exitStatus: 6 });
  }
};

const atHandError = (name: string): NetreconError =>
  new NetreconError('NR_USAGE', `namespace ${name} is the one at hand, which the file itself is about`, {
    hint: `say what it must have at the top of the file, or leave out --netns ${name}`,
  });

/** A name may be that of nothing more than a file, which a crash has left behind. */
const identityOfNamed = (name: string, identify: OpenWorldOptions['identify']): string | undefined => {
  if (!hasNamespace(name)) return undefined;
  try {
    const handle = openNamed(name);
    try {
      return identify(handle.run);
    } finally {
      handle.close();
    }
  } catch (error) {
    if (isNetreconError(error) && error.code === 'NR_NO_NAMESPACE') return undefined;
    throw error;
  }
};

/** Reaches the named namespaces of the host. Each is opened, and where a command is given locked, when it is asked for. */
export const openWorld = ({
  kernel,
  open,
  openState,
  identify,
  descriptors,
  command,
}: OpenWorldOptions): OpenedWorld => {
  const scopes = new Map<string, Opened>();
  let own: NamespaceHandle | undefined;
  let ownState: string | undefined;
  /** most transactions never leave the namespace at hand */
  const knowAtHand = (): void => {
    if (own !== undefined) return;
    own = kernel.inNamespace(() => openNamespace('/proc/thread-self/ns/net'));
    descriptors.set(AT_HAND, own.fd);
    ownState = openState(kernel).path;
  };

  const enter = (name: string, handle: NamespaceHandle): Opened => {
    let scope: OpenedKernel | undefined;
    try {
      knowAtHand();
      scope = open(handle.path);
      const state = openState(scope);
      if (state.path === ownState) throw atHandError(name);
      const lock = command === undefined ? undefined : lockScope(name, state, command);
      const opened = { kernel: scope, state, records: state.records, handle, lock };
      scopes.set(name, opened);
      descriptors.set(name, handle.fd);
      if (lock !== undefined) refuseUnfinished(name, state);
      if (lock !== undefined) refuseHeld(state, ownState, name);
      return opened;
    } catch (error) {
      if (!scopes.has(name)) {
        scope?.close();
        handle.close();
      }
      throw error;
    }
  };

  return {
    get home() {
      knowAtHand();
      return ownState as string;
    },
    open: (name) => {
      if (!hasNamespace(name)) return undefined;
      return scopes.get(name) ?? enter(name, openNamed(name));
    },
    identityOf: (name) => identityOfNamed(name, identify),
    create: (name, remember) => {
      let identity = '';
      const handle = createNamed(name, ({ run }) => {
        identity = identify(run);
        remember(identity);
      });
      if (identify(handle.run) !== identity) {
        handle.close();
        throw new NetreconError('NR_NO_NAMESPACE', `somebody else has taken the name ${name} meanwhile`);
      }
      try {
        return enter(name, handle);
      } catch (error) {
        removeNamed(name);
        throw error;
      }
    },
    remove: (name) => removeNamed(name),
    putBack: (name) => {
      const opened = scopes.get(name);
      if (opened !== undefined) giveName(opened.handle, name);
    },
    close: () => {
      for (const { kernel: scope, handle, lock } of scopes.values()) {
        scope.close();
        handle.close();
        lock?.release();
      }
      scopes.clear();
      descriptors.clear();
      own?.close();
      own = undefined;
    },
  };
};
