import { writeFileSync } from 'node:fs';
import { openKernel } from '../netlink/open-kernel.ts';
import { enterSandbox } from '../netlink/socket/sandbox.ts';
import { readSharedConf, withSharedConf } from '../observed/shared-conf.ts';
import type { Scene } from '../reconcile/rehearse/rehearse-types.ts';
import { readFileIfThere } from './host.ts';

/** Where each setting is; a kernel without IPv6 has none of the latter. */
const SETTING_PATHS: Readonly<Record<Parameters<Scene['configure']>[1], (link: string) => string>> = {
  promote_secondaries: (link) => `ipv4/conf/${link}/promote_secondaries`,
  ignore_routes_with_linkdown: (link) => `ipv4/conf/${link}/ignore_routes_with_linkdown`,
  keep_addr_on_down: (link) => `ipv6/conf/${link}/keep_addr_on_down`,
  disable_ipv6: (link) => `ipv6/conf/${link}/disable_ipv6`,
  accept_dad: (link) => `ipv6/conf/${link}/accept_dad`,
};

/** A container may have /proc/sys read-only, and a kernel no IPv6. */
const UNSETTABLE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EROFS', 'EACCES', 'EPERM', 'EINVAL']);

/** Synchronous, so on the main thread: only that one is in the namespace. */
const writeSetting = (path: string, value: number): void => {
  try {
    writeFileSync(`/proc/sys/net/${path}`, `${value}`);
  } catch (error) {
    if (!UNSETTABLE.has((error as NodeJS.ErrnoException).code)) throw error;
  }
};

/**
 * Moves the process into one more fresh namespace. The one before goes once its sockets are closed.
 * @throws {NetlinkError} NR_NO_PRIVILEGE, NR_SYSTEM_CALL
 */
export const openScene = (): Scene => {
  enterSandbox();
  const kernel = openKernel({ refine: (state) => withSharedConf(state, readSharedConf(readFileIfThere)) });
  return {
    kernel,
    configure: (link, setting, on) => writeSetting(SETTING_PATHS[setting](link), on ? 1 : 0),
    makeRoomForLabels: (count) => writeSetting('mpls/platform_labels', count),
    close: () => kernel.close(),
  };
};
