import type { Source } from './desired.ts';

const NETRECON_ERROR: unique symbol = Symbol.for('netrecon.error') as never;

/** Exit statuses of the command (design: 2 is "changes found" and no error). */
export type ExitStatus = 1 | 3 | 4 | 5 | 6;

/**
 * Base of every error that netrecon raises on purpose. `code` is stable and documented in docs/errors.md.
 * Branded by symbol so that it is recognised across copies of the module.
 */
export class NetreconError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitStatus: ExitStatus;
  readonly [NETRECON_ERROR] = true;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; cause?: unknown; exitStatus?: ExitStatus } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.exitStatus = options.exitStatus ?? 1;
  }
}

export const isNetreconError = (error: unknown): error is NetreconError =>
  typeof error === 'object' && error !== null && NETRECON_ERROR in error;

/** One problem of the input, at its place. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** absent: the whole input */
  readonly source?: Source;
  readonly severity: 'error' | 'warning';
}

/** The input cannot be used; every problem at once. */
export class ConfigError extends NetreconError {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super('NR_CONFIG', `${diagnostics.length} problem${diagnostics.length === 1 ? '' : 's'} in the input`);
    this.diagnostics = diagnostics;
  }
}

/** `file:line:column`. */
export const formatSource = (source: Source): string => `${source.file}:${source.line}:${source.column}`;
