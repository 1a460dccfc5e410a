import type { Diagnostic } from '../model/errors.ts';
import { diagnosticText } from '../report/error-text.ts';
import { exitStatusOfRehearsal, renderRehearsal, reviewRehearsal } from '../report/rehearse-text.ts';
import type { Context } from './context.ts';
import type { Told } from './rehearse-protocol.ts';

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
