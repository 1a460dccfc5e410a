import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Diagnostic, NetreconError } from '../model/errors.ts';
import type { Plan } from '../reconcile/plan/plan-types.ts';
import { PlanWalk } from '../reconcile/plan/walk-plan.ts';
import { SAVED_PLAN_VERSION, type SavedPlan } from '../reconcile/saved/saved-plan.ts';
import { planDocument } from '../report/plan-json.ts';
import { jsonDocument } from './context.ts';

/** The kernel is not as it was when the plan was made. */
export class StalePlanError extends NetreconError {
  readonly diagnostics: readonly Diagnostic[];
  constructor(path: string, diagnostics: readonly Diagnostic[]) {
    super('NR_PLAN_STALE', `the network has changed since ${path} was made`, {
      hint: 'make the plan anew, and look at it again',
      exitStatus: 5,
    });
    this.diagnostics = [
      {
        code: this.code,
        severity: 'error',
        message: this.message,
        ...(this.hint === undefined ? {} : { hint: this.hint }),
      },
      ...diagnostics,
    ];
  }
}

const digestOf = (saved: SavedPlan): string => createHash('sha256').update(JSON.stringify(saved)).digest('hex');

/** Of a plan of more steps the file tells of one route of each sort: a text of all could not be read back. */
const MOST_STEPS = 10_000;

const shownOf = (plan: Plan): Plan => {
  if (new PlanWalk(plan).steps <= MOST_STEPS) return plan;
  const { listed: _, ...short } = plan;
  return short;
};

/**
 * A saved plan as text, in pieces: schemas/saved-plan.schema.json. `plan` is for readers; `saved` is what is carried out.
 */
export const formatSavedPlan = (plan: Plan, saved: SavedPlan, createdAt: Date): Iterable<string> =>
  jsonDocument({
    version: SAVED_PLAN_VERSION,
    type: 'saved-plan',
    createdAt: createdAt.toISOString(),
    digest: digestOf(saved),
    plan: planDocument(shownOf(plan)),
    saved,
  });

const unusable = (path: string, why: string): NetreconError =>
  new NetreconError('NR_SAVED_PLAN', `saved plan ${path} ${why}`, {
    hint: 'make one with `netrecon plan --out FILE`, and leave it as it is',
  });

/**
 * Reads a saved plan back.
 * @throws {NetreconError} NR_SAVED_PLAN where it is damaged, edited, or of another version
 */
const parseSavedPlan = (text: string, path: string): SavedPlan => {
  let file: { type?: unknown; version?: unknown; digest?: unknown; saved?: SavedPlan } | null;
  try {
    file = JSON.parse(text);
  } catch {
    throw unusable(path, 'is no JSON');
  }
  if (file?.type !== 'saved-plan' || file.saved === undefined) throw unusable(path, 'is none');
  if (file.version !== SAVED_PLAN_VERSION)
    throw unusable(path, `has version ${String(file.version)}, which this netrecon does not know`);
  if (digestOf(file.saved) !== file.digest)
    throw unusable(path, 'has been edited or damaged: its digest does not match');
  return file.saved;
};

/** @throws {NetreconError} NR_FILE */
export const writeSavedPlan = async (path: string, text: Iterable<string>): Promise<void> => {
  // it tells what the network looks like: not for everybody
  await writeFile(path, text, { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new NetreconError('NR_FILE', `cannot write plan ${path}: ${error.message}`, { cause: error });
  });
};

/** @throws {NetreconError} NR_FILE, NR_SAVED_PLAN */
export const readSavedPlan = async (path: string): Promise<SavedPlan> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new NetreconError('NR_FILE', `cannot read plan ${path}: ${error.message}`, { cause: error });
  });
  return parseSavedPlan(text, path);
};
