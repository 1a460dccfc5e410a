// Programs that tests hold netrecon against.
import { installMissing } from '../../test/lab/install.mjs';

/** File that shows it is there -> Debian package that brings it. */
const TOOLS = {
  '/sbin/ip': 'iproute2',
  '/usr/bin/unshare': 'util-linux',
  '/usr/bin/strace': 'strace',
  '/bin/ps': 'procps',
  '/usr/bin/linux.uml': 'user-mode-linux',
  '/sbin/modprobe': 'kmod',
  '/lib/systemd/systemd': 'systemd',
  '/usr/bin/zsh': 'zsh',
  '/usr/bin/fish': 'fish',
};

/**
 * Installs the tools that are missing, which takes root and apt-get.
 * @throws {import('../../test/lab/guest.mjs').LabError} where one is missing and cannot be installed
 */
export const ensureTools = () => installMissing(TOOLS);
