import { watchEventText } from '../../report/watch-text.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';
import { UsageError } from '../usage-error.ts';
import { readHistory } from '../watch/history-file.ts';

interface HistoryOptions {
  readonly lines?: string;
}

/**
 * `netrecon history`: what watch wrote down in this namespace, whether it still runs or not.
 * @returns 0
 */
export const run = async (context: Context, _: readonly string[], { lines }: HistoryOptions): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const count = lines === undefined ? Number.POSITIVE_INFINITY : Number(lines);
  if (!(count > 0)) throw new UsageError('--lines takes a positive number', 'for example: -n 20');
  return withHost(context, async ({ state }) => {
    const events = state.path === undefined ? [] : readHistory(state.path);
    const shown = events.slice(-Math.min(count, events.length));
    const options = { paint: context.paint, names: readHostNames() };
    const json = context.options.format === 'json';
    context.print(
      shown.map((event) => (json ? `${JSON.stringify(event)}\n` : watchEventText(event, options))).join(''),
    );
    return 0;
  });
};
