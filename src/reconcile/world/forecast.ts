import type { Link } from '../../model/link.ts';
import type { OpOf } from '../../model/op.ts';
import type { State } from '../../model/state.ts';
import { applyOperation } from '../effects/index.ts';
import { cascadeOf } from '../plan/describe-plan.ts';
import type { Cascade, Plan, PlanChange } from '../plan/plan-types.ts';
import { WorkingState } from '../plan/working-state.ts';
import type { PairEnds } from '../transaction/record.ts';
import { partOf, partsOfCrossing } from './crossing-parts.ts';
import type { Arrival, Crossing } from './crossings.ts';
import { placePlan, type WorldPart } from './merge-plans.ts';
import type { ScopeName } from './world.ts';

const withLink = (state: State, link: Link): State => ({ ...state, link: [...state.link, link] });

/** The state after an operation on a link, and what has gone with it. */
const afterOperation = (
  state: State,
  op: OpOf<'link'>,
): { readonly state: State; readonly cascades: readonly Cascade[] } => {
  const working = new WorkingState(state);
  const cascades = applyOperation(working, op).map(cascadeOf);
  return { state: working.toState(), cascades };
};

/** One end of a pair that goes with the other. */
interface Departure {
  readonly netns: ScopeName;
  readonly name: string;
}

/** Carries the states of the namespaces along as the plan goes on. */
export class Forecast {
  readonly #states: Map<ScopeName, State>;
  readonly #pairs: readonly PairEnds[];
  readonly parts: WorldPart[] = [];
  readonly arrivals: Arrival[] = [];
  readonly local = new Map<ScopeName, { readonly start: State; readonly plan: Plan }>();

  constructor(states: ReadonlyMap<ScopeName, State>, pairs: readonly PairEnds[]) {
    this.#states = new Map(states);
    this.#pairs = pairs;
  }

  stateOf(netns: ScopeName): State {
    return this.#states.get(netns) as State;
  }

  /**
   * Takes an operation that concerns two namespaces into the plan.
   * @param isOwned - netrecon made the link that moves
   */
  cross(crossing: Crossing, isOwned: boolean): void {
    const { from, op, arrivals } = crossing;
    let cascades: readonly Cascade[] = [];
    if (op.action === 'update') {
      const left = afterOperation(this.stateOf(from), op);
      this.#states.set(from, left.state);
      cascades = left.cascades;
    }
    for (const { netns, link } of arrivals) this.#states.set(netns, withLink(this.stateOf(netns), link));
    this.parts.push(...partsOfCrossing(crossing, cascades));
    // what was ours stays ours where it goes
    if (op.action === 'create' || isOwned) this.arrivals.push(...arrivals);
  }

  /** Takes the plan of one namespace into the whole, with what goes in others by it. */
  include(netns: ScopeName, plan: Plan): void {
    this.local.set(netns, { start: this.stateOf(netns), plan });
    for (const [index, { op }] of plan.steps.entries()) {
      if (op.kind !== 'link' || op.action !== 'delete') continue;
      for (const far of this.#farEnds(netns, op.object.name)) this.#leave(far, index);
    }
    this.parts.push({ netns, plan: placePlan(netns, plan) });
  }

  #farEnds(netns: ScopeName, name: string): readonly Departure[] {
    return this.#pairs.flatMap((pair): readonly Departure[] => {
      if (pair.netns === netns && pair.name === name) return [{ netns: pair.farNetns, name: pair.farName }];
      if (pair.farNetns === netns && pair.farName === name) return [{ netns: pair.netns, name: pair.name }];
      return [];
    });
  }

  /** The part stands before that of the step which does it: an index of a step counts from there. */
  #leave({ netns, name }: Departure, index: number): void {
    const state = this.#states.get(netns);
    const link = state?.link.find((one) => one.name === name);
    if (state === undefined || link === undefined) return;
    const { state: after, cascades } = afterOperation(state, {
      kind: 'link',
      action: 'delete',
      object: link,
      before: link,
    });
    this.#states.set(netns, after);
    const change = (kind: Cascade['kind'], key: string, title: string): PlanChange => ({
      kind,
      key,
      title,
      action: 'delete',
      reason: 'prune',
      fields: [],
      disruptive: [],
      steps: [index],
    });
    const changes = [
      change('link', name, `link ${name}`),
      ...cascades.map(({ kind, key, title }) => change(kind, key, title)),
    ];
    this.parts.push(partOf(netns, [], changes));
  }
}
