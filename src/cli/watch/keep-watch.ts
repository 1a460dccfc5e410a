import { statSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Desired } from '../../model/desired.ts';
import { isNetreconError } from '../../model/errors.ts';
import { recover } from '../../reconcile/transaction/recover.ts';
import type { ApplyTrigger, WatchEvent } from '../../reconcile/watch/events.ts';
import { describeStatus } from '../../reconcile/watch/status.ts';
import { summariseError } from '../../reconcile/watch/summarise-error.ts';
import type { WatchOptions } from '../../reconcile/watch/watch-ports.ts';
import { Watcher } from '../../reconcile/watch/watcher.ts';
import { exitStatusOf } from '../../report/outcome-text.ts';
import { bootTime } from '../boot-time.ts';
import { type Context, toJsonText } from '../context.ts';
import type { Host } from '../host.ts';
import { refusePending } from '../refuse-pending.ts';
import { transactionPorts, withTransactionPorts } from '../transact.ts';
import { type FileWatch, watchFiles } from './file-watch.ts';
import { appendHistory } from './history-file.ts';
import { type Loaded, loadFiles } from './loader.ts';
import { createEventLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createRequesters } from './requesters.ts';
import { connectServiceManager } from './service-manager.ts';
import { type Pages, serveOnPort, serveOnSocket, statusSocketIn } from './status-server.ts';
import { rememberTouched, type Touched } from './touched.ts';
import { createWake, type Wake } from './wake.ts';

export interface KeepWatchOptions {
  readonly watch: WatchOptions;
  /** HOST:PORT */
  readonly metrics?: string;
  readonly revertOnExit: boolean;
}

const clock = (): number => performance.now();

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Reads the files with their folders watched, so that no change falls between the two. */
const readWatched = async (files: FileWatch, read: () => Promise<Loaded>): Promise<Loaded> => {
  let loaded = await read();
  while (await files.follow(loaded.paths)) loaded = await read();
  return loaded;
};

/** The files can be told from those in force only by being read; both readers come one after the other. */
class Reloader {
  readonly #read: () => Promise<Loaded>;
  readonly #watcher: Watcher;
  readonly #files: FileWatch;
  #digest: string;

  constructor(watcher: Watcher, files: FileWatch, first: Loaded, read: () => Promise<Loaded>) {
    this.#watcher = watcher;
    this.#files = files;
    this.#digest = first.digest;
    this.#read = read;
  }

