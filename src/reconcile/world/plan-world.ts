import type { Desired } from '../../model/desired.ts';
import { ConfigError, type Diagnostic } from '../../model/errors.ts';
import type { Ref } from '../../model/kind.ts';
import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { type AnyObject, KIND_NAMES, type State } from '../../model/state.ts';
import type { GoalOptions } from '../plan/goal-desired.ts';
import { planDesired, predictState } from '../plan/plan.ts';
import type { NamespaceChange, Plan } from '../plan/plan-types.ts';
import { Problems } from '../plan/problems.ts';
import { stillThere } from '../transaction/transaction.ts';
import { type Arrival, type Crossing, findCrossings } from './crossings.ts';
import { Forecast } from './forecast.ts';
import { mergePlans, type WorldPart } from './merge-plans.ts';
import { findPairs } from './pairs.ts';
import { localWish, type Scope, type ScopeName, scopesOf, type WorldView } from './world.ts';

/** As many objects may go with namespaces that no file names any more; see checkMassDelete. */
const MOST_FORGOTTEN = 10;

export type WorldOptions = Omit<GoalOptions, 'owned' | 'aside'>;

/** What is to be done in several namespaces, as one transaction. */
export interface WorldPlan {
  /** all of it, for whoever reads it */
  readonly shown: Plan;
  /** in the order of sending; the steps of `shown` are theirs, one after the other */
  readonly parts: readonly WorldPart[];
  /** namespaces to be made first */
  readonly create: readonly string[];
  /** namespaces that go when everything else is done and verified */
  readonly remove: readonly string[];
  /** links that an operation of another namespace makes here, to be remembered as ours */
  readonly arrivals: readonly Arrival[];
  /** the other namespaces as they are */
  readonly before: ReadonlyMap<string, State>;
  /** for each namespace what is done in it alone, and the state that this starts from: links have come and gone by then */
  readonly local: ReadonlyMap<ScopeName, { readonly start: State; readonly plan: Plan }>;
}

/** What goes with a namespace, beside what the kernel puts into every one. */
const countContents = (state: State): number =>
  KIND_NAMES.reduce((sum, kind) => {
    const { isKernels } = kindOf(kind);
    const objects = state[kind] as readonly AnyObject[];
    const isOwn = (object: AnyObject) => isKernels(object) || (kind === 'link' && (object as Link).name === 'lo');
    return sum + objects.filter((object) => !isOwn(object)).length;
  }, 0);

const namespaceChanges = (desired: Desired, { namespaces, owned }: WorldView): readonly NamespaceChange[] => {
  const declared = desired.namespaces ?? [];
  const named = new Set(declared.map(({ name }) => name));
  const removal = (name: string, reason: 'absent' | 'prune'): NamespaceChange[] => {
    const view = namespaces.get(name);
    return view === undefined ? [] : [{ name, action: 'delete', reason, contents: countContents(view.state) }];
  };
  return [
    ...declared.flatMap(({ name, absent, source }): readonly NamespaceChange[] => {
      if (absent) return removal(name, 'absent').map((change) => ({ ...change, source }));
      return namespaces.has(name) ? [] : [{ name, action: 'create', reason: 'declared', source }];
    }),
    ...(desired.prune === 'none'
      ? []
      : owned.filter((name) => !named.has(name)).flatMap((name) => removal(name, 'prune'))),
  ];
};

/** Namespaces that a file forgot are more often a mistake than a wish, where there is much in them. */
const checkForgotten = (namespaces: readonly NamespaceChange[], { allowMassDelete = false }: WorldOptions): void => {
  const forgotten = namespaces.filter(({ reason }) => reason === 'prune');
  const lost = forgotten.reduce((sum, { contents = 0 }) => sum + contents, 0);
  if (allowMassDelete || lost <= MOST_FORGOTTEN) return;
  const problems = new Problems();
  problems.error(
    'NR_MASS_DELETE',
    `no file names ${forgotten.map(({ name }) => name).join(', ')} any more: ${lost} objects go with that`,
    undefined,
    'if that is meant, say --allow-mass-delete',
  );
  problems.throwIfAny();
};

/** The parts with the very steps of the plan that is shown: a failed one is looked up there. */
const withStepsOf = ({ steps }: Plan, parts: readonly WorldPart[]): readonly WorldPart[] => {
  let from = 0;
  return parts.map(({ netns, plan }) => {
    const to = from + plan.steps.length;
    const part = { netns, plan: { ...plan, steps: steps.slice(from, to) } };
    from = to;
    return part;
  });
};

