import type { Desired } from '../../model/desired.ts';
import { ConfigError, isNetreconError, NetreconError } from '../../model/errors.ts';
import { requireExpectations } from '../lookup/expect.ts';
import type { Plan } from '../plan/plan-types.ts';
import { isSamePlan } from '../saved/same-plan.ts';
import { planLost } from '../transaction/lost.ts';
import type { Failure, Outcome } from '../transaction/outcome.ts';
import { checkKeys, checkKinds, checkLabels } from '../transaction/preflight.ts';
import { proveOutcome } from '../transaction/prove.ts';
import { foreignFailure } from '../transaction/races.ts';
import {
  type ApplyOptions,
  ignoredFailure,
  MOST_PASSES,
  MOST_QUESTIONS,
  MOST_SURVEYS,
  unsettled,
} from '../transaction/reconcile.ts';
import type { TransactionPorts } from '../transaction/transaction-ports.ts';
import { executeWorld } from './execute-world.ts';
import { placePlan, type WorldPart } from './merge-plans.ts';
import { isDone, planWorld, type WorldPlan } from './plan-world.ts';
import { shareInWorld, type WorldView } from './world.ts';
import { lookAtWorld, namesOf, type WorldPort } from './world-port.ts';
import { type WorldWatch, watchWorld } from './world-races.ts';
import { WorldTransaction } from './world-transaction.ts';
import { rollBackWorld } from './world-undo.ts';

/** What is there, and what follows from it. */
interface Ground {
  /** with the nexthop objects that the files leave to netrecon: during a transaction, they stay what they are */
  readonly desired: Desired;
  readonly view: WorldView;
  readonly plan: WorldPlan;
}

/** What does not change in the course of an apply. */
interface Scene {
  readonly desired: Desired;
  readonly ports: TransactionPorts;
  readonly world: WorldPort;
  /**
   * @param chosen - of an earlier look; default: chosen anew
   * @throws {ConfigError} see planWorld
   */
  readonly look: (chosen?: Desired) => Promise<Ground>;
}

interface Done {
  readonly failure?: Failure;
  readonly warnings: readonly string[];
  /** whether anything was sent or made */
  readonly sent: boolean;
}

/** What the files ask for can no longer be had, since others changed what it stands on. */
const lookAfter = async (desired: Desired, { look }: Scene): Promise<Ground | Failure> => {
  try {
    return await look(desired);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.diagnostics;
    const message = 'another program changed what the plan was made for while it was carried out';
    return { cause: 'foreign', message: `${message}: ${first?.message ?? error.message}` };
  }
};

/** What a pass took along although the model did not say so, in each namespace. */
const findLost = ({ root, namespaces }: WorldView, transaction: WorldTransaction): readonly WorldPart[] =>
  [[undefined, root] as const, ...namespaces].flatMap(([netns, { state }]): readonly WorldPart[] => {
    const { before, touched } = transaction.undoOf(netns);
    const plan = planLost(before, state, touched);
    return plan.steps.length === 0 ? [] : [{ netns, plan: placePlan(netns, plan) }];
  });

const stepKeys = ({ parts }: WorldPlan): readonly string[] =>
  parts.flatMap(({ plan }) => plan.steps.map(({ title, op }) => `${op.action} ${title}`));

/** Sends the plan, looks again, and sends what an unpredicted cascade took, until the kernel shows what was asked for. */
const carryOut = async (
  { plan: first, desired }: Ground,
  transaction: WorldTransaction,
  watch: WorldWatch,
  scene: Scene,
): Promise<Done> => {
  const warnings: string[] = [];
  const tried = new Set<string>();
  let sent = false;
  let next = first;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    transaction.open(next);
    const result = await executeWorld(next, transaction, watch, {
      ...scene.ports,
      world: scene.world,
      onSent: () => {
        sent = true;
      },
    });
    warnings.push(...result.warnings);
    if (result.failure !== undefined) return { failure: result.failure, warnings, sent };
    transaction.follow(next);
    for (const key of stepKeys(next)) tried.add(key);
    const seen = await lookAfter(desired, scene);
    if ('cause' in seen) return { failure: seen, warnings, sent };
    next = seen.plan;
    if (isDone(next)) {
      // what others deleted by now is not what the pass took along
      transaction.absorb(watch, next);
      next = { ...next, parts: findLost(seen.view, transaction), create: [] };
    }
    if (isDone(next)) return { warnings, sent };
    if (pass > 0 && stepKeys(next).every((key) => tried.has(key))) break;
  }
  const [left] = next.parts.filter(({ plan }) => plan.steps.length > 0);
  return { failure: ignoredFailure(left?.plan ?? next.shown), warnings, sent };
};

