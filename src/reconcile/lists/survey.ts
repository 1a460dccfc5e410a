import { type Desired, withRoutes } from '../../model/desired.ts';
import { ConfigError } from '../../model/errors.ts';
import type { KernelPort } from '../../model/kernel-port.ts';
import { countRows } from '../../model/prefix-columns.ts';
import type { Route } from '../../model/route.ts';
import type { ListedRoutes, RouteList } from '../../model/route-list.ts';
import type { State } from '../../model/state.ts';
import { sameValue } from '../../model/value.ts';
import type { Numbers } from '../nexthops/numbers.ts';
import { isSameChoice } from '../nexthops/share.ts';
import { shareOnHost } from '../nexthops/share-on-host.ts';
import type { Aside } from '../plan/goal-desired.ts';
import type { Plan, PlanSummary } from '../plan/plan-types.ts';
import { PlanWalk } from '../plan/walk-plan.ts';
import { type Bystanders, leavesAlone, takesNothingAway } from './bystanders.ts';
import { coversDoomed, findBulks, gatewaysOf, isForList, leavesRoutesAlone } from './list-bulks.ts';
import { ListSieve, type Missing } from './list-sieve.ts';
import { packRoutes, ROUTES_A_PASS, type UndoLists } from './undo-lists.ts';

/** What a look at the kernel showed, and the plan that follows from it. */
export interface Survey {
  /** without the routes that are `settled` or put off */
  readonly observed: State;
  readonly plan: Plan;
  /** what was left out, to tell surveys apart; absent where all routes are in `observed` */
  readonly settled?: readonly Uint8Array[];
}

/** @param aside - routes that are in neither of the others */
export type PlanFor = (desired: Desired, observed: State, aside: Aside) => Plan;

/** When missing routes go in bulk. */
export interface Burst {
  /** so many of them, or more */
  readonly from: number;
  readonly sample: number;
  /** asked where there are as many */
  readonly mayGoInBulk: () => boolean;
}

export interface SurveyOptions {
  /** addresses that somebody will ask the survey about: all routes to them are in it */
  readonly pins?: readonly string[];
  /** about how many routes of lists one plan makes; default ROUTES_A_PASS */
  readonly routesAPass?: number;
  /** so many routes of a list are planned one by one, where the others can go in bulk; default: none goes in bulk */
  readonly sample?: number;
  /** in the place of `sample`: looks that find many routes missing have one */
  readonly burst?: Burst;
  /** the plan tells of every route (PlanWalk): where that cannot be with bulks of them, it has none */
  readonly laidOut?: boolean;
  /** what earlier surveys of the same files have left, of createSieve; default: a new one; null: every route is looked at */
  readonly sieve?: ListSieve | null;
}

/**
 * What leaves routes out of the dumps of surveys.
 * @returns undefined where every route has to be looked at: what may be pruned beyond our own routes depends on every table
 * that the files name
 */
export const createSieve = (
  desired: Desired,
  { pins = [], routesAPass = ROUTES_A_PASS, sample }: SurveyOptions,
): ListSieve | undefined => {
  if (desired.prune === 'all') return undefined;
  const listed = desired.listed ?? { single: desired.objects.route, lists: [] };
  const most = sample === undefined ? { most: routesAPass } : { most: 0, sample };
  return new ListSieve(listed, { pins, ...most, prunes: desired.prune === 'own' });
};

/** Each is looked for behind every route that is not as it should be. */
const MOST_PINS = 256;

/** What leads to one of them goes in no bulk: it would be left to a later pass, and the plan would not tell of it. */
const gatewaysIn = ({ listed }: Desired): Iterable<string> => {
  const single = listed?.single.map(({ object }) => object) ?? [];
  const bodies = [...(listed?.lists.map(({ body }) => body) ?? []), ...single];
  const gateways = new Set(bodies.flatMap(({ hops }) => hops.flatMap(({ via }) => via ?? [])));
  return gateways.size > MOST_PINS ? [] : gateways;
};

const withObserved = (state: State, { observed }: Bystanders): State => ({
  ...state,
  route: [...state.route, ...observed],
});

const NOTHING_LISTED: ListedRoutes = { single: [], lists: [] };

const NO_BYSTANDERS: Bystanders = { observed: [], declared: [] };

const NOTHING_ASIDE: Aside = { kept: 0, removed: 0 };

/** A plan with what later passes do besides. */
const withRest = (plan: Plan, later: Pick<PlanSummary, 'create' | 'update' | 'delete'>): Plan => {
  const rest = later.create + later.update + later.delete;
  if (rest === 0) return plan;
  const { create, update, delete: gone } = plan.summary;
  const summary = {
    ...plan.summary,
    create: create + later.create,
    update: update + later.update,
    delete: gone + later.delete,
  };
  return { ...plan, rest, summary };
};

/**
 * Looks at the kernel for plans. Routes that are as a list of the files wants them are left out on both sides as long as the
 * plan deals with routes and rules alone, or does nothing to them (leavesAlone); any other plan is made of everything.
 */
