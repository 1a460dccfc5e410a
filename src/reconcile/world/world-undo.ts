import { isNetreconError } from '../../model/errors.ts';
import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { type AnyObject, emptyState, KIND_NAMES, type State } from '../../model/state.ts';
import { describePlan } from '../plan/describe-plan.ts';
import type { NamespaceChange, Plan } from '../plan/plan-types.ts';
import { executeSteps } from '../transaction/execute.ts';
import type { ExecutionPorts } from '../transaction/execution-ports.ts';
import type { Failure } from '../transaction/outcome.ts';
import type { PairEnds, WorldRecord } from '../transaction/record.ts';
import { rollBack } from '../transaction/rollback.ts';
import { mergePlans, placePlan, type WorldPart } from './merge-plans.ts';
import type { ScopeName } from './world.ts';
import { isStrangers, openMade, type ScopePort, type WorldPort } from './world-port.ts';

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
      const object = { ...there, index: was.index, netns: AT_HAND };
      const op = { kind: 'link', action: 'update', stage: 'netns', fields: ['netns'], object, before: there } as const;
      const failure = await sendLink(port, op, `move link ${was.name} back from netns ${netns}`, ports);
      if (failure !== undefined) failures.push(failure);
    }
  }
  return failures;
};

interface Remade {
  /** ends that are there again, bare: all of them is to be put back */
  readonly ends: readonly { readonly netns: ScopeName; readonly name: string }[];
  readonly failures: readonly Failure[];
}

/** Pairs that have gone are made anew with their old indexes; the rollback of each namespace then does the rest. */
const remakePairs = async (
  pairs: readonly PairEnds[],
  scopes: readonly OpenScope[],
  ports: Omit<ExecutionPorts, 'kernel'>,
): Promise<Remade> => {
  const failures: Failure[] = [];
  const ends: Remade['ends'][number][] = [];
  const scopeOf = (netns: ScopeName) => scopes.find((scope) => scope.netns === netns);
  for (const { netns, name, farNetns, farName } of pairs) {
    const [here, there] = [scopeOf(netns), scopeOf(farNetns)];
    const was = linkNamed(here?.before ?? emptyState(), name);
    const farWas = linkNamed(there?.before ?? emptyState(), farName);
    if (here === undefined || there === undefined || was === undefined || farWas === undefined) continue;
    const [now, farNow] = await Promise.all([here, there].map(({ port }) => port.kernel.dump({ kinds: ['link'] })));
    if (linkNamed(now as State, name) !== undefined || linkNamed(farNow as State, farName) !== undefined) continue;
    const { lladdr, mtu, numtxqueues, numrxqueues, index } = was;
    const asked = { name, index, kind: 'veth', lladdr, mtu, numtxqueues, numrxqueues } as Link;
    const object: Link = { ...asked, farEnd: { name: farName, netns: farNetns, index: farWas.index } };
    const failure = await sendLink(here.port, { kind: 'link', action: 'create', object }, `create link ${name}`, ports);
    if (failure === undefined) ends.push({ netns, name }, { netns: farNetns, name: farName });
    else failures.push(failure);
  }
  return { ends, failures };
};

/** Everything in a state that is not the kernel's own: of a namespace that has to be filled again. */
const refsOf = (state: State): readonly Ref[] =>
  KIND_NAMES.flatMap((kind) => {
    const { slot, isKernels } = kindOf(kind);
    const objects = state[kind] as readonly AnyObject[];
    return objects.filter((object) => !isKernels(object)).map((object): Ref => ({ kind, slot: slot(object) }));
  });

/** In an empty namespace the index that the second end of a pair had may be given to the first. */
const askingForPeers = (state: State): State => {
  const indexes = new Map(state.link.map(({ name, index }) => [name, index]));
  const link = state.link.map((one): Link => {
    const peerIndex = one.kind === 'veth' ? indexes.get(String(one.options?.peer)) : undefined;
    return peerIndex === undefined ? one : { ...one, options: { ...one.options, peerIndex } };
  });
  return { ...state, link };
};

/** The namespaces that are there; one that the transaction removed is made anew, to be filled again. */
const openScopes = ({ root, namespaces }: WorldUndo, rootPort: ScopePort, world: WorldPort): readonly OpenScope[] => [
  { netns: undefined, port: rootPort, ...root },
  ...namespaces.flatMap(({ name, fate, identity, before, touched }): readonly OpenScope[] => {
    const port = fate === 'made' ? openMade(world, { name, identity }) : world.open(name);
    if (port !== undefined) return [{ netns: name, port, before, touched }];
    if (fate !== 'removed') return [];
    return [
      {
        netns: name,
        port: world.create(name, () => undefined),
        before: askingForPeers(before),
        touched: refsOf(before),
      },
    ];
  }),
];

/** What goes wrong in one namespace must not keep the others from being put back. */
const tryRollBack = async (
  before: State,
  touched: readonly Ref[],
  ports: ExecutionPorts,
): ReturnType<typeof rollBack> => {
  try {
    return await rollBack(before, { touched }, ports);
  } catch (error) {
    if (!isNetreconError(error)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    const failure: Failure = { cause: 'transport', message: error.message, ...hint };
    return { done: false, remaining: describePlan([], [], []), failures: [failure] };
  }
};

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
  const scopes = openScopes(undo, rootPort, world);
  const [root, ...others] = scopes as readonly [OpenScope, ...OpenScope[]];
  const failures = [...(await returnLinks(root, others, rest))];
  const remade = await remakePairs(undo.pairs, scopes, rest);
  failures.push(...remade.failures);
  const remaining: WorldPart[] = [];
  for (const { netns, port, before, touched } of scopes.toReversed()) {
    const bare = remade.ends
      .filter((end) => end.netns === netns)
      .map(({ name }): Ref => ({ kind: 'link', slot: name }));
    const result = await tryRollBack(before, [...touched, ...bare], { ...rest, kernel: port.kernel });
    if (result.done) continue;
    remaining.push({ netns, plan: placePlan(netns, result.remaining) });
    failures.push(...result.failures);
  }
  const made = undo.namespaces.filter(({ fate }) => fate === 'made');
  const staying: NamespaceChange[] = [];
  for (const one of made) {
    const netns = one.name;
    if (one.identity === undefined || isStrangers(world, one)) continue;
    try {
      world.remove(netns);
    } catch (error) {
      if (!isNetreconError(error)) throw error;
      failures.push({ cause: 'refused', message: `delete netns ${netns}: ${error.message}` });
      staying.push({ name: netns, action: 'delete', reason: 'prune' });
    }
  }
  const left = remaining.filter(({ netns }) => netns === undefined || !made.some(({ name }) => name === netns));
  if (left.length + staying.length === 0) return { done: true };
  return { done: false, remaining: mergePlans(left, staying), failures };
};
