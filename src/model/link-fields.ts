import type { Field, FieldTable } from './kind.ts';
import type { Link } from './link.ts';
import { optionChange } from './link-kinds/change.ts';
import { LINK_KINDS } from './link-kinds/index.ts';
import type { OptionSpec, OptionTable } from './link-kinds/spec.ts';
import type { LinkStage } from './op.ts';
import { sameValue, type Value } from './value.ts';

const inPlace = (stage: LinkStage): Field<Link> => ({ change: 'inPlace', unset: 'unmanaged', stage });
const recreate: Field<Link> = { change: 'recreate', unset: 'unmanaged' };

/** What a bridge has once its last port has left: the kernel takes it from nobody (br_validate, EADDRNOTAVAIL). */
const isNoLladdr = (value: Value | undefined): boolean => typeof value === 'string' && /^[0:]+$/.test(value);

/** Fields that every link has (rtnetlink.c do_setlink). The number of queues is fixed by rtnl_create_link. */
const COMMON: FieldTable<Link> = {
  kind: recreate,
  link: recreate,
  numtxqueues: recreate,
  numrxqueues: recreate,
  mtu: inPlace('base'),
  lladdr: { ...inPlace('base'), same: (desired, observed) => isNoLladdr(desired) || desired === observed },
  txqlen: inPlace('base'),
  alias: inPlace('base'),
  group: inPlace('base'),
  promisc: inPlace('base'),
  allmulticast: inPlace('base'),
  multicast: inPlace('base'),
  arp: inPlace('base'),
  gso_max_size: inPlace('base'),
  gso_max_segs: inPlace('base'),
  gro_max_size: inPlace('base'),
  gso_ipv4_max_size: inPlace('base'),
  gro_ipv4_max_size: inPlace('base'),
  // a link without IPv6 (an MTU below 1280) has none to set
  addrgenmode: { ...inPlace('addrgen'), same: (desired, observed) => observed === undefined || desired === observed },
  master: inPlace('master'),
  altnames: inPlace('altnames'),
  state: inPlace('up'),
};

/** Where the options of one table stand in a link. */
interface OptionPlace {
  readonly prefix: 'options' | 'port';
  readonly table: OptionTable;
  readonly of: (link: Link) => Readonly<Record<string, Value>>;
}

const optionFields = ({ prefix, table, of }: OptionPlace): FieldTable<Link> => {
  const fields: Record<string, Field<Link>> = {};
  for (const [name, spec] of Object.entries(table)) {
    if ((spec.readOnly === true && spec.onlyExact !== true) || spec.writeOnly === true) continue;
    fields[`${prefix}.${name}`] = {
      change: (desired, observed) => optionChange(table, name, of(observed), of(desired)[name] ?? null),
      unset: 'unmanaged',
      stage: spec.stage ?? prefix,
      get: (link) => of(link)[name],
      same: (desired, observed) => sameOption(spec, desired, observed),
      ...(spec.shownInstead === undefined ? {} : { shownInstead: (link) => spec.shownInstead?.(of(link)) }),
      ...(spec.whileDown === true ? { whileDown: true } : {}),
      ...(spec.afterPorts === true ? { afterPorts: true } : {}),
      ...(spec.onlyExact === true ? { onlyExact: true } : {}),
    };
  }
  return fields;
};

/** What a dump leaves out counts as the option's default; times kept in ticks may read back one less. */
const sameOption = (spec: OptionSpec, desired: Value | undefined, observed: Value | undefined): boolean => {
  const have = observed === undefined ? spec.default : observed;
  if (spec.ticks === true && typeof desired === 'number' && typeof have === 'number') {
    return Math.abs(desired - have) <= 1;
  }
  return sameValue(desired, have);
};

/** The fields of a kind's own options. */
const ownFields = (kind: string): FieldTable<Link> => {
  const spec = LINK_KINDS[kind];
  if (spec === undefined) return {};
  return optionFields({ prefix: 'options', table: spec.options, of: (link) => link.options ?? {} });
};

/** The fields of the options that a kind has for its ports. */
const portFields = (kind: string): FieldTable<Link> => {
  const table = LINK_KINDS[kind]?.port;
  if (table === undefined) return {};
  return optionFields({ prefix: 'port', table, of: (link) => link.port?.options ?? {} });
};

/**
 * Field tables of a link of one kind as a port of another, made when the first such link comes: of some three hundred pairs a
 * host has a few, and every start would pay for all.
 */
const TABLES = new Map<string, FieldTable<Link>>();

/** The compared fields of a link; options and port options are called `options.NAME` and `port.NAME`. */
export const linkFields = ({ kind = '', port }: Link): FieldTable<Link> => {
  const portKind = port?.kind ?? '';
  const pair = `${kind}/${portKind}`;
  const known = TABLES.get(pair);
  if (known !== undefined) return known;
  const fields = { ...COMMON, ...ownFields(kind), ...portFields(portKind) };
  TABLES.set(pair, fields);
  return fields;
};
