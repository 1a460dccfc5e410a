import type { Ref } from '../../model/kind.ts';
import type { Link } from '../../model/link.ts';
import { emptyState, type State } from '../../model/state.ts';

import { executeSteps } from '../execute.ts';
import type { ExecutionPorts } from '../execution-ports.ts';
import type { Failure, Plan } from '../plan-types.ts';
import type { PairEnds, WorldRecord } from '../record.ts';
import { rollBack } from '../rollback.ts';
import { mergePlans, placePlan, type WorldPart } from './merge-plans.ts';
import type { ScopeName } from './world.ts';
import type { ScopePort, WorldPort } from './world-port.ts';

/** The name by which operations that are sent elsewhere call the namespace at hand. */
export const AT_HAND = '';

/** A namespace as it was, and what has been done to it. */
export interface ScopeUndo {
  readonly before: State;
  readonly touched: readonly Ref[];
}

/** All that a rollback over several namespaces has to know. */
export interface WorldUndo extends WorldRecord {
  readonly root: ScopeUndo;
}

/** What such a rollback came to. */
export type WorldRollback =
  | { readonly done: true }
  | { readonly done: false; readonly remaining: Plan; readonly failures: readonly Failure[] };

interface OpenScope extends ScopeUndo {
  readonly netns: ScopeName;
  readonly port: ScopePort;
}

const linkNamed = ({ link: links }: State, name: string): Link | undefined => links.find((link) => link.name === name);

const sendLink = async (
  port: ScopePort,
  op: WorldPart['plan']['steps'][number]['op'],
  title: string,
  ports: Omit<ExecutionPorts, 'kernel'>,
): Promise<Failure | undefined> => {
  const { failure } = await executeSteps({ steps: [{ op, title, cascades: [] }] }, { ...ports, kernel: port.kernel });
  return failure;
};

/** Links of the namespace at hand that were moved to another one come back. */
const returnLinks = async (
  root: OpenScope,
  others: readonly OpenScope[],
  ports: Omit<ExecutionPorts, 'kernel'>,
): Promise<readonly Failure[]> => {
  const failures: Failure[] = [];
  const { link: now } = await root.port.kernel.dump({ kinds: ['link'] });
  const present = new Set(now.map(({ name }) => name));
  const touched = new Set(root.touched.flatMap(({ kind, slot }) => (kind === 'link' ? [slot] : [])));
  const missing = root.before.link.filter(({ name }) => touched.has(name) && !present.has(name));
  for (const was of missing) {
    for (const { port, before, netns } of others) {
      if (linkNamed(before, was.name) !== undefined) continue;
      const there = linkNamed(await port.kernel.dump({ kinds: ['link'] }), was.name);
      if (there === undefined || there.kind !== was.kind) continue;
      const object = { ...there, netns: AT_HAND };
      const op = { kind: 'link', action: 'update', stage: 'netns', fields: ['netns'], object, before: there } as const;
      const failure = await sendLink(port, op, `move link ${was.name} back from netns ${netns}`, ports);
      if (failure !== undefined) failures.push(failure);
    }
  }
  return failures;
};

/** Pairs that have gone are made anew with their old indexes; the rollback of each namespace then does the rest. */
const remakePairs = async (
  pairs: readonly PairEnds[],
  scopes: readonly OpenScope[],
  ports: Omit<ExecutionPorts, 'kernel'>,
): Promise<readonly Failure[]> => {
  const failures: Failure[] = [];
  const scopeOf = (netns: ScopeName) => scopes.find((scope) => scope.netns === netns);
  for (const { netns, name, farNetns, farName } of pairs) {
    const [here, there] = [scopeOf(netns), scopeOf(farNetns)];
    const [was, farWas] = [
      linkNamed(here?.before ?? emptyState(), name),
      linkNamed(there?.before ?? emptyState(), farName),
    ];
    if (here === undefined || there === undefined || was === undefined || farWas === undefined) continue;
    const [now, farNow] = await Promise.all([here, there].map(({ port }) => port.kernel.dump({ kinds: ['link'] })));
    if (linkNamed(now as State, name) !== undefined || linkNamed(farNow as State, farName) !== undefined) continue;
    const { lladdr, mtu, numtxqueues, numrxqueues, index } = was;
    const asked = { name, index, kind: 'veth', lladdr, mtu, numtxqueues, numrxqueues } as Link;
    const object: Link = { ...asked, farEnd: { name: farName, netns: farNetns, index: farWas.index } };
    const failure = await sendLink(here.port, { kind: 'link', action: 'create', object }, `create link ${name}`, ports);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
};

/** Brings the name of a namespace to what it was; what is in it follows. */
const openScopes = (
  { root, namespaces }: WorldUndo,
  rootPort: ScopePort,
  world: WorldPort,
): { readonly scopes: readonly OpenScope[] } => ({
  scopes: [
    { netns: undefined, port: rootPort, ...root },
    ...namespaces.flatMap(({ name, fate, before, touched }): readonly OpenScope[] => {
      const port = world.open(name) ?? (fate === 'removed' ? world.create(name) : undefined);
      return port === undefined ? [] : [{ netns: name, port, before, touched }];
    }),
  ],
});

/**
 * Puts back what a transaction touched in all its namespaces, the last one first, and takes away those that it made.
 * @throws {NetreconError} where a namespace cannot be opened
 */
export const rollBackWorld = async (
  undo: WorldUndo,
  rootPort: ScopePort,
  world: WorldPort,
  ports: Omit<ExecutionPorts, 'kernel'>,
): Promise<WorldRollback> => {
  const { signal: _, onAcknowledged: __, interfered: ___, ...rest } = ports;
  const { scopes } = openScopes(undo, rootPort, world);
  const [root, ...others] = scopes as readonly [OpenScope, ...OpenScope[]];
  const failures = [...(await returnLinks(root, others, rest)), ...(await remakePairs(undo.pairs, scopes, rest))];
  const remaining: WorldPart[] = [];
  for (const { netns, port, before, touched } of scopes.toReversed()) {
    const result = await rollBack(before, { touched }, { ...rest, kernel: port.kernel });
    if (result.done) continue;
    remaining.push({ netns, plan: placePlan(netns, result.remaining) });
    failures.push(...result.failures);
  }
  const made = new Set(undo.namespaces.flatMap(({ name, fate }) => (fate === 'made' ? [name] : [])));
  for (const { netns } of others) if (netns !== undefined && made.has(netns)) world.remove(netns);
  const left = remaining.filter(({ netns }) => netns === undefined || !made.has(netns));
  return left.length === 0 ? { done: true } : { done: false, remaining: mergePlans(left, []), failures };
};
