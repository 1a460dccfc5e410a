import type { Declared, Desired } from '../../model/desired.ts';
import { KINDS } from '../../model/kinds.ts';
import type { Link } from '../../model/link.ts';
import { KIND_NAMES, type State } from '../../model/state.ts';
import { standsOn } from './select.ts';

const isThere = ({ name, renamed_from: from }: Link, present: ReadonlySet<string>): boolean =>
  present.has(name) || (from !== undefined && present.has(from));

/**
 * Links that the files declare, that cannot be created, and that are not there: with all that is declared on top of them.
 * @param all every such link may be missing, and not only those with `optional: true`
 */
export const missingLinks = (desired: Desired, state: State, all: boolean): ReadonlySet<string> => {
  const mayWait = ({ object, absent, optional }: Declared<Link>): boolean =>
    !absent && object.kind === undefined && (all || optional === true);
  const missing = new Set<string>();
  if (!desired.objects.link.some(mayWait)) return missing;
  const present = new Set(state.link.map(({ name }) => name));
  for (const { object, absent } of desired.objects.link) {
    const peer = absent ? undefined : object.options?.peer;
    if (typeof peer === 'string') present.add(peer);
  }
  for (const declared of desired.objects.link)
    if (mayWait(declared) && !isThere(declared.object, present)) missing.add(declared.object.name);
  // what stands on a missing link cannot be made either
  for (let before = -1; before !== missing.size; ) {
    before = missing.size;
    for (const { object, absent } of desired.objects.link) {
      if (!absent && object.kind !== undefined && KINDS.link.devs(object).some((dev) => missing.has(dev)))
        missing.add(object.name);
    }
  }
  return missing;
};

/** The files without the missing links and all that stands on them, routes through a gateway on them included. */
export const withoutLinks = (desired: Desired, missing: ReadonlySet<string>): Desired => {
  if (missing.size === 0) return desired;
  const addresses = desired.objects.address.flatMap(({ object, absent }) =>
    !absent && missing.has(object.dev) ? [object] : [],
  );
  const objects = Object.fromEntries(
    KIND_NAMES.map((kind) => [
      kind,
      (desired.objects[kind] as Desired['objects'][typeof kind]).filter(
        ({ object }) =>
          !(kind === 'link' && missing.has((object as Link).name)) && !standsOn(kind, object, missing, addresses),
      ),
    ]),
  );
  return { ...desired, objects: objects as unknown as Desired['objects'] };
};
