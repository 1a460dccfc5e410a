import type { Link } from '../../model/link.ts';
import { fieldsOfNew } from '../plan/describe-plan.ts';
import type { Cascade, PlanChange, PlanStep } from '../plan/plan-types.ts';
import type { Crossing } from './crossings.ts';
import { placePlan, type WorldPart } from './merge-plans.ts';
import type { ScopeName } from './world.ts';

/**
 * What happens in one namespace. The steps of a change are counted from the next part that has any: what an operation does
 * elsewhere stands in a part of that namespace, before the one in which it is sent.
 */
export const partOf = (netns: ScopeName, steps: readonly PlanStep[], changes: readonly PlanChange[]): WorldPart => ({
  netns,
  plan: placePlan(netns, {
    steps,
    changes,
    summary: { create: 0, update: 0, replace: 0, delete: 0, restore: 0 },
    warnings: [],
  }),
});

const changeOf = (
  { declared }: Crossing,
  link: Link,
  about: Pick<PlanChange, 'action' | 'fields' | 'disruptive'>,
): PlanChange => ({
  kind: 'link',
  key: link.name,
  title: `link ${link.name}`,
  reason: 'declared',
  steps: [0],
  source: declared.source,
  ...about,
});

const creationOf = (crossing: Crossing, link: Link, shown: Link): PlanChange =>
  changeOf(crossing, link, {
    action: 'create',
    fields: fieldsOfNew('link', shown).map(([field, after]) => ({
      field,
      before: undefined,
      after,
      forcesReplace: false,
    })),
    disruptive: [],
  });

const departureOf = (crossing: Crossing): PlanChange => {
  const { object, before } = crossing.op;
  return changeOf(crossing, object, {
    action: 'update',
    fields: [{ field: 'netns', before: undefined, after: object.netns, forcesReplace: false }],
    disruptive: before?.state === 'up' ? ['it leaves this namespace: what goes through it here stops'] : [],
  });
};

const titleOf = ({ op, declared }: Crossing): string => {
  const { netns } = op.object;
  const { name } = declared.object;
  if (op.action === 'update') return `move link ${name} to netns ${netns}`;
  return netns === undefined ? `create link ${name}` : `create link ${name} in netns ${netns}`;
};

/** A crossing as parts of the plan: each link where it turns up, and the operation where it is sent. */
export const partsOfCrossing = (crossing: Crossing, cascades: readonly Cascade[]): readonly WorldPart[] => {
  const { from, op, arrivals, declared, shown } = crossing;
  const step: PlanStep = { op, title: titleOf(crossing), source: declared.source, cascades };
  if (op.action === 'update') return [partOf(from, [step], [departureOf(crossing)])];
  const creations = arrivals.map(({ netns, link }, i) => ({
    netns,
    // of the second end nothing is said here but what it is
    change: creationOf(crossing, link, i === 0 ? shown : { name: link.name, index: 0, kind: 'veth' }),
  }));
  const here = creations.filter(({ netns }) => netns === from);
  const elsewhere = creations.filter(({ netns }) => netns !== from);
  return [
    ...elsewhere.map(({ netns, change }) => partOf(netns, [], [change])),
    partOf(
      from,
      [step],
      here.map(({ change }) => change),
    ),
  ];
};
