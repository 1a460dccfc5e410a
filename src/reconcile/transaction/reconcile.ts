import type { Desired, Expectation } from '../../model/desired.ts';
import { ConfigError, NetreconError } from '../../model/errors.ts';
import type { Ref } from '../../model/kind.ts';
import type { RouteList } from '../../model/route-list.ts';
import { KIND_NAMES, type KindName, type State } from '../../model/state.ts';
import { type PlanFor, type Survey, type SurveyOptions, Surveyor } from '../lists/survey.ts';
import type { UndoLists } from '../lists/undo-lists.ts';
import { requireExpectations } from '../lookup/expect.ts';
import type { GoalOptions } from '../plan/goal-desired.ts';
import { refKey } from '../plan/goal-restore.ts';
import { planDesired, touchedBy } from '../plan/plan.ts';
import type { Plan } from '../plan/plan-types.ts';
import { type Stake, stakeOf } from '../plan/stake.ts';
import { isSamePlan } from '../saved/same-plan.ts';
import { beginProof, type EchoProof, type EchoUse } from './echo-proof.ts';
import { executeSteps } from './execute.ts';
import { planLost } from './lost.ts';
import type { Failure, Outcome } from './outcome.ts';
import { checkKeys, checkKinds, checkLabels } from './preflight.ts';
import { proveOutcome } from './prove.ts';
import { foreignFailure, type RaceWatch, watchRaces } from './races.ts';
import { rollBack } from './rollback.ts';
import { ownedAfter, stillThere, Transaction } from './transaction.ts';
import type { TransactionPorts } from './transaction-ports.ts';

export interface ApplyOptions extends Omit<GoalOptions, 'owned' | 'aside'>, SurveyOptions {
  /** the part of a plan that is to be carried out, where not all of it is; also asked when the outcome is verified */
  readonly select?: (plan: Plan) => Plan;
  /** false: a single operation leaves the record as it is, unless that must name a new object; default true */
  readonly recordAtomic?: boolean;
  /** whether the kernel's word on each change may stand in for a dump afterwards (see EchoProof); default `never` */
  readonly echoUse?: EchoUse;
  /** what plans, also to verify the outcome; default `planDesired` */
  readonly planner?: typeof planDesired;
  /** kinds in which others are listened to, as long as the plan touches no other; default: all */
  readonly listens?: readonly KindName[];
}

/** How often a plan is shown again because the network changed while it was read. */
export const MOST_QUESTIONS = 10;

/** How often the network is looked at again because others changed it during the look. */
export const MOST_SURVEYS = 5;

/** Passes of plan, send and look again; more than one is only needed where the kernel did what no model predicted. */
export const MOST_PASSES = 3;

export const ignoredFailure = (plan: Plan): Failure => {
  const [change] = plan.changes;
  const fields = (change?.fields ?? []).map(
    ({ field, before, after }) => `${field} is ${JSON.stringify(before)} and not ${JSON.stringify(after)}`,
  );
  const [step] = plan.steps;
  return {
    cause: 'ignored',
    message: `every operation was acknowledged, but ${change?.title} is not as asked${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`,
    hint: 'this kernel accepts it and does nothing, or another program changes it at the same time',
    ...(step === undefined ? {} : { step }),
  };
};

/** What an apply starts from. */
interface Ground {
  readonly before: State;
  readonly lists: UndoLists;
  readonly owned: readonly Ref[];
  readonly plan: Plan;
  /** how many there were, those of lists included */
  readonly routes: number;
}

/** A plan for what the files want, given what is owned. */
type PlanOwned = (owned: readonly Ref[]) => PlanFor;

/** How a transaction plans. */
interface Planning {
  readonly surveyor: Surveyor;
  readonly planOwned: PlanOwned;
}

/** A transaction at work. */
interface Scene {
  readonly transaction: Transaction;
  readonly watch: RaceWatch;
  /** may show that the plan has come to what was wanted; absent: only a dump can */
  readonly echoes: EchoProof | undefined;
  /** what stood beside the plan when it was made */
  readonly standing: () => readonly RouteList[];
}

