import type { Link } from '../../model/link.ts';
import { vniChange, vnisInBetween } from '../../model/link-kinds/vxlan-vnis.ts';
import type { Value } from '../../model/value.ts';

const withVnis = (link: Link, vnis: Value): Link => ({ ...link, options: { ...link.options, vnis } });

/** The messages that give a VXLAN its VNIs: those that come or go elsewhere, then those that leave. */
export const vniSteps = (object: Link, before: Link): readonly { readonly object: Link; readonly before: Link }[] => {
  const wanted = object.options?.vnis;
  if (wanted === undefined) return [];
  const present = before.options?.vnis ?? [];
  const { set, removed } = vniChange(present, wanted);
  const between = vnisInBetween(present, wanted);
  return [
    ...(set.length > 0 ? [{ object: withVnis(object, between), before: withVnis(before, present) }] : []),
    ...(removed.length > 0 ? [{ object, before: withVnis(before, between) }] : []),
  ];
};
