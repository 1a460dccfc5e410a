import type { RouteMetrics } from '../../model/route.ts';
import { type AttributeNames, eachAttribute } from '../wire/attributes.ts';
import { DecodeError, EncodeError } from '../wire/codec-errors.ts';
import { readString, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';

type MetricName = Exclude<keyof RouteMetrics, 'lock'>;

const RTAX_LOCK = 1;
const RTAX_CC_ALGO = 16;

/** RTAX_* from 2 on, in the kernel's numbering (include/uapi/linux/rtnetlink.h); all are u32 but cc_algo. */
const METRICS: readonly MetricName[] = [
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
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'cc_algo',
  'fastopen_no_cookie',
];
const FIRST_METRIC = 2;

/** Units of the wire in one of the model: the kernel keeps rtt in eighths and rttvar in quarters of a millisecond. */
const SCALE: Readonly<Partial<Record<MetricName, number>>> = { rtt: 8, rttvar: 4 };

export const ROUTE_METRIC_NAMES: readonly (AttributeNames | undefined)[] = [
  undefined,
  { name: 'RTAX_LOCK', type: RTAX_LOCK },
  ...METRICS.map((metric, i) => ({ name: `RTAX_${metric.toUpperCase()}`, type: i + FIRST_METRIC })),
];

/** RTAX_LOCK is a mask of 1 << RTAX_*. */
const readLock = (mask: number): readonly string[] =>
  METRICS.filter((_, i) => (mask & (1 << (i + FIRST_METRIC))) !== 0).sort();

/**
 * Reads the payload of RTA_METRICS.
 * @returns undefined where it holds a metric that is not known here: the caller keeps the nest as it is
 * @throws {DecodeError}
 */
export const readMetrics = (bytes: Uint8Array, start: number, end: number): RouteMetrics | undefined => {
  const metrics: Record<string, number | string | readonly string[]> = {};
  let known = true;
  eachAttribute(bytes, start, end, (type, from, to) => {
    const metric = METRICS[type - FIRST_METRIC];
    if (type === RTAX_CC_ALGO) {
      metrics.cc_algo = readString(bytes, from, to);
      return;
    }
    if (metric === undefined && type !== RTAX_LOCK) {
      known = false;
      return;
    }
    if (to - from !== 4) throw new DecodeError('RTA_METRICS', `metric of ${to - from} bytes`, bytes, from, to);
    if (metric !== undefined) metrics[metric] = readU32(bytes, from) / (SCALE[metric] ?? 1);
    else metrics.lock = readLock(readU32(bytes, from));
  });
  return known ? metrics : undefined;
};

/** Writes the payload of RTA_METRICS. */
export const writeMetrics = (writer: MessageWriter, metrics: RouteMetrics): void => {
  const put = (type: number, value: number): void => {
    const at = writer.beginAttribute(type);
    writer.u32(value);
    writer.endAttribute(at);
  };
  let mask = 0;
  for (const name of metrics.lock ?? []) {
    const metric = METRICS.indexOf(name as MetricName);
    if (metric < 0) throw new EncodeError(`${JSON.stringify(name)} is no route metric`);
    mask |= 1 << (metric + FIRST_METRIC);
  }
  if (mask !== 0) put(RTAX_LOCK, mask);
  for (let i = 0; i < METRICS.length; i++) {
    const metric = METRICS[i] as MetricName;
    const value = metrics[metric];
    if (typeof value === 'number') put(i + FIRST_METRIC, Math.round(value * (SCALE[metric] ?? 1)));
    else if (typeof value === 'string') {
      const at = writer.beginAttribute(RTAX_CC_ALGO);
      writer.text(value);
      writer.u8(0);
      writer.endAttribute(at);
    }
  }
};
