import type { Link } from '../../model/link.ts';
import { linkFields } from '../../model/link-fields.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import type { LinkKindSpec } from '../../model/link-kinds/spec.ts';
import { mayShareLladdr, type Neighbor } from '../../model/neighbor.ts';
import { LINK_STAGES, type LinkStage, type Op, type OpOf } from '../../model/op.ts';
import { sameValue } from '../../model/value.ts';
import { compare, type Difference } from './compare.ts';
import type { Change } from './diff.ts';
import { createdLink } from './fresh-link.ts';
import { vlanSteps } from './vlan-ops.ts';
import { vniSteps } from './vni-ops.ts';
import { wireguardSteps } from './wireguard-ops.ts';
import type { WorkingState } from './working-state.ts';

const specOf = (link: Link | undefined): LinkKindSpec | undefined => LINK_KINDS[link?.kind ?? ''];

const update = (object: Link, before: Link, stage: LinkStage, fields: readonly string[]): OpOf<'link'> => ({
  kind: 'link',
  action: 'update',
  object,
  before,
  fields,
  stage,
});

/** The part of the differences that one message carries. */
const fieldsOf = (differences: readonly Difference[], link: Link, stage: LinkStage, late: boolean): string[] => {
  const table = linkFields(link);
  return differences
    .filter(({ field }) => table[field]?.stage === stage && (table[field]?.afterPorts === true) === late)
    .map(({ field }) => field);
};

/** RTM_NEWLINKPROP and RTM_DELLINKPROP are messages of their own: names that go, then names that come. */
const altnameOps = (object: Link, before: Link): OpOf<'link'>[] => {
  const old = before.altnames ?? [];
  const next = object.altnames ?? [];
  const kept = old.filter((name) => next.includes(name));
  const ops: OpOf<'link'>[] = [];
  if (kept.length < old.length) ops.push(update({ ...object, altnames: kept }, before, 'altnames', ['altnames']));
  if (kept.length < next.length) ops.push(update(object, { ...before, altnames: kept }, 'altnames', ['altnames']));
  return ops;
};

/** The link that a link shall have as its master, as it shall be itself. */
type MasterOf = (link: Link) => Link | undefined;

/**
 * Whether the MAC address follows from joining the master: set before, it would pass for the port's own, which the port
 * gets back when it leaves.
 */
const comesWithMaster = (link: Link, differences: readonly Difference[], masterOf: MasterOf): boolean => {
  if (!differences.some(({ field }) => field === 'master')) return false;
  const master = masterOf(link);
  return link.lladdr === master?.lladdr && specOf(master)?.givesLladdr?.(master?.options ?? {}) === true;
};

/** Changes of an existing link (or of one just created), in the order of the stages. */
const updateLinkOps = (
  object: Link,
  before: Link,
  found: readonly Difference[],
  masterOf: MasterOf,
): OpOf<'link'>[] => {
  const table = linkFields(object);
  const differences = found.filter(({ field }) => field !== 'lladdr' || !comesWithMaster(object, found, masterOf));
  const masterChanges = differences.some(({ field }) => field === 'master');
  const masterSpec = object.port === undefined ? specOf(masterOf(object)) : LINK_KINDS[object.port.kind];
  const attachDown = masterChanges && typeof object.master === 'string' && masterSpec?.attachDown === true;
  const whileDown = differences.some(({ field }) => table[field]?.whileDown === true);
  const goesDown = differences.some(({ field, after }) => field === 'state' && after === 'down');
  const comesUp = differences.some(({ field, after }) => field === 'state' && after === 'up');
  const mustGoDown = goesDown || (before.state === 'up' && (attachDown || whileDown));
  // a port's options are the new master's: those have to be set again
  const portFields = masterChanges && object.port !== undefined ? ownPortFields(object) : [];

  const ops: OpOf<'link'>[] = [];
  for (const stage of LINK_STAGES) {
    if (stage === 'down') {
      if (mustGoDown) ops.push(update({ ...object, state: 'down' }, before, 'down', ['state']));
    } else if (stage === 'up') {
      // bond_enslave opens the port itself
      const opened = attachDown && object.state !== 'down';
      if (!goesDown && !opened && (comesUp || (mustGoDown && object.state !== 'down'))) {
        ops.push(update({ ...object, state: 'up' }, before, 'up', ['state']));
      }
    } else if (stage === 'vlans') {
      for (const step of vlanSteps(object, before, masterOf(object))) {
        ops.push(update(step.object, step.before, 'vlans', [step.field]));
      }
    } else if (stage === 'vnis') {
      for (const step of vniSteps(object, before)) {
        ops.push(update(step.object, step.before, 'vnis', ['options.vnis']));
      }
    } else if (stage === 'wireguard') {
      if (fieldsOf(differences, object, stage, false).length === 0) continue;
      for (const step of wireguardSteps(object, before))
        ops.push(update(step.object, step.before, 'wireguard', step.fields));
    } else if (stage === 'altnames') {
      if (differences.some(({ field }) => field === 'altnames')) ops.push(...altnameOps(object, before));
    } else {
      const fields = stage === 'port' && masterChanges ? portFields : fieldsOf(differences, object, stage, false);
      if (fields.length > 0) ops.push(update(object, before, stage, fields));
    }
  }
  const late = fieldsOf(differences, object, 'options', true);
  if (late.length > 0) ops.push(update(object, before, 'options', late));
  return ops;
};

