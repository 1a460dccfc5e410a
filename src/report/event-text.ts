import type { NameTables } from '../desired/names.ts';
import type { KernelEvent } from '../model/kernel-port.ts';
import type { KindName, KindTypes } from '../model/state.ts';
import { objectText } from './object-text.ts';
import type { Paint } from './paint.ts';
import { visibleText } from './visible-text.ts';

/** Who made a change. */
export interface Requester {
  readonly pid: number;
  readonly comm: string;
}

export interface EventTextOptions {
  readonly paint: Paint;
  readonly names: NameTables;
  /** text to stand in front, with its blank */
  readonly prefix?: string;
  readonly requester?: Requester;
}

const bodyOf = (event: KernelEvent, names: NameTables): string =>
  event.object === undefined
    ? '(no details)'
    : visibleText(objectText(event.kind, event.object as KindTypes[KindName] as never, names));

/** One change on one line, as `ip monitor` marks it: `Deleted route 10.0.0.0/8 via ...  # by ip[1234]`. */
export const renderEventText = (event: KernelEvent, options: EventTextOptions): string => {
  const { paint, names, requester } = options;
  const line = `${event.kind} ${bodyOf(event, names)}`;
  const by = requester === undefined ? '' : `  ${paint.faint(`# by ${visibleText(requester.comm)}[${requester.pid}]`)}`;
  const marked = event.action === 'delete' ? paint.delete(`Deleted ${line}`) : line;
  return `${options.prefix ?? ''}${marked}${by}\n`;
};

/** The same for programs, one object a line. */
export const eventJson = (event: KernelEvent, time: string, requester: Requester | undefined) => ({
  time,
  kind: event.kind,
  action: event.action,
  ...(event.object === undefined ? {} : { object: event.object }),
  portId: event.portId,
  ...(requester === undefined ? {} : { by: { pid: requester.pid, command: requester.comm } }),
});
