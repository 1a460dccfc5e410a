import type { Address } from '../model/address.ts';
import { isNetreconError } from '../model/errors.ts';
import type { KernelPort } from '../model/kernel-port.ts';
import type { KernelRefusal, Op } from '../model/op.ts';
import type { Failure, PlanStep } from './plan-types.ts';

/** What sending needs from outside. */
export interface ExecutionPorts {
  readonly kernel: KernelPort;
  readonly signal?: AbortSignal;
  /** told before each step is sent */
  readonly onStep?: (index: number, step: PlanStep) => void;
  /** resolves after that many milliseconds */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** As many as one turn sends before it looks whether it was interrupted. */
const MOST_AT_ONCE = 256;

/** Duplicate address detection takes about a second; the kernel refuses routes with such a source until it is over. */
const DAD_POLL_MS = 50;
const DAD_POLLS = 100;

/** One line for people: the step, the kernel's errno and words, the attribute. */
const refusalText = (title: string, { name, message, attribute }: KernelRefusal): string =>
  `${title}: ${name}${message === undefined ? '' : ` "${message}"`}${attribute === undefined ? '' : ` (${attribute})`}`;

const HINTS: Readonly<Record<string, string>> = {
  EPERM: 'changing the network needs CAP_NET_ADMIN in the namespace: run as root',
  EOPNOTSUPP:
    'this kernel does not support it (a kind of link or an option that it was not built with, or a change it does not allow)',
  EBUSY: 'something else holds the object',
  ENODEV: 'the link vanished after the plan was made',
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

/** A forwarding entry without a VLAN goes into every VLAN of its port: those entries are there when their turn comes. */
const isMadeAlready = (op: Op, { name }: KernelRefusal): boolean =>
  op.action === 'create' && op.kind === 'neighbor' && op.object.type === 'fdb' && name === 'EEXIST';

const isDoneAlready = (op: Op, refusal: KernelRefusal): boolean =>
  (op.action === 'delete' && GONE.has(refusal.name)) || isMadeAlready(op, refusal);

export const INTERRUPTED: Failure = { cause: 'interrupted', message: 'interrupted by a signal' };

const waitForAddress = async (ports: ExecutionPorts, source: string, step: PlanStep): Promise<Failure | undefined> => {
  for (let poll = 0; poll < DAD_POLLS; poll++) {
    const { address } = await ports.kernel.dump({ kinds: ['address'] });
    const found: Address | undefined = address.find((a) => a.address === source);
    if (found?.dadfailed === true) {
      return {
        cause: 'ignored',
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

/** How many steps from `start` on can be sent in one go. */
const runLength = (steps: readonly PlanStep[], start: number): number => {
  let end = start + 1;
  while (end < steps.length && end - start < MOST_AT_ONCE && sourceOf((steps[end] as PlanStep).op) === undefined) end++;
  return end - start;
};

/**
 * Sends the steps in order and stops at the first that the kernel refuses.
 * @returns the failure, or undefined when every step was acknowledged; `warnings` are texts of the kernel to successes
 */
export const executeSteps = async (
  steps: readonly PlanStep[],
  ports: ExecutionPorts,
): Promise<{ readonly failure?: Failure; readonly warnings: readonly string[] }> => {
  const warnings: string[] = [];
  for (let start = 0; start < steps.length; ) {
    if (ports.signal?.aborted === true) return { failure: INTERRUPTED, warnings };
    const first = steps[start] as PlanStep;
    const source = sourceOf(first.op);
    const run = steps.slice(start, start + runLength(steps, start));
    try {
      const waited = source === undefined ? undefined : await waitForAddress(ports, source, first);
      if (waited !== undefined) return { failure: waited, warnings };
      for (const [i, step] of run.entries()) ports.onStep?.(start + i, step);
      const results = await ports.kernel.send(run.map(({ op }) => op));
      for (const [i, result] of results.entries()) {
        const step = run[i] as PlanStep;
        if (result.ok) {
          if (result.warning !== undefined) warnings.push(`${step.title}: ${result.warning}`);
        } else if (!isDoneAlready(step.op, result.error)) return { failure: refused(step, result.error), warnings };
      }
      // sending ends at a refusal: what is behind a tolerated one is still to be sent
      start += results.length;
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      return {
        failure: {
          cause: 'transport',
          message: error.message,
          step: first,
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        },
        warnings,
      };
    }
  }
  return { warnings };
};
