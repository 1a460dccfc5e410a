import type { Source } from '../../model/desired.ts';
import { ConfigError, type Diagnostic } from '../../model/errors.ts';

/** Collects everything that forbids a plan, so that all of it is told at once. */
export class Problems {
  readonly #diagnostics: Diagnostic[] = [];

  error(code: string, message: string, source: Source | undefined, hint?: string): void {
    this.#diagnostics.push({
      code,
      message,
      severity: 'error',
      ...(source === undefined ? {} : { source }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  warn(code: string, message: string, source: Source | undefined, hint?: string): void {
    this.#diagnostics.push({
      code,
      message,
      severity: 'warning',
      ...(source === undefined ? {} : { source }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  get warnings(): readonly Diagnostic[] {
    return this.#diagnostics.filter(({ severity }) => severity === 'warning');
  }

  /** @throws {ConfigError} with every error so far, in the order of the files */
  throwIfAny(): void {
    const errors = this.#diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return;
    const place = ({ source }: Diagnostic) => source ?? { file: '', line: 0, column: 0 };
    errors.sort(
      (a, b) =>
        place(a).file.localeCompare(place(b).file) ||
        place(a).line - place(b).line ||
        place(a).column - place(b).column,
    );
    throw new ConfigError(errors);
  }
}
