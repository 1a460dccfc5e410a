import { type ConfigError, type Diagnostic, formatSource, isNetreconError } from '../model/errors.ts';
import type { Paint } from './paint.ts';
import { diagnosticJson } from './plan-json.ts';
import { visibleText } from './visible-text.ts';

/** `file:line:col: error CODE: message`, and the hint below; terminals and editors make a link of the first part. */
export const diagnosticText = (diagnostic: Diagnostic, paint: Paint): string => {
  const place = diagnostic.source === undefined ? '' : `${formatSource(diagnostic.source)}: `;
  const mark =
    diagnostic.severity === 'error'
      ? paint.error(`error ${diagnostic.code}:`)
      : paint.warn(`warning ${diagnostic.code}:`);
  const hint = diagnostic.hint === undefined ? '' : `  hint: ${diagnostic.hint}\n`;
  return `${place}${mark} ${visibleText(diagnostic.message)}\n${hint}`;
};

/** What any error amounts to. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** each problem that it stands for, where there are several */
  readonly diagnostics?: readonly Diagnostic[];
}

const firstLine = (error: unknown): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n', 1)[0] as string;
};

/** An error as plain data. What netrecon did not raise on purpose is a defect of its own: NR_BUG. */
export const errorFacts = (error: unknown): ErrorFacts => {
  if (!isNetreconError(error)) return { code: 'NR_BUG', message: firstLine(error) };
  const { code, message, hint } = error;
  const diagnostics = 'diagnostics' in error ? (error as ConfigError).diagnostics : undefined;
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(diagnostics === undefined ? {} : { diagnostics }),
  };
};

/** Each problem that an error stands for; the error itself where it names none. */
export const diagnosticsOf = ({ diagnostics, ...error }: ErrorFacts): readonly Diagnostic[] =>
  diagnostics ?? [{ ...error, severity: 'error' }];

/**
 * An error for people. What netrecon raised on purpose is explained; anything else is a defect of netrecon and says so.
 * @param options.stack show where a defect came from (-v)
 */
export const renderErrorText = (
  error: unknown,
  options: { readonly paint: Paint; readonly stack: boolean },
): string => {
  if (isNetreconError(error)) {
    const diagnostics = diagnosticsOf(errorFacts(error));
    return diagnostics.map((diagnostic) => diagnosticText(diagnostic, options.paint)).join('');
  }
  const report = `${options.paint.error('error NR_BUG:')} netrecon failed in a way it should not: ${firstLine(error)}\n`;
  if (options.stack && error instanceof Error) return `${report}${error.stack ?? ''}\n`;
  return `${report}  hint: please report this, with what the same command prints under -v\n`;
};

/** The same for programs. */
export const errorJson = (error: unknown) => {
  const { diagnostics, ...facts } = errorFacts(error);
  return {
    version: 1,
    error: { ...facts, ...(diagnostics === undefined ? {} : { diagnostics: diagnostics.map(diagnosticJson) }) },
  };
};
