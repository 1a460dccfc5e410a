import type { Declared } from '../model/desired.ts';
import { familyOf } from '../model/ip.ts';
import { NETRECON_PROTOCOL } from '../model/kind.ts';
import {
  DEFAULT_IDLE_TIMER,
  DEFAULT_UNBALANCED_TIMER,
  type Nexthop as ModelNexthop,
  type NexthopMember,
} from '../model/nexthop.ts';
import { normalizeEncap } from './encap.ts';
import { declare, type Entry, fieldSources, isOn, resolveName, type Surroundings } from './entry.ts';
import type { NameTables } from './names.ts';
import { readAddress } from './scalars.ts';
import type { Nexthop } from './schema.gen.ts';

/** Keys of a resilient group, of any group, and of a single nexthop. */
const RESILIENT_KEYS = ['buckets', 'idle_timer', 'unbalanced_timer'] as const;
const GROUP_KEYS = ['type', ...RESILIENT_KEYS] as const;
const SINGLE_KEYS = ['family', 'via', 'dev', 'onlink', 'encap', 'blackhole'] as const;

/**
 * A nexthop object as the file writes it: whole, so that an absent field is a default.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeNexthop = (
  entry: Entry<Nexthop>,
  { names }: Surroundings,
): Declared<ModelNexthop> | undefined => {
  const { value } = entry;
  const before = entry.problems.count;
  const protocol =
    value.protocol === undefined
      ? NETRECON_PROTOCOL
      : resolveName(entry, 'protocol', names.protocols, { file: 'rt_protos', max: 255 });
  refuseMixtures(entry);
  const way = value.group === undefined ? readSingle(entry, names) : readGroup(entry, value.group);
  if (entry.problems.count > before || way === undefined) return undefined;
  const object: ModelNexthop = {
    id: value.id,
    ...way,
    ...(isOn(value.fdb) && { fdb: true }),
    protocol: protocol ?? NETRECON_PROTOCOL,
  };
  return declare(entry, object, fieldSources(entry, { state: null, adopt: null }));
};

type Way = Omit<ModelNexthop, 'id' | 'protocol'>;

/** nexthop.c rtm_to_nh_config and nh_check_attr_group: what the kernel refuses whatever else there is. */
const refuseMixtures = (entry: Entry<Nexthop>): void => {
  const { value } = entry;
  const refuse = (keys: readonly (keyof Nexthop & string)[], because: string, hint?: string): void => {
    for (const key of keys)
      if (value[key] !== undefined && value[key] !== false)
        entry.problem('NR_CONTRADICTION', `${key} does not go with ${because}`, key, hint);
  };
  if (value.group !== undefined) {
    refuse(SINGLE_KEYS, 'group', 'the members say where to send');
    if (value.type !== 'resilient') refuse(RESILIENT_KEYS, 'a group of type mpath', 'write type: resilient');
    else if (value.buckets === undefined) entry.problem('NR_CONTRADICTION', 'a resilient group needs "buckets"');
    return;
  }
  refuse(GROUP_KEYS, 'a single nexthop', 'write the members as group');
  if (isOn(value.blackhole)) refuse(['via', 'dev', 'onlink', 'encap', 'fdb'], 'blackhole', 'it sends nowhere');
  else if (isOn(value.fdb)) {
    refuse(['dev', 'onlink', 'encap'], 'fdb', 'the VXLAN finds the way to the remote end by itself');
    if (value.via === undefined) entry.problem('NR_CONTRADICTION', 'an fdb nexthop needs "via"');
  } else if (value.via === undefined && value.dev === undefined && value.state !== 'absent') {
    entry.problem(
      'NR_CONTRADICTION',
      `nexthop ${value.id} leads nowhere`,
      undefined,
      'write via, dev, group or blackhole',
    );
  }
};

const readSingle = (entry: Entry<Nexthop>, names: NameTables): Way | undefined => {
  const { value } = entry;
  const via = value.via === undefined ? undefined : readAddress(entry, 'via', value.via);
  if (value.via !== undefined && via === undefined) return undefined;
  if (via === '0.0.0.0' || via === '::') {
    entry.problem('NR_BAD_VALUE', `${via} is the address of no gateway`, 'via', 'leave via out for all that is on dev');
  }
  const told = via === undefined ? undefined : familyOf(via);
  if (told !== undefined && value.family !== undefined && value.family !== told) {
    entry.problem('NR_CONTRADICTION', `family ${value.family} does not fit the gateway ${via}`, 'family');
  }
  const onlink = isOn(value.onlink);
  if (onlink && (via === undefined || value.dev === undefined))
    entry.problem('NR_CONTRADICTION', 'onlink needs both via and dev', 'onlink');
  const encap = normalizeEncap(entry, names);
  return {
    family: told ?? value.family ?? 'inet',
    ...(value.dev !== undefined && { dev: value.dev }),
    ...(via !== undefined && { via }),
    ...(onlink && { onlink }),
    ...(encap !== undefined && { encap }),
    ...(isOn(value.blackhole) && { blackhole: true }),
  };
};

const readGroup = (entry: Entry<Nexthop>, written: NonNullable<Nexthop['group']>): Way => {
  const { value } = entry;
  const group = written.map(
    (member): NexthopMember =>
      typeof member === 'number' ? { id: member, weight: 1 } : { id: member.id, weight: member.weight ?? 1 },
  );
  const seen = new Set<number>();
  for (const { id } of group) {
    if (id === value.id) entry.problem('NR_CONTRADICTION', `group ${id} is a member of itself`, 'group');
    if (seen.has(id))
      entry.problem('NR_CONTRADICTION', `nexthop ${id} is in the group twice`, 'group', 'give it a weight');
    seen.add(id);
  }
  if (value.type !== 'resilient') return { family: 'unspec', group };
  return {
    family: 'unspec',
    group,
    type: 'resilient',
    ...(value.buckets !== undefined && { buckets: value.buckets }),
    idle_timer: value.idle_timer ?? DEFAULT_IDLE_TIMER,
    unbalanced_timer: value.unbalanced_timer ?? DEFAULT_UNBALANCED_TIMER,
  };
};
