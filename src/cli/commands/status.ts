import { NetreconError } from '../../model/errors.ts';
import type { WatchStatus } from '../../reconcile/watch/status.ts';
import { statusText } from '../../report/watch-text.ts';
import { type Context, requireFormat, toJsonText } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';
import { askWatch, statusSocketIn } from '../watch/status-server.ts';

const NOT_IN_SYNC = 2;

/**
 * `netrecon status`
 * @returns 0 in sync, 2 not
 * @throws {NetreconError} NR_NO_WATCH
 */
export const run = async (context: Context): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  return withHost(context, async ({ state }) => {
    const answer = state.path === undefined ? undefined : await askWatch(statusSocketIn(state.path), '/status');
    if (answer === undefined) {
      throw new NetreconError('NR_NO_WATCH', 'no netrecon watch is running in this network namespace', {
        hint: 'start it with netrecon watch FILE..., or say where its records are with --state-dir',
      });
    }
    const status = JSON.parse(answer) as WatchStatus;
    if (context.options.format === 'json') context.print(toJsonText(status));
    else context.print(statusText(status, { paint: context.paint, names: readHostNames() }));
    return status.inSync ? 0 : NOT_IN_SYNC;
  });
};
