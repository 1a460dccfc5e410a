import type { Declared, Desired } from '../../model/desired.ts';
import { type Diagnostic, formatSource } from '../../model/errors.ts';
import { memberIds, NEXTHOP } from '../../model/nexthop.ts';
import { advise } from './advice.ts';

const present = <T>(declared: readonly Declared<T>[]): readonly Declared<T>[] =>
  declared.filter(({ absent }) => !absent);

/** The numbers that something of the files goes by: routes, groups, forwarding entries, ports with a backup. */
const usedIds = ({ objects }: Desired): ReadonlySet<unknown> => {
  const used = new Set<unknown>();
  for (const { object } of present(objects.route)) used.add(object.nhid);
  for (const { object } of present(objects.nexthop)) for (const id of memberIds(object)) used.add(id);
  for (const { object } of present(objects.neighbor)) if (object.type === 'fdb') used.add(object.nhid);
  for (const { object } of present(objects.link)) used.add(object.port?.options.backup_nhid);
  return used;
};

/** Nexthop objects that nothing goes by, and those through a link that is to be down. */
export const lintNexthops = (desired: Desired): readonly Diagnostic[] => {
  const used = usedIds(desired);
  const down = new Map(
    present(desired.objects.link).flatMap(({ object, source }) =>
      object.state === 'down' ? [[object.name, source] as const] : [],
    ),
  );
  return present(desired.objects.nexthop).flatMap(({ object, source, fields }) => {
    const at = object.dev === undefined ? undefined : down.get(object.dev);
    const name = NEXTHOP.describe(object);
    return [
      ...(used.has(object.id)
        ? []
        : [advise('NR_LINT_UNUSED_NEXTHOP', `no route, group or forwarding entry goes by ${name}`, source)]),
      ...(at === undefined
        ? []
        : [
            advise(
              'NR_LINT_ROUTE_THROUGH_DOWN',
              `${name} goes through ${object.dev}, which is to be down (${formatSource(at)})`,
              fields.dev ?? source,
            ),
          ]),
    ];
  });
};
