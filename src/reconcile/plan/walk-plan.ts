import type { Source } from '../../model/desired.ts';
import { countRows, formatPrefixAt } from '../../model/prefix-columns.ts';
import { ROUTE, type Route } from '../../model/route.ts';
import { lineAt, placesAt, type RouteList } from '../../model/route-list.ts';
import { titleOf } from './describe-plan.ts';
import { layOut, type Run } from './lay-out.ts';
import type { FieldChange, Plan, PlanBulk, PlanChange, PlanStep } from './plan-types.ts';

/** A change, and where its steps are. */
export interface ToldChange {
  readonly change: PlanChange;
  /** of these the change names its own */
  readonly plan: Pick<Plan, 'steps'>;
  /** which of all steps one of them is, from 0 */
  readonly numberOf: (step: number) => number;
}

export interface ToldStep {
  readonly step: PlanStep;
  /** which of all it is, from 0 */
  readonly number: number;
}

/** What there is to tell of a row of a bulk: as if it had been planned alone. */
export interface ToldRow {
  readonly change: ToldChange;
  readonly step: ToldStep;
}

/** Where a row stands in its file. */
export type RowPlace = Pick<Source, 'line' | 'column'>;

/** Tells of a route that a bulk makes, changes or deletes: its destination, its place, and which of all steps it is. */
export type RowTeller<T> = (to: string, place: RowPlace, number: number) => T;

const placesOf = (list: RouteList, { line, column }: RowPlace, width: number): ReturnType<typeof placesAt> =>
  list.lineStarts === undefined
    ? placesAt(list, line, width)
    : { source: { file: list.file, line, column }, fields: list.fields };

/** What becomes of the rows of a bulk: the same as of the route that they are like, at places of their own. */
const rowTeller = ({ steps, changes }: Plan, { like, list }: PlanBulk): RowTeller<ToldRow> => {
  const { source: _, ...step } = steps[like] as PlanStep;
  const { source: __, ...change } = changes.find((one) => one.steps.includes(like)) as PlanChange;
  const { object, before } = step.op as { readonly object: Route; readonly before?: Route };
  return (to, place, number) => {
    const route: Route = { ...object, to };
    const op = { ...step.op, object: route, ...(before === undefined ? {} : { before: { ...before, to } }) };
    const places = list === undefined ? undefined : placesOf(list, place, to.length);
    const source = places === undefined ? {} : { source: places.source };
    const fieldOf = ({ source: ___, ...field }: FieldChange): FieldChange => {
      const at = places?.fields[field.field];
      return { ...field, ...(field.field === 'to' ? { after: to } : {}), ...(at === undefined ? {} : { source: at }) };
    };
    const told = { ...step, op: op as PlanStep['op'], title: titleOf(op as PlanStep['op']), ...source };
    const [key, title] = [ROUTE.slot(route), ROUTE.describe(route)];
    return {
      change: {
        change: { ...change, key, title, fields: change.fields.map(fieldOf), steps: [0], ...source },
        plan: { steps: [told] },
        numberOf: () => number,
      },
      step: { step: told, number },
    };
  };
};

/** Tells of the rows of the bulks of a plan, one bulk after the other: in what order they are among the steps is left open. */
export function* rowChanges(plan: Plan): Generator<ToldChange> {
  for (const bulk of plan.bulks ?? []) {
    const tell = rowTeller(plan, bulk);
    const rows = { from: 0, count: countRows(bulk.columns), at: plan.steps.length };
    for (const { change } of eachRow(rows, bulk, tell)) yield change;
  }
}

/** Makes of what says something of the rows of a bulk one that says the same faster. */
export type Shorten<T> = (say: RowTeller<T>) => RowTeller<T>;

/**
 * Goes through a plan, the routes of its bulks among the others as if each had been planned: never more than one of them is
 * there at a time. Where it cannot be told where they belong, the plan is gone through without them.
 */
