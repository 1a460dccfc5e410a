import type { Desired } from '../../model/desired.ts';
import type { State } from '../../model/state.ts';
import { findRequester, readProc } from '../../netlink/attribution.ts';
import { WHOLE } from '../../reconcile/lists/survey-whole.ts';
import { findSessionRisks } from '../../reconcile/plan/management-path.ts';
import type { Plan } from '../../reconcile/plan/plan-types.ts';
import { unpackDesired } from '../../reconcile/saved/saved-desired.ts';
import type { SavedPlan } from '../../reconcile/saved/saved-plan.ts';
import { differencesSince } from '../../reconcile/saved/stale-plan.ts';
import { type Check, parseCheck, runChecks } from '../../reconcile/transaction/checks.ts';
import type { Outcome } from '../../reconcile/transaction/outcome.ts';
import { checkKeys } from '../../reconcile/transaction/preflight.ts';
import { applyDesired } from '../../reconcile/transaction/reconcile.ts';
import type { NamespaceRecord, RecordStore } from '../../reconcile/transaction/record.ts';
import { openTransaction, recover } from '../../reconcile/transaction/recover.ts';
import type { Safeguards, TransactionPorts } from '../../reconcile/transaction/transaction-ports.ts';
import { applyWorld } from '../../reconcile/world/apply-world.ts';
import { spansNamespaces } from '../../reconcile/world/world-port.ts';
import { APPLY_WORDS } from '../../report/outcome-text.ts';
import { bootTime } from '../boot-time.ts';
import { waitForConfirmation } from '../confirmation.ts';
import { type Context, requireFormat } from '../context.ts';
import { refuseDisruption, refuseLockout } from '../disruption.ts';
import { packKeys, withKeys } from '../guardian-keys.ts';
import { type Guardian, prepareGuardian } from '../guardian-process.ts';
import { type Host, readHostNames, withHost } from '../host.ts';
import { readDesired } from '../read-files.ts';
import { refusePending } from '../refuse-pending.ts';
import { attemptCheck } from '../run-check.ts';
import { readSavedPlan, StalePlanError } from '../saved-plan-file.ts';
import type { Interruption } from '../signals.ts';
import { findSshSession } from '../ssh-session.ts';
import { transact } from '../transact.ts';
import { UsageError } from '../usage-error.ts';

interface ApplyOptions {
  readonly yes?: boolean;
  readonly allowMassDelete?: boolean;
  readonly disruption: boolean;
  /** seconds */
  readonly confirm?: number;
  readonly check?: readonly string[];
  /** seconds */
  readonly checkTimeout: number;
  readonly force?: boolean;
  readonly plan?: string;
}

/** What is to be applied, and what it was planned for if it was planned before. */
interface Task {
  readonly desired: Desired;
  readonly allowMassDelete: boolean;
  readonly saved?: SavedPlan;
}

const checkUsage = (context: Context, files: readonly string[], { plan, confirm }: ApplyOptions): void => {
  if (plan !== undefined && files.length > 0)
    throw new UsageError('--plan takes no files: a saved plan holds what they said');
  if (plan === undefined && files.length === 0)
    throw new UsageError("missing required argument 'files'", 'name state files, or a saved plan with --plan');
  if (confirm !== undefined && context.options.sandbox === true)
    throw new UsageError('--confirm and --sandbox cannot go together', 'the sandbox goes with the command');
};

/**
 * What a killed apply left behind goes first: the state before it is the one that a rollback leads to. Asks nobody: it was
 * never meant to stay.
 * @returns the outcome where that did not work, else undefined
 */
const putBackLeftover = async (context: Context, ports: TransactionPorts): Promise<Outcome | undefined> => {
  const leftover = openTransaction(ports.records, bootTime());
  if (leftover === undefined) return undefined;
  const what = leftover.phase === 'unconfirmed' ? 'was not confirmed in time' : 'was cut off';
  context.say(`An earlier apply ${what}. What it changed is put back first.\n`);
  const { approve: _, onStep: __, ...rest } = ports;
  const outcome = await recover({ ...rest, approve: async () => true }, bootTime());
  return outcome.status === 'applied' || outcome.status === 'unchanged' ? undefined : outcome;
};

const readTask = async (context: Context, files: readonly string[], options: ApplyOptions): Promise<Task> => {
  if (options.plan !== undefined) {
    const saved = await readSavedPlan(options.plan);
    return { desired: unpackDesired(saved.desired), allowMassDelete: saved.allowMassDelete, saved };
  }
  const desired = await readDesired(context.process, files, readHostNames(), { keys: 'needed' });
  return { desired, allowMassDelete: options.allowMassDelete === true };
};

/** Adds what a plan does to the session that it is run from, and refuses it where it is not the one that was saved. */
const reviewer = (context: Context, { saved }: Task, { plan: path = '' }: ApplyOptions): Safeguards['review'] => {
  const session = findSshSession(context.process.env);
  return (plan: Plan, observed: State): Plan => {
    if (saved !== undefined) checkKeys(plan);
    const differences = saved === undefined ? [] : differencesSince(saved, plan, observed);
    if (differences.length > 0) throw new StalePlanError(path, differences);
    const risks = session === undefined ? [] : findSessionRisks(plan, observed, session);
    return risks.length === 0 ? plan : { ...plan, warnings: [...plan.warnings, ...risks] };
  };
};

