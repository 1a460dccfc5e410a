import { release } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { rehearse } from '../../reconcile/rehearse/rehearse.ts';
import type { Scene } from '../../reconcile/rehearse/rehearse-types.ts';
import type { Context } from '../context.ts';
import { readHostNames } from '../host.ts';
import { packError, packResult, unpackSubject } from '../rehearse-protocol.ts';
import { openScene } from '../rehearse-scene.ts';

const write = ({ process }: Context, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => process.stdout.write(bytes, () => resolve()));

/**
 * `netrecon rehearse`, started by `plan --rehearse` and by nobody else: takes what is to be rehearsed from standard input and
 * gives its result to standard output.
 * @returns 0, also where an error is the result
 */
export const run = async (context: Context): Promise<number> => {
  try {
    // for an ordinary user the program starts again here, and standard input must not have been read before
    let first: Scene | undefined = openScene();
    const subject = unpackSubject(await buffer(context.process.stdin));
    const result = await rehearse(subject, {
      openScene: () => {
        const scene = first ?? openScene();
        first = undefined;
        return scene;
      },
      sleep: (milliseconds) => sleep(milliseconds),
      now: Date.now,
      protocolName: readHostNames().protocols.toName,
    });
    await write(context, packResult(result, release()));
  } catch (error) {
    const problem = packError(error);
    if (problem === undefined) throw error;
    await write(context, problem);
  }
  return 0;
};
