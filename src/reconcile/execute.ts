import type { Address } from '../model/address.ts';
import { isNetreconError } from '../model/errors.ts';
import { isLinkLocal } from '../model/ip.ts';
import type { KernelPort } from '../model/kernel-port.ts';
import type { KernelRefusal, Op } from '../model/op.ts';
import type { Failure, PlanStep } from './plan-types.ts';
import { batchSteps } from './send-order.ts';

/** What sending needs from outside. */
export interface ExecutionPorts {
  readonly kernel: KernelPort;
  readonly signal?: AbortSignal;
  /** told before each step is sent */
  readonly onStep?: (index: number, step: PlanStep) => void;
  /** resolves after that many milliseconds */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** told after each batch how many of the steps have been acknowledged */
  readonly onAcknowledged?: (steps: number) => void;
  /** asked before and after each batch; a failure stops the transaction (another program is at work on the same) */
  readonly interfered?: () => Failure | undefined;
}

/** Duplicate address detection takes about a second; the kernel refuses routes with such a source until it is over. */
const DAD_POLL_MS = 50;
const DAD_POLLS = 100;

/** A link that has come up has its carrier a moment later: at once where it is virtual, after seconds where it is hardware. */
const CARRIER_POLL_MS = 50;
const CARRIER_POLLS = 100;

/** One line for people: the step, the kernel's errno and words, the attribute. */
const refusalText = (title: string, { name, message, attribute }: KernelRefusal): string =>
  `${title}: ${name}${message === undefined ? '' : ` "${message}"`}${attribute === undefined ? '' : ` (${attribute})`}`;

const HINTS: Readonly<Record<string, string>> = {
  EPERM: 'changing the network needs CAP_NET_ADMIN in the namespace: run as root',
  EOPNOTSUPP:
    'this kernel does not support it (a kind of link or an option that it was not built with, or a change it does not allow)',
  EBUSY: 'something else holds the object',
  ENODEV: 'the link vanished after the plan was made',
  ENETDOWN: 'the kernel takes this only through a link that is up and has a carrier',
};

const refused = (step: PlanStep, refusal: KernelRefusal): Failure => ({
  cause: 'refused',
  message: refusalText(step.title, refusal),
  step,
  refusal,
  ...(HINTS[refusal.name] === undefined ? {} : { hint: HINTS[refusal.name] }),
});

/** IPv6 source addresses that this operation relies on. */
const sourceOf = (op: Op): string | undefined =>
  op.kind === 'route' && op.action !== 'delete' && op.object.family === 'inet6' ? op.object.src : undefined;

/**
 * A deletion of what is not there has nothing to do. That it went by itself can be a cascade no model predicts (a bridge
 * that loses its carrier forgets its proxy entries); that nothing else is amiss is for the verification to show.
 */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EADDRNOTAVAIL', 'ENODEV']);

/**
 * A forwarding entry without a VLAN goes into every VLAN of its port, and a tunnel that comes up gets a link-local address
 * for each IPv4 address of the host (addrconf_sit_config): those are there when their turn comes.
 */
const isMadeAlready = (op: Op, { name }: KernelRefusal): boolean => {
  if (op.action !== 'create' || name !== 'EEXIST') return false;
  if (op.kind === 'address') return isLinkLocal(op.object.address);
  return op.kind === 'neighbor' && op.object.type === 'fdb';
};

const isDoneAlready = (op: Op, refusal: KernelRefusal): boolean =>
  (op.action === 'delete' && GONE.has(refusal.name)) || isMadeAlready(op, refusal);

export const INTERRUPTED: Failure = { cause: 'interrupted', message: 'interrupted by a signal' };

