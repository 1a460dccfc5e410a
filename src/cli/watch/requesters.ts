import { catchRequester, readProc } from '../../netlink/attribution.ts';
import type { OpenedKernel } from '../../netlink/open-kernel.ts';
import type { Requester } from '../../reconcile/watch/witness.ts';

/** A program that sends many changes is looked up once in so long. */
const REMEMBER_MS = 1000;
const MOST_REMEMBERED = 1024;

/** The process behind a port id; each answer is kept for a second, for bursts mostly come from one. */
export const createRequesters = (
  kernel: OpenedKernel,
  clock: () => number,
): ((portId: number) => Requester | undefined) => {
  const proc = readProc(kernel.inNamespace);
  const known = new Map<number, { readonly at: number; readonly requester: Requester | undefined }>();
  return (portId) => {
    const now = clock();
    const found = known.get(portId);
    if (found !== undefined && now - found.at < REMEMBER_MS) return found.requester;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const process = catchRequester(portId, proc);
    const requester =
      process === undefined ? undefined : { pid: process.pid, command: process.comm, cmdline: process.cmdline };
    known.set(portId, { at: now, requester });
    return requester;
  };
};
