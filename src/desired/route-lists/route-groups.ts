import { ColumnBuilder } from '../../model/column-builder.ts';
import type { Family } from '../../model/ip.ts';
import { rowsOfPrefix, wordsOf } from '../../model/prefix-columns.ts';
import type { Entry } from '../entry.ts';
import type { Route } from '../schema.gen.ts';

/** Routes of one list that differ in nothing but their destination. */
export interface RouteGroup {
  readonly family: Family;
  /** what the list says of the first of them; absent: nothing but the destination */
  readonly said?: Entry<Route>;
  /** each with its place in the list, ascending */
  readonly rows: ColumnBuilder;
  /** the same destination may come several times */
  readonly repeats?: true;
}

/** One row, of the destination `default`. */
export const DEFAULT_ROWS = { inet: rowsOfPrefix('0.0.0.0/0'), inet6: rowsOfPrefix('::/0') } as const;

/** The same text for what says the same, in whatever order. */
const keyOf = (said: Entry<Route>): string =>
  JSON.stringify(Object.entries(said.value).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The routes of one list, by what it says of them. */
export class RouteGroups {
  readonly #groups = new Map<string, RouteGroup>();

  /** In the order of the first route of each. */
  get all(): readonly RouteGroup[] {
    return [...this.#groups.values()];
  }

  /** The group of routes of which a list says this, made where there is none yet. */
  of(family: Family, said?: Entry<Route>, repeats?: true): RouteGroup {
    const isBare = said === undefined || Object.keys(said.value).length === 0;
    const key = `${family} ${isBare ? '' : keyOf(said)}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group = {
      family,
      rows: new ColumnBuilder(wordsOf(family)),
      ...(isBare ? {} : { said }),
      ...(repeats === true && { repeats }),
    };
    this.#groups.set(key, group);
    return group;
  }
}
