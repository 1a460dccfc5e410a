import type { Expectation } from '../../model/desired.ts';
import { ConfigError, type Diagnostic, formatSource } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import { type KernelAnswer, type Path, pathText, queryText } from '../../model/lookup.ts';
import type { State } from '../../model/state.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { Failure } from '../transaction/outcome.ts';
import { createHostLookup } from './host-lookup.ts';
import { stateAfter } from './probe.ts';
import type { Answer } from './query.ts';

/** How often, and how many times, the kernel is asked again: a carrier or a new IPv6 address takes its time. */
const POLL_MS = 50;
const POLLS = 40;

/** The errnos by which the kernel tells each type that leads nowhere. */
const ERRORS_OF: Readonly<Record<string, readonly string[]>> = {
  blackhole: ['EINVAL'],
  unreachable: ['EHOSTUNREACH', 'ENETUNREACH'],
  prohibit: ['EACCES'],
};

/** The kernel does not repeat the source that a packet has already. */
const goesAsWanted = ({ wanted, query }: Expectation, type: string, { via, dev, src = query.from }: Path): boolean =>
  (wanted.type === undefined || wanted.type === type) &&
  (wanted.via === undefined || wanted.via === via) &&
  (wanted.dev === undefined || wanted.dev === dev) &&
  (wanted.src === undefined || wanted.src === src);

/** Whether every way that the packet may take is as expected. */
const isMet = (expectation: Expectation, answer: Answer | KernelAnswer): boolean => {
  if ('error' in answer) return (ERRORS_OF[expectation.wanted.type ?? ''] ?? []).includes(answer.error);
  if (!('paths' in answer)) return goesAsWanted(expectation, answer.type, answer);
  if (answer.otherwise !== undefined && !isMet(expectation, answer.otherwise)) return false;
  return answer.paths.every((path) => goesAsWanted(expectation, answer.type, path));
};

const typedText = (type: string | undefined, path: string): string =>
  [...(type === undefined || type === 'unicast' ? [] : [type]), ...(path === '' ? [] : [path])].join(' ');

const answerText = (answer: Answer | KernelAnswer): string => {
  if ('error' in answer) return `gets ${answer.error}`;
  if (!('paths' in answer)) return `goes ${typedText(answer.type, pathText(answer))}`;
  const otherwise = answer.otherwise === undefined ? '' : `, or ${answerText(answer.otherwise)}`;
  return `goes ${typedText(answer.type, answer.paths.map(pathText).join(' or '))}${otherwise}`;
};

const wantedText = ({ wanted }: Expectation): string => typedText(wanted.type, pathText(wanted)) || 'unicast';

const missText = (expectation: Expectation, answer: Answer | KernelAnswer): string =>
  `${queryText(expectation.query)} ${answerText(answer)}, expected is ${wantedText(expectation)}`;

/** What becomes of the expectations of the files. */
export interface CheckedExpectations {
  /** one line each */
  readonly met: readonly string[];
  /** NR_EXPECTATION */
  readonly missed: readonly Diagnostic[];
}

/** One of them, against what becomes of its packet. */
export const judgeExpectation = (
  expectation: Expectation,
  answer: Answer | KernelAnswer,
): { readonly met?: string; readonly missed?: Diagnostic } => {
  if (isMet(expectation, answer)) return { met: `${queryText(expectation.query)} goes ${wantedText(expectation)}` };
  const message = missText(expectation, answer);
  return { missed: { code: 'NR_EXPECTATION', message, severity: 'error', source: expectation.source } };
};

/** What the plan would lead to against what the files expect, by the model of the kernel's look-up. Pure. */
export const checkExpectations = (
  expectations: readonly Expectation[],
  observed: State,
  plan: Plan,
): CheckedExpectations => {
  if (expectations.length === 0) return { met: [], missed: [] };
  const lookUp = createHostLookup(stateAfter(observed, plan));
  const verdicts = expectations.map((expectation) => judgeExpectation(expectation, lookUp(expectation.query)));
  return {
    met: verdicts.flatMap(({ met }) => met ?? []),
    missed: verdicts.flatMap(({ missed }) => missed ?? []),
  };
};

/** @throws {ConfigError} NR_EXPECTATION for each that the plan would not meet */
export const requireExpectations = (...args: Parameters<typeof checkExpectations>): void => {
  const { missed } = checkExpectations(...args);
  if (missed.length > 0) throw new ConfigError(missed);
};

/**
 * Asks the kernel itself, for some seconds where need be.
 * @returns the first that it does not meet, as a failure of the transaction
 */
export const proveExpectations = async (
  expectations: readonly Expectation[],
  { kernel, sleep }: { readonly kernel: KernelPort; readonly sleep: (milliseconds: number) => Promise<void> },
): Promise<Failure | undefined> => {
  if (expectations.length === 0) return undefined;
  for (let poll = 1; ; poll++) {
    const answers = await kernel.lookUp(expectations.map(({ query }) => query));
    const missed = expectations.findIndex((expectation, i) => !isMet(expectation, answers[i] as KernelAnswer));
    if (missed < 0) return undefined;
    if (poll >= POLLS) {
      const { source } = expectations[missed] as Expectation;
      const place = formatSource(source);
      const text = missText(expectations[missed] as Expectation, answers[missed] as KernelAnswer);
      return { cause: 'expectation', message: `${text} (${place})` };
    }
    await sleep(POLL_MS);
  }
};
