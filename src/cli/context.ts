import { jsonPieces } from '../report/json-text.ts';
import { createPaint, type Paint } from '../report/paint.ts';
import type { Format } from './formats.ts';
import { UsageError } from './usage-error.ts';
import { writePieces } from './write-pieces.ts';

/** Options that mean the same everywhere. */
export interface GlobalOptions {
  readonly netns?: string;
  readonly sandbox?: boolean;
  readonly format: Format;
  readonly stateDir?: string;
  readonly color: 'auto' | 'always' | 'never';
  readonly quiet?: boolean;
  /** how often -v was given */
  readonly verbose: number;
}

/** The process as a command sees it; nothing else of it is touched outside main.ts. */
export interface Process {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Context {
  readonly process: Process;
  readonly options: GlobalOptions;
  /** for standard output */
  readonly paint: Paint;
  /** for standard error */
  readonly talkPaint: Paint;
  /** the result */
  print(text: string): void;
  /** a long result, as fast as the reader takes it; one that has gone is told nothing more */
  printPieces(pieces: Iterable<string>): Promise<void>;
  /** the talk; not with -q */
  say(text: string): void;
  /** what must be read, -q or not: errors */
  complain(text: string): void;
}

/** https://no-color.org; FORCE_COLOR as Node itself reads it (0 = never). --color goes before both. */
const wantsColor = (
  choice: GlobalOptions['color'],
  stream: { readonly isTTY?: boolean },
  env: Process['env'],
): boolean => {
  if (choice !== 'auto') return choice === 'always';
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
};

export const createContext = (process: Process, options: GlobalOptions): Context => ({
  process,
  options,
  paint: createPaint(wantsColor(options.color, process.stdout, process.env)),
  talkPaint: createPaint(wantsColor(options.color, process.stderr, process.env)),
  print: (text) => {
    process.stdout.write(text);
  },
  printPieces: (pieces) => writePieces(process.stdout, pieces),
  say: (text) => {
    if (options.quiet !== true) process.stderr.write(text);
  },
  complain: (text) => {
    process.stderr.write(text);
  },
});

/** @throws {UsageError} where the command has no such format */
export const requireFormat = (context: Context, formats: readonly Format[]): void => {
  if (formats.includes(context.options.format)) return;
  throw new UsageError(`this command has no format ${context.options.format}`, `it has: ${formats.join(', ')}`);
};

/** JSON as every command prints it: indented, a newline at the end. In pieces, where it holds lists that are made so. */
export function* jsonDocument(value: unknown): Generator<string> {
  yield* jsonPieces(value);
  yield '\n';
}

/** The same as one text. */
export const toJsonText = (value: unknown): string => [...jsonDocument(value)].join('');
