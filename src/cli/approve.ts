import { createInterface } from 'node:readline/promises';
import { NetreconError } from '../model/errors.ts';
import type { Context } from './context.ts';

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/**
 * Asks on the terminal.
 * @param signal aborting it counts as no
 * @throws {NetreconError} NR_NEEDS_YES where nobody can be asked
 */
export const askToApply = async (context: Context, question: string, signal: AbortSignal): Promise<boolean> => {
  const { stdin, stderr } = context.process;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new NetreconError('NR_NEEDS_YES', 'there are changes to make and no terminal to ask on', {
      hint: 'give --yes to apply without asking',
    });
  }
  // terminal: false leaves Ctrl-C to the terminal driver, which makes a signal of it
  const terminal = createInterface({ input: stdin, output: stderr, terminal: false });
  const endOfInput = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), endOfInput]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!isAbort(error)) throw error;
    stderr.write('\n');
    return false;
  } finally {
    terminal.close();
  }
};
