import { NetreconError } from '../model/errors.ts';

/** The command line asks for something that does not exist or cannot be had. */
export class UsageError extends NetreconError {
  constructor(message: string, hint?: string) {
    super('NR_USAGE', message, hint === undefined ? {} : { hint });
  }
}
