import { kindOf } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import type { OpOf } from '../../model/op.ts';
import type { State } from '../../model/state.ts';
import { fieldsOfNew } from '../describe-plan.ts';
import { applyOperation } from '../effects/index.ts';
import type { Cascade, Plan, PlanChange, PlanStep } from '../plan-types.ts';
import type { PairEnds } from '../record.ts';
import { WorkingState } from '../working-state.ts';
import type { Arrival, Crossing } from './crossings.ts';
import { placePlan, type WorldPart } from './merge-plans.ts';
import type { ScopeName } from './world.ts';

const withLink = (state: State, link: Link): State => ({ ...state, link: [...state.link, link] });

/** The state once a link has left, and what has gone with it. */
const afterOperation = (
  state: State,
  op: OpOf<'link'>,
): { readonly state: State; readonly cascades: readonly Cascade[] } => {
  const working = new WorkingState(state);
  const taken = applyOperation(working, op);
  const cascades = taken.map(
    ({ kind, object, why, after }): Cascade => ({
      kind,
      key: kindOf(kind).slot(object),
      title: kindOf(kind).describe(object),
      why,
      effect: after === undefined ? 'removed' : 'changed',
      foreign: false,
    }),
  );
  return { state: working.toState(), cascades };
};

const crossingTitle = ({ op, arrivals: [arrival], declared }: Crossing): string => {
  const { name } = declared.object;
  if (op.action === 'update') return `move link ${name} to netns ${arrival?.netns}`;
  return op.object.netns === undefined ? `create link ${name}` : `create link ${name} in netns ${op.object.netns}`;
};

const changeOfArrival = ({ op, declared, shown }: Crossing, link: Link, isFirst: boolean): PlanChange => ({
  kind: 'link',
  key: link.name,
  title: `link ${link.name}`,
  action: op.action === 'update' ? 'update' : 'create',
  reason: 'declared',
  fields: fieldsOfNew('link', isFirst ? shown : { name: link.name, index: 0, kind: 'veth' }).map(([field, after]) => ({
    field,
    before: undefined,
    after,
    forcesReplace: false,
  })),
  disruptive: [],
  steps: [0],
  source: declared.source,
});

const EMPTY_SUMMARY = { create: 0, update: 0, replace: 0, delete: 0, restore: 0 } as const;

/** A crossing as parts of the plan: the operation where it is sent, and each link where it turns up. */
const partsOfCrossing = (crossing: Crossing, cascades: readonly Cascade[]): readonly WorldPart[] => {
  const { from, op, arrivals, declared } = crossing;
  const step: PlanStep = { op, title: crossingTitle(crossing), source: declared.source, cascades };
  const part = (netns: ScopeName, steps: readonly PlanStep[], changes: readonly PlanChange[]): WorldPart => ({
    netns,
    plan: placePlan(netns, { steps, changes, summary: EMPTY_SUMMARY, warnings: [] }),
  });
  const isHere = arrivals[0]?.netns === from;
  const moved: PlanChange = {
    ...changeOfArrival(crossing, op.object, true),
    fields: MOVED(op.object),
    disruptive: op.before?.state === 'up' ? ['it leaves this namespace: what goes through it here stops'] : [],
  };
  const here = isHere ? arrivals.slice(0, 1).map(({ link }) => changeOfArrival(crossing, link, true)) : [];
  return [
    ...(isHere ? arrivals.slice(1) : arrivals).map(({ netns, link }) =>
      part(netns, [], op.action === 'update' ? [] : [changeOfArrival(crossing, link, !isHere)]),
    ),
    part(from, [step], op.action === 'update' ? [moved] : here),
  ];
};

const MOVED = ({ netns }: Link): PlanChange['fields'] => [
  { field: 'netns', before: undefined, after: netns, forcesReplace: false },
];

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
      for (const far of this.#farEnds(netns, op.object.name)) this.#leave(far, op.object.name, index);
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
  #leave({ netns, name }: Departure, peer: string, index: number): void {
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
    const change = (kind: Cascade['kind'], key: string, title: string, disruptive: readonly string[]): PlanChange => ({
      kind,
      key,
      title,
      action: 'delete',
      reason: 'prune',
      fields: [],
      disruptive,
      steps: [index],
    });
    const changes = [
      change('link', name, `link ${name}`, [`goes with its peer ${peer}`]),
      ...cascades.map(({ kind, key, title, why }) => change(kind, key, title, [why])),
    ];
    this.parts.push({ netns, plan: placePlan(netns, { steps: [], changes, summary: EMPTY_SUMMARY, warnings: [] }) });
  }
}
