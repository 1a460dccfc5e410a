import { release } from 'node:os';
import { canRenameUp } from '../model/kernel-release.ts';
import type { State } from '../model/state.ts';
import type { OpenChannel, Trace } from './channel.ts';
import { FAMILIES } from './families/index.ts';
import { createKernel, type NetlinkKernel } from './kernel.ts';
import { resolveNamespace } from './namespaces.ts';
import { openNamespace } from './socket/namespace-switch.ts';
import { openNetlinkSocket } from './socket/netlink-socket.ts';
import { hasTun, setTun } from './socket/tun-device.ts';
import type { TunRequest } from './tun-ops.ts';

export interface OpenKernelOptions {
  /** name under /run/netns, path, or process id; default: the namespace of the process */
  readonly namespace?: string;
  readonly trace?: Trace;
  /** see KernelOptions */
  readonly namespaceFd?: (name: string) => number | undefined;
  /** completes every dump of links by what netlink does not tell; `inNamespace` as in OpenedKernel */
  readonly refine?: (state: State, inNamespace: <T>(action: () => T) => T) => State;
}

/** A kernel port on the running kernel. */
export interface OpenedKernel extends NetlinkKernel {
  /** Runs a synchronous action with the main thread in the namespace: /proc/thread-self/net and /proc/sys/net are its own then. */
  inNamespace<T>(action: () => T): T;
}

/**
 * Opens the kernel port. The namespace is held open by a descriptor, so that it stays the same one even if its name is given
 * to another.
 * @throws {NetlinkError} NR_NO_NAMESPACE, NR_NO_PRIVILEGE, NR_SYSTEM_CALL
 */
export const openKernel = ({
  namespace,
  trace,
  namespaceFd,
  refine = (state) => state,
}: OpenKernelOptions = {}): OpenedKernel => {
  const handle = namespace === undefined ? undefined : openNamespace(resolveNamespace(namespace));
  const inNamespace = <T>(action: () => T): T => (handle === undefined ? action() : handle.run(action));
  const open: OpenChannel = (options) => inNamespace(() => openNetlinkSocket(options));
  try {
    const tun = { exists: () => inNamespace(hasTun), set: (request: TunRequest) => inNamespace(() => setTun(request)) };
    const kernel = createKernel({
      open,
      families: FAMILIES,
      tun,
      trace,
      ...(namespaceFd === undefined ? {} : { namespaceFd }),
    });
    return {
      // A getter, since the port id may change with the socket.
      get portId() {
        return kernel.portId;
      },
      renamesUp: canRenameUp(release()),
      dump: async (options) => {
        const state = await kernel.dump(options);
        // what is read besides is about links
        return options?.kinds?.includes('link') === false ? state : refine(state, inNamespace);
      },
      send: kernel.send,
      sendRoutes: kernel.sendRoutes,
      hasLinkKind: kernel.hasLinkKind,
      hasNexthops: kernel.hasNexthops,
      labelSpace: kernel.labelSpace,
      lookUp: kernel.lookUp,
      ...(kernel.namespaceId === undefined ? {} : { namespaceId: kernel.namespaceId }),
      subscribe: kernel.subscribe,
      inNamespace,
      close: () => {
        kernel.close();
        handle?.close();
      },
    };
  } catch (error) {
    handle?.close();
    throw error;
  }
};