const diagnosticsOf = (error: unknown): readonly Diagnostic[] => {
  if (error instanceof ConfigError) return error.diagnostics;
  throw error;
};

const checkParent = ({ declared, op }: Crossing, root: Scope, problems: Problems): void => {
  const parent = op.object.link;
  const names = [...root.view.state.link, ...root.desired.objects.link.map(({ object }) => object)];
  if (typeof parent !== 'string' || names.some(({ name }) => name === parent)) return;
  problems.error(
    'NR_NO_PARENT',
    `link ${declared.object.name}: its parent ${parent} does not exist and is not declared`,
    declared.fields.link ?? declared.source,
  );
};

/**
 * What `apply` would do in all the namespaces that the files name. Pure: same arguments, same plan.
 * @param desired - checked state files, of the namespace at hand and others
 * @throws {ConfigError} with every problem of every namespace; see planDesired
 * @throws {NetreconError} NR_PLAN_CYCLE, NR_PLAN_UNSTABLE
 */
export const planWorld = (desired: Desired, view: WorldView, options: WorldOptions): WorldPlan => {
  const problems = new Problems();
  const scopes = scopesOf(desired, view);
  const [root] = scopes as readonly [Scope];
  const crossings = findCrossings(scopes, problems);
  for (const crossing of crossings) if (crossing.needsParent) checkParent(crossing, root, problems);
  problems.throwIfAny();
  const states = new Map(scopes.map(({ name, view: { state } }) => [name, state]));
  const forecast = new Forecast(states, findPairs(view));
  const found: Diagnostic[] = [];
  const planScope = ({ name, desired: wish, view: { owned } }: Scope): void => {
    const state = forecast.stateOf(name);
    try {
      const plan = planDesired(localWish(wish), state, { ...options, owned: stillThere(owned, state) });
      forecast.include(name, plan);
    } catch (error) {
      found.push(...diagnosticsOf(error));
    }
  };
  const owned = new Set(view.root.owned.flatMap(({ kind, slot }) => (kind === 'link' ? [slot] : [])));
  const cross = (crossing: Crossing) => forecast.cross(crossing, owned.has(crossing.op.object.name));
  for (const crossing of crossings) if (!crossing.needsParent) cross(crossing);
  planScope(root);
  for (const crossing of crossings) if (crossing.needsParent) cross(crossing);
  for (const scope of scopes) if (scope !== root) planScope(scope);
  if (found.length > 0) throw new ConfigError(found);
  const namespaces = namespaceChanges(desired, view);
  checkForgotten(namespaces, options);
  const names = (action: NamespaceChange['action']) =>
    namespaces.filter((change) => change.action === action).map(({ name }) => name);
  const { parts, arrivals, local } = forecast;
  const shown = mergePlans(parts, namespaces);
  return {
    shown,
    parts: withStepsOf(shown, parts),
    create: names('create'),
    remove: names('delete'),
    arrivals,
    before: new Map([...view.namespaces].map(([name, { state }]) => [name, state])),
    local,
  };
};

/** What netrecon has made in a namespace, with what others have made in it for netrecon. */
export const withArrivals = (owned: readonly Ref[], netns: ScopeName, arrivals: readonly Arrival[]): readonly Ref[] => {
  const slots = new Set(owned.flatMap(({ kind, slot }) => (kind === 'link' ? [slot] : [])));
  const fresh = arrivals.filter((arrival) => arrival.netns === netns && !slots.has(arrival.link.name));
  return [...owned, ...fresh.map(({ link }): Ref => ({ kind: 'link', slot: link.name }))];
};

/** Whether nothing is to be sent or made any more. */
export const isDone = ({ parts, create }: WorldPlan): boolean =>
  create.length === 0 && parts.every(({ plan }) => plan.steps.length === 0);

/** The state of every namespace that the plan knows. */
export const statesBefore = ({ before }: WorldPlan, atHand: State): ReadonlyMap<ScopeName, State> =>
  new Map<ScopeName, State>([[undefined, atHand], ...before]);

/** The states that a plan leads to, by the model. */
export const statesAfter = ({ local }: WorldPlan): ReadonlyMap<ScopeName, State> =>
  new Map([...local].map(([name, { start, plan }]) => [name, predictState(start, plan)]));