const waitForAddress = async (ports: ExecutionPorts, source: string, step: PlanStep): Promise<Failure | undefined> => {
  for (let poll = 0; poll < DAD_POLLS; poll++) {
    const { address } = await ports.kernel.dump({ kinds: ['address'] });
    const found: Address | undefined = address.find((a) => a.address === source);
    if (found?.dadfailed === true) {
      return {
        cause: 'duplicate',
        message: `${step.title}: its source ${source} is a duplicate on the network (dadfailed)`,
        step,
      };
    }
    if (found?.tentative !== true) return undefined;
    if (ports.signal?.aborted === true) return INTERRUPTED;
    await ports.sleep(DAD_POLL_MS);
  }
  return {
    cause: 'ignored',
    message: `${step.title}: its source ${source} is still tentative after ${(DAD_POLLS * DAD_POLL_MS) / 1000} s`,
    step,
  };
};

/** nexthop.c rtm_to_nh_config: no nexthop object through a link without carrier. */
const deviceOf = (op: Op, { name }: KernelRefusal): string | undefined =>
  op.kind === 'nexthop' && name === 'ENETDOWN' ? op.object.dev : undefined;

/** Whether a link gets its carrier within a few seconds. */
const waitForCarrier = async ({ kernel, signal, sleep }: ExecutionPorts, dev: string): Promise<boolean> => {
  for (let poll = 0; poll < CARRIER_POLLS && signal?.aborted !== true; poll++) {
    const { link } = await kernel.dump({ kinds: ['link'] });
    if (link.find(({ name }) => name === dev)?.carrier === true) return true;
    await sleep(CARRIER_POLL_MS);
  }
  return false;
};

/**
 * Sends the steps in order (large bundles of independent ones in an order of their own, see batchSteps) and stops at the
 * first that the kernel refuses; independent ones that were in flight behind it may have been carried out.
 * @returns the failure, or undefined when every step was acknowledged; `warnings` are texts of the kernel to successes
 */
export const executeSteps = async (
  steps: readonly PlanStep[],
  ports: ExecutionPorts,
): Promise<{ readonly failure?: Failure; readonly warnings: readonly string[] }> => {
  const warnings: string[] = [];
  let done = 0;
  for (const { indexes, independent } of batchSteps(steps, ({ op }) => sourceOf(op) !== undefined)) {
    if (ports.signal?.aborted === true) return { failure: INTERRUPTED, warnings };
    const interference = ports.interfered?.();
    if (interference !== undefined) return { failure: interference, warnings };
    const batch = indexes.map((index) => steps[index] as PlanStep);
    const source = sourceOf((batch[0] as PlanStep).op);
    try {
      const waited = source === undefined ? undefined : await waitForAddress(ports, source, batch[0] as PlanStep);
      if (waited !== undefined) return { failure: waited, warnings };
      if (ports.onStep !== undefined) for (const [i, step] of batch.entries()) ports.onStep(indexes[i] as number, step);
      const waitedFor = new Set<PlanStep>();
      for (let sent = 0; sent < batch.length; ) {
        const ops = batch.slice(sent).map(({ op }) => op);
        const results = await ports.kernel.send(ops, { pipeline: independent });
        for (const [i, result] of results.entries()) {
          const step = batch[sent + i] as PlanStep;
          if (result.ok) {
            if (result.warning !== undefined) warnings.push(`${step.title}: ${result.warning}`);
          } else if (!isDoneAlready(step.op, result.error)) {
            const dev = waitedFor.has(step) ? undefined : deviceOf(step.op, result.error);
            if (dev !== undefined && (await waitForCarrier(ports, dev))) {
              waitedFor.add(step);
              sent -= results.length - i;
              break;
            }
            ports.onAcknowledged?.(done + sent + i);
            // a refusal may be another program's doing, who was there first
            return { failure: ports.interfered?.() ?? refused(step, result.error), warnings };
          }
        }
        // sending ends at a refusal: what is behind a tolerated one is still to be sent
        sent += results.length;
      }
      done += batch.length;
      ports.onAcknowledged?.(done);
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      return {
        failure: {
          cause: 'transport',
          message: error.message,
          step: batch[0] as PlanStep,
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        },
        warnings,
      };
    }
  }
  const interference = steps.length === 0 ? undefined : ports.interfered?.();
  return interference === undefined ? { warnings } : { failure: interference, warnings };
};
