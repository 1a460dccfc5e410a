import { ConfigError } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import { KIND_NAMES, type State } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import type { GoalOptions } from '../plan/goal-desired.ts';
import { refKey } from '../plan/goal-restore.ts';
import { planDesired, touchedBy } from '../plan/plan.ts';
import type { Plan } from '../plan/plan-types.ts';
import type { Outcome } from '../transaction/outcome.ts';
import { applyDesired } from '../transaction/reconcile.ts';
import type { NamespaceRecord, RecordStore } from '../transaction/record.ts';
import { RECORD_VERSION } from '../transaction/record.ts';
import { rollbackLast } from '../transaction/recover.ts';
import type { TransactionPorts } from '../transaction/transaction-ports.ts';
import { type Built, buildScene } from './rehearse-build.ts';
import { compareStates, hasCarriers } from './rehearse-compare.ts';
import { failingKernel, sampleSteps } from './rehearse-faults.ts';
import { kindsIn, planStage, type Stage } from './rehearse-stage.ts';
import type {
  Discrepancy,
  Played,
  Rehearsal,
  RehearsalPorts,
  RehearsalSubject,
  RollbackTrial,
  Scene,
} from './rehearse-types.ts';

/** Carriers and connected routes come a little after what causes them. */
const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 1000;

/** A copy of the host, and how it looks at rest. */
interface Copy extends Built {
  readonly baseline: State;
}

/** One performance, from the curtain to the state that it leaves behind. */
interface Performance {
  readonly outcome: Outcome;
  readonly leftovers: readonly Discrepancy[];
}

/** Looks again, at growing intervals, until something holds; after some three seconds it is left at that. */
const lookUntil = async <T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  sleep: RehearsalPorts['sleep'],
): Promise<T> => {
  for (let pause = FIRST_PAUSE_MS; ; pause *= 1.6) {
    const seen = await look();
    if (holds(seen) || pause > LAST_PAUSE_MS) return seen;
    await sleep(pause);
  }
};

const withRefusals = (
  discrepancies: readonly Discrepancy[],
  refusals: ReadonlyMap<string, string>,
): readonly Discrepancy[] =>
  discrepancies.map((found) => {
    const refusal = refusals.get(refKey(found.kind, found.key));
    return refusal === undefined ? found : { ...found, refusal };
  });

/** Marks what is missing of a copy although the plan for the host deals with it. */
const markPlanned = (discrepancies: readonly Discrepancy[], plan: Plan): readonly Discrepancy[] => {
  if (discrepancies.length === 0) return discrepancies;
  const touched = new Set(touchedBy(plan).map(({ kind, slot }) => refKey(kind, slot)));
  return discrepancies.map((found) =>
    found.how === 'missing' && touched.has(refKey(found.kind, found.key)) ? { ...found, planned: true } : found,
  );
};

/** A record for one transaction, of objects that netrecon made before it. */
const openRecord = ({ owned }: RehearsalSubject): RecordStore => {
  let record: NamespaceRecord = { version: RECORD_VERSION, owned };
  return {
    read: () => record,
    write: (next) => {
      record = next;
    },
  };
};

/** Whatever has a route, or shall have one: a fresh namespace has room for none. */
const labelsIn = ({ observed, desired }: RehearsalSubject): readonly number[] => [
  ...observed.mpls.map(({ label }) => label),
  ...desired.objects.mpls.map(({ object }) => object.label),
];

/** Plays one host again and again. */
class Rehearsing {
  readonly #subject: RehearsalSubject;
  readonly #ports: RehearsalPorts;
  readonly #stage: Stage;
  #scene: Scene | undefined;
  #copy: Copy | undefined;

  constructor(subject: RehearsalSubject, stage: Stage, ports: RehearsalPorts, scene: Scene) {
    this.#subject = subject;
    this.#ports = ports;
    this.#stage = stage;
    this.#scene = scene;
  }

