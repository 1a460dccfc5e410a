import type { Diagnostic } from '../model/errors.ts';
import type { RehearsalSubject } from '../reconcile/rehearse/rehearse-types.ts';
import { diagnosticText } from '../report/error-text.ts';
import { exitStatusOfRehearsal, renderRehearsal, reviewRehearsal } from '../report/rehearse-text.ts';
import type { Context } from './context.ts';
import { rehearseHere } from './rehearse-process.ts';
import type { Told } from './rehearse-protocol.ts';

/** Where a plan is rehearsed: on the running kernel, or on one that is booted for it. */
export type RehearsalStage = 'here' | 'uml';

/** @throws as the stages do: NR_NO_PRIVILEGE, NR_NO_UML, NR_REHEARSAL */
export const rehearseOn = async (stage: RehearsalStage, subject: RehearsalSubject): Promise<Told> =>
  stage === 'here' ? rehearseHere(subject) : (await import('./rehearse-uml.ts')).rehearseInUml(subject);

/** What a rehearsal has against the plan; nothing where there was none. */
export const objectionsTo = (told: Told | undefined): readonly Diagnostic[] =>
  told === undefined ? [] : reviewRehearsal(told.rehearsal);

/**
 * Tells people what came of a rehearsal; the documents of other forms hold it already.
 * @returns the exit status that it leads to, 0 where nothing speaks against the plan
 */
export const tellRehearsal = (context: Context, told: Told): number => {
  const { rehearsal, kernel } = told;
  if (context.options.format === 'text') {
    context.print(`\n${renderRehearsal(rehearsal, { paint: context.paint, kernel })}`);
    for (const objection of objectionsTo(told)) context.complain(diagnosticText(objection, context.talkPaint));
  }
  return exitStatusOfRehearsal(rehearsal);
};