interface Done {
  readonly failure?: Failure;
  readonly warnings: readonly string[];
  readonly owned: readonly Ref[];
  /** whether anything was sent */
  readonly sent: boolean;
}

/** What the files ask for can no longer be had, since others changed what it stands on. */
const lookAfter = async (surveyor: Surveyor, planFor: PlanFor): Promise<Survey | Failure> => {
  const changed = 'another program changed what the plan was made for while it was carried out';
  try {
    return (await surveyor.lookAgain(planFor)) ?? { cause: 'foreign', message: changed };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { cause: 'foreign', message: `${changed}: ${error.message}` };
  }
};

const isProven = async (echoes: EchoProof | undefined, { kernel }: TransactionPorts): Promise<boolean> => {
  if (echoes?.needsNexthops === true) echoes.noteNexthops((await kernel.dump({ kinds: ['nexthop'] })).nexthop);
  return echoes?.isWhole === true;
};

/** Sends the plan, looks again, and sends what an unpredicted cascade took, until the kernel shows what was asked for. */
const carryOut = async (
  plan: Plan,
  { surveyor, planOwned }: Planning,
  { transaction, watch, echoes }: Scene,
  ports: TransactionPorts,
): Promise<Done> => {
  const warnings: string[] = [];
  const tried = new Set<string>();
  const whoIs = ports.safeguards?.whoIs ?? ((portId) => `another program (netlink port ${portId})`);
  let owned = transaction.ownedBefore;
  let sent = false;
  let next = plan;
  let leastRest = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const { rest = 0 } = next;
    transaction.open(next);
    const stake = stakeOf(next);
    const result = await executeSteps(next, {
      ...ports,
      ...(next === plan && echoes !== undefined ? { echoes } : {}),
      onStep: (index, step) => {
        sent = true;
        ports.onStep?.(index, step, next);
      },
      ...(ports.onRoutes === undefined ? {} : { onRoutes: (part) => ports.onRoutes?.({ ...part, plan: next }) }),
      onAcknowledged: transaction.countFromHere(),
      interfered: () => {
        const changes = transaction.absorb(watch, stake);
        return changes.length === 0 ? undefined : foreignFailure(changes, whoIs);
      },
    });
    warnings.push(...result.warnings);
    if (result.failure !== undefined) return { failure: result.failure, warnings, owned, sent };
    owned = ownedAfter(owned, next);
    if (next === plan && watch.isQuiet && (await isProven(echoes, ports))) return { warnings, owned, sent };
    if (rest === 0) for (const { title, op } of next.steps) tried.add(`${op.action} ${title}`);
    // a pass that leaves fewer routes for the next one than the last did is no attempt
    else if (rest < leastRest) pass--;
    leastRest = Math.min(leastRest, rest);
    const seen = await lookAfter(surveyor, planOwned(owned));
    if ('cause' in seen) return { failure: seen, warnings, owned, sent };
    next = seen.plan;
    if (next.steps.length === 0) {
      // what others deleted by now is not what the pass took along
      transaction.absorb(watch, stake);
      next = planLost(transaction.before, seen.observed, transaction.touched, watch.kinds);
    }
    if (next.steps.length === 0) return { warnings, owned, sent };
    const repeated = next.steps.every(({ title, op }) => tried.has(`${op.action} ${title}`));
    if (repeated && pass > 0) break;
  }
  return { failure: ignoredFailure(next), warnings, owned, sent };
};

/** Back to the state before, whatever others do to the same objects meanwhile. */
const giveUp = async (
  plan: Plan,
  done: Done & { readonly failure: Failure },
  { transaction, watch, standing }: Scene,
  ports: TransactionPorts,
): Promise<Outcome> => {
  const { failure } = done;
  ports.onRollback?.();
  const slots = new Set(transaction.touched.map(({ kind, slot }) => refKey(kind, slot)));
  // the rollback deletes links as well: only a port id tells what others delete then
  const stake: Stake = { slots, doomedLinks: slots.size === 0 ? slots : new Set(linkNames(transaction.touched)) };
  const current = () => {
    transaction.absorb(watch, stake);
    return transaction.before;
  };
  const back = await rollBack(current(), { ...transaction.undo, standing: standing() }, { ...ports, current });
  if (back.done) {
    transaction.close('rolledBack', transaction.ownedBefore);
    return { status: 'rolledBack', plan, failure };
  }
  transaction.close('incomplete', done.owned);
  return { status: 'incomplete', plan, failure, remaining: back.remaining };
};

