import type { OpOf, OpResult } from '../../model/op.ts';
import { countRows } from '../../model/prefix-columns.ts';
import { type BulkAnswer, type RouteBulk, routeOpAt } from '../../model/route-bulk.ts';
import { placesAt } from '../../model/route-list.ts';
import { titleOf } from '../plan/describe-plan.ts';
import type { PlanBulk, PlanStep } from '../plan/plan-types.ts';
import { type ExecutionPorts, type Run, whatHalts } from './execution-ports.ts';
import { isDoneAlready, refused } from './failures.ts';
import type { Failure } from './outcome.ts';
import { MOST_IN_BULK, strideOrder } from './send-order.ts';

/** As `KernelPort.sendRoutes`, by `send`. */
const sendOneByOne = async (
  { kernel, echoes }: ExecutionPorts,
  routes: RouteBulk,
  rows: Uint32Array,
): Promise<BulkAnswer> => {
  const ops = Array.from(rows, (row) => routeOpAt(routes, row));
  const results = await kernel.send(ops, { pipeline: true, echo: echoes !== undefined });
  const isTold = (result: OpResult): boolean => !result.ok || result.warning !== undefined;
  return {
    sent: results.length,
    told: results.flatMap((result, at) => (isTold(result) ? { at, result } : [])),
    echoes: results.flatMap((result, at) =>
      result.ok && result.echo !== undefined ? { at, echo: result.echo, count: 1 } : [],
    ),
  };
};

/** The step that a row stands for, with its own place in the files. */
const stepOf = ({ columns, list }: PlanBulk, row: number, op: OpOf<'route'>): PlanStep => {
  const step = { op, title: titleOf(op), cascades: [] };
  if (list === undefined) return step;
  const { source, fields } = placesAt(list, columns.line[row] as number, op.object.to.length);
  const changed = (op.fields ?? []).find((name) => fields[name] !== undefined);
  return { ...step, source: changed === undefined ? source : (fields[changed] ?? source) };
};

/**
 * Strides are for the trie of IPv4. Ascending is best where routes are replaced in their places, and for the tree of IPv6,
 * whose nodes never change their size (ip6_fib.c fib6_add_1): neighbors are then at hand.
 */
const orderOf = ({ columns }: PlanBulk, { op }: PlanStep): Uint32Array =>
  op.action === 'update' || columns.words === 4
    ? Uint32Array.from(columns.line, (_, row) => row)
    : strideOrder(countRows(columns));

/** Sends the operations of a bulk, part by part, and stops behind the part in which one is refused. */
export const sendBulk = async (
  bulk: PlanBulk,
  like: PlanStep,
  run: Run,
  ports: ExecutionPorts,
): Promise<Failure | undefined> => {
  const routes: RouteBulk = { ...bulk.columns, like: like.op as OpOf<'route'> };
  const order = orderOf(bulk, like);
  for (let from = 0; from < order.length; ) {
    const halt = whatHalts(ports);
    if (halt !== undefined) return halt;
    const rows = order.subarray(from, from + MOST_IN_BULK);
    ports.onRoutes?.({ bulk, like, rows });
    const options = { echo: ports.echoes !== undefined };
    const {
      sent,
      told,
      echoes = [],
    } = await (ports.kernel.sendRoutes?.(routes, rows, options) ?? sendOneByOne(ports, routes, rows));
    for (const { at, echo, count } of echoes) ports.echoes?.note(routeOpAt(routes, rows[at] as number), echo, count);
    for (const { at, result } of told) {
      const row = rows[at] as number;
      const op = routeOpAt(routes, row);
      if (result.ok) run.warnings.push(`${titleOf(op)}: ${result.warning}`);
      else if (!isDoneAlready(op, result.error)) {
        ports.onAcknowledged?.(run.done + at);
        return ports.interfered?.() ?? refused(stepOf(bulk, row, op), result.error);
      }
    }
    run.done += sent;
    ports.onAcknowledged?.(run.done);
    from += sent;
  }
  return undefined;
};
