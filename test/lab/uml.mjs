// User-Mode Linux: a kernel that is an ordinary process. Debian's package is Linux 6.1 with every module.
import { join } from 'node:path';
import { installMissing } from './install.mjs';
import { COMMON_MODULES } from './modules.mjs';

/**
 * @returns {import('./guest.mjs').Boot}
 * @throws {import('./guest.mjs').LabError}
 */
export const prepareUml = () => {
  installMissing({ '/usr/bin/linux.uml': 'user-mode-linux', '/sbin/modprobe': 'kmod', '/sbin/ip': 'iproute2' });
  return {
    name: 'uml',
    modulesDir: '/usr/lib/uml/modules',
    modules: COMMON_MODULES,
    bootSeconds: 120,
    start: (lab) => ({
      command: 'linux.uml',
      args: [
        'rootfstype=hostfs',
        'rootflags=/',
        'rw',
        `init=${join(lab, 'init')}`,
        'mem=2G',
        'con0=null,fd:1',
        'con=null',
        'ssl=null',
        'quiet',
        'panic=-1',
        // its control socket and pid file go with the folder of the run
        `uml_dir=${lab}`,
        'umid=machine',
      ],
    }),
  };
};
