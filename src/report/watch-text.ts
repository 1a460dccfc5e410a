import type { NameTables } from '../desired/names.ts';
import type { DriftEvent, WatchEvent } from '../reconcile/watch/events.ts';
import type { WatchStatus } from '../reconcile/watch/status.ts';
import type { Paint } from './paint.ts';
import { summaryText } from './plan-text.ts';
import { valueText } from './value-text.ts';
import { visibleText } from './visible-text.ts';

export interface WatchTextOptions {
  readonly paint: Paint;
  readonly names: NameTables;
}

const WAS = { deleted: 'was gone', changed: 'was changed', added: 'was added' } as const;
const DONE = {
  corrected: 'put right',
  reported: 'left so (on_drift: report)',
  held: 'waits for its turn',
  failed: 'could not be put right',
} as const;

const millis = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);

const fieldsText = ({ kind, fields }: DriftEvent, names: NameTables): string =>
  fields.length === 0
    ? ''
    : ` (${fields
        .map(
          ({ field, before, after }) =>
            `${field} ${valueText(kind, field, before, names)} -> ${valueText(kind, field, after, names)}`,
        )
        .join(', ')})`;

const driftText = (event: DriftEvent, { paint, names }: WatchTextOptions): string => {
  const { title, was, cause, done, tookMs, again, error } = event;
  const result = done === 'corrected' ? `${DONE[done]} in ${millis(tookMs)}` : DONE[done];
  const times = again === undefined ? '' : `, ${again} times by now`;
  const why = error === undefined ? '' : `: ${visibleText(error)}`;
  const by =
    event.by === undefined || event.by.cmdline.length === 0
      ? ''
      : paint.faint(`  # ${visibleText(event.by.cmdline.join(' '))}`);
  const mark = done === 'corrected' ? paint.update : paint.error;
  return `${mark('drift')} ${visibleText(title)} ${WAS[was]}${fieldsText(event, names)}; ${visibleText(cause)}; ${result}${times}${why}${by}`;
};

const TRIGGERS = { start: 'at the start', files: 'as they have changed', reload: 'as asked to' } as const;

const bodyOf = (event: WatchEvent, options: WatchTextOptions): string => {
  const { paint } = options;
  switch (event.type) {
    case 'drift':
      return driftText(event, options);
    case 'applied':
      return `${paint.create('applied')} the files ${TRIGGERS[event.trigger]} in ${millis(event.tookMs)}: ${summaryText(event.summary)}`;
    case 'fight':
      return `${paint.error('fight')} over ${visibleText(event.title)}: put right ${event.count} times and undone again; ${visibleText(event.cause)}; the next time in ${millis(event.delayMs)}`;
    case 'fightOver':
      return `${paint.create('fight over')} ${visibleText(event.object)} is left in peace`;
    case 'resync':
      return `${paint.warn('resync')} ${visibleText(event.reason)}`;
    case 'problem':
      return `${paint.error('problem')} ${event.what === 'files' ? 'the files cannot be used, the last good ones stay in force' : 'not in sync'}: ${visibleText(event.message)}`;
    case 'recovered':
      return `${paint.create('recovered')} ${event.what === 'files' ? 'the files can be used again' : 'the network is in sync again'}`;
  }
};

/** One event on one line, its time in front. */
export const watchEventText = (event: WatchEvent, options: WatchTextOptions): string =>
  `${options.paint.faint(event.time)} ${bodyOf(event, options)}\n`;

/** Lines about what is not in sync that are shown before `... and 12 more`. */
const MOST_OBJECTS = 50;
const LAST_EVENTS = 10;

/** What `netrecon status` prints: the whole in one line, then what is not as it should be, then the last events. */
export const statusText = (status: WatchStatus, options: WatchTextOptions): string => {
  const { paint } = options;
  const lines: string[] = [];
  const head = status.inSync ? paint.create('in sync') : paint.error('not in sync');
  lines.push(
    `${head} since ${status.since}: ${status.files.map(visibleText).join(', ')} (process ${status.pid}, since ${status.startedAt})`,
  );
  for (const { what, message, since } of status.problems)
    lines.push(`${paint.error('problem')} with the ${what} since ${since}: ${visibleText(message)}`);
  for (const name of status.waitingFor) lines.push(`${paint.warn('waiting')} for link ${visibleText(name)}`);
  const off = status.objects.filter(({ state }) => state !== 'inSync');
  for (const { title, state, since, source } of off.slice(0, MOST_OBJECTS)) {
    const when = since === undefined ? '' : ` since ${since}`;
    lines.push(
      `${paint.warn(state)} ${visibleText(title)}${when}${source === undefined ? '' : paint.faint(`  # ${source}`)}`,
    );
  }
  if (off.length > MOST_OBJECTS) lines.push(`... and ${off.length - MOST_OBJECTS} more (--format json lists all)`);
  const all = status.objects.length + status.listedRoutes;
  lines.push(`${all - off.length} of ${all} objects are as the files say`);
  if (status.events.length > 0) lines.push('', 'last events:');
  return `${lines.join('\n')}\n${status.events
    .slice(-LAST_EVENTS)
    .map((event) => watchEventText(event, options))
    .join('')}`;
};
