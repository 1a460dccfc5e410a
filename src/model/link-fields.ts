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

/** The fields of each kind's own options, and of its ports' options where it has such. */
const OPTION_FIELDS = Object.entries(LINK_KINDS).map(([kind, { options }]) => {
  const fields = optionFields({ prefix: 'options', table: options, of: (link) => link.options ?? {} });
  return [kind, fields] as const;
});
const PORT_FIELDS = Object.entries(LINK_KINDS).flatMap(([kind, { port }]) => {
  if (port === undefined) return [];
  return [[kind, optionFields({ prefix: 'port', table: port, of: (link) => link.port?.options ?? {} })] as const];
});
const PORT_KINDS: ReadonlySet<string> = new Set(PORT_FIELDS.map(([kind]) => kind));

/** Field tables of a link of one kind as a port of another, one for every pair that there is. */
const TABLES: ReadonlyMap<string, FieldTable<Link>> = new Map(
  [['', {}] as const, ...OPTION_FIELDS].flatMap(([kind, options]) =>
    [['', {}] as const, ...PORT_FIELDS].map(
      ([portKind, port]) => [`${kind}/${portKind}`, { ...COMMON, ...options, ...port }] as const,
    ),
  ),
);

/** The compared fields of a link; options and port options are called `options.NAME` and `port.NAME`. */
export const linkFields = (link: Link): FieldTable<Link> => {
  const kind = link.kind !== undefined && link.kind in LINK_KINDS ? link.kind : '';
  const portKind = link.port !== undefined && PORT_KINDS.has(link.port.kind) ? link.port.kind : '';
  return TABLES.get(`${kind}/${portKind}`) ?? COMMON;
};