  /** @returns whether the next pass puts new files in force */
  async reload(trigger: ApplyTrigger): Promise<boolean> {
    const { digest, result } = await readWatched(this.#files, this.#read);
    const same = digest === this.#digest;
    this.#digest = digest;
    if ('error' in result) {
      this.#watcher.log.problem('files', describeError(result.error));
      return false;
    }
    if (same && trigger !== 'reload') return false;
    this.#watcher.use(result.desired, trigger);
    return true;
  }
}

const describeError = (error: unknown): string => {
  if (!isNetreconError(error)) throw error;
  return summariseError(error);
};

const pagesOf = (watcher: () => Watcher, metrics: Metrics, startedAt: string): Pages => ({
  '/status': {
    contentType: () => 'application/json',
    body: () => toJsonText(describeStatus(watcher(), { pid: process.pid, startedAt })),
  },
  '/metrics': { contentType: () => metrics.contentType, body: () => metrics.text() },
});

/** Runs passes when they are due, and the jobs between them, until `stop`. */
const runPasses = async (
  watcher: Watcher,
  wake: Wake,
  jobs: (() => Promise<void>)[],
  stop: AbortSignal,
  afterPass: () => void,
): Promise<void> => {
  while (!stop.aborted) {
    const job = jobs.shift();
    const wait = watcher.dueAt - clock();
    if (job !== undefined) await job();
    else if (wait > 0) await wake.sleep(wait);
    else {
      await watcher.pass();
      afterPass();
    }
  }
};

/** Listens to the signals of a daemon. SIGHUP is no reason to end here. */
const onSignals = (reload: () => void, stop: () => void): (() => void) => {
  const listeners = [
    ['SIGHUP', reload],
    ['SIGTERM', stop],
    ['SIGINT', stop],
  ] as const;
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
};

const serveAll = async (host: Host, options: KeepWatchOptions, pages: Pages): Promise<readonly Server[]> => {
  const servers: Server[] = [];
  if (host.state.path !== undefined) servers.push(await serveOnSocket(statusSocketIn(host.state.path), pages));
  const { '/metrics': metrics } = pages;
  if (options.metrics !== undefined && metrics !== undefined)
    servers.push(await serveOnPort(options.metrics, { '/metrics': metrics }));
  return servers;
};

const statusLine = ({ log }: Watcher): string =>
  log.inSync ? `in sync since ${log.since}` : `not in sync since ${log.since}`;

/**
 * Watches until a signal comes. The caller holds the lock.
 * @returns the exit status
 */
export const keepWatch = async (
  context: Context,
  host: Host,
  files: readonly string[],
  options: KeepWatchOptions,
): Promise<number> => {
  const wake = createWake();
  const jobs: (() => Promise<void>)[] = [];
  const post = (job: () => Promise<void>): void => {
    jobs.push(job);
    wake.up();
  };
  const fileWatch = await watchFiles(files.filter(isFolder), () =>
    post(async () => void (await reloader.reload('files'))),
  );
  const read = (): Promise<Loaded> => loadFiles(context.process, files);
  await fileWatch.follow(files.filter((file) => !isFolder(file)));
  const first = await readWatched(fileWatch, read);
  if ('error' in first.result) throw first.result.error;
  refusePending(host);
  const leftover = await withTransactionPorts(host, 'watch', (ports) => recover(ports, bootTime()));
  if (leftover.status !== 'unchanged' && leftover.status !== 'applied') return exitStatusOf(leftover);

  const touched = rememberTouched(host, options.revertOnExit ? await host.kernel.dump() : undefined);
  const manager = connectServiceManager(context.process.env, process.pid, (message) =>
    context.complain(`${message}\n`),
  );
  const stop = new AbortController();
  let watcher: Watcher | undefined;
  const metrics = await createMetrics(() => watcher, Date.now);
  const tell = await createTeller(context, host, metrics);
  watcher = openWatcher(first.result.desired, host, options.watch, { tell, metrics, wake, touched });
  const kept = watcher;
  const reloader = new Reloader(kept, fileWatch, first, read);
  let isReady = false;
  const reloadNow = async (): Promise<void> => {
    manager.reloading();
    // ready once the new files are in force
    isReady = !(await reloader.reload('reload'));
    if (isReady) manager.ready(statusLine(kept));
  };
  const endSignals = onSignals(
    () => post(reloadNow),
    () => {
      stop.abort();
      wake.up();
    },
  );
  const servers = await serveAll(
    host,
    options,
    pagesOf(() => kept, metrics, new Date().toISOString()),
  );
  try {
    await runPasses(kept, wake, jobs, stop.signal, () => {
      if (!isReady) manager.ready(statusLine(kept));
      else manager.status(statusLine(kept));
      isReady = true;
    });
    manager.stopping();
    return options.revertOnExit ? await touched.revert() : 0;
  } finally {
    endSignals();
    for (const server of servers) server.close();
    await fileWatch.close();
    kept.close();
    manager.close();
  }
};

/** Every event goes to the log, to the history and into the metrics. */
const createTeller = async (context: Context, host: Host, metrics: Metrics): Promise<(event: WatchEvent) => void> => {
  const log = await createEventLog(context);
  const remember = host.state.path === undefined ? () => undefined : appendHistory(host.state.path);
  return (event) => {
    log(event);
    remember(event);
    metrics.saw(event);
  };
};

const openWatcher = (
  desired: Desired,
  host: Host,
  options: WatchOptions,
  edges: {
    readonly tell: (event: WatchEvent) => void;
    readonly metrics: Metrics;
    readonly wake: Wake;
    readonly touched: Touched;
  },
): Watcher => {
  const { kernel, sleep: rest, now } = transactionPorts(host);
  return new Watcher(
    desired,
    {
      kernel,
      records: edges.touched.records,
      sleep: rest,
      now,
      clock,
      random: Math.random,
      identify: createRequesters(host.kernel, clock),
      tell: edges.tell,
      passed: (pass) => {
        edges.touched.note(pass.sent.steps);
        edges.metrics.passed(pass);
      },
      wake: () => edges.wake.up(),
    },
    options,
  );
};
