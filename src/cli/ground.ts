import { readFile } from 'node:fs/promises';
import { NetreconError } from '../model/errors.ts';
import { canRenameUp } from '../model/kernel-release.ts';
import type { Ref } from '../model/kind.ts';
import type { State } from '../model/state.ts';
import { parseSnapshot } from '../observed/snapshot.ts';
import type { Context } from './context.ts';
import { withHost } from './host.ts';
import { isSystemStateHidden, SYSTEM_STATE_DIRECTORY } from './state-location.ts';

/** What a plan starts from. */
export interface Ground {
  readonly observed: State;
  readonly owned: readonly Ref[];
  readonly renamesUp?: boolean;
}

/** The kernel, and what the record says of it. */
export const readKernel = (context: Context): Promise<Ground> =>
  withHost(context, async ({ kernel, state }) => {
    if (context.options.sandbox !== true && isSystemStateHidden(context.options.stateDir)) {
      context.say(
        `note: ${SYSTEM_STATE_DIRECTORY} is root's: links that it says netrecon made are not known here, so they are not deleted\n`,
      );
    }
    return {
      observed: await kernel.dump(),
      owned: state.records.read()?.owned ?? [],
      renamesUp: kernel.renamesUp,
    };
  });

const readSnapshot = async (path: string): Promise<Ground> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new NetreconError('NR_FILE', `cannot read snapshot ${path}: ${error.message}`, { cause: error });
  });
  const { state, owned, kernel } = parseSnapshot(text, path);
  return { observed: state, owned, renamesUp: canRenameUp(kernel) };
};

/** The state of the kernel, or with --against that of a snapshot. */
export const readGround = (context: Context, against: string | undefined): Promise<Ground> =>
  against === undefined ? readKernel(context) : readSnapshot(against);
