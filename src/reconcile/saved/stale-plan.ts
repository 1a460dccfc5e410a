import type { Diagnostic } from '../../model/errors.ts';
import { kindOf } from '../../model/kinds.ts';
import type { OpOf } from '../../model/op.ts';
import { countRows, findPrefix, formatPrefixAt, type PrefixColumns } from '../../model/prefix-columns.ts';
import { placeOfSlot, ROUTE, type Route } from '../../model/route.ts';
import { routeOpAt } from '../../model/route-bulk.ts';
import { type RouteList, rowOf, sharePlace } from '../../model/route-list.ts';
import type { AnyObject, State } from '../../model/state.ts';
import { sameValue, type Value } from '../../model/value.ts';
import { listOf } from '../lists/undo-lists.ts';
import { compare } from '../plan/compare.ts';
import { titleOf } from '../plan/describe-plan.ts';
import { refKey } from '../plan/goal-restore.ts';
import type { Plan } from '../plan/plan-types.ts';
import { type BasisEntry, objectsIn, type SavedPlan, type SavedRows, signPlan } from './saved-plan.ts';

/** Nobody reads of more. */
const MOST_TOLD = 1000;

/** Routes that are like one: what is done to that one is done to them. */
interface Rows {
  readonly op: OpOf<'route'>;
  readonly columns: PrefixColumns;
}

const valueText = (value: Value | undefined): string => (value === undefined ? 'unset' : JSON.stringify(value));

/** How one slot differs from what it held; undefined where it does not. */
const differenceOf = (
  { kind, objects }: Pick<BasisEntry, 'kind' | 'objects'>,
  present: readonly AnyObject[],
): string | undefined => {
  const { describe, identity } = kindOf(kind);
  const [was] = objects;
  const [is] = present;
  if (was === undefined) return is === undefined ? undefined : `${describe(is)} has appeared`;
  if (is === undefined) return `${describe(was)} has gone`;
  if (objects.length !== present.length) return `${describe(was)} has ${present.length} entries, not ${objects.length}`;
  for (const [i, object] of objects.entries()) {
    const now = present.find((other) => identity(other) === identity(object)) ?? (present[i] as AnyObject);
    const [difference] = compare(kind, object as never, now as never, 'preserved');
    if (difference === undefined) continue;
    const { field, before, after } = difference;
    return `${describe(object)}: ${field} was ${valueText(after)} and is ${valueText(before)}`;
  }
  return undefined;
};

const rowsOfSaved = ({ op, to, length }: SavedRows): Rows => {
  const { to: _, ...body } = op.object;
  return { op, columns: listOf({ body, to, length }) };
};

const rowsOfPlan = ({ steps, bulks = [] }: Plan): readonly Rows[] =>
  bulks.map(({ like, columns }) => ({ op: steps[like]?.op as OpOf<'route'>, columns }));

const withoutTo = (route: Route | undefined): Value =>
  route === undefined ? null : ({ ...route, to: '' } as unknown as Value);

const isLike = ({ op: a }: Rows, { op: b }: Rows): boolean =>
  a.action === b.action &&
  sameValue(withoutTo(a.object), withoutTo(b.object)) &&
  sameValue(withoutTo(a.before), withoutTo(b.before));

/** What stood in the place of a route before what is done to those like it. */
const oldOf = ({ action, object, before }: OpOf<'route'>, to: string): readonly Route[] => {
  if (action === 'create') return [];
  return [{ ...(before ?? object), to }];
};

/** What a look at the kernel, and the plan that was made from it, tell of the places of routes. */
class Places {
  /** what was not left out, by slot */
  readonly #held = new Map<string, Route[]>();
  readonly #rows: readonly Rows[];
  readonly #made: ReadonlySet<string>;
  readonly #lists: readonly RouteList[];

