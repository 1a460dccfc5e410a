import { deserialize, serialize } from 'node:v8';
import { ConfigError, type Diagnostic, isNetreconError, NetreconError } from '../model/errors.ts';
import type { Rehearsal, RehearsalSubject } from '../reconcile/rehearse/rehearse-types.ts';
import { giveStandIns, hideSecrets } from './rehearse-secrets.ts';

/**
 * What goes between `plan --rehearse` and the process that rehearses, both of one version: V8's own form, which keeps maps, and
 * that two members are one and the same object (the step that failed is one of the plan's).
 */
export const packSubject = (subject: RehearsalSubject): Buffer => {
  const { desired } = subject;
  // lists are columns with objects made on demand: here all are asked for
  const { listed: _, ...plain } = { ...desired, objects: { ...desired.objects } };
  return serialize(hideSecrets({ ...subject, desired: plain }));
};

export const unpackSubject = (bytes: Buffer): RehearsalSubject => giveStandIns(deserialize(bytes) as RehearsalSubject);

/** What came of it, and on which kernel. */
export interface Told {
  readonly rehearsal: Rehearsal;
  /** uname -r */
  readonly kernel: string;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** of a ConfigError */
  readonly diagnostics?: readonly Diagnostic[];
}

export const packResult = (rehearsal: Rehearsal, kernel: string): Buffer => serialize({ rehearsal, kernel });

/** @returns undefined for what netrecon did not raise on purpose */
export const packError = (error: unknown): Buffer | undefined => {
  if (!isNetreconError(error)) return undefined;
  const { code, message, hint } = error;
  const diagnostics = error instanceof ConfigError ? { diagnostics: error.diagnostics } : {};
  return serialize({ problem: { code, message, ...(hint === undefined ? {} : { hint }), ...diagnostics } });
};

/** @throws {NetreconError} what the other process raised; NR_REHEARSAL where it came to no end */
export const unpackResult = (bytes: Buffer, ended: string): Told => {
  let told: Told | { readonly problem: Problem };
  try {
    told = deserialize(bytes) as typeof told;
  } catch {
    throw new NetreconError('NR_REHEARSAL', `the rehearsal came to no end: ${ended}`, {
      hint: 'the host itself was not touched; the plan above stands',
    });
  }
  if (!('problem' in told)) return told;
  const { code, message, hint, diagnostics } = told.problem;
  if (diagnostics !== undefined) throw new ConfigError(diagnostics);
  throw new NetreconError(code, message, hint === undefined ? {} : { hint });
};
