import { parseArgs } from 'node:util';
import { machineText } from '../report.ts';
import { countText } from '../row.ts';
import { createScratch, type Scratch } from '../scratch.ts';
import { type Latencies, MOST_EVENTS, measureLatency } from './latency.ts';
import { measureLoad } from './load.ts';
import { measureTable } from './table.ts';

const USAGE = `Usage: npm run bench:watch -- [options]

Times the corrections of netrecon watch --debounce 0, and what it takes to listen to others, in private network namespaces
(needs root and iproute2).

  --events N    deletions to be put right, of routes, addresses, rules and neighbors (default 1000)
  --rate N      changes a second by others, of routes that no file names (default 5000)
  --seconds N   for so long (default 10)
  --table N     instead: one route of a list deleted at a time, of 100 routes and of N; and a burst of N / 10
`;

/** @param sorted ascending, not empty */
const quantile = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number).toFixed(2);

const latencyLine = (kind: string, samples: readonly number[]): string => {
  const figures = [0.5, 0.9, 0.99, 1].map((part) => quantile(samples, part));
  return `| ${[kind, countText(samples.length), ...figures].join(' | ')} |\n`;
};

const latencyTable = (latencies: readonly Latencies[]): string =>
  '| deleted | events | p50, ms | p90 | p99 | most |\n|---|---:|---:|---:|---:|---:|\n' +
  latencies.map(({ kind, samples }) => latencyLine(kind, samples)).join('') +
  latencyLine(
    'all',
    latencies.flatMap(({ samples }) => samples).sort((a, b) => a - b),
  );

/** Each of them is deleted once. */
const FEWEST_ROUTES = 100;

const compareTables = async (scratch: Scratch, count: number, events: number): Promise<void> => {
  process.stdout.write(
    '| routes | events | p50, ms | p90 | p99 | most | start, ms | peak, MB |\n|---|---:|---:|---:|---:|---:|---:|---:|\n',
  );
  for (const of of [FEWEST_ROUTES, count]) {
    const burst = of > FEWEST_ROUTES ? Math.floor(count / 10) : 0;
    const figures = await measureTable(scratch, { count: of, events, burst });
    const [peak, lastPeak] = figures.peakMegabytes;
    const more = [figures.startMs, peak].map((figure) => figure.toFixed(0)).join(' | ');
    process.stdout.write(`${latencyLine(countText(of), figures.samples).trimEnd()} ${more} |\n`);
    if (figures.burst === undefined) continue;
    const { count: many, milliseconds } = figures.burst;
    process.stdout.write(
      `\n${countText(many)} deleted at once: all there again after ${milliseconds.toFixed(0)} ms, peak ${lastPeak.toFixed(0)} MB\n`,
    );
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '5000' },
      seconds: { type: 'string', default: '10' },
      table: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const [events, rate, seconds] = [values.events, values.rate, values.seconds].map(Number) as [number, number, number];
  if (![events, rate, seconds].every((value) => value >= 1)) throw new Error('the options take positive numbers');
  process.stdout.write(`${new Date().toISOString()}, ${machineText()}\n\n`);
  if (events > MOST_EVENTS) throw new Error(`more than ${MOST_EVENTS} events would make fights of them`);
  const scratch = createScratch();
  try {
    if (values.table !== undefined) {
      await compareTables(scratch, Number(values.table), Math.min(events, FEWEST_ROUTES));
      return;
    }
    process.stdout.write(latencyTable(await measureLatency(scratch, events)));
    const { perSecond, loads } = await measureLoad(scratch, { rate, seconds });
    process.stdout.write(`\nwhile others change ${countText(perSecond)} routes a second for ${seconds} s:\n`);
    for (const { name, percent } of loads) process.stdout.write(`${name}: ${percent.toFixed(1)} % of a processor\n`);
  } finally {
    scratch.close();
  }
};

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
