import { type Diagnostic, NetreconError } from '../../model/errors.ts';
import type { Ref } from '../../model/kind.ts';
import type { State } from '../../model/state.ts';
import type { NamespaceChange, Plan } from '../plan/plan-types.ts';
import { RECORD_VERSION, type TransactionRecord, type WorldRecord } from '../transaction/record.ts';
import { planRestore } from '../transaction/rollback.ts';
import type { TransactionPorts } from '../transaction/transaction-ports.ts';
import { mergePlans, placePlan, type WorldPart } from './merge-plans.ts';
import { isStrangers, openMade, type WorldPort } from './world-port.ts';
import { rollBackWorld, type WorldRollback } from './world-undo.ts';

/** The record of a transaction over several namespaces. */
export type WorldTransactionRecord = TransactionRecord & { readonly world: WorldRecord };

export const isWorldRecord = (transaction: TransactionRecord): transaction is WorldTransactionRecord =>
  transaction.world !== undefined;

type Ports = Pick<TransactionPorts, 'kernel' | 'records' | 'world'>;

const worldOf = ({ world }: Ports): WorldPort => {
  if (world !== undefined) return world;
  throw new NetreconError('NR_USAGE', 'other namespaces cannot be reached from a private one');
};

/** The state once links that have gone to other namespaces are back, as far as the plan is about them. */
const withReturned = (now: State, before: State, touched: readonly Ref[]): State => {
  const present = new Set(now.link.map(({ name }) => name));
  const slots = new Set(touched.flatMap(({ kind, slot }) => (kind === 'link' ? [slot] : [])));
  const returned = before.link.filter(({ kind, name }) => kind === undefined && slots.has(name) && !present.has(name));
  return { ...now, link: [...now.link, ...returned] };
};

const strangerWarning = (name: string): Diagnostic => ({
  code: 'NR_STRANGER',
  severity: 'warning',
  message: `namespace ${name} is not the one that the apply made, and stays as it is`,
});

/** What a reversion would do, as far as it can be told before links are back where they belong. */
export const planWorldReversion = async (transaction: WorldTransactionRecord, ports: Ports): Promise<Plan> => {
  const { before, touched, world: record } = transaction;
  const { kernel } = ports;
  const world = worldOf(ports);
  const parts: WorldPart[] = [
    {
      netns: undefined,
      plan: planRestore(before, withReturned(await kernel.dump(), before, touched), touched, kernel),
    },
  ];
  const changes: NamespaceChange[] = [];
  const warnings: Diagnostic[] = [];
  for (const one of record.namespaces) {
    const { name, fate, ...was } = one;
    if (fate === 'made' && isStrangers(world, one)) warnings.push(strangerWarning(name));
    const port = fate === 'made' ? openMade(world, one) : world.open(name);
    if (fate === 'made' && port !== undefined) changes.push({ name, action: 'delete', reason: 'prune' });
    if (fate === 'removed' && port === undefined) changes.push({ name, action: 'create', reason: 'declared' });
    if (fate === 'made' || port === undefined) continue;
    const now = await port.kernel.dump();
    parts.push({ netns: name, plan: placePlan(name, planRestore(was.before, now, was.touched, port.kernel)) });
  }
  const plan = mergePlans(parts, changes);
  return { ...plan, warnings: [...plan.warnings, ...warnings] };
};

/** What was done stays: the other namespaces are nobody's part any more. */
export const releaseNamespaces = ({ world: { namespaces } }: WorldTransactionRecord, world: WorldPort): void => {
  for (const { name } of namespaces) {
    const records = world.open(name)?.records;
    const { partOf: _, ...record } = records?.read() ?? { version: RECORD_VERSION, owned: [] };
    records?.write(record);
  }
};

/** Puts everything back, and says so in the record of every namespace; the one at hand comes last, for it is the one that counts. */
export const revertWorld = async (
  transaction: WorldTransactionRecord,
  ports: TransactionPorts,
): Promise<WorldRollback> => {
  const { before, touched, ownedBefore, confirmation: _, world: record, ...rest } = transaction;
  const world = worldOf(ports);
  const result = await rollBackWorld({ root: { before, touched }, ...record }, ports, world, ports);
  const current = ports.records.read();
  const names = result.done ? record.ownedBefore : (current?.namespaces ?? []);
  if (result.done) {
    for (const { name, fate, ownedBefore: owned } of record.namespaces)
      if (fate !== 'made') world.open(name)?.records.write({ version: RECORD_VERSION, owned });
  }
  const owned: readonly Ref[] = result.done ? ownedBefore : (current?.owned ?? []);
  ports.records.write({
    version: RECORD_VERSION,
    owned,
    ...(names.length === 0 ? {} : { namespaces: names }),
    transaction: {
      ...rest,
      before,
      touched,
      ownedBefore,
      world: record,
      phase: result.done ? 'rolledBack' : 'incomplete',
    },
  });
  return result;
};
