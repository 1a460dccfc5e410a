import type { Declared } from '../model/desired.ts';
import { canonicalAddress, canonicalLladdr } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import { FIRST_LABEL, LAST_LABEL, type MplsHop, type MplsRoute } from '../model/mpls-route.ts';
import { declare, type Entry, type FieldNames, fieldSources, innerEntry, isOn, resolveName } from './entry.ts';
import type { NameTables } from './names.ts';
import type { Route } from './schema.gen.ts';

/** RFC 3032 2.1: says "take the label off" in signalling, and stands in no packet. */
const IMPLICIT_NULL = 3;
/** net/mpls/internal.h MAX_NEW_LABELS */
const MOST_LABELS = 30;

/** The keys of a route that say something of a label. */
const ROUTE_KEYS: ReadonlySet<string> = new Set([
  'to',
  'family',
  'as',
  'via',
  'dev',
  'nexthops',
  'ttl_propagate',
  'protocol',
  'state',
  'adopt',
]);
const WAY_KEYS: ReadonlySet<string> = new Set(['as', 'via', 'dev']);

const FIELD_NAMES: FieldNames = {
  to: 'label',
  family: null,
  as: 'hops',
  via: 'hops',
  dev: 'hops',
  nexthops: 'hops',
  state: null,
  adopt: null,
};

interface Way {
  readonly as?: number | string;
  readonly via?: string;
  readonly dev?: string;
}

/**
 * A route of `family: mpls` as the file writes it: whole, so that an absent field is a default.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeMplsRoute = (entry: Entry<Route>, names: NameTables): Declared<MplsRoute> | undefined => {
  const { value } = entry;
  const before = entry.problems.count;
  for (const key of Object.keys(value)) {
    if (ROUTE_KEYS.has(key) || (key === 'type' && value.type === 'unicast')) continue;
    entry.problem('NR_CONTRADICTION', `an MPLS route has no ${key}`, key);
  }
  const label = readLabel(entry);
  const protocol =
    value.protocol === undefined
      ? NETRECON_PROTOCOL
      : resolveName(entry, 'protocol', names.protocols, { file: 'rt_protos', max: 255 });
  const hops = readHops(entry);
  if (label === undefined || entry.problems.count > before) return undefined;
  const object: MplsRoute = {
    label,
    protocol: protocol ?? NETRECON_PROTOCOL,
    ...(value.ttl_propagate !== undefined && { ttl_propagate: isOn(value.ttl_propagate) }),
    hops,
  };
  return declare(entry, object, fieldSources(entry, FIELD_NAMES));
};

const readLabel = (entry: Entry<Route>): number | undefined => {
  const { to } = entry.value;
  if (to === undefined) {
    entry.problem('NR_SCHEMA', 'an MPLS route needs "to", its label');
    return undefined;
  }
  const label = /^[0-9]+$/.test(`${to}`) ? Number(to) : undefined;
  if (label !== undefined && label >= FIRST_LABEL && label <= LAST_LABEL) return label;
  entry.problem(
    'NR_BAD_VALUE',
    label === undefined
      ? `${JSON.stringify(to)} is no label`
      : `no route can have label ${label}: they are ${FIRST_LABEL} to ${LAST_LABEL}`,
    'to',
  );
  return undefined;
};

const readHops = (entry: Entry<Route>): readonly MplsHop[] => {
  const { value } = entry;
  if (value.nexthops !== undefined) {
    for (const key of ['as', 'via', 'dev'] as const) {
      if (value[key] !== undefined)
        entry.problem('NR_CONTRADICTION', `${key} does not go with nexthops`, key, 'move it into the list');
    }
    return value.nexthops.flatMap((way, i) => readListedHop(innerEntry<Way>(entry, way, 'nexthops', i)) ?? []);
  }
  if (value.via !== undefined || value.dev !== undefined) return readHop(entry as Entry<Way>) ?? [];
  if (value.state !== 'absent') {
    const hint = 'write via, dev or nexthops; dev: lo gives what is below the label to this host';
    entry.problem('NR_CONTRADICTION', `mpls route ${value.to} leads nowhere`, undefined, hint);
  }
  return [];
};

/** The kernel takes neither weights nor flags for the ways of a label (af_mpls.c mpls_nh_build_multi). */
const readListedHop = (way: Entry<Way>): readonly MplsHop[] | undefined => {
  for (const [key, value] of Object.entries(way.value)) {
    if (WAY_KEYS.has(key) || (key === 'weight' && value === 1)) continue;
    way.problem('NR_CONTRADICTION', `a way of an MPLS route has no ${key}`, key);
  }
  if (way.value.via !== undefined || way.value.dev !== undefined) return readHop(way);
  way.problem('NR_CONTRADICTION', 'a way needs via or dev');
  return undefined;
};

const readHop = (entry: Entry<Way>): readonly MplsHop[] | undefined => {
  const { value } = entry;
  const as = value.as === undefined ? [] : readStack(entry, value.as);
  const via = value.via === undefined ? undefined : readVia(entry, value.via);
  if (as === undefined || (value.via !== undefined && via === undefined)) return undefined;
  return [{ as, ...(via !== undefined && { via }), ...(value.dev !== undefined && { dev: value.dev }) }];
};

const readStack = (entry: Entry<Way>, written: number | string): readonly number[] | undefined => {
  const labels = `${written}`.split('/').map((part) => (/^[0-9]+$/.test(part) ? Number(part) : undefined));
  const bad = labels.findIndex((label) => label === undefined || label > LAST_LABEL || label === IMPLICIT_NULL);
  if (bad >= 0) {
    const isNull = labels[bad] === IMPLICIT_NULL;
    entry.problem(
      'NR_BAD_VALUE',
      isNull ? 'label 3 (implicit null) is never put on a packet' : `${JSON.stringify(written)} is no stack of labels`,
      'as',
      isNull
        ? 'leave `as` out: the label is taken off, and none put on'
        : `labels from 0 to ${LAST_LABEL}, outermost first: 200/300`,
    );
    return undefined;
  }
  if (labels.length > MOST_LABELS) {
    entry.problem('NR_BAD_VALUE', `the kernel puts on ${MOST_LABELS} labels at most, not ${labels.length}`, 'as');
    return undefined;
  }
  return labels as readonly number[];
};

const readVia = (entry: Entry<Way>, written: string): string | undefined => {
  const address = canonicalAddress(written);
  if (address !== undefined) return address;
  const lladdr = canonicalLladdr(written);
  if (lladdr === undefined) entry.problem('NR_BAD_VALUE', `${JSON.stringify(written)} is no address`, 'via');
  else if (entry.value.dev === undefined)
    entry.problem('NR_CONTRADICTION', `the link-layer address ${lladdr} needs dev`, 'via');
  return lladdr;
};