/** Takes away the namespaces that are to go: nothing is done after it, so that whatever fails before can be undone. */
const removeNamespaces = ({ remove }: WorldPlan, world: WorldPort): Failure | undefined => {
  const removed: string[] = [];
  for (const name of remove) {
    try {
      world.remove(name);
      removed.push(name);
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      for (const gone of removed.toReversed()) world.putBack(gone);
      return { cause: 'refused', message: `delete netns ${name}: ${error.message}` };
    }
  }
  return undefined;
};

const giveUp = async (
  shown: Plan,
  failure: Failure,
  transaction: WorldTransaction,
  { ports, world }: Scene,
): Promise<Outcome> => {
  ports.onRollback?.();
  const back = await rollBackWorld(transaction.undo, ports, world, ports);
  if (back.done) {
    transaction.write('rolledBack');
    return { status: 'rolledBack', plan: shown, failure };
  }
  transaction.write('incomplete');
  return { status: 'incomplete', plan: shown, failure, remaining: back.remaining };
};

/** Sends, verifies, checks, and commits or rolls back. undefined: nothing was sent, since others were faster. */
const transact = async (ground: Ground, watch: WorldWatch, scene: Scene): Promise<Outcome | undefined> => {
  const { view, plan } = ground;
  const { ports, world, desired } = scene;
  const confirm = ports.safeguards?.confirm;
  const guardian = await confirm?.startGuardian();
  const transaction = new WorldTransaction(view, plan, ports, world, ports.now());
  const done = await carryOut(ground, transaction, watch, scene);
  if (done.failure?.cause === 'foreign' && !done.sent) {
    transaction.write('rolledBack');
    return undefined;
  }
  const deadline = confirm === undefined ? 0 : confirm.bootTime() + confirm.seconds * 1000;
  let { failure } = done;
  let warnings = done.warnings;
  if (failure === undefined) {
    const carriedOut = plan.parts.flatMap(({ netns, plan: part }) => {
      const port = netns === undefined ? ports : world.open(netns);
      return port === undefined ? [] : [{ plan: part, kernel: port.kernel }];
    });
    const withinMs = confirm === undefined ? undefined : confirm.seconds * 1000;
    const proven = await proveOutcome(carriedOut, { withinMs, expectations: desired.expectations }, ports);
    failure = proven.failure;
    warnings = [...warnings, ...proven.warnings];
  }
  if (failure !== undefined) return giveUp(plan.shown, failure, transaction, scene);
  const confirmation =
    confirm === undefined || guardian === undefined ? undefined : { seconds: confirm.seconds, deadline, guardian };
  transaction.write(confirmation === undefined ? 'committed' : 'unconfirmed', confirmation);
  if (plan.remove.length > 0) {
    // after the commit: whoever is killed from here on leaves a namespace too many, which the next apply takes away
    failure = removeNamespaces(plan, world);
    if (failure !== undefined) return giveUp(plan.shown, failure, transaction, scene);
    transaction.forget(plan.remove);
    transaction.write('committed');
  }
  return {
    status: 'applied',
    plan: plan.shown,
    warnings,
    ...(confirmation === undefined ? {} : { confirmation }),
  };
};

