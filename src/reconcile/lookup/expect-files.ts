import type { Desired, Expectation } from '../../model/desired.ts';
import { isNetreconError } from '../../model/errors.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { TABLE_LOCAL, TABLE_MAIN } from '../../model/route.ts';
import type { Rule } from '../../model/rule.ts';
import { emptyState, KIND_NAMES, type State } from '../../model/state.ts';
import { createRowsTowards } from '../lists/list-rows.ts';
import { thinLists } from '../lists/thin-lists.ts';
import { planDesired } from '../plan/plan.ts';
import { type CheckedExpectations, judgeExpectation } from './expect.ts';
import { createHostLookup } from './host-lookup.ts';
import { stateAfter } from './probe.ts';
import type { Answer } from './query.ts';

/** What the files alone say of their expectations. */
export interface FileExpectations extends CheckedExpectations {
  /** how many the files say nothing of: no route of theirs decides, or the host has to add to it */
  readonly open: number;
}

const DEFAULT_TABLE = 253;

/** A link that is there and works: what the files name and do not make is taken for granted. */
const standIn = (name: string, at: number): Link => ({
  name,
  index: at + 1,
  state: 'up',
  mtu: 1500,
  master: null,
  link: null,
  carrier: true,
});

const newRules = (): readonly Rule[] =>
  (['inet', 'inet6'] as const).flatMap((family) =>
    [[0, TABLE_LOCAL], [32766, TABLE_MAIN], ...(family === 'inet' ? [[32767, DEFAULT_TABLE]] : [])].map(
      ([priority = 0, table = 0]): Rule => ({ family, priority, action: 'table', table, protocol: 2 }),
    ),
  );

/** A host that nobody has configured, with the links that the files take for granted. */
const newHost = (desired: Desired): State => {
  const made = new Set(
    desired.objects.link.filter(({ object }) => object.kind !== undefined).map(({ object }) => object.name),
  );
  const named = KIND_NAMES.flatMap((kind) =>
    desired.objects[kind].flatMap(({ object, absent }) =>
      absent ? [] : [...kindOf(kind).devs(object), ...(kind === 'link' ? [(object as Link).name] : [])],
    ),
  );
  const links = [...new Set(['lo', ...named])].filter((name) => !made.has(name));
  return { ...emptyState(), link: links.map(standIn), rule: newRules() };
};

/** Whether something that the files declare has decided it. */
const isDecided = ({ wanted }: Expectation, answer: Answer): boolean => {
  if (answer.table === undefined) return false;
  return 'error' in answer || wanted.src === undefined || answer.paths.every(({ src }) => src !== undefined);
};

/**
 * What can be said of the expectations without a host: where the files themselves decide, on a host that has nothing else.
 * What a host adds (a longer prefix, a rule in front) may lead elsewhere, so a miss is a warning. Pure.
 */
export const judgeByFiles = (whole: Desired): FileExpectations => {
  const { expectations } = whole;
  const unknown = { met: [], missed: [], open: expectations.length };
  if (expectations.length === 0) return unknown;
  // a packet goes by a route that its destination is in, and is let in by one that its source is in
  const addresses = expectations.flatMap(({ query: { to, from } }) => (from === undefined ? to : [to, from]));
  const desired = thinLists(whole, createRowsTowards(addresses));
  const host = newHost(desired);
  let lookUp: (query: Expectation['query']) => Answer;
  try {
    lookUp = createHostLookup(
      stateAfter(host, planDesired(desired, host, { owned: [], allowMassDelete: true, protocolName: String })),
    );
  } catch (error) {
    // a gateway, say, that only the host's own addresses reach
    if (isNetreconError(error)) return unknown;
    throw error;
  }
  const judged = expectations.map((expectation) => ({ expectation, answer: lookUp(expectation.query) }));
  const decided = judged.filter(({ expectation, answer }) => isDecided(expectation, answer));
  const verdicts = decided.map(({ expectation, answer }) => judgeExpectation(expectation, answer));
  return {
    met: verdicts.flatMap(({ met }) => met ?? []),
    missed: verdicts.flatMap(({ missed }) =>
      missed === undefined
        ? []
        : { ...missed, severity: 'warning' as const, message: `by the files alone, ${missed.message}` },
    ),
    open: judged.length - decided.length,
  };
};
