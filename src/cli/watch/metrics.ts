import { countDesired } from '../../model/desired.ts';
import { kindOf } from '../../model/kinds.ts';
import { countRows } from '../../model/prefix-columns.ts';
import { KIND_NAMES } from '../../model/state.ts';
import type { WatchEvent } from '../../reconcile/watch/events.ts';
import type { PassReport } from '../../reconcile/watch/watch-ports.ts';
import type { Watcher } from '../../reconcile/watch/watcher.ts';

/** Prometheus metrics of a watch. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  saw(event: WatchEvent): void;
  passed(pass: PassReport): void;
}

/** @param watcher asked at each scrape; undefined while it starts */
export const createMetrics = async (watcher: () => Watcher | undefined, now: () => number): Promise<Metrics> => {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `netrecon_${name}`, help, labelNames: [...labelNames], registers });

  const operations = counter('operations_total', 'Operations sent to the kernel', ['kind', 'action', 'result']);
  const drift = counter('drift_total', 'Objects that were found changed from outside', ['kind', 'was', 'done']);
  const fights = counter('fights_total', 'Objects that somebody undoes again and again', ['kind']);
  const resyncs = counter('resyncs_total', 'Looks at everything because messages were lost');
  const rollbacks = counter('rollbacks_total', 'Transactions that were put back');
  const reloads = counter('applies_total', 'Times the files were put in force', ['trigger']);
  const problems = counter('problems_total', 'Problems that no correction mends', ['what']);
  const duration = new Histogram({
    name: 'netrecon_pass_duration_seconds',
    help: 'Time of one look at the kernel and its corrections',
    labelNames: ['full'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const lastSuccess = new Gauge({
    name: 'netrecon_last_success_timestamp_seconds',
    help: 'When the network was last found or made as the files say',
    registers,
  });
  const gauge = (name: string, help: string, set: (gauge: InstanceType<typeof Gauge>, watch: Watcher) => void) =>
    new Gauge({
      name: `netrecon_${name}`,
      help,
      labelNames: name.endsWith('_objects') ? ['kind'] : [],
      registers,
      collect() {
        const watch = watcher();
        if (watch !== undefined) set(this as InstanceType<typeof Gauge>, watch);
      },
    });
  gauge('in_sync', '1 while the network is as the files say', (g, { log }) => g.set(log.inSync ? 1 : 0));
  gauge('standing_drift', 'Objects that are not as the files say', (g, { log }) => g.set(log.open.size));
  gauge('fighting', 'Objects that are being fought over', (g, { restraint }) => g.set(restraint.fights().length));
  gauge('desired_objects', 'Objects that the files name', (g, { desired }) => {
    for (const kind of KIND_NAMES) g.set({ kind: kindOf(kind).name }, countDesired(desired, kind));
  });
  gauge(
    'observed_objects',
    'Objects of the namespace at the last look, without the routes of lists that are as they should be',
    (g, { observed }) => {
      for (const kind of KIND_NAMES) g.set({ kind }, observed[kind] ?? 0);
    },
  );

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    saw: (event) => {
      if (event.type === 'drift') drift.inc({ kind: event.kind, was: event.was, done: event.done });
      else if (event.type === 'fight') fights.inc({ kind: event.kind });
      else if (event.type === 'resync') resyncs.inc();
      else if (event.type === 'applied') reloads.inc({ trigger: event.trigger });
      else if (event.type === 'problem') problems.inc({ what: event.what });
    },
    passed: ({ tookMs, full, status, sent: { steps, bulks = [] } }) => {
      duration.observe({ full: `${full}` }, tookMs / 1000);
      const result = status === 'applied' ? 'done' : 'reverted';
      if (status !== 'unchanged' && status !== 'declined') {
        for (const { op } of steps) operations.inc({ kind: op.kind, action: op.action, result });
        for (const { like, columns } of bulks)
          operations.inc({ kind: 'route', action: steps[like]?.op.action ?? '', result }, countRows(columns));
      }
      if (status === 'rolledBack' || status === 'incomplete') rollbacks.inc();
      if (status === 'unchanged' || status === 'applied') lastSuccess.set(now() / 1000);
    },
  };
};