  constructor(plan: Plan, rows: readonly Rows[], { route: routes }: State) {
    this.#rows = rows;
    const { slot } = ROUTE;
    for (const route of routes) {
      const beside = this.#held.get(slot(route));
      if (beside === undefined) this.#held.set(slot(route), [route]);
      else beside.push(route);
    }
    this.#made = new Set(
      plan.steps.flatMap(({ op }) => (op.kind === 'route' && op.action === 'create' ? slot(op.object) : [])),
    );
    this.#lists = plan.listed?.lists ?? [];
  }

  /** @param route - whose place it is */
  at(route: Route): readonly Route[] {
    const slot = ROUTE.slot(route);
    const held = this.#held.get(slot);
    if (held !== undefined) return held;
    if (this.#made.has(slot)) return [];
    for (const { op, columns } of this.#rows)
      if (sharePlace(op.object, route) && rowOf(columns, route) >= 0) return oldOf(op, route.to);
    // of a list, and neither there to be changed nor missing: it is as it should be, and was left out
    const list = this.#lists.find((one) => sharePlace(one.body, route) && rowOf(one, route) >= 0);
    return list === undefined ? [] : [{ ...list.body, to: route.to }];
  }
}

/** Rows that are not among others to which the same is done. */
function* rowsBeyond(rows: Rows, others: readonly Rows[]): Generator<number> {
  const same = others.filter((other) => isLike(rows, other));
  const next = same.map(() => 0);
  for (let row = 0; row < countRows(rows.columns); row++) {
    const isFound = same.some(({ columns }, i) => {
      const found = findPrefix(columns, rows.columns, row, next[i]);
      next[i] = found >= 0 ? found + 1 : -1 - found;
      return found >= 0;
    });
    if (!isFound) yield row;
  }
}

const titleAt = ({ op, columns }: Rows, row: number): string => titleOf(routeOpAt({ ...columns, like: op }, row));

/** How what a saved plan depends on differs from what is there now. */
function* changedSince(saved: SavedPlan, savedRows: readonly Rows[], fresh: Plan, observed: State): Generator<string> {
  const rows = rowsOfPlan(fresh);
  const held = objectsIn(observed, new Set(saved.basis.map(({ kind, slot }) => refKey(kind, slot))));
  const places = new Places(fresh, rows, observed);
  for (const entry of saved.basis) {
    const { kind, slot } = entry;
    const now = kind === 'route' ? places.at(placeOfSlot(slot)) : (held.get(refKey(kind, slot)) ?? []);
    const difference = differenceOf(entry, now);
    if (difference !== undefined) yield difference;
  }
  for (const some of savedRows) {
    const { op, columns } = some;
    for (const row of rowsBeyond(some, rows)) {
      const to = formatPrefixAt(columns, row);
      const difference = differenceOf({ kind: 'route', objects: oldOf(op, to) }, places.at({ ...op.object, to }));
      if (difference !== undefined) yield difference;
    }
  }
}

interface Steps {
  readonly titles: ReadonlySet<string>;
  readonly rows: readonly Rows[];
}

/** The titles of steps that others do not have. */
function* titlesBeyond({ titles, rows }: Steps, others: Steps): Generator<string> {
  const lost = new Set([...titles].filter((title) => !others.titles.has(title)));
  if (lost.size > 0)
    for (const some of others.rows)
      for (let row = 0; row < countRows(some.columns); row++) lost.delete(titleAt(some, row));
  yield* lost;
  for (const some of rows) {
    for (const row of rowsBeyond(some, others.rows)) {
      const title = titleAt(some, row);
      if (!others.titles.has(title)) yield title;
    }
  }
}

function* stepsSince(saved: Steps, fresh: Steps): Generator<string> {
  for (const title of titlesBeyond(fresh, saved)) yield `a step is needed that the plan does not have: ${title}`;
  for (const title of titlesBeyond(saved, fresh)) yield `a step of the plan is not needed any more: ${title}`;
}

const firstOf = (messages: Iterable<string>): readonly string[] => {
  const told: string[] = [];
  for (const message of messages) {
    if (told.length === MOST_TOLD) return [...told, 'and more'];
    told.push(message);
  }
  return told;
};

/**
 * What has changed since a plan was saved, as far as it matters to it: the objects that it touches or relies on, and what
 * would be done now. Pure.
 * @param fresh - the plan made now, for the same desired state; tells of every route (PlanWalk)
 * @param observed - what it was made from
 * @returns one diagnostic each, up to some number; empty = the plan can be carried out as it was shown
 */
export const differencesSince = (saved: SavedPlan, fresh: Plan, observed: State): readonly Diagnostic[] => {
  const savedRows = (saved.routes ?? []).map(rowsOfSaved);
  let messages = firstOf(changedSince(saved, savedRows, fresh, observed));
  if (messages.length === 0 && signPlan(fresh) !== saved.signature) {
    const now = { titles: new Set(fresh.steps.map(({ title }) => title)), rows: rowsOfPlan(fresh) };
    messages = firstOf(stepsSince({ titles: new Set(saved.titles), rows: savedRows }, now));
    if (messages.length === 0) messages = ['the same steps would change other fields'];
  }
  return messages.map((message) => ({ code: 'NR_PLAN_STALE', severity: 'error', message }));
};
