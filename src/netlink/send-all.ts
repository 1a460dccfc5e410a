import { LINK_KINDS } from '../model/link-kinds/index.ts';
import type { Op, OpResult } from '../model/op.ts';

/** What carries an operation to the kernel. */
export type Carrier = 'rtnetlink' | 'wireguard' | 'tun';

const carrierOf = (op: Op): Carrier => {
  if (op.kind !== 'link') return 'rtnetlink';
  if (op.stage === 'wireguard') return 'wireguard';
  const isMade = op.action === 'create' || op.stage === 'options';
  return isMade && LINK_KINDS[op.object.kind ?? '']?.byIoctl === true ? 'tun' : 'rtnetlink';
};

/**
 * Sends operations in order, each run of them by what carries it. Stops after the run in which one was refused.
 * @returns one result for each operation sent
 */
export const sendByCarrier = async (
  ops: readonly Op[],
  carriers: Readonly<Record<Carrier, (run: readonly Op[]) => Promise<readonly OpResult[]>>>,
): Promise<readonly OpResult[]> => {
  const results: OpResult[] = [];
  while (results.length < ops.length) {
    const from = results.length;
    const carrier = carrierOf(ops[from] as Op);
    let stop = from + 1;
    while (stop < ops.length && carrierOf(ops[stop] as Op) === carrier) stop++;
    const found = await carriers[carrier](from === 0 && stop === ops.length ? ops : ops.slice(from, stop));
    for (const result of found) results.push(result);
    if (found.length < stop - from || found.some(({ ok }) => !ok)) break;
  }
  return results;
};