const linkNames = (refs: readonly Ref[]): readonly string[] =>
  refs.flatMap(({ kind, slot }) => (kind === 'link' ? [slot] : []));

/** What does not change in the course of an apply. */
interface Manner {
  readonly planning: Planning;
  readonly expectations: readonly Expectation[];
  readonly recordAtomic: boolean;
  readonly echoUse: EchoUse;
  readonly namespaces: readonly string[] | undefined;
}

/** Sends, verifies, checks, and commits or rolls back. undefined: nothing was sent, since others were faster. */
const transact = async (
  { before, lists, owned, plan, routes }: Ground,
  { planning, expectations, recordAtomic, echoUse, namespaces }: Manner,
  watch: RaceWatch,
  ports: TransactionPorts,
): Promise<Outcome | undefined> => {
  const confirm = ports.safeguards?.confirm;
  const guardian = await confirm?.startGuardian();
  const options = {
    startedAt: ports.now(),
    lists,
    recordAtomic,
    ...(namespaces === undefined ? {} : { namespaces }),
  };
  const transaction = new Transaction(before, owned, ports.records, options);
  const standing = planning.surveyor.standing();
  const scene = { transaction, watch, standing, echoes: beginProof(plan, { before, routes, use: echoUse }) };
  let done = await carryOut(plan, planning, scene, ports);
  if (done.failure?.cause === 'foreign' && !done.sent) {
    transaction.close('rolledBack', owned);
    return undefined;
  }
  const deadline = confirm === undefined ? 0 : confirm.bootTime() + confirm.seconds * 1000;
  if (done.failure === undefined) {
    const withinMs = confirm === undefined ? undefined : confirm.seconds * 1000;
    const { failure, warnings } = await proveOutcome(
      [{ plan, kernel: ports.kernel }],
      { withinMs, expectations },
      ports,
    );
    done = { ...done, warnings: [...done.warnings, ...warnings], ...(failure === undefined ? {} : { failure }) };
  }
  if (done.failure !== undefined) return giveUp(plan, { ...done, failure: done.failure }, scene, ports);
  if (confirm === undefined || guardian === undefined) {
    transaction.close('committed', done.owned);
    return { status: 'applied', plan, warnings: done.warnings };
  }
  const confirmation = { seconds: confirm.seconds, deadline, guardian };
  transaction.close('unconfirmed', done.owned, confirmation);
  return { status: 'applied', plan, warnings: done.warnings, confirmation };
};

export const unsettled = (who = 'another program is at work on the same objects: netrecon monitor shows which') =>
  new NetreconError('NR_UNSETTLED', 'the network changes faster than a plan can be made', { hint: who });

/** A dump and a plan between which nobody changed what the plan is about. */
const settle = async (survey: () => Promise<Ground>, watch: RaceWatch, ports: TransactionPorts): Promise<Ground> => {
  for (let round = 1; ; round++) {
    const ground = await survey();
    const changes = watch.look(stakeOf(ground.plan));
    if (changes.length === 0) return ground;
    if (round >= MOST_SURVEYS) {
      const { whoIs } = ports.safeguards ?? {};
      throw unsettled(whoIs === undefined ? undefined : foreignFailure(changes, whoIs).message);
    }
  }
};

/**
 * Makes a namespace as the files say, or leaves it as it was: dump, plan, ask, record, send, look again; on any failure
 * roll back and prove it by a dump. The caller holds the lock of the namespace and has dealt with an open record.
 * @throws {ConfigError} where the files and the host contradict each other (nothing was sent)
 * @throws {NetreconError} where the dump or the record fails (nothing was sent)
 */