export class PlanWalk {
  /** how many changes and steps it goes through */
  readonly changes: number;
  readonly steps: number;
  /** routes that it does not go through; absent: none */
  readonly rest: number | undefined;
  readonly #plan: Plan;
  readonly #runs: readonly Run[];
  readonly #numbers: Uint32Array | undefined;

  constructor(plan: Plan) {
    const layout = plan.bulks === undefined ? undefined : layOut(plan);
    const { length } = plan.steps;
    this.#plan = plan;
    this.#runs = layout?.runs ?? [{ from: 0, count: length, at: 0 }];
    this.#numbers = layout?.numbers;
    this.steps = layout?.count ?? length;
    this.changes = plan.changes.length + this.steps - length;
    this.rest = layout === undefined ? plan.rest : undefined;
  }

  /** Which of all steps one of the plan is, from 0. */
  readonly numberOf = (step: number): number => this.#numbers?.[step] ?? step;

  /** Which of all steps the rows of a bulk are, from 0; undefined where it does not go through them. */
  numbersOf(bulk: PlanBulk): Uint32Array | undefined {
    const runs = this.#runs.filter((run) => run.bulk === bulk);
    if (runs.length === 0) return undefined;
    const numbers = new Uint32Array(countRows(bulk.columns));
    for (const { from, count, order, at } of runs)
      for (let i = from; i < from + count; i++) numbers[order?.[i] ?? i] = at + i - from;
    return numbers;
  }

  *eachStep<T>(say: (told: ToldStep) => T, shorten: Shorten<T> = asItIs): Generator<T> {
    const plan = this.#plan;
    const sayers = this.#sayers(({ step }) => say(step), shorten);
    for (const run of this.#runs) {
      if (run.bulk !== undefined) yield* eachRow(run, run.bulk, sayers(run.bulk));
      else
        for (let i = run.from; i < run.from + run.count; i++)
          yield say({ step: plan.steps[i] as PlanStep, number: this.numberOf(i) });
    }
  }

  *eachChange<T>(say: (told: ToldChange) => T, shorten: Shorten<T> = asItIs): Generator<T> {
    const plan = this.#plan;
    const { changes } = plan;
    const sayOwn = (change: PlanChange): T => say({ change, plan, numberOf: this.numberOf });
    const sayers = this.#sayers(({ change }) => say(change), shorten);
    let next = 0;
    for (const run of this.#runs) {
      if (run.bulk !== undefined) {
        yield* eachRow(run, run.bulk, sayers(run.bulk));
        continue;
      }
      // a change stands where its first step does
      const end = run.from + run.count;
      for (; (changes[next]?.steps[0] ?? end) < end; next++) yield sayOwn(changes[next] as PlanChange);
    }
    // what goes with another has no step of its own
    for (; next < changes.length; next++) yield sayOwn(changes[next] as PlanChange);
  }

  /** One of each bulk, however many runs it has. */
  #sayers<T>(say: (row: ToldRow) => T, shorten: Shorten<T>): (bulk: PlanBulk) => RowTeller<T> {
    const known = new Map<PlanBulk, RowTeller<T>>();
    return (bulk) => {
      const found = known.get(bulk);
      if (found !== undefined) return found;
      const tell = rowTeller(this.#plan, bulk);
      const made = shorten((...row) => say(tell(...row)));
      known.set(bulk, made);
      return made;
    };
  }
}

const asItIs = <T>(say: T): T => say;

function* eachRow<T>({ from, count, order, at }: Run, { columns, list }: PlanBulk, say: RowTeller<T>): Generator<T> {
  const starts = list?.lineStarts;
  for (let i = from; i < from + count; i++) {
    const row = order?.[i] ?? i;
    const line = columns.line[row] as number;
    const place =
      list === undefined || starts === undefined ? { line, column: 1 } : lineAt(list.file, starts, line - 1);
    yield say(formatPrefixAt(columns, row), place, at + i - from);
  }
}
