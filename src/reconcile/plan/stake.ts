import { kindOf } from '../../model/kinds.ts';
import type { Route } from '../../model/route.ts';
import { rowOf, sharePlace } from '../../model/route-list.ts';
import { refKey } from './goal-restore.ts';
import { touchedBy } from './plan.ts';
import type { Plan } from './plan-types.ts';

/** What a transaction is about. */
export interface Stake {
  /** keys (refKey) of the slots that it touches or relies on */
  readonly slots: ReadonlySet<string>;
  /** links that go with it: their deletion is no surprise, whoever the kernel says it comes from */
  readonly doomedLinks: ReadonlySet<string>;
  /** whether a route is one of a bulk that it touches; default: none is */
  readonly isInBulk?: (route: Route) => boolean;
}

/** The slots that a plan touches, and the links that its steps name. Pure. */
export const stakeOf = (plan: Plan): Stake => {
  const slots = new Set(touchedBy(plan).map(({ kind, slot }) => refKey(kind, slot)));
  const doomedLinks = new Set<string>();
  // a link that is to go may have no step of its own: it goes with another
  for (const { kind, key, action } of plan.changes) if (kind === 'link' && action === 'delete') doomedLinks.add(key);
  for (const { op, cascades } of plan.steps) {
    for (const dev of kindOf(op.kind).devs(op.object)) slots.add(refKey('link', dev));
    // to its namespace a link that leaves is one that goes
    if (op.kind === 'link' && op.stage === 'netns') doomedLinks.add(op.object.name);
    if (op.kind === 'link' && op.action === 'delete') {
      doomedLinks.add(op.object.name);
      const peer = op.object.options?.peer;
      if (typeof peer === 'string') doomedLinks.add(peer);
    }
    for (const { kind, key, effect } of cascades) if (kind === 'link' && effect === 'removed') doomedLinks.add(key);
  }
  const bulks = (plan.bulks ?? []).map(({ like, columns }) => ({
    columns,
    body: plan.steps[like]?.op.object as Route,
  }));
  const isInBulk = (route: Route): boolean =>
    bulks.some(({ body, columns }) => sharePlace(body, route) && rowOf(columns, route) >= 0);
  return { slots, doomedLinks, ...(bulks.length === 0 ? {} : { isInBulk }) };
};
