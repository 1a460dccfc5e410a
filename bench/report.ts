import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { median, type Sample } from './measure.ts';
import type { LeftOut, Row } from './row.ts';

/** The runs of one program. */
export interface Figure {
  readonly name: string;
  readonly command: readonly string[];
  readonly samples: readonly Sample[];
  readonly medianMs: number;
  readonly peakMegabytes: number;
}

export interface RowResult {
  readonly name: string;
  readonly work: string;
  readonly limitMs?: number;
  /** netrecon first */
  readonly figures: readonly Figure[];
  /** median of netrecon over that of each peer, in the order of `figures` */
  readonly ratios: readonly number[];
  readonly leftOut: readonly LeftOut[];
}

export const figureOf = (name: string, command: readonly string[], samples: readonly Sample[]): Figure => ({
  name,
  command,
  samples,
  medianMs: median(samples.map(({ milliseconds }) => milliseconds)),
  peakMegabytes: Math.max(...samples.map(({ peakKilobytes }) => peakKilobytes)) / 1024,
});

export const resultOf = (row: Row, figures: readonly Figure[], leftOut: readonly LeftOut[]): RowResult => {
  const [own, ...peers] = figures;
  const runs = own?.samples.length ?? 0;
  return {
    name: row.name,
    work: row.mostRuns === undefined ? row.work : `${row.work} (${runs} ${runs === 1 ? 'run' : 'runs'})`,
    ...(row.limitMs === undefined ? {} : { limitMs: row.limitMs }),
    figures,
    ratios: peers.map(({ medianMs }) => (own?.medianMs ?? Number.NaN) / medianMs),
    leftOut,
  };
};

/** The machine in neutral words: what a figure depends on, and nothing that names a host. */
export const machineText = (): string => {
  const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1] ?? process.arch;
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${model}), ${memory} GiB, Linux ${/^\d+\.\d+/.exec(release())?.[0]}, Node ${process.version}`;
};

const milliseconds = (value: number): string =>
  value < 1000 ? value.toFixed(0) : value.toLocaleString('en-US', { maximumFractionDigits: 0 });

export const TABLE_HEAD =
  '| row | work | netrecon, ms | peak, MB | against | its ms | ratio |\n|---|---|---:|---:|---|---:|---:|\n';

/** A line of the table for each peer of a row, those that are left out included. */
export const tableLines = ({ name, work, limitMs, figures, ratios, leftOut }: RowResult): string => {
  const [own, ...peers] = figures as [Figure, ...Figure[]];
  const limit = limitMs === undefined ? '' : ` (limit ${limitMs}${own.medianMs <= limitMs ? '' : ': MISSED'})`;
  const memory = own.peakMegabytes === 0 ? '-' : own.peakMegabytes.toFixed(0);
  const ends = [
    ...peers.map((peer, i) => [peer.name, milliseconds(peer.medianMs), `${(ratios[i] as number).toFixed(2)}x`]),
    ...leftOut.map((peer) => [`${peer.name}: ${peer.leftOut}`, '-', '-']),
  ];
  return ends
    .map((end, i) => {
      const head = i === 0 ? [name, work, milliseconds(own.medianMs) + limit, memory] : ['', '', '', ''];
      return `| ${[...head, ...end].join(' | ')} |\n`;
    })
    .join('');
};
