import { NetreconError } from '../model/errors.ts';
import { pendingConfirmation } from '../reconcile/recover.ts';
import { bootTime } from './boot-time.ts';
import type { Host } from './host.ts';

/**
 * Nothing may be built on an apply that may still be reverted.
 * @throws {NetreconError} NR_UNCONFIRMED, exit status 6
 */
export const refusePending = ({ state }: Host): void => {
  const deadline = pendingConfirmation(state.records, bootTime())?.confirmation?.deadline;
  if (deadline === undefined) return;
  const seconds = Math.ceil((deadline - bootTime()) / 1000);
  throw new NetreconError('NR_UNCONFIRMED', `an earlier apply waits for its confirmation for another ${seconds} s`, {
    hint: '`netrecon confirm` keeps what it did, `netrecon rollback` reverts it at once',
    exitStatus: 6,
  });
};