/** Options that a port does not have from its start; a master may refuse even the default of what its mode has not. */
const ownPortFields = (link: Link): string[] => {
  const table = linkFields(link);
  const specs = LINK_KINDS[link.port?.kind ?? '']?.port;
  return Object.entries(link.port?.options ?? {})
    .filter(([name, value]) => table[`port.${name}`]?.stage === 'port' && !sameValue(value, specs?.[name]?.default))
    .map(([name]) => `port.${name}`);
};

const createLinkOps = (object: Link, masterOf: MasterOf): OpOf<'link'>[] => {
  const created = createdLink(object);
  const differences = compare('link', object, created, 'declared');
  return [
    { kind: 'link', action: 'create', object: created },
    ...updateLinkOps(object, created, differences, masterOf),
  ];
};

const linkOps = (change: Change, masterOf: MasterOf): Op[] => {
  const before = change.before as Link | undefined;
  const after = change.after as Link | undefined;
  if (after === undefined)
    return before === undefined ? [] : [{ kind: 'link', action: 'delete', object: before, before }];
  if (before === undefined) return createLinkOps(after, masterOf);
  // the second end of a veth pair is made by the first, and only changed here
  if (change.action !== 'replace') return updateLinkOps(after, before, change.differences, masterOf);
  return [{ kind: 'link', action: 'delete', object: before, before }, ...createLinkOps(after, masterOf)];
};

/**
 * The messages that carry out one change, in their own order. Pure.
 * @param state - the state in which they will be sent; tells whether a slot is shared
 * @param coming - the links among all changes, as they shall become
 */
export const operationsOf = (change: Change, state: WorkingState, coming: ReadonlyMap<string, Link>): Op[] => {
  const { kind, before, after } = change;
  if (kind === 'link') {
    return linkOps(change, ({ master }) =>
      typeof master === 'string' ? (coming.get(master) ?? state.link(master)) : undefined,
    );
  }
  const others = state.inSlot(kind, change.slot).filter((entry) => entry !== before).length;
  // NLM_F_APPEND keeps the order of several entries in one slot, and lets a second one come back beside the first
  const append =
    (kind === 'route' && (others > 0 || change.reason === 'restore')) ||
    (kind === 'neighbor' && after !== undefined && mayShareLladdr(after as Neighbor));
  const remove = (): Op => ({ kind, action: 'delete', object: before, before }) as Op;
  const create = (): Op => ({ kind, action: 'create', object: after, ...(append ? { append } : {}) }) as Op;
  // REPLACE takes the first entry of the slot, whosever it is (fib_table_insert), and every ECMP sibling (fib6_add_rt2node)
  if (kind === 'route' && change.action === 'update' && others > 0) return [remove(), create()];
  switch (change.action) {
    case 'create':
      return [create()];
    case 'delete':
      return [remove()];
    case 'update':
      return [
        { kind, action: 'update', object: after, before, fields: change.differences.map(({ field }) => field) } as Op,
      ];
    case 'replace':
      return [remove(), create()];
  }
};
