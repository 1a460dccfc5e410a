import type { KernelEvent, Subscription } from '../../model/kernel-port.ts';
import { KIND_NAMES, type KindName } from '../../model/state.ts';
import { findRequester, type ProcFiles, readProc } from '../../netlink/attribution.ts';
import { eventJson, type Requester, renderEventText } from '../../report/event-text.ts';
import { type Context, requireFormat } from '../context.ts';
import { readHostNames, withHost } from '../host.ts';
import { listenForSignals } from '../signals.ts';

interface MonitorOptions {
  readonly timestamp?: boolean;
}

type RenderEvent = (event: KernelEvent, requester: Requester | undefined) => string;

const createRenderer = (context: Context, options: MonitorOptions): RenderEvent => {
  if (context.options.format === 'json') {
    return (event, requester) => `${JSON.stringify(eventJson(event, new Date().toISOString(), requester))}\n`;
  }
  const names = readHostNames();
  return (event, requester) =>
    renderEventText(event, {
      paint: context.paint,
      names,
      ...(options.timestamp === true ? { prefix: `[${new Date().toISOString()}] ` } : {}),
      ...(requester === undefined ? {} : { requester }),
    });
};

/**
 * The processes behind a batch of events. Looking one up is a walk over /proc: once a batch is enough, for a burst mostly
 * comes from one.
 */
const findRequesters = (events: readonly KernelEvent[], proc: ProcFiles): ReadonlyMap<number, Requester | undefined> =>
  new Map([...new Set(events.map((event) => event.portId))].map((portId) => [portId, findRequester(portId, proc)]));

const OVERRUN = 'events were lost: more came than could be read (receive buffer overrun)';

const report = (context: Context, { overrun }: { readonly overrun: boolean }): void => {
  if (!overrun) return;
  if (context.options.format === 'json')
    context.print(`${JSON.stringify({ time: new Date().toISOString(), overrun: true })}\n`);
  context.complain(`${context.talkPaint.warn('warning NR_OVERRUN:')} ${OVERRUN}\n`);
};

const follow = (context: Context, subscription: Subscription, render: RenderEvent, proc: ProcFiles): void => {
  subscription.onReadable(() => {
    const batch = subscription.drain();
    const requesters = findRequesters(batch.events, proc);
    context.print(batch.events.map((event) => render(event, requesters.get(event.portId))).join(''));
    report(context, batch);
  });
};

/** Resolves when a signal comes or nobody reads any more. */
const untilEnd = async (context: Context): Promise<void> => {
  const interruption = listenForSignals();
  await new Promise<void>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve());
    context.process.stdout.once('error', () => resolve());
  });
  interruption.end();
};

/**
 * `netrecon monitor [KIND...]`: changes as they happen, until SIGINT or SIGTERM.
 * @returns 0
 */
export const run = async (context: Context, words: readonly string[], options: MonitorOptions): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  const kinds = words.length === 0 ? KIND_NAMES : (words as readonly KindName[]);
  return withHost(context, async ({ kernel }) => {
    // a dump first: events name links by index, and this is how the kernel port learns the names
    const subscription = kernel.subscribe(kinds);
    await kernel.dump({ kinds: ['link'] });
    try {
      follow(context, subscription, createRenderer(context, options), readProc(kernel.inNamespace));
      await untilEnd(context);
    } finally {
      subscription.close();
    }
    return 0;
  });
};
