import type { OnDrift } from '../../model/desired.ts';
import { SCHEDULE } from '../../reconcile/watch/schedule.ts';
import type { WatchOptions } from '../../reconcile/watch/watch-ports.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';
import { keepNetAdmin, requireNetAdmin } from '../privileges.ts';
import { UsageError } from '../usage-error.ts';
import { keepWatch } from '../watch/keep-watch.ts';

interface WatchCommandOptions {
  readonly onDrift: OnDrift;
  readonly debounce: string;
  readonly interval: string;
  readonly metrics?: string;
  readonly revertOnExit?: boolean;
  readonly allowMassDelete?: boolean;
}

const readNumber = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least) || value > 1e9)
    throw new UsageError(`--${name} takes a number from ${least}, not ${text}`, 'netrecon watch --help explains it');
  return value;
};

/** However fast events follow each other, a pass starts after so many times the debounce. */
const MOST_DEBOUNCES = 20;

const watchOptions = (options: WatchCommandOptions): WatchOptions => {
  const quiet = readNumber('debounce', options.debounce, 0);
  const interval = readNumber('interval', options.interval, 1) * 1000;
  return {
    schedule: { quiet, most: quiet === 0 ? 0 : Math.max(SCHEDULE.most, MOST_DEBOUNCES * quiet), interval },
    onDrift: options.onDrift,
    protocolName: readHostNames().protocols.toName,
    allowMassDelete: options.allowMassDelete === true,
  };
};

/**
 * `netrecon watch FILE...`, until SIGINT or SIGTERM.
 * @returns 0; 3 or 4 where --revert-on-exit could not put everything back
 * @throws {ConfigError} where the files cannot be used at the start
 */
export const run = async (
  context: Context,
  files: readonly string[],
  options: WatchCommandOptions,
): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  if (files.includes('-')) throw new UsageError('watch reads its files again and again', 'give a file, not -');
  const watch = watchOptions(options);
  const { netns, sandbox } = context.options;
  // a sandbox is entered with what would be dropped here, and ends with the process
  if (sandbox !== true) keepNetAdmin(netns !== undefined);
  return withHost(context, async (host) => {
    requireNetAdmin();
    const lock = host.state.lock(`watch ${files.join(' ')}`, new Date());
    try {
      return await keepWatch(context, host, files, {
        watch,
        revertOnExit: options.revertOnExit === true,
        ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
      });
    } finally {
      lock.release();
    }
  });
};
