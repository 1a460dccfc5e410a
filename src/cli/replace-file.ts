import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { NetreconError } from '../model/errors.ts';
import { writeDurably } from './write-durably.ts';

/**
 * Gives a file of the user another text, all or nothing. Mode and owner stay; a symbolic link stays one, and the file that it
 * leads to is replaced.
 * @throws {NetreconError} NR_FILE where that cannot be done
 */
export const replaceFile = (path: string, text: string): void => {
  try {
    const target = realpathSync(path);
    // a file that must not be written could still be replaced by whoever may write in its folder
    accessSync(target, constants.W_OK);
    writeDurably(target, text, statSync(target));
  } catch (error) {
    throw new NetreconError('NR_FILE', `cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
};
