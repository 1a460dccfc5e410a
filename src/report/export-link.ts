import type { NameTables } from '../desired/names.ts';
import type { Link as LinkEntry } from '../desired/schema.gen.ts';
import type { Link } from '../model/link.ts';
import { defaultVlans } from '../model/link-kinds/bridge-vlans.ts';
import { isHeldOpen, LINK_KINDS } from '../model/link-kinds/index.ts';
import type { LinkKindSpec, OptionTable } from '../model/link-kinds/spec.ts';
import { sameValue, type Value } from '../model/value.ts';

type Links = ReadonlyMap<string, Link>;

/** lo is the kernel's; it is declared for the sake of its addresses only. */
export const isWorthDeclaring = (link: Link, addresses: number): boolean => link.name !== 'lo' || addresses > 0;

/** A link without its addresses. Hardware, and kinds the file has no words for, stand without kind and options. */
export const exportLink = (link: Link, links: Links, names: NameTables): LinkEntry => {
  const spec = expressibleKind(link);
  const plain: Record<string, Value> = {};
  for (const [field, fresh] of Object.entries(freshFields(link, spec, links))) {
    const value = link[field as keyof Link] as Value | undefined;
    if (value !== undefined && !sameValue(value, fresh)) plain[field] = value;
  }
  const options = spec === undefined ? {} : changedOptions(link.options, freshTable(spec.options, link), spec.required);
  const portSpec =
    typeof link.master === 'string' && link.port !== undefined ? LINK_KINDS[link.port.kind]?.port : undefined;
  const port =
    portSpec === undefined
      ? {}
      : changedOptions(link.port?.options, freshTable(portSpec, links.get(link.master ?? '')));
  return {
    ...(spec !== undefined && { kind: spec.kind as NonNullable<LinkEntry['kind']> }),
    ...(link.state === 'down' && { state: 'down' }),
    ...(spec !== undefined && spec.parent !== 'none' && typeof link.link === 'string' && { link: link.link }),
    ...(spec !== undefined && isOwnAddress(link, links) && { lladdr: link.lladdr }),
    ...plain,
    ...(link.group !== undefined && link.group !== 0 && { group: names.groups.toName(link.group) }),
    ...(typeof link.master === 'string' && { master: link.master }),
    ...(spec !== undefined && Object.keys(options).length > 0 && { [spec.kind]: options }),
    ...(Object.keys(port).length > 0 && { [`${link.port?.kind}_port`]: port }),
  };
};

/** The kind, where the file can say all that it takes to make the link. */
const expressibleKind = (link: Link): LinkKindSpec | undefined => {
  const spec = link.kind === undefined ? undefined : LINK_KINDS[link.kind];
  if (spec === undefined) return undefined;
  // it goes with the program that holds it open
  if (isHeldOpen(link.kind, link.options)) return undefined;
  // a parent or peer in another namespace has no name here
  if (spec.parent === 'required' && typeof link.link !== 'string') return undefined;
  const needed =
    spec.requiredUnless !== undefined && link.options?.[spec.requiredUnless] === true ? [] : (spec.required ?? []);
  return needed.every((name) => link.options?.[name] !== undefined) ? spec : undefined;
};

/** Device defaults that differ from those of an Ethernet device (the kinds' setup functions). */
const FRESH: Readonly<Record<string, Partial<Link>>> = {
  lo: { mtu: 65536, multicast: false },
  dummy: { arp: false, multicast: false },
  ifb: { arp: false, multicast: false, txqlen: 32 },
  macvtap: { txqlen: 500 },
  vrf: { mtu: 65575, arp: false, multicast: false },
  bond: { numtxqueues: 16, numrxqueues: 16 },
};
const ETHERNET: Partial<Link> = {
  mtu: 1500,
  txqlen: 1000,
  alias: '',
  altnames: [],
  promisc: false,
  allmulticast: false,
  multicast: true,
  arp: true,
  addrgenmode: 'eui64',
};
/** Of hardware these depend on the driver, so they are left alone there. */
const VIRTUAL: Partial<Link> = {
  gso_max_size: 65536,
  gso_max_segs: 65535,
  gro_max_size: 65536,
  gso_ipv4_max_size: 65536,
  gro_ipv4_max_size: 65536,
};
const QUEUES: Partial<Link> = { numtxqueues: 1, numrxqueues: 1 };
const INHERITED = ['mtu', 'gso_max_size', 'gso_max_segs', 'gso_ipv4_max_size'] as const;

/** What the fields of a link are when nothing is said of them; what differs is written. */
const freshFields = (link: Link, spec: LinkKindSpec | undefined, links: Links): Partial<Link> => {
  const parent = typeof link.link === 'string' ? links.get(link.link) : undefined;
  const inherited = Object.fromEntries(
    INHERITED.flatMap((field) => (spec !== undefined && parent?.[field] !== undefined ? [[field, parent[field]]] : [])),
  );
  return {
    ...ETHERNET,
    ...(spec !== undefined && VIRTUAL),
    // a veth has as many queues as the host has processors
    ...(spec !== undefined && spec.kind !== 'veth' && QUEUES),
    ...inherited,
    ...(spec?.byIoctl === true && { numtxqueues: link.numtxqueues, numrxqueues: link.numrxqueues }),
    ...FRESH[link.name === 'lo' ? 'lo' : (link.kind ?? '')],
  };
};

/** Whether the link-layer address is one the link was given, rather than that of its parent or its bond. */
const isOwnAddress = (link: Link, links: Links): boolean => {
  if (link.lladdr === undefined || link.port?.kind === 'bond') return false;
  const parent = typeof link.link === 'string' ? links.get(link.link) : undefined;
  return link.kind !== 'vlan' || parent?.lladdr !== link.lladdr;
};

/** Options that move by themselves while the host runs. */
const RUNNING: ReadonlySet<string> = new Set(['IFLA_BOND_ACTIVE_SLAVE', 'IFLA_BRPORT_STATE', 'IFLA_BRPORT_COST']);

/** The table with the VLANs that a bridge with such options has by itself, and so has each of its ports. */
const freshTable = (table: OptionTable, bridge: Link | undefined): OptionTable => {
  const { vlans } = table;
  if (vlans === undefined) return table;
  return { ...table, vlans: { ...vlans, default: defaultVlans(bridge?.options?.vlan_default_pvid) } };
};

/** Options that a new link would not have by itself, in the order of the table. */
const changedOptions = (
  options: Link['options'],
  table: OptionTable,
  required: readonly string[] = [],
): Record<string, Value> => {
  const changed: Record<string, Value> = {};
  for (const [name, spec] of Object.entries(table)) {
    const value = options?.[name];
    if (value === undefined || spec.readOnly || spec.writeOnly || RUNNING.has(spec.attr)) continue;
    const fresh =
      spec.ticks && typeof value === 'number'
        ? Math.abs(value - Number(spec.default)) <= 1
        : sameValue(value, spec.default);
    const written = spec.exported === undefined ? value : spec.exported(value);
    if (written !== undefined && (required.includes(name) || !fresh)) changed[name] = written;
  }
  return changed;
};
