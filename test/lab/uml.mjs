// User-Mode Linux: a kernel that is an ordinary process. The package of Debian 12 is Linux 6.1 with every module.
//
// NETRECON_LAB_UML names a folder into which another release's package is unpacked (`dpkg -x`), to run on its kernel.
import { join } from 'node:path';
import { installMissing } from './install.mjs';
import { COMMON_MODULES } from './modules.mjs';

const UNPACKED = process.env.NETRECON_LAB_UML ?? '';

/**
 * @returns {import('./guest.mjs').Boot}
 * @throws {import('./guest.mjs').LabError}
 */
export const prepareUml = () => {
  const command = join(UNPACKED, '/usr/bin/linux.uml');
  installMissing({
    ...(UNPACKED === '' ? { [command]: 'user-mode-linux' } : {}),
    '/sbin/modprobe': 'kmod',
    '/sbin/ip': 'iproute2',
  });
  return {
    name: 'uml',
    modulesDir: join(UNPACKED, '/usr/lib/uml/modules'),
    modules: COMMON_MODULES,
    bootSeconds: 300,
    start: (lab) => ({
      command,
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
