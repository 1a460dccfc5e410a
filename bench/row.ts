import type { Command, Sample } from './measure.ts';
import type { Scratch } from './scratch.ts';

/** One program of a row, doing the row's work. */
export interface Contender {
  readonly name: string;
  readonly command: Command;
  /** puts everything as the work finds it, before each run and outside the time */
  readonly prepare?: () => void | Promise<void>;
  /** default: from the start of the command to its end */
  readonly time?: (command: Command) => Promise<Sample>;
}

/** A program that this machine cannot run. */
export interface LeftOut {
  readonly name: string;
  /** why, for people */
  readonly leftOut: string;
}

export const isLeftOut = <T extends object>(peer: T | LeftOut): peer is LeftOut => 'leftOut' in peer;

/** Some work, done by netrecon and by what it is compared with. */
export interface Row {
  /** for the command line: `cold-100k` */
  readonly name: string;
  readonly work: string;
  /** what the median of netrecon must not exceed, in milliseconds */
  readonly limitMs?: number;
  /** left out unless it is asked for by name or with --all */
  readonly slow?: true;
  /** left out where the kernel has no links of this kind */
  readonly needsKind?: 'vlan';
  /** a run takes so long that no more of them are made */
  readonly mostRuns?: number;
  /** Makes what all runs share; netrecon comes first, then its peers. */
  contenders(scratch: Scratch): readonly (Contender | LeftOut)[];
}

/** `100,000` */
export const countText = (count: number): string => count.toLocaleString('en-US');

/** `10k`, `1m`; plain below a thousand. */
export const shortCount = (count: number): string =>
  count < 1000 ? `${count}` : count < 1_000_000 ? `${count / 1000}k` : `${count / 1_000_000}m`;