  /** The copy as it stands; made anew where the last performance left something behind. */
  async copy(): Promise<Copy> {
    if (this.#copy !== undefined) return this.#copy;
    this.#scene ??= this.#ports.openScene();
    const labels = labelsIn(this.#subject);
    if (labels.length > 0) this.#scene.makeRoomForLabels?.(Math.max(...labels) + 1);
    const { target, standIns } = this.#stage;
    const built = await buildScene(this.#scene, target, standIns, this.#subject.renamesUp);
    const look = () => built.kernel.dump();
    const { sleep } = this.#ports;
    const baseline = await lookUntil(look, (seen) => hasCarriers(target, seen), sleep);
    let last = baseline;
    await lookUntil(
      look,
      (seen) => {
        const isAtRest = compareStates(last, seen).length === 0;
        last = seen;
        return isAtRest;
      },
      sleep,
    );
    this.#copy = { ...built, baseline: last };
    return this.#copy;
  }

  /** Applies the files. @param failed - index of the operation that is refused on purpose */
  async perform(failed?: number): Promise<Performance> {
    const { kernel, baseline } = await this.copy();
    const failing = failingKernel(kernel, failed);
    const ports = this.#transaction(failing.kernel);
    const { allowMassDelete } = this.#subject;
    const outcome = await applyDesired(this.#stage.desired, ports, {
      protocolName: this.#ports.protocolName,
      allowMassDelete,
    });
    if (outcome.status === 'applied') await rollbackLast(ports);
    const left = await lookUntil(
      async () => compareStates(baseline, await kernel.dump()),
      (found) => found.length === 0,
      this.#ports.sleep,
    );
    if (left.length > 0) this.#leave();
    return { outcome, leftovers: withRefusals(left, failing.refusals) };
  }

  close(): void {
    this.#leave();
  }

  #leave(): void {
    this.#scene?.close();
    this.#scene = undefined;
    this.#copy = undefined;
  }

  #transaction(kernel: KernelPort): TransactionPorts {
    const { sleep, now } = this.#ports;
    return { kernel, records: openRecord(this.#subject), approve: async () => true, now, sleep };
  }
}

/** How many steps can be refused on purpose: those that the kernel itself would take. */
const failableSteps = (outcome: Outcome): number => {
  if (!('failure' in outcome)) return outcome.plan.steps.length;
  const { step, cause } = outcome.failure;
  const at = step === undefined || cause === 'ignored' ? -1 : outcome.plan.steps.indexOf(step);
  return at < 0 ? outcome.plan.steps.length : at;
};

const playedOf = (outcome: Outcome): Played => {
  switch (outcome.status) {
    case 'applied':
      return { result: 'accepted', warnings: outcome.warnings };
    case 'rolledBack':
    case 'incomplete':
      return { result: 'failed', failure: outcome.failure };
    case 'unchanged':
    case 'declined':
      return { result: 'empty' };
  }
};

/** The rollback that the real failure led to, or that took everything back. */
const firstTrial = ({ outcome, leftovers }: Performance): RollbackTrial => {
  if (!('failure' in outcome)) return { leftovers };
  const { step, cause } = outcome.failure;
  const at = step === undefined || cause === 'ignored' ? -1 : outcome.plan.steps.indexOf(step);
  return at < 0 ? { leftovers } : { step: at, title: outcome.plan.steps[at]?.title as string, leftovers };
};

const failSteps = async (
  rehearsing: Rehearsing,
  plan: Plan,
  failable: number,
  most: number,
): Promise<RollbackTrial[]> => {
  const trials: RollbackTrial[] = [];
  for (const k of sampleSteps(plan.steps.slice(0, failable), most)) {
    const { outcome, leftovers } = await rehearsing.perform(k);
    // large bundles are sent in an order of their own
    const failed = 'failure' in outcome ? outcome.failure.step : undefined;
    const step = failed === undefined ? k : outcome.plan.steps.indexOf(failed);
    trials.push({ step, title: (failed ?? plan.steps[k])?.title as string, leftovers });
  }
  return trials;
};

const emptyPlan = (): Plan => ({
  changes: [],
  steps: [],
  summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
  warnings: [],
});

/** The same but for the order of what does not depend on each other, which is that of the kernel's dumps. */
const hasSameSteps = (a: Plan, b: Plan): boolean => {
  const lines = ({ steps, changes }: Plan) =>
    [
      ...steps.map(({ op, title }) => `${op.action} ${title}`),
      ...changes.map(({ key, fields }) => JSON.stringify([key, fields])),
    ].sort();
  return sameValue(lines(a), lines(b));
};

const lackingKinds = async (kinds: ReadonlySet<string>, kernel: KernelPort): Promise<ReadonlySet<string>> => {
  const lacking = new Set<string>();
  for (const kind of kinds) if (!(await kernel.hasLinkKind(kind))) lacking.add(kind);
  return lacking;
};

/**
 * Carries a plan out for real on a copy of the host: recreates the host in namespaces that nobody else uses, applies the
 * files, takes everything back, and then lets one step after the other fail, and looks each time whether everything is as it
 * was before. Never throws for what it finds; that is its result.
 * @throws {NetreconError} where a namespace cannot be had, or the files contradict the host (no plan)
 */
export const rehearse = async (given: RehearsalSubject, ports: RehearsalPorts): Promise<Rehearsal> => {
  const scene = ports.openScene();
  // what neither of the two kernels can is planned for
  const subject = { ...given, renamesUp: given.renamesUp && scene.kernel.renamesUp !== false };
  const { observed, desired, owned, renamesUp, allowMassDelete, mostFailures } = subject;
  const options: GoalOptions = { owned, renamesUp, allowMassDelete, protocolName: ports.protocolName };
  const wanted = planDesired(desired, observed, options);
  const lacking = await lackingKinds(kindsIn(observed, desired), scene.kernel);
  const stage = planStage(observed, desired, wanted, lacking);
  const rehearsing = new Rehearsing(subject, stage, ports, scene);
  try {
    const { baseline, target, refusals } = await rehearsing.copy();
    const { standIns, leftOut } = stage;
    const common = {
      stoodIn: standIns.map(({ name, why }) => ({ name, why })),
      leftOut,
      copy: {
        objects: KIND_NAMES.reduce((sum, kind) => sum + target[kind].length, 0),
        discrepancies: markPlanned(withRefusals(compareStates(target, baseline), refusals), wanted),
      },
    };
    let first: Performance;
    try {
      first = await rehearsing.perform();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const { diagnostics } = error;
      return {
        plan: emptyPlan(),
        asPlanned: false,
        played: { result: 'unplannable', diagnostics },
        ...common,
        rollbacks: [],
        failable: 0,
      };
    }
    const { plan } = first.outcome;
    const failable = failableSteps(first.outcome);
    const trials = await failSteps(rehearsing, plan, failable, mostFailures);
    const isEmpty = plan.steps.length === 0;
    return {
      plan,
      asPlanned: hasSameSteps(plan, wanted),
      played: playedOf(first.outcome),
      ...common,
      rollbacks: isEmpty ? [] : [firstTrial(first), ...trials],
      failable,
    };
  } finally {
    rehearsing.close();
  }
};