export const applyDesired = async (
  desired: Desired,
  ports: TransactionPorts,
  options: ApplyOptions,
): Promise<Outcome> => {
  const record = ports.records.read();
  const recorded = record?.owned ?? [];
  const {
    select = (plan: Plan) => plan,
    pins,
    routesAPass,
    sample,
    laidOut,
    burst,
    sieve,
    recordAtomic = true,
    echoUse = 'never',
    planner = planDesired,
    listens = KIND_NAMES,
    ...goalOptions
  } = options;
  const { kernel } = ports;
  const planOwned: PlanOwned = (owned) => (wanted, state, aside) =>
    select(planner(wanted, state, { ...goalOptions, owned, aside, renamesUp: kernel.renamesUp }));
  // a part of the plan may miss what the whole of it meets
  const expectations = options.select === undefined ? desired.expectations : [];
  const expected = expectations.map(({ query }) => query.to);
  const looks = {
    pins: [...(pins ?? []), ...expected],
    ...(routesAPass === undefined ? {} : { routesAPass }),
    ...(sample === undefined ? {} : { sample }),
    ...(laidOut === undefined ? {} : { laidOut }),
    ...(burst === undefined ? {} : { burst }),
    ...(sieve === undefined ? {} : { sieve }),
  };
  const planning = { surveyor: new Surveyor(desired, kernel, looks), planOwned };
  const manner: Manner = { planning, expectations, recordAtomic, echoUse, namespaces: record?.namespaces };
  const planFor: PlanFor = (wanted, before, aside) => {
    const plan = planOwned(stillThere(recorded, before))(wanted, before, aside);
    requireExpectations(expectations, before, plan);
    return plan;
  };
  const reviewed = (seen: Survey): Survey => {
    const plan = ports.safeguards?.review?.(seen.plan, seen.observed);
    return plan === undefined ? seen : { ...seen, plan };
  };
  let last: Survey | undefined;
  const survey = async (): Promise<Ground> => {
    const seen = await planning.surveyor.look(planFor, last);
    last = seen === last ? seen : reviewed(seen);
    const { observed, plan } = last;
    const lists = planning.surveyor.undoLists(last);
    const routes = planning.surveyor.routesIn(last);
    return { before: observed, lists, owned: stillThere(recorded, observed), plan, routes };
  };
  let watch: RaceWatch | undefined;
  try {
    // where nobody takes time to answer, what is heard from the first look on tells whether the plan still holds
    if (ports.asksNobody === true) watch = watchRaces(kernel, { kinds: listens });
    let ground = watch === undefined ? await survey() : await settle(survey, watch, ports);
    if (watch !== undefined && touchedBy(ground.plan).some(({ kind }) => watch?.kinds.has(kind) === false)) {
      watch.close();
      watch = watchRaces(kernel);
      ground = await settle(survey, watch, ports);
    }
    if (ground.plan.steps.length === 0) return { status: 'unchanged', plan: ground.plan };
    let isFresh = watch !== undefined;
    for (let questions = 1; ; questions++) {
      if (!(await ports.approve(ground.plan))) return { status: 'declined', plan: ground.plan };
      const shown = ground.plan;
      watch ??= watchRaces(kernel);
      // what was shown must be what is done, however long the answer took
      if (!isFresh) ground = await settle(survey, watch, ports);
      isFresh = false;
      if (ground.plan.steps.length === 0) return { status: 'unchanged', plan: ground.plan };
      if (isSamePlan(ground.plan, shown)) {
        if (ports.signal?.aborted === true) return { status: 'declined', plan: ground.plan };
        checkKeys(ground.plan);
        await checkKinds(ground.plan, kernel);
        await checkLabels(ground.plan, kernel);
        const outcome = await transact(ground, manner, watch, ports);
        if (outcome !== undefined) return outcome;
      }
      if (questions >= MOST_QUESTIONS) throw unsettled();
    }
  } finally {
    watch?.close();
  }
};
