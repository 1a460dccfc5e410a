import type { Source } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/errors.ts';
import { diagnosticsOf, errorFacts } from '../error-text.ts';
import { visibleText } from '../visible-text.ts';

/** One thing that a reviewer should see at its line. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'note';
  /** a code of docs/errors.md or docs/lint.md, or what a plan does with an object: `create`, `update` ... */
  readonly code: string;
  /** one line */
  readonly title: string;
  /** more lines, without a newline at the end; empty: the title says it all */
  readonly detail: string;
  readonly source?: Source;
  /** whether the exit status of the command is not 0 because of it */
  readonly fails: boolean;
}

/** Findings as they are told: a million of them are never there at once. */
export interface Findings {
  /** What is said of each, in their order. `say` depends on nothing but the finding. */
  each(say: (finding: Finding) => string): Iterable<string>;
}

/** Findings that are there. */
export const listFindings = (findings: readonly Finding[]): Findings => ({ each: (say) => findings.map(say) });

/** What a command has to say of its files, for programs that show it to a reviewer: the input of every form. */
export interface Review {
  readonly command: string;
  /** the state files, as they were named */
  readonly files: readonly string[];
  /** one line */
  readonly summary: string;
  readonly findings: Findings;
  /** what was checked and is as it should be, one line each */
  readonly passed: readonly string[];
}

/** The path that a form shows for a file of the input. */
export type PathOf = (file: string) => string;

/** Most urgent first: GitHub shows only the first ten of each level. */
const LEVELS: readonly Finding['level'][] = ['error', 'warning', 'note'];

/** What is said of each finding, by level; those of one level keep their order. `say` never says nothing. */
export function* byLevel(findings: Findings, say: (finding: Finding) => string): Generator<string> {
  for (const level of LEVELS)
    for (const text of findings.each((finding) => (finding.level === level ? say(finding) : '')))
      if (text !== '') yield text;
}

/** @param fails whether the exit status follows from it; an error always does */
export const findingOfDiagnostic = (diagnostic: Diagnostic, fails = diagnostic.severity === 'error'): Finding => ({
  level: diagnostic.severity,
  code: diagnostic.code,
  title: visibleText(diagnostic.message),
  detail: diagnostic.hint === undefined ? '' : `hint: ${visibleText(diagnostic.hint)}`,
  ...(diagnostic.source === undefined ? {} : { source: diagnostic.source }),
  fails,
});

/** `3 errors`, `1 error` */
export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The review of a command that could not do what it was asked for. */
export const reviewFailure = (command: string, files: readonly string[], error: unknown): Review => {
  const diagnostics = diagnosticsOf(errorFacts(error));
  return {
    command,
    files,
    summary: `failed: ${countText(diagnostics.length, 'problem')}`,
    findings: listFindings(diagnostics.map((diagnostic) => findingOfDiagnostic(diagnostic))),
    passed: [],
  };
};
