import type { Source } from '../../model/desired.ts';
import { type Encap, encapDev } from '../../model/encap.ts';
import type { Link } from '../../model/link.ts';
import type { Neighbor } from '../../model/neighbor.ts';
import type { OpOf } from '../../model/op.ts';
import type { Route } from '../../model/route.ts';
import type { State } from '../../model/state.ts';
import { applyOperation } from '../effects/index.ts';
import type { ChangeReason } from './plan-types.ts';
import type { TransitionStep } from './transition.ts';
import type { WorkingState } from './working-state.ts';

/**
 * A state in which one link has another name, and everything that names it follows. Rules keep the old name: the kernel
 * matches them by name (they become [detached]).
 */
export const renameInState = (state: State, from: string, to: string): State => {
  const name = <T extends string | null | undefined>(value: T): T => (value === from ? (to as T) : value);
  const link = (l: Link): Link => ({
    ...l,
    name: name(l.name),
    master: name(l.master),
    link: name(l.link),
    ...(l.options === undefined
      ? {}
      : {
          options: Object.fromEntries(
            Object.entries(l.options).map(([k, v]) => [k, k === 'peer' || k === 'dev' ? name(v as string) : v]),
          ),
        }),
  });
  const uses = (l: Link): boolean =>
    l.name === from || l.master === from || l.link === from || l.options?.peer === from || l.options?.dev === from;
  const encap = (e: Encap | undefined): Encap | undefined =>
    encapDev(e).includes(from) ? ({ ...e, oif: to } as Encap) : e;
  const hop = <W extends { readonly dev?: string; readonly encap?: Encap }>(way: W): W => ({
    ...way,
    ...(way.dev === from && { dev: to }),
    ...(way.encap !== undefined && { encap: encap(way.encap) }),
  });
  const goesBy = (way: { readonly dev?: string; readonly encap?: Encap }): boolean =>
    way.dev === from || encapDev(way.encap).includes(from);
  const route = (r: Route): Route => (r.hops.some(goesBy) ? { ...r, hops: r.hops.map(hop) } : r);
  const neighbor = (n: Neighbor): Neighbor => {
    if (n.type === 'fdb') return n.dev === from || n.via === from ? { ...n, dev: name(n.dev), via: name(n.via) } : n;
    if (n.type === 'mdb') return n.dev === from || n.port === from ? { ...n, dev: name(n.dev), port: name(n.port) } : n;
    return n.dev === from ? { ...n, dev: to } : n;
  };
  return {
    link: state.link.map((l) => (uses(l) ? link(l) : l)),
    address: state.address.map((a) => (a.dev === from ? { ...a, dev: to, label: a.label === from ? to : a.label } : a)),
    nexthop: state.nexthop.map((n) => (goesBy(n) ? hop(n) : n)),
    route: state.route.map(route),
    mpls: state.mpls.map((r) => (r.hops.some(goesBy) ? { ...r, hops: r.hops.map(hop) } : r)),
    rule: state.rule,
    neighbor: state.neighbor.map(neighbor),
  };
};

/** A link that is to have another name, and on whose behalf. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  readonly reason: ChangeReason;
  readonly source?: Source;
}

export interface Renamed {
  /** the state under the new names, in which nothing has been lost yet */
  readonly state: State;
  /**
   * The messages, which come before all others. They are also applied to a model of `state`: where a link has to go down
   * for its new name, what it loses by that is gone from `working`.
   */
  readonly stepsOn: (working: WorkingState) => readonly TransitionStep[];
}

const update = (object: Link, before: Link, stage: 'rename' | 'down', fields: readonly string[]): OpOf<'link'> => ({
  kind: 'link',
  action: 'update',
  object,
  before,
  stage,
  fields,
});

/**
 * Renames come first: everything after them speaks of the new names.
 * @param whileUp - false where the kernel renames links that are down only (dev_change_name, before Linux 6.2)
 */
export const planRenames = (renames: readonly Rename[], observed: State, whileUp: boolean): Renamed => {
  let state = observed;
  const done: { readonly before: Link; readonly rename: Rename }[] = [];
  for (const rename of renames) {
    const before = state.link.find(({ name }) => name === rename.from);
    if (before === undefined) continue;
    done.push({ before, rename });
    state = renameInState(state, rename.from, rename.to);
  }
  const stepsOn = (working: WorkingState): readonly TransitionStep[] =>
    done.flatMap(({ before, rename: { from, to, reason, source } }) => {
      const after: Link = { ...before, name: to, renamed_from: from };
      const differences = [{ field: 'name', before: from, after: to, recreate: false }];
      const change = { kind: 'link', slot: to, action: 'update', reason, before, after, differences, source } as const;
      const rename = { op: update(after, before, 'rename', ['name']), change, taken: [] };
      if (whileUp || before.state !== 'up') return [rename];
      const closed = { ...before, state: 'down' } as const;
      const named = { ...after, renamed_from: undefined };
      const taken = applyOperation(working, update({ ...named, state: 'down' }, named, 'down', ['state']));
      const renameClosed = update({ ...after, state: 'down' }, closed, 'rename', ['name']);
      return [
        { op: update(closed, before, 'down', ['state']), change, taken },
        { ...rename, op: renameClosed },
      ];
    });
  return { state, stepsOn };
};
