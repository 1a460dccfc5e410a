import type { NameTables } from '../desired/names.ts';
import { type KernelAnswer, type LookupErrno, pathText, queryText } from '../model/lookup.ts';
import type { Probe } from '../reconcile/lookup/probe.ts';
import type { Answer } from '../reconcile/lookup/query.ts';
import type { Paint } from './paint.ts';

/** What an errno means where no packet leaves. */
const ERRNO_WORDS: Readonly<Record<LookupErrno, string>> = {
  EINVAL: 'blackhole, or a packet that the kernel refuses',
  EHOSTUNREACH: 'unreachable',
  EACCES: 'prohibited',
  ENETUNREACH: 'no route',
  ENODEV: 'no such link',
};

const errorText = (error: string): string => {
  const words = (ERRNO_WORDS as Readonly<Record<string, string>>)[error];
  return words === undefined ? error : `${error} (${words})`;
};

/** What decided, in brackets; nothing where no table did. */
const reasonText = (table: number | undefined, prefix: string | undefined, names: NameTables): string => {
  if (table === undefined) return '';
  return ` (table ${names.tables.toName(table)}${prefix === undefined ? '' : `, ${prefix}`})`;
};

/** An answer of the model on one line: `via 192.0.2.1 dev eth0 src 192.0.2.10 (table main, 0.0.0.0/0)`. */
export const answerText = (answer: Answer, names: NameTables): string => {
  const reason = reasonText(answer.table, answer.prefix, names);
  if ('error' in answer) return `${errorText(answer.error)}${reason}`;
  const type = answer.type === 'unicast' ? '' : `${answer.type} `;
  const otherwise = answer.otherwise === undefined ? '' : ` or ${answerText(answer.otherwise, names)}`;
  return `${type}${answer.paths.map(pathText).join(' or ')}${reason}${otherwise}`;
};

/** The kernel's own answer on one line. */
export const kernelAnswerText = (answer: KernelAnswer, names: NameTables): string => {
  if ('error' in answer) return errorText(answer.error);
  const type = answer.type === 'unicast' ? '' : `${answer.type} `;
  return `${type}${pathText(answer)}${reasonText(answer.table, undefined, names)}`;
};

/** Where a plan leaves each packet asked for, a line each: `~ 8.8.8.8: OLD -> NEW`, `= 10.0.0.1: SAME`. */
export const renderProbes = (
  probes: readonly Probe[],
  { paint, names }: { readonly paint: Paint; readonly names: NameTables },
): string =>
  probes
    .map(({ query, before, after, moved }) => {
      const old = answerText(before, names);
      if (!moved) return `  = ${queryText(query)}: ${old}\n`;
      return `  ${paint.update('~')} ${queryText(query)}: ${old} -> ${answerText(after, names)}\n`;
    })
    .join('');
