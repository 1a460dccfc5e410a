import type { Diagnostic } from '../../model/errors.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { State } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import { applyOperation } from '../effects/index.ts';
import type { Plan, PlanStep } from './plan-types.ts';
import { renameInState } from './rename.ts';
import { findRoute, type Session } from './session-route.ts';
import { PlanWalk } from './walk-plan.ts';
import { WorkingState } from './working-state.ts';

/** What carries a session: where its packets leave, and everything below that. */
interface Path {
  /** link that has the server's address */
  readonly home: string;
  /** how packets to the client go: `via 192.0.2.1 dev eth0` */
  readonly route: string;
  /** the links that packets pass, by name */
  readonly carriers: ReadonlyMap<string, Link>;
}

/** The links below a link: its parent, and the ports of a bridge, bond or VRF. */
const carriersOf = (state: WorkingState, names: readonly string[]): ReadonlyMap<string, Link> => {
  const found = new Map<string, Link>();
  const visit = (name: string): void => {
    const link = state.link(name);
    if (link === undefined || found.has(name)) return;
    found.set(name, link);
    if (typeof link.link === 'string') visit(link.link);
    for (const other of state.on('link', name)) if (other.master === name) visit(other.name);
  };
  for (const name of names) visit(name);
  return found;
};

const pathOf = (state: WorkingState, session: Session): Path | string => {
  const address = [...state.all('address')].find((a) => a.address === session.server);
  if (address === undefined) return `address ${session.server} goes`;
  const route = findRoute(state, session);
  if (route === undefined) return `there is no route to ${session.client} any more`;
  return { home: address.dev, route: route.text, carriers: carriersOf(state, [address.dev, ...route.devs]) };
};

/** Fields of a link without which its packets do not arrive; the rest can change while they flow. */
const CARRYING = ['state', 'master', 'link', 'lladdr', 'arp', 'options'] as const satisfies readonly (keyof Link)[];

const changedCarrier = (before: Path, after: Path): string | undefined => {
  for (const [name, link] of before.carriers) {
    const now = after.carriers.get(name);
    if (now === undefined) return `link ${name} carries it no more`;
    if (now === link) continue;
    const field = CARRYING.find((key) => !sameValue(now[key] ?? null, link[key] ?? null));
    if (field === 'state') return `link ${name} goes ${now.state}`;
    if (field !== undefined) return `link ${name}: ${field} changes`;
  }
  return undefined;
};

const interruption = (before: Path, after: Path | string): string | undefined => {
  if (typeof after === 'string') return after;
  if (after.route !== before.route) return `packets to the client go ${after.route} instead of ${before.route}`;
  return changedCarrier(before, after);
};

const renamedPath = (path: Path, from: string, to: string, state: WorkingState): Path => ({
  home: path.home === from ? to : path.home,
  route: path.route.replaceAll(`dev ${from}`, `dev ${to}`),
  carriers: carriersOf(
    state,
    [...path.carriers.keys()].map((name) => (name === from ? to : name)),
  ),
});

const warningOf = (step: PlanStep, number: number, why: string, session: Session): Diagnostic => ({
  code: 'NR_MANAGEMENT_PATH',
  severity: 'warning',
  message: `step ${number}, ${step.title}: ${why}, which your session from ${session.client} depends on`,
  hint: '--confirm SECONDS reverts the apply unless you can still say `netrecon confirm`; --force goes without',
  ...(step.source === undefined ? {} : { source: step.source }),
});

/** A large routing table has few routes that the client's address falls in; the others neither carry the session nor matter. */
const relevantState = (observed: State, { client }: Session): State => ({
  ...observed,
  route: observed.route.filter(({ to }) => prefixContains(to, client)),
  neighbor: [],
});

const isRelevant = ({ op, netns }: PlanStep, { client }: Session): boolean =>
  netns === undefined && (op.kind === 'route' ? prefixContains(op.object.to, client) : op.kind !== 'neighbor');

/**
 * What a plan does to the session that it is run from. Every step is tried on the model; as long as the server's address,
 * the way to the client and the links below stay as they are, the session is proven not to be interrupted. Pure.
 * @returns one warning for each step after which that is not so for a new reason; empty where the session is not on this
 * namespace at all
 */
export const findSessionRisks = (plan: Plan, observed: State, session: Session): readonly Diagnostic[] => {
  let state = new WorkingState(relevantState(observed, session));
  const start = pathOf(state, session);
  if (typeof start === 'string') return [];
  let path = start;
  const told = new Set<string>();
  const warnings: Diagnostic[] = [];
  for (const [i, step] of plan.steps.entries()) {
    const { op } = step;
    if (!isRelevant(step, session)) continue;
    if (op.kind === 'link' && op.stage === 'rename') {
      const from = op.object.renamed_from as string;
      state = new WorkingState(renameInState(state.toState(), from, op.object.name));
      path = renamedPath(path, from, op.object.name, state);
    } else applyOperation(state, op);
    const why = interruption(path, pathOf(state, session));
    if (why === undefined || told.has(why)) continue;
    told.add(why);
    warnings.push(warningOf(step, new PlanWalk(plan).numberOf(i) + 1, why, session));
  }
  return warnings;
};
