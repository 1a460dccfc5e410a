import type { Desired } from '../model/desired.ts';
import { ConfigError } from '../model/errors.ts';
import type { KernelPort } from '../model/kernel-port.ts';
import type { State } from '../model/state.ts';
import { sameValue } from '../model/value.ts';
import { ListSieve } from './list-sieve.ts';
import type { Plan } from './plan-types.ts';

/** What a look at the kernel showed, and the plan that follows from it. */
export interface Survey {
  /** without the routes that are `settled` */
  readonly observed: State;
  readonly plan: Plan;
  /** for each list of the files, its routes that are as they should be; absent where all routes are in `observed` */
  readonly settled?: readonly Uint8Array[];
}

/** @param settled - how many routes are as asked for, and in neither of the others */
export type PlanFor = (desired: Desired, observed: State, settled: number) => Plan;

/** Nothing that happens to a route or a rule touches another route. */
const leavesRoutesAlone = ({ steps }: Plan): boolean =>
  steps.every(({ op: { kind } }) => kind === 'route' || kind === 'rule');

const withRoutes = (
  { objects: { link, address, nexthop, rule, neighbor }, ...desired }: Desired,
  sieve: ListSieve,
): Desired => {
  const { listed: _, ...rest } = desired;
  return { ...rest, objects: { link, address, nexthop, route: sieve.missing(), rule, neighbor } };
};

/**
 * Looks at the kernel for plans. Routes that are as a list of the files wants them are left out on both sides as long as the
 * plan deals with routes and rules alone; any other plan is made of everything.
 */
export class Surveyor {
  readonly #desired: Desired;
  readonly #kernel: KernelPort;
  #sieve: ListSieve | undefined;

  /** @param pins - addresses that somebody will ask the survey about: all routes to them are in it */
  constructor(desired: Desired, kernel: KernelPort, pins: readonly string[] = []) {
    this.#desired = desired;
    this.#kernel = kernel;
    // what may be pruned beyond our own routes depends on every table that the files name
    if (desired.listed !== undefined && desired.prune !== 'all') this.#sieve = new ListSieve(desired.listed, pins);
  }

  /**
   * @param last - an earlier survey by the same plan
   * @returns `last` itself where nothing has changed since: the same state gives the same plan, and comparing takes a tenth
   * of the time of planning
   * @throws what `planFor` throws of the whole state
   */
  async look(planFor: PlanFor, last?: Survey): Promise<Survey> {
    try {
      const narrow = await this.#lookNarrowly(planFor, last);
      if (narrow !== undefined && this.#suffices(narrow)) return narrow;
    } catch (error) {
      // the whole of the plan has more to say, and says it in order
      if (!(error instanceof ConfigError)) throw error;
    }
    this.#sieve = undefined;
    const observed = await this.#kernel.dump();
    if (last !== undefined && last.settled === undefined && sameValue(observed, last.observed)) return last;
    return { observed, plan: planFor(this.#desired, observed, 0) };
  }

  /**
   * Looks again during the transaction that the last look led to.
   * @returns undefined where others have changed what that look took for granted
   */
  async lookAgain(planFor: PlanFor): Promise<Survey | undefined> {
    if (this.#sieve === undefined) return this.look(planFor);
    const narrow = await this.#lookNarrowly(planFor);
    return narrow !== undefined && this.#suffices(narrow) ? narrow : undefined;
  }

  #suffices({ plan, observed }: Survey): boolean {
    return leavesRoutesAlone(plan) && this.#sieve?.isConfirmed(plan, observed) === true;
  }

  async #lookNarrowly(planFor: PlanFor, last?: Survey): Promise<Survey | undefined> {
    const sieve = this.#sieve;
    if (sieve === undefined) return undefined;
    const observed = await this.#kernel.dump({ sieve });
    const settled = sieve.rows();
    if (last?.settled !== undefined && isSame(settled, last.settled) && sameValue(observed, last.observed)) return last;
    return { observed, settled, plan: planFor(withRoutes(this.#desired, sieve), observed, sieve.count) };
  }
}

const isSame = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.every((rows, i) => Buffer.compare(rows, b[i] as Uint8Array) === 0);
