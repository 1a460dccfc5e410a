import { ConfigError, type Diagnostic, formatSource, isNetreconError, type NetreconError } from '../model/errors.ts';
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

const known = (error: NetreconError, paint: Paint): string =>
  error instanceof ConfigError || 'diagnostics' in error
    ? (error as ConfigError).diagnostics.map((diagnostic) => diagnosticText(diagnostic, paint)).join('')
    : diagnosticText(
        {
          code: error.code,
          message: error.message,
          severity: 'error',
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        },
        paint,
      );

const firstLine = (error: unknown): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n', 1)[0] as string;
};

/**
 * An error for people. What netrecon raised on purpose is explained; anything else is a defect of netrecon and says so.
 * @param options.stack show where a defect came from (-v)
 */
export const renderErrorText = (
  error: unknown,
  options: { readonly paint: Paint; readonly stack: boolean },
): string => {
  if (isNetreconError(error)) return known(error, options.paint);
  const report = `${options.paint.error('error NR_BUG:')} netrecon failed in a way it should not: ${firstLine(error)}\n`;
  if (options.stack && error instanceof Error) return `${report}${error.stack ?? ''}\n`;
  return `${report}  hint: please report this, with what the same command prints under -v\n`;
};

/** The same for programs. */
export const errorJson = (error: unknown) => {
  if (!isNetreconError(error)) return { version: 1, error: { code: 'NR_BUG', message: firstLine(error) } };
  const diagnostics = 'diagnostics' in error ? (error as ConfigError).diagnostics : undefined;
  return {
    version: 1,
    error: {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(diagnostics === undefined ? {} : { diagnostics: diagnostics.map(diagnosticJson) }),
    },
  };
};