/** A look and a plan between which nobody changed what the plan is about. */
const settle = async (watch: WorldWatch, { look, ports }: Scene): Promise<Ground> => {
  for (let round = 1; ; round++) {
    const ground = await look();
    const changes = watch.look(ground.plan).flatMap((change) => change.changes);
    if (changes.length === 0) return ground;
    if (round >= MOST_SURVEYS) {
      const { whoIs } = ports.safeguards ?? {};
      throw unsettled(whoIs === undefined ? undefined : foreignFailure(changes, whoIs).message);
    }
  }
};

const isEmpty = (plan: WorldPlan): boolean => isDone(plan) && plan.remove.length === 0;

/**
 * Makes all the namespaces that the files name as the files say, or leaves them all as they were: one plan, one record, one
 * rollback. Namespaces are made first, links that reach from one to another come next, and namespaces that must not exist go
 * when everything else is done and proven. As applyDesired does for one namespace; the caller holds the lock of that at hand.
 * @throws {ConfigError} where the files and the host contradict each other (nothing was sent)
 * @throws {NetreconError} where the dump or the record fails, or a namespace is in use by another netrecon (nothing was sent)
 */
export const applyWorld = async (
  desired: Desired,
  ports: TransactionPorts,
  options: ApplyOptions,
): Promise<Outcome> => {
  const { world } = ports;
  if (world === undefined)
    throw new NetreconError('NR_USAGE', 'other namespaces cannot be reached from a private one', {
      hint: 'leave out --sandbox, or the section "namespaces"',
    });
  const { protocolName, allowMassDelete } = options;
  const names = namesOf(desired, ports.records.read());
  const { renamesUp } = ports.kernel;
  const planOptions = { protocolName, renamesUp, ...(allowMassDelete === undefined ? {} : { allowMassDelete }) };
  const asksForNexthops = [desired, ...(desired.namespaces ?? []).map((one) => one.desired)].some(
    ({ nexthopObjects }) => nexthopObjects !== undefined,
  );
  const hasNexthops = !asksForNexthops || (await ports.kernel.hasNexthops());
  const look = async (chosen?: Desired): Promise<Ground> => {
    const view = await lookAtWorld(ports, world, names);
    const shared = chosen ?? shareInWorld(desired, view, { hasNexthops });
    return { desired: shared, view, plan: planWorld(shared, view, planOptions) };
  };
  const scene: Scene = { desired, ports, world, look };
  const review = ({ view, plan, desired: shared }: Ground): Ground => {
    requireExpectations(desired.expectations, view.root.state, plan.shown);
    const shown = ports.safeguards?.review?.(plan.shown, view.root.state) ?? plan.shown;
    return { desired: shared, view, plan: { ...plan, shown } };
  };
  let ground = review(await look());
  if (isEmpty(ground.plan)) return { status: 'unchanged', plan: ground.plan.shown };
  if (ground.plan.remove.length > 0 && ports.safeguards?.confirm !== undefined)
    throw new NetreconError('NR_USAGE', 'a plan that removes a namespace cannot wait for a confirmation', {
      hint: `what is in ${ground.plan.remove.join(', ')} cannot come back: apply that part without --confirm`,
    });
  let watch: WorldWatch | undefined;
  try {
    for (let questions = 1; ; questions++) {
      if (!(await ports.approve(ground.plan.shown))) return { status: 'declined', plan: ground.plan.shown };
      watch ??= watchWorld(ground.plan, ports, world);
      // what was shown must be what is done, however long the answer took
      const fresh = review(await settle(watch, scene));
      if (isEmpty(fresh.plan)) return { status: 'unchanged', plan: fresh.plan.shown };
      const isAsShown = isSamePlan(fresh.plan.shown, ground.plan.shown);
      ground = fresh;
      if (isAsShown) {
        if (ports.signal?.aborted === true) return { status: 'declined', plan: ground.plan.shown };
        checkKeys(ground.plan.shown);
        await checkKinds(ground.plan.shown, ports.kernel);
        await checkLabels(ground.plan.shown, ports.kernel);
        const outcome = await transact(ground, watch, scene);
        if (outcome !== undefined) return outcome;
      }
      if (questions >= MOST_QUESTIONS) throw unsettled();
    }
  } finally {
    watch?.close();
  }
};
