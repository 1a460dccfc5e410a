import type { KindName } from '../../model/state.ts';
import type { PlanChange } from '../plan/plan-types.ts';
import { type DriftDone, driftWas, type ProblemSource, type WatchEvent } from './events.ts';
import { objectKey } from './interest.ts';
import type { Verdict } from './restraint.ts';
import type { Explanation } from './witness.ts';

/** Drift that stands: reported only, waiting, or refused. */
export interface OpenDrift {
  readonly kind: KindName;
  readonly key: string;
  readonly title: string;
  /** ISO 8601 */
  readonly since: string;
}

export interface StandingProblem {
  readonly what: ProblemSource;
  readonly message: string;
  /** ISO 8601 */
  readonly since: string;
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'time'> : never;

/** How much is remembered for `status`. */
const MOST_EVENTS = 100;

/** What has happened, and what is not as it should be. */
export interface DriftLog {
  tell(event: WithoutTime<WatchEvent>): void;
  /** Says it once: drift that stands is news only the first time. */
  drift(
    change: PlanChange,
    explanation: Explanation,
    what: { readonly done: DriftDone; readonly tookMs: number; readonly again?: number; readonly error?: string },
  ): void;
  fight(change: PlanChange, explanation: Explanation, verdict: Verdict): void;
  problem(what: ProblemSource, message: string): void;
  recover(what: ProblemSource): void;
  hasProblem(what: ProblemSource): boolean;
  /** what is not as the files say after a pass */
  setOpen(changes: readonly PlanChange[]): void;
  readonly open: ReadonlyMap<string, OpenDrift>;
  readonly problems: readonly StandingProblem[];
  /** the last hundred, oldest first */
  readonly events: readonly WatchEvent[];
  /** since when it has been in sync, or has not been; ISO 8601 */
  readonly since: string;
  readonly inSync: boolean;
}

export const createDriftLog = (now: () => number, onEvent: (event: WatchEvent) => void): DriftLog => {
  const time = (): string => new Date(now()).toISOString();
  const events: WatchEvent[] = [];
  const problems = new Map<ProblemSource, StandingProblem>();
  let open: ReadonlyMap<string, OpenDrift> = new Map();
  let inSync = false;
  let since = time();

  const tell = (event: WithoutTime<WatchEvent>): void => {
    const told = { ...event, time: time() } as WatchEvent;
    events.push(told);
    if (events.length > MOST_EVENTS) events.shift();
    onEvent(told);
  };
  const judge = (): void => {
    const next = open.size === 0 && problems.size === 0;
    if (next !== inSync) since = time();
    inSync = next;
  };

  return {
    tell,
    drift: (change, { cause, by }, what) => {
      const { kind, key, title, action } = change;
      if (what.done !== 'corrected' && open.has(objectKey(kind, key))) return;
      const fields = action === 'update' || action === 'replace' ? change.fields : [];
      const who = by === undefined ? {} : { by };
      tell({ type: 'drift', kind, key, title, was: driftWas(action), fields, cause, ...who, ...what });
    },
    fight: ({ kind, key, title }, { cause, by }, { count, delay }) => {
      const who = by === undefined ? {} : { by };
      tell({ type: 'fight', kind, key, title, cause, ...who, count, delayMs: Math.round(delay) });
    },
    problem: (what, message) => {
      if (problems.get(what)?.message === message) return;
      problems.set(what, { what, message, since: time() });
      tell({ type: 'problem', what, message });
      judge();
    },
    recover: (what) => {
      if (!problems.delete(what)) return;
      tell({ type: 'recovered', what });
      judge();
    },
    hasProblem: (what) => problems.has(what),
    setOpen: (changes) => {
      const before = open;
      open = new Map(
        changes.map(({ kind, key, title }) => {
          const name = objectKey(kind, key);
          return [name, before.get(name) ?? { kind, key, title, since: time() }];
        }),
      );
      judge();
    },
    get open() {
      return open;
    },
    get problems() {
      return [...problems.values()];
    },
    get events() {
      return events;
    },
    get since() {
      return since;
    },
    get inSync() {
      return inSync;
    },
  };
};
