import { styleText } from 'node:util';

/** Marks text for the reader's eye, or leaves it alone. */
export interface Paint {
  readonly create: (text: string) => string;
  readonly update: (text: string) => string;
  readonly delete: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly error: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

type Format = Parameters<typeof styleText>[0];

// validateStream: Node 22 on would otherwise look at standard output by itself, whatever --color says
const style =
  (format: Format, enabled: boolean) =>
  (text: string): string =>
    enabled ? styleText(format, text, { validateStream: false }) : text;

export const createPaint = (enabled: boolean): Paint => ({
  create: style('green', enabled),
  update: style('yellow', enabled),
  delete: style('red', enabled),
  warn: style('yellow', enabled),
  error: style(['bold', 'red'], enabled),
  strong: style('bold', enabled),
  faint: style('dim', enabled),
});

/** Text without any marks, for files, pipes and tests. */
export const PLAIN: Paint = createPaint(false);
