import type { KernelPort } from '../../src/model/kernel-port.ts';
import { kindOf } from '../../src/model/kinds.ts';
import type { Op, OpResult } from '../../src/model/op.ts';
import { NetlinkError } from '../../src/netlink/wire/errors.ts';

/** What happens at an operation. */
export type Fault = 'refused' | 'ackLost' | 'killedBefore' | 'killedAfter' | 'aborted';

/** Stands for SIGKILL within one process: no code of the transaction runs after it, but what `finally` holds. */
export class Killed extends Error {}

const REFUSAL: OpResult = {
  ok: false,
  error: { errno: 22, name: 'EINVAL', message: 'refused by the test' },
};

/** Called with each operation before it is sent, counted from 0; tells what is to happen to it. */
export type Judge = (op: Op, index: number) => Fault | undefined;

/** What faults do beyond the answers to operations. */
export interface FaultHooks {
  readonly abort?: () => void;
  /** ends the process, or what stands for it */
  readonly die?: () => never;
}

const dieHere = (): never => {
  throw new Killed();
};

/** A kernel port on which some operations go wrong. It sends one at a time, so that an index is a moment. */
export const faultyPort = (
  kernel: KernelPort,
  judge: Judge,
  { abort = () => undefined, die = dieHere }: FaultHooks = {},
): KernelPort => {
  let index = 0;
  return {
    ...(kernel.portId === undefined ? {} : { portId: kernel.portId }),
    dump: (options) => kernel.dump(options),
    subscribe: (kinds) => kernel.subscribe(kinds),
    hasLinkKind: (kind) => kernel.hasLinkKind(kind),
    hasNexthops: () => kernel.hasNexthops(),
    labelSpace: (label) => kernel.labelSpace(label),
    lookUp: (queries) => kernel.lookUp(queries),
    ...(kernel.namespaceId === undefined ? {} : { namespaceId: kernel.namespaceId }),
    close: () => undefined,
    send: async (ops) => {
      const results: OpResult[] = [];
      for (const op of ops) {
        const fault = judge(op, index++);
        if (fault === 'killedBefore') die();
        if (fault === 'aborted') abort();
        const [result] = fault === 'refused' ? [REFUSAL] : await kernel.send([op]);
        if (fault === 'killedAfter') die();
        if (fault === 'ackLost') throw new NetlinkError('NR_ACK_LOST', 'the acknowledgement was lost by the test');
        if (result === undefined) throw new Error('the kernel port gave no answer');
        results.push(result);
        if (!result.ok) break;
      }
      return results;
    },
  };
};

/** Fault at one operation. */
export const faultAt =
  (k: number, fault: Fault): Judge =>
  (_, index) =>
    index === k ? fault : undefined;

const keyOf = (op: Op): string => `${op.kind} ${kindOf(op.kind).slot(op.object as never)}`;

/** Operation `k` is refused, and so is operation `j` of the rollback, with all others on the same object. */
export const refuseTwice = (k: number, j: number): Judge => {
  let barred: string | undefined;
  return (op, index) => {
    if (index === k) return 'refused';
    if (index === k + 1 + j) barred = keyOf(op);
    return index > k && keyOf(op) === barred ? 'refused' : undefined;
  };
};
