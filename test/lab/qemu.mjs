// Debian's 6.12 in QEMU, in software emulation: slow to start, but with SMP, wireguard, netkit and netdevsim.
//
// The kernel is unpacked, not installed, into a folder that stays (about 500 MB; NETRECON_LAB_CACHE or ~/.cache).
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { LabError } from './guest.mjs';
import { installMissing, runTool } from './install.mjs';
import { COMMON_MODULES } from './modules.mjs';

const CACHE =
  process.env.NETRECON_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'netrecon-lab');

const NEEDS = {
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/bin/busybox': 'busybox-static',
  '/usr/bin/xz': 'xz-utils',
  '/sbin/modprobe': 'kmod',
  '/sbin/ip': 'iproute2',
  '/usr/bin/wg': 'wireguard-tools',
};

/** What reaches the host's files, in loading order; everything else is loaded from there. */
const BOOT_MODULES = ['fs/netfs/netfs', 'net/9p/9pnet', 'fs/9p/9p', 'net/9p/9pnet_virtio'];

/** First process of all: mounts the host's files and hands over to guest-init.sh, named on the kernel's command line. */
const INITRD_INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
for module in ${BOOT_MODULES.map((path) => basename(path)).join(' ')}; do /bin/busybox insmod /$module.ko; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose hostroot /host
/bin/busybox umount /proc
exec /bin/busybox switch_root /host "$netrecon_init"
`;

/** @returns {string} the newest package of the series, or '' where apt knows none */
const newestPackage = () => {
  const names = runTool('apt-cache', ['--names-only', 'search', '^linux-image-6\\.12\\..*-amd64-unsigned$']);
  return (
    String(names)
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .filter((name) => /^linux-image-6\.12\.[0-9]+\+deb[0-9]+-amd64-unsigned$/.test(name))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .at(-1) ?? ''
  );
};

/** @param {string} folder the unpacked kernel */
const releaseOf = (folder) => readdirSync(join(folder, 'lib/modules'))[0] ?? '';

/** @param {string} folder the unpacked kernel */
const buildInitrd = (folder) => {
  const tree = join(folder, 'initrd');
  for (const dir of ['bin', 'proc', 'host', 'dev']) mkdirSync(join(tree, dir), { recursive: true });
  copyFileSync('/bin/busybox', join(tree, 'bin/busybox'));
  for (const path of BOOT_MODULES) {
    const module = join(folder, 'lib/modules', releaseOf(folder), 'kernel', `${path}.ko.xz`);
    writeFileSync(join(tree, `${basename(path)}.ko`), runTool('xz', ['-dc', module]));
  }
  writeFileSync(join(tree, 'init'), INITRD_INIT);
  chmodSync(join(tree, 'init'), 0o755);
  writeFileSync(join(folder, 'initrd.cpio'), runTool('sh', ['-c', 'find . | busybox cpio -o -H newc'], { cwd: tree }));
  rmSync(tree, { recursive: true });
};

/**
 * Fetches and unpacks the kernel unless an earlier run did.
 * @returns {string} folder with boot/, lib/modules/ and initrd.cpio
 */
const ensureKernel = () => {
  mkdirSync(CACHE, { recursive: true });
  const present = readdirSync(CACHE).filter((name) => existsSync(join(CACHE, name, 'initrd.cpio')));
  if (present.length > 0) return join(CACHE, present.sort().at(-1) ?? '');
  if (newestPackage() === '') runTool('apt-get', ['-qq', 'update']);
  const name = newestPackage();
  if (name === '') throw new LabError('apt knows no linux-image-6.12.*-amd64-unsigned');
  const work = mkdtempSync(join(CACHE, 'new-'));
  try {
    // by its own user apt cannot write here; root needs no sandbox to download a signed package
    runTool('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: work });
    const deb = readdirSync(work).find((file) => file.endsWith('.deb')) ?? '';
    runTool('dpkg', ['-x', deb, 'kernel'], { cwd: work });
    const folder = join(work, 'kernel');
    runTool('depmod', ['-b', folder, releaseOf(folder)]);
    buildInitrd(folder);
    // another run may have been faster
    if (!existsSync(join(CACHE, name))) renameSync(folder, join(CACHE, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return join(CACHE, name);
};

/**
 * @returns {import('./guest.mjs').Boot}
 * @throws {LabError}
 */
export const prepareQemu = () => {
  installMissing(NEEDS);
  const kernel = ensureKernel();
  const cmdline = 'console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable';
  return {
    name: 'qemu',
    modulesDir: join(kernel, 'lib/modules'),
    modules: COMMON_MODULES,
    bootSeconds: 600,
    start: (lab) => ({
      command: 'qemu-system-x86_64',
      args: [
        ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-m', '3G', '-smp', '2', '-nographic', '-no-reboot'],
        ...['-kernel', join(kernel, 'boot', `vmlinuz-${releaseOf(kernel)}`), '-initrd', join(kernel, 'initrd.cpio')],
        ...['-append', `${cmdline} netrecon_init=${join(lab, 'init')}`, '-nic', 'none'],
        ...['-virtfs', 'local,path=/,mount_tag=hostroot,security_model=none,multidevs=remap'],
      ],
    }),
  };
};
