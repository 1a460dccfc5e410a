import type { RouteMetrics } from '../model/route.ts';
import { type Entry, isOn } from './entry.ts';
import { parseU32 } from './scalars.ts';
import type { Route } from './schema.gen.ts';

/** Metrics that are plain numbers in the file. */
const NUMBERS = [
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'rto_min',
  'initrwnd',
] as const;
const SWITCHES = ['quickack', 'fastopen_no_cookie'] as const;

/** Every key of a route that belongs to its metrics. */
export const METRIC_KEYS = [...NUMBERS, ...SWITCHES, 'features', 'cc_algo', 'congctl', 'lock'] as const;

/** RTAX_FEATURE_ECN (include/uapi/linux/rtnetlink.h). */
const FEATURE_ECN = 1;

/**
 * The metrics of a route. A metric of 0 is the same to the kernel as none (fib_dump_info leaves it out), so it is
 * dropped here.
 */
export const normalizeMetrics = (entry: Entry<Route>): RouteMetrics | undefined => {
  const { value } = entry;
  const metrics: Record<string, number | string | readonly string[]> = {};
  for (const key of NUMBERS) if (value[key] !== undefined && value[key] !== 0) metrics[key] = value[key];
  for (const key of SWITCHES) if (value[key] !== undefined && isOn(value[key])) metrics[key] = 1;
  const features = value.features === undefined ? 0 : readFeatures(entry, value.features);
  if (features !== 0) metrics.features = features;
  if (value.cc_algo !== undefined && value.congctl !== undefined && value.cc_algo !== value.congctl) {
    entry.problem('NR_CONTRADICTION', 'congctl and cc_algo are two words for one metric', 'congctl');
  }
  const algorithm = value.cc_algo ?? value.congctl;
  if (algorithm !== undefined) metrics.cc_algo = algorithm;
  const lock = [...new Set(value.lock ?? [])].toSorted();
  for (const name of lock) {
    if (!(name in metrics))
      entry.problem('NR_CONTRADICTION', `lock names ${name}, for which no value is written`, 'lock');
  }
  if (lock.length > 0) metrics.lock = lock;
  return Object.keys(metrics).length === 0 ? undefined : (metrics as RouteMetrics);
};

const readFeatures = (entry: Entry<Route>, written: number | string): number => {
  const value = typeof written === 'number' ? written : written === 'ecn' ? FEATURE_ECN : parseU32(written);
  if (value === undefined)
    entry.problem(
      'NR_BAD_VALUE',
      `features "${written}" is not known`,
      'features',
      'write ecn, or the number of the bit mask',
    );
  return value ?? 0;
};