/** What the reviewer asks about. */
const sessionPins = (context: Context): readonly string[] => {
  const session = findSshSession(context.process.env);
  return session === undefined ? [] : [session.client, session.server];
};

/** Enough of each sort of route to know what becomes of the others, and to show it: each costs as much as fifty in bulk. */
const SAMPLE = 100;

/** Only so many routes of a list are planned one by one; where every one is told of, the plan says where the others belong. */
const sampling = ({
  options: { format, verbose },
}: Context): { readonly sample: number; readonly laidOut: boolean } => ({
  sample: SAMPLE,
  laidOut: format !== 'text' || verbose > 0,
});

const namer = ({ kernel }: Host): ((portId: number) => string) => {
  const proc = readProc(kernel.inNamespace);
  return (portId) => {
    const found = findRequester(portId, proc);
    // a program that is called once for each change has ended by now
    return found === undefined ? `another program (netlink port ${portId})` : `${found.comm} (process ${found.pid})`;
  };
};

interface Guards {
  readonly checks: readonly Check[];
  readonly guardian: Guardian;
  readonly review: Safeguards['review'];
}

const safeguardsOf = (host: Host, ports: TransactionPorts, guards: Guards, options: ApplyOptions): Safeguards => {
  const { checks, guardian, review } = guards;
  return {
    ...(review === undefined ? {} : { review }),
    whoIs: namer(host),
    settleAddresses: true,
    check: async (withinMs = options.checkTimeout * 1000) =>
      checks.length === 0
        ? undefined
        : runChecks(checks, withinMs, {
            attempt: (check, leftMs) => attemptCheck(host.kernel, check, leftMs),
            sleep: ports.sleep,
            clock: () => performance.now(),
            ...(ports.signal === undefined ? {} : { signal: ports.signal }),
          }),
    ...(options.confirm === undefined
      ? {}
      : { confirm: { seconds: options.confirm, bootTime, startGuardian: guardian.start } }),
  };
};

/** Lets the guardian go to work, and waits with the user where there is one. */
const awaitConfirmation = async (
  context: Context,
  outcome: Outcome,
  host: Host,
  interruption: Interruption,
): Promise<number | undefined> => {
  const confirmation = outcome.status === 'applied' ? outcome.confirmation : undefined;
  if (confirmation === undefined) return undefined;
  const { stdin, stderr } = context.process;
  const isInteractive = stdin.isTTY === true && stderr.isTTY === true && context.options.format !== 'json';
  const unless = isInteractive ? 'you press Enter, or `netrecon confirm` comes' : '`netrecon confirm` comes';
  context.say(`It is reverted in ${confirmation.seconds} s unless ${unless} before that.\n`);
  return isInteractive ? waitForConfirmation(context, host, confirmation, interruption) : undefined;
};

/**
 * `netrecon apply FILE...`, `netrecon apply --plan PLAN`
 * @returns 0, 1, 3 or 4; 128 + signal where a signal came before anything was done, or the terminal of --confirm went away
 * @throws {NetreconError} among others NR_PLAN_STALE (exit status 5), NR_UNCONFIRMED (6)
 */
export const run = async (context: Context, files: readonly string[], options: ApplyOptions): Promise<number> => {
  requireFormat(context, ['text', 'json']);
  checkUsage(context, files, options);
  const checks = (options.check ?? []).map(parseCheck);
  // the namespace first: --sandbox may start the process again, and standard input can be read only once
  return withHost(context, async (host) => {
    const task = await readTask(context, files, options);
    const names = readHostNames();
    const guardian = prepareGuardian(context);
    // as it was written, the keys in it still whole
    let written: NamespaceRecord | undefined;
    const guards: Guards = { checks, guardian, review: reviewer(context, task, options) };
    const request = {
      command: options.plan === undefined ? `apply ${files.join(' ')}` : `apply --plan ${options.plan}`,
      question: 'Apply these changes?',
      words: APPLY_WORDS,
      // a saved plan has been looked at when it was made
      approved: options.yes === true || options.plan !== undefined,
      names,
      refuse: (plan: Plan) => {
        if (!options.disruption) refuseDisruption(plan);
        if (options.confirm === undefined && options.force !== true) refuseLockout(plan);
      },
      run: async (ports: TransactionPorts) => {
        refusePending(host);
        const watched: RecordStore = {
          ...ports.records,
          write: (record) => {
            written = record;
            ports.records.write(record);
          },
        };
        const leftover = await putBackLeftover(context, ports);
        // a saved plan is of one namespace
        const isOne = task.saved !== undefined || !spansNamespaces(task.desired, ports.records.read());
        const apply = isOne ? applyDesired : applyWorld;
        return (
          leftover ??
          apply(
            task.desired,
            { ...ports, records: watched, safeguards: safeguardsOf(host, ports, guards, options) },
            {
              protocolName: names.protocols.toName,
              allowMassDelete: task.allowMassDelete,
              pins: sessionPins(context),
              echoUse: 'cheaper',
              // a saved plan is one pass: it is compared with what was saved
              ...(task.saved === undefined ? sampling(context) : WHOLE),
            },
          )
        );
      },
      afterwards: (outcome: Outcome, interruption: Interruption) => {
        const keys = packKeys(written);
        guardian.release(keys);
        return awaitConfirmation(context, outcome, withKeys(host, keys), interruption);
      },
    };
    try {
      return await transact(context, request, host);
    } finally {
      guardian.release();
    }
  });
};
