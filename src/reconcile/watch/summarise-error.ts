import { ConfigError, formatSource, type NetreconError } from '../../model/errors.ts';

/** One line: of several problems (a ConfigError's message only counts them) the first, with its place in the files. */
export const summariseError = (error: NetreconError): string => {
  const [first, ...others] = error instanceof ConfigError ? error.diagnostics : [];
  if (first === undefined) return error.message;
  const { source } = first;
  const place = source === undefined ? '' : `${formatSource(source)}: `;
  return `${place}${first.message}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
};