export class Surveyor {
  readonly #files: Desired;
  readonly #kernel: KernelPort;
  readonly #options: SurveyOptions;
  readonly #most: number;
  readonly #laidOut: boolean;
  /** the files with the nexthop objects of the last look: during a transaction, they stay what they are */
  #desired: Desired;
  #numbers: Numbers | undefined;
  /** a dump that the next look can do with */
  #seen: State | undefined;
  #burst: Burst | undefined;
  /** undefined: no route goes in bulk */
  #sample: number | undefined;
  #sieve: ListSieve | undefined;
  /** the state that a rollback leads to has all routes in it */
  #sawAll = false;

  constructor(desired: Desired, kernel: KernelPort, options: SurveyOptions = {}) {
    const { routesAPass = ROUTES_A_PASS, sample, laidOut = false } = options;
    this.#laidOut = laidOut;
    this.#files = desired;
    this.#burst = options.burst;
    this.#desired = desired;
    this.#kernel = kernel;
    this.#options = options;
    this.#most = routesAPass;
    this.#sample = sample;
    this.#sieve = this.#sieveFor(desired);
  }

  #sieveFor(desired: Desired): ListSieve | undefined {
    const { sieve, pins: asked = [] } = this.#options;
    const pins = this.#laidOut ? [...asked, ...gatewaysIn(desired)] : asked;
    return sieve === null ? undefined : (sieve ?? createSieve(desired, { ...this.#options, pins }));
  }

  /** Chooses the nexthop objects that the files leave open. */
  async #share(): Promise<void> {
    const { desired, numbers, look } = await shareOnHost(this.#files, this.#kernel, (wanted) => this.#sieveFor(wanted));
    this.#seen = look?.observed;
    if (look === undefined && this.#numbers !== undefined && isSameChoice(numbers, this.#numbers)) return;
    this.#desired = desired;
    this.#numbers = numbers;
    this.#sample = this.#options.sample;
    this.#sieve = look === undefined ? this.#sieveFor(desired) : look.sieve;
  }

  /** @returns the dump that the choice was made by, once, where there is one */
  async #dump(sieve: ListSieve | undefined): Promise<State> {
    const seen = this.#seen;
    this.#seen = undefined;
    return seen ?? this.#kernel.dump(sieve === undefined ? {} : { sieve });
  }

  /**
   * @param last - an earlier survey by the same plan
   * @returns `last` itself where nothing has changed since: the same state gives the same plan, and comparing takes a tenth
   * of the time of planning
   * @throws what `planFor` throws of the whole state
   */
  async look(planFor: PlanFor, last?: Survey): Promise<Survey> {
    if (this.#files.nexthopObjects !== undefined) await this.#share();
    return (await this.#tryNarrowly(planFor, last)) ?? this.#lookWidely(planFor, last);
  }

  async #lookWidely(planFor: PlanFor, last?: Survey): Promise<Survey> {
    this.#sieve = undefined;
    const observed = await this.#dump(undefined);
    if (last !== undefined && last.settled === undefined && sameValue(observed, last.observed)) return last;
    return { observed, plan: planFor(this.#desired, observed, NOTHING_ASIDE) };
  }

  /**
   * Looks again during the transaction that the last look led to.
   * @returns undefined where others have changed what that look took for granted
   */
  async lookAgain(planFor: PlanFor): Promise<Survey | undefined> {
    if (this.#sieve === undefined) return this.#lookWidely(planFor);
    const { observed, settled, missing } = await this.#lookNarrowly(this.#sieve);
    const first = this.#planNarrowly(planFor, observed, missing);
    if (this.#widenFor(first)) return this.lookAgain(planFor);
    const plan = this.#sufficient(first, planFor, observed, missing);
    return plan && { observed, settled, plan };
  }

  /** How many routes the last look found, those included that it left out. */
  routesIn({ observed }: Survey): number {
    return observed.route.length + (this.#sieve?.count ?? 0);
  }

  /** What the last look left to bulks and later passes, to be undone as lists, and what it left out; nothing where it left nothing. */
  undoLists(survey: Survey): UndoLists {
    const aside = this.#sieve?.bystanders()?.observed.map(({ to: _, ...body }) => body) ?? [];
    return { ...this.#listsOf(survey), ...(aside.length === 0 ? {} : { aside }) };
  }

  /** Remembers what the last look left out, for a rollback by this process. */
  standing(): () => readonly RouteList[] {
    return this.#sieve?.standing() ?? (() => []);
  }

  #listsOf({ plan, observed }: Survey): UndoLists {
    const sieve = this.#sieve;
    if (plan.rest === undefined || sieve === undefined) return {};
    const made = plan.steps.flatMap(({ op }) => (op.kind === 'route' && op.action !== 'delete' ? op.object : []));
    const bodyOf = (list: RouteList | undefined): Omit<Route, 'to'> | undefined => {
      if (list === undefined) return undefined;
      const { to: _, ...body } = made.find((route) => isForList(route, list)) ?? {};
      return 'hops' in body ? body : undefined;
    };
    const created = sieve.fresh(observed).flatMap((columns, i) => {
      const body = countRows(columns) === 0 ? undefined : bodyOf(this.#desired.listed?.lists[i]);
      return body === undefined ? [] : packRoutes(body, columns);
    });
    const old = sieve.old().map(({ body, columns, list }) => packRoutes(body, columns, bodyOf(list)));
    return { created, old };
  }

  async #tryNarrowly(planFor: PlanFor, last: Survey | undefined): Promise<Survey | undefined> {
    const sieve = this.#sieve;
    if (sieve === undefined) return undefined;
    const { observed, settled, missing } = await this.#lookNarrowly(sieve, this.#burst);
    if (last?.settled !== undefined && isSame(settled, last.settled) && sameValue(observed, last.observed)) return last;
    const leftOut = sieve.settled + sieve.held + sieve.surplus;
    this.#sawAll = leftOut === 0;
    let plan: Plan | undefined;
    try {
      const first = this.#planNarrowly(planFor, observed, missing);
      if (this.#widenFor(first)) return this.#tryNarrowly(planFor, last);
      plan = this.#sufficient(first, planFor, observed, missing);
    } catch (error) {
      // the whole of the plan has more to say, and says it in order; but not of more routes than anybody reads about
      if (!(error instanceof ConfigError) || missing.rest + sieve.held + sieve.surplus > 0) throw error;
      return undefined;
    }
    if (plan === undefined) return undefined;
    if (!this.#sawAll || missing.rest > 0) return { observed, settled, plan };
    // nothing was left out on either side
    this.#sieve = undefined;
    return { observed, plan };
  }

  async #lookNarrowly(sieve: ListSieve, burst?: Burst) {
    let observed = await this.#dump(sieve);
    // seldom more than once: what was found to share a place is known from then on
    while (sieve.separate(observed)) observed = await this.#kernel.dump({ sieve });
    if (this.#laidOut && sieve.keepFirst()) observed = await this.#kernel.dump({ sieve });
    if (burst !== undefined) this.#sample = sieve.open >= burst.from && burst.mayGoInBulk() ? burst.sample : undefined;
    const missing =
      this.#sample === undefined
        ? sieve.missing(observed, this.#most, 'everywhere')
        : sieve.missing(observed, this.#sample, 'start');
    return { observed, settled: sieve.taken(), missing };
  }

  /** A plan that leaves routes to others, and has no bulks of them: there have to be larger plans. */
  #widenFor(plan: Plan): boolean {
    if (this.#sample === undefined || plan.rest === undefined) return false;
    const suffices = this.#laidOut
      ? new PlanWalk(plan).rest === undefined
      : plan.bulks !== undefined || !leavesRoutesAlone(plan);
    if (suffices) return false;
    this.#sample = undefined;
    this.#burst = undefined;
    this.#sieve?.widen(this.#most);
    return true;
  }

  /** @param beside - settled routes that the plan is to see */
  #planNarrowly(planFor: PlanFor, observed: State, { routes, rest }: Missing, beside = NO_BYSTANDERS): Plan {
    const { settled = 0, held = 0, surplus = 0 } = this.#sieve ?? {};
    const plan = planFor(withRoutes(this.#desired, [...routes, ...beside.declared]), withObserved(observed, beside), {
      kept: settled + held - beside.observed.length,
      removed: surplus,
    });
    const whole = withRest(plan, { create: rest, update: held, delete: surplus });
    if (this.#sample === undefined || this.#sieve === undefined || whole.rest === undefined) return whole;
    const bulks = findBulks(plan, this.#sieve.parts(observed, gatewaysOf(plan)));
    if (bulks.length === 0) return whole;
    const { listed } = this.#desired;
    return { ...whole, bulks, ...(this.#laidOut && listed !== undefined ? { listed } : {}) };
  }

  /** @returns the plan, or the same made with more to go by; undefined where only one of everything will do */
  #sufficient(plan: Plan, planFor: PlanFor, observed: State, missing: Missing): Plan | undefined {
    const sieve = this.#sieve;
    if (sieve?.isConfirmed(plan, observed) !== true) return undefined;
    if (this.#sawAll) return plan;
    if (leavesRoutesAlone(plan)) return coversDoomed(plan, sieve.byNexthop()) ? plan : undefined;
    const beside = sieve.bystanders();
    if (beside === undefined) return undefined;
    const { listed = NOTHING_LISTED } = this.#desired;
    const wider = this.#planNarrowly(planFor, observed, missing, beside);
    if (sieve.held + sieve.surplus > 0 && !takesNothingAway(wider)) return undefined;
    return leavesAlone(wider, withObserved(observed, beside), beside, listed) ? wider : undefined;
  }
}

const isSame = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((rows, i) => Buffer.compare(rows, b[i] as Uint8Array) === 0);
