import type { WatchEvent } from '../../reconcile/watch/events.ts';
import { watchEventText } from '../../report/watch-text.ts';
import type { Context } from '../context.ts';
import { readHostNames } from '../host.ts';

const levelOf = (event: WatchEvent): 'info' | 'warn' | 'error' => {
  if (event.type === 'problem' || event.type === 'fight') return 'error';
  if (event.type === 'resync') return 'warn';
  return event.type === 'drift' && event.done !== 'corrected' ? 'warn' : 'info';
};

/** Tells events as they happen: lines for people, or with --format json pino's objects for journald and shippers. */
export const createEventLog = async (context: Context): Promise<(event: WatchEvent) => void> => {
  if (context.options.format !== 'json') {
    const options = { paint: context.paint, names: readHostNames() };
    return (event) => context.print(watchEventText(event, options));
  }
  const { pino } = await import('pino');
  // written at once: what a killed process had still in its buffer would be what somebody looks for
  const log = pino({ base: null, timestamp: false }, pino.destination({ fd: 1, sync: true }));
  return (event) => log[levelOf(event)](event);
};
