import { kindOf } from '../../src/model/kinds.ts';
import type { Link } from '../../src/model/link.ts';
import { linkFields } from '../../src/model/link-fields.ts';
import type { Neighbor } from '../../src/model/neighbor.ts';
import { type AnyObject, KIND_NAMES, type KindName, type State } from '../../src/model/state.ts';
import { sameValue } from '../../src/model/value.ts';

/** Clocks, and what duplicate address detection says when it comes to it. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'valid_lft',
  'preferred_lft',
  'expires',
  'tentative',
  'dadfailed',
  'dynamic',
  'raw',
]);

/** The state of a bridge port follows its carrier, its cost the speed. */
const LEFT_OUT_OF_LINKS: ReadonlySet<string> = new Set(['port.state', 'port.cost', 'options.active_slave']);

/** MAC address and MTU of a bond's ports are the bond's, the MAC address of a VLAN may be that of its parent. */
const followsAnother = (link: Link, name: string): boolean =>
  (name === 'lladdr' && (link.kind === 'vlan' || link.kind === 'bond' || link.port?.kind === 'bond')) ||
  (name === 'mtu' && link.port?.kind === 'bond');

/** What the kernel fills in of an object that was asked for without. */
const FILLED_IN: { readonly [K in KindName]?: ReadonlySet<string> } = {
  address: new Set(['label', 'scope', 'broadcast', 'nodad', 'metric', 'protocol']),
};

const isUnset = (value: unknown): boolean => value === undefined || value === false || value === null || value === 0;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (kind: KindName, object: AnyObject): Fields => {
  if (kind === 'link') {
    const link = object as Link;
    const entries = Object.entries(linkFields(link)).map(([name, field]) => [
      name,
      field.get === undefined ? link[name as keyof Link] : field.get(link),
    ]);
    return Object.fromEntries(
      [...entries, ['port', link.port?.kind]].filter(
        ([name]) => !LEFT_OUT_OF_LINKS.has(name as string) && !followsAnother(link, name as string),
      ),
    );
  }
  const { ...fields } = object as unknown as Record<string, unknown>;
  for (const name of LEFT_OUT) delete fields[name];
  // follows from the gateway; no message carries it
  if (kind === 'nexthop') delete fields.scope;
  if (kind === 'route')
    fields.hops = (fields.hops as object[]).map((hop) => JSON.stringify(Object.entries(hop).sort())).sort();
  return fields;
};

/** The fields in which two objects differ. Of a new link the model holds what was asked for, and the kernel the rest. */
const differingFields = (kind: KindName, modelled: AnyObject, observed: AnyObject): string[] => {
  const [a, b] = [fieldsOf(kind, modelled), fieldsOf(kind, observed)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => {
    if (sameValue(a[name], b[name]) || (isUnset(a[name]) && isUnset(b[name]))) return false;
    return a[name] !== undefined || (kind !== 'link' && FILLED_IN[kind]?.has(name) !== true) || name === 'port';
  });
};

/** A bridge with VLANs makes an entry for each of the port's beside the one asked for (br_fdb.c br_fdb_add). */
const isCopyForVlan = (kind: KindName, object: AnyObject): boolean => {
  if (kind !== 'neighbor') return false;
  const entry = object as Neighbor;
  return entry.type === 'fdb' && entry.where === 'master' && entry.vlan !== undefined;
};

const bySlot = (kind: KindName, objects: readonly AnyObject[]): Map<string, AnyObject[]> => {
  const map = new Map<string, AnyObject[]>();
  for (const object of objects) {
    if (kindOf(kind).isKernels(object) || isCopyForVlan(kind, object)) continue;
    const key = kindOf(kind).slot(object);
    const list = map.get(key);
    if (list === undefined) map.set(key, [object]);
    else list.push(object);
  }
  return map;
};

const short = (object: AnyObject): string => JSON.stringify(object).slice(0, 400);

const compareSlot = (kind: KindName, expected: readonly AnyObject[], present: readonly AnyObject[]): string[] => {
  const left = [...present];
  const missing = expected.filter((object) => {
    const at = left.findIndex((entry) => differingFields(kind, object, entry).length === 0);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const [object] = missing;
  const [entry] = left;
  if (missing.length === 1 && left.length === 1 && object !== undefined && entry !== undefined) {
    const [a, b] = [fieldsOf(kind, object), fieldsOf(kind, entry)];
    return differingFields(kind, object, entry).map(
      (name) =>
        `${kindOf(kind).describe(object)}: ${name}: model ${JSON.stringify(a[name])}, kernel ${JSON.stringify(b[name])}`,
    );
  }
  return [
    ...missing.map((item) => `only the model has ${kindOf(kind).describe(item)} ${short(item)}`),
    ...left.map((item) => `only the kernel has ${kindOf(kind).describe(item)} ${short(item)}`),
  ];
};

/** What differs between the modelled and the observed state, one line each; empty = they agree. */
export const disagreements = (modelled: State, observed: State): string[] => {
  const out: string[] = [];
  for (const kind of KIND_NAMES) {
    const expected = bySlot(kind, modelled[kind]);
    const present = bySlot(kind, observed[kind]);
    for (const slot of new Set([...expected.keys(), ...present.keys()])) {
      out.push(...compareSlot(kind, expected.get(slot) ?? [], present.get(slot) ?? []));
    }
  }
  return out;
};
