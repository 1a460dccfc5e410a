import { NetreconError } from '../model/errors.ts';
import { pendingConfirmation } from '../reconcile/transaction/recover.ts';
import { bootTime } from './boot-time.ts';
import type { Host } from './host.ts';
import { isOpenRecord, type StateDirectory } from './state-directory.ts';

/**
 * Nor on one that this namespace has its part in, and that another one has the record of.
 * @param own - folder of the namespace at hand, where this is another one that it works on
 * @throws {NetreconError} NR_UNFINISHED, exit status 6
 */
export const refuseHeld = ({ records }: StateDirectory, own?: string, name?: string): void => {
  const holder = records.read()?.partOf;
  if (holder === undefined || holder === own || !isOpenRecord(holder)) return;
  const where = name === undefined ? 'this namespace' : `namespace ${name}`;
  throw new NetreconError(
    'NR_UNFINISHED',
    `an apply that ${where} has its part in was cut off or may still be reverted`,
    {
      hint: `\`netrecon recover\`, \`confirm\` or \`rollback\` in the namespace where it was started; its record is ${holder}/record`,
      exitStatus: 6,
    },
  );
};

/**
 * Nothing may be built on an apply that may still be reverted.
 * @throws {NetreconError} NR_UNCONFIRMED, exit status 6
 */
export const refusePending = ({ state }: Host): void => {
  refuseHeld(state);
  const deadline = pendingConfirmation(state.records, bootTime())?.confirmation?.deadline;
  if (deadline === undefined) return;
  const seconds = Math.ceil((deadline - bootTime()) / 1000);
  throw new NetreconError('NR_UNCONFIRMED', `an earlier apply waits for its confirmation for another ${seconds} s`, {
    hint: '`netrecon confirm` keeps what it did, `netrecon rollback` reverts it at once',
    exitStatus: 6,
  });
};
