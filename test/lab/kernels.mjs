// The lab's kernels by name.
import { LabError } from './guest.mjs';
import { prepareQemu } from './qemu.mjs';
import { prepareUml } from './uml.mjs';

/** @type {Readonly<Record<string, () => import('./guest.mjs').Boot>>} */
const KERNELS = { uml: prepareUml, qemu: prepareQemu };

/**
 * Makes a kernel ready to start; installs what it needs where root can.
 * @param {string} name
 * @returns {import('./guest.mjs').Boot}
 * @throws {LabError}
 */
export const prepareKernel = (name) => {
  const prepare = KERNELS[name];
  if (prepare === undefined) throw new LabError(`no such kernel: ${name} (${Object.keys(KERNELS).join(', ')})`);
  return prepare();
};
