import type { Address } from '../../model/address.ts';
import type { KernelRefusal, Op, OpOf } from '../../model/op.ts';
import type { Plan, PlanStep } from '../plan/plan-types.ts';
import { sendBulk } from './execute-bulk.ts';
import { type ExecutionPorts, type Run, whatHalts } from './execution-ports.ts';
import { guardTransport, INTERRUPTED, isDoneAlready, refused } from './failures.ts';
import type { Failure } from './outcome.ts';
import { type Batch, batchSteps } from './send-order.ts';

/** Duplicate address detection takes about a second; the kernel refuses routes with such a source until it is over. */
const DAD_POLL_MS = 50;
const DAD_POLLS = 100;

/** A link that has come up has its carrier a moment later: at once where it is virtual, after seconds where it is hardware. */
const CARRIER_POLL_MS = 50;
const CARRIER_POLLS = 100;

/** IPv6 source addresses that this operation relies on. */
const sourceOf = (op: Op): string | undefined =>
  op.kind === 'route' && op.action !== 'delete' && op.object.family === 'inet6' ? op.object.src : undefined;

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

const sendBatch = async (
  { indexes, independent }: Batch,
  steps: readonly PlanStep[],
  run: Run,
  ports: ExecutionPorts,
): Promise<Failure | undefined> => {
  const batch = indexes.map((index) => steps[index] as PlanStep);
  const source = sourceOf((batch[0] as PlanStep).op);
  const waited = source === undefined ? undefined : await waitForAddress(ports, source, batch[0] as PlanStep);
  if (waited !== undefined) return waited;
  if (ports.onStep !== undefined) for (const [i, step] of batch.entries()) ports.onStep(indexes[i] as number, step);
  const waitedFor = new Set<PlanStep>();
  for (let sent = 0; sent < batch.length; ) {
    const ops = batch.slice(sent).map(({ op }) => op);
    const results = await ports.kernel.send(ops, { pipeline: independent, echo: ports.echoes !== undefined });
    for (const [i, result] of results.entries()) {
      const step = batch[sent + i] as PlanStep;
      if (result.ok) {
        if (result.warning !== undefined) run.warnings.push(`${step.title}: ${result.warning}`);
        if (result.echo !== undefined) ports.echoes?.note(step.op as OpOf<'route'>, result.echo);
      } else if (!isDoneAlready(step.op, result.error)) {
        const dev = waitedFor.has(step) ? undefined : deviceOf(step.op, result.error);
        if (dev !== undefined && (await waitForCarrier(ports, dev))) {
          waitedFor.add(step);
          sent -= results.length - i;
          break;
        }
        ports.onAcknowledged?.(run.done + sent + i);
        // a refusal may be another program's doing, who was there first
        return ports.interfered?.() ?? refused(step, result.error);
      }
    }
    // sending ends at a refusal: what is behind a tolerated one is still to be sent
    sent += results.length;
  }
  run.done += batch.length;
  ports.onAcknowledged?.(run.done);
  return undefined;
};

/**
 * Sends the steps in order (large bundles of independent ones in an order of their own, see batchSteps), bulks behind the
 * bundle of the step that they are like, and stops at the first that the kernel refuses; independent ones that were in flight
 * behind it may have been carried out.
 * @returns the failure, or undefined when every step was acknowledged; `warnings` are texts of the kernel to successes
 */
export const executeSteps = async (
  { steps, bulks = [] }: Pick<Plan, 'steps' | 'bulks'>,
  ports: ExecutionPorts,
): Promise<{ readonly failure?: Failure; readonly warnings: readonly string[] }> => {
  const run: Run = { done: 0, warnings: [] };
  const { warnings } = run;
  for (const batch of batchSteps(steps, bulks, ({ op }) => sourceOf(op) !== undefined)) {
    const halt = whatHalts(ports);
    if (halt !== undefined) return { failure: halt, warnings };
    const [first] = batch.indexes;
    const failure =
      first === undefined
        ? undefined
        : await guardTransport(steps[first] as PlanStep, () => sendBatch(batch, steps, run, ports));
    if (failure !== undefined) return { failure, warnings };
    for (const bulk of batch.bulks ?? []) {
      const like = steps[bulk.like] as PlanStep;
      const failed = await guardTransport(like, () => sendBulk(bulk, like, run, ports));
      if (failed !== undefined) return { failure: failed, warnings };
    }
  }
  const interference = steps.length === 0 ? undefined : ports.interfered?.();
  return interference === undefined ? { warnings } : { failure: interference, warnings };
};
