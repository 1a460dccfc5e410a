import type { Address } from '../model/address.ts';
import type { Declared, Source } from '../model/desired.ts';
import type { Link as ModelLink } from '../model/link.ts';
import { LINK_KINDS } from '../model/link-kinds/index.ts';
import type { LinkKindSpec } from '../model/link-kinds/spec.ts';
import type { Value } from '../model/value.ts';
import { normalizeAddress } from './address.ts';
import {
  createEntry,
  declare,
  type Entry,
  fieldSources,
  innerEntry,
  isOn,
  resolveName,
  type Surroundings,
} from './entry.ts';
import { normalizeOptions } from './link-options.ts';
import { checkLinkName, readLladdr } from './scalars.ts';
import type { Link, LinkAddress } from './schema.gen.ts';
import { resolveKeys } from './wireguard.ts';

/** Fields that the model holds as the file writes them. */
const PLAIN = [
  'mtu',
  'txqlen',
  'alias',
  'master',
  'link',
  'numtxqueues',
  'numrxqueues',
  'gso_max_size',
  'gso_max_segs',
  'gro_max_size',
  'gso_ipv4_max_size',
  'gro_ipv4_max_size',
  'addrgenmode',
  'renamed_from',
] as const;
const FLAGS = ['promisc', 'allmulticast', 'multicast', 'arp'] as const;

/** Sections of options: those of a kind, and those of a port by the kind of its master. */
const KIND_SECTIONS: ReadonlySet<string> = new Set(Object.keys(LINK_KINDS));
const PORT_SECTIONS: ReadonlyMap<string, LinkKindSpec> = new Map(
  Object.values(LINK_KINDS).flatMap((spec) => (spec.port === undefined ? [] : [[`${spec.kind}_port`, spec] as const])),
);

/** A link and what its entry says of its addresses. */
export interface NormalizedLink {
  readonly link: Declared<ModelLink>;
  readonly addresses: readonly Declared<Address>[];
  /** place of `addresses`, where the link lists them */
  readonly exact: Source | undefined;
}

/**
 * A link as the file writes it, in the model's form; what is not written is not managed, but a declared link is up.
 * @returns undefined where it cannot be read; the problems say why
 */
export const normalizeLink = (
  entry: Entry<Link>,
  name: string,
  surroundings: Surroundings,
): NormalizedLink | undefined => {
  const before = entry.problems.count;
  checkLinkName(entry, name);
  const addresses = readAddresses(entry, name, surroundings);
  const absent = entry.value.state === 'absent';
  const body = absent ? readAbsent(entry) : readBody(entry, name, surroundings);
  if (entry.problems.count > before) return undefined;
  const fields = fieldSources(entry, {
    addresses: null,
    adopt: null,
    optional: null,
    ...Object.fromEntries([...KIND_SECTIONS, ...PORT_SECTIONS.keys()].map((section) => [section, null])),
  });
  const link = declare(entry, { name, index: 0, ...body.link }, { ...fields, ...body.sources });
  return {
    link: entry.value.optional === true ? { ...link, optional: true } : link,
    addresses,
    exact: entry.value.addresses === undefined || absent ? undefined : entry.at('addresses'),
  };
};

interface Body {
  readonly link: Omit<ModelLink, 'name' | 'index'>;
  readonly sources: Readonly<Record<string, Source>>;
}

const readAbsent = (entry: Entry<Link>): Body => {
  const { kind, addresses } = entry.value;
  if (addresses !== undefined && addresses.length > 0) {
    entry.problem('NR_CONTRADICTION', 'an absent link cannot have addresses', 'addresses');
  }
  return { link: kind === undefined ? {} : { kind }, sources: {} };
};

const readBody = (entry: Entry<Link>, name: string, surroundings: Surroundings): Body => {
  const { value } = entry;
  const { names } = surroundings;
  const plain: Record<string, Value> = {};
  for (const key of PLAIN) if (value[key] !== undefined) plain[key] = value[key];
  for (const key of FLAGS) if (value[key] !== undefined) plain[key] = isOn(value[key]);
  for (const key of ['master', 'link', 'renamed_from'] as const) {
    const other = value[key];
    if (typeof other !== 'string') continue;
    if (checkLinkName(entry, other, key) && other === name)
      entry.problem('NR_CONTRADICTION', `${name} cannot be its own ${key === 'link' ? 'parent' : key}`, key);
  }
  const lladdr = value.lladdr === undefined ? undefined : readLladdr(entry, 'lladdr', value.lladdr);
  const group =
    value.group === undefined
      ? undefined
      : resolveName(entry, 'group', names.groups, { file: 'group', max: 0xffffffff });
  const own = readKind(entry, surroundings);
  const port = readPort(entry);
  return {
    link: {
      ...(value.kind !== undefined && { kind: value.kind }),
      state: value.state === 'down' ? 'down' : 'up',
      ...plain,
      ...(lladdr !== undefined && { lladdr }),
      ...(value.altnames !== undefined && { altnames: readAltnames(entry, name, value.altnames) }),
      ...(group !== undefined && { group }),
      ...readPlace(entry, own.options),
      ...(port.port !== undefined && { port: port.port }),
    },
    sources: { ...own.sources, ...port.sources },
  };
};

/** The options, and where the link and its far end stand if that is not the namespace at hand. */
const readPlace = (entry: Entry<Link>, options: ModelLink['options']): Partial<ModelLink> => {
  const { netns, veth } = entry.value;
  const place = netns === undefined ? {} : { netns };
  if (options === undefined) return place;
  const { peer: name, ...others } = options;
  if (veth?.netns === undefined || typeof name !== 'string') return { ...place, options };
  return { ...place, options: others, farEnd: { name, netns: veth.netns } };
};

const readAltnames = (entry: Entry<Link>, name: string, altnames: readonly string[]): readonly string[] => {
  for (const altname of altnames) {
    if (/[/:\s]/.test(altname)) entry.problem('NR_BAD_VALUE', `"${altname}" cannot be a name of a link`, 'altnames');
    if (altname === name)
      entry.problem('NR_CONTRADICTION', `"${altname}" is the name itself`, 'altnames', 'list the further names only');
  }
  return altnames.toSorted();
};

/** The options of the kind, and what the kind needs to be made. */
const readKind = (
  entry: Entry<Link>,
  { names, keys = new Map() }: Surroundings,
): { options?: ModelLink['options']; sources: Body['sources'] } => {
  const { value } = entry;
  const { kind } = value;
  for (const section of Object.keys(value)) {
    if (!KIND_SECTIONS.has(section) || section === kind) continue;
    const hint = kind === undefined ? `add "kind: ${section}"` : undefined;
    entry.problem(
      'NR_CONTRADICTION',
      `options of kind ${section} on a link ${kind === undefined ? 'without kind' : `of kind ${kind}`}`,
      section,
      hint,
    );
  }
  const spec = kind === undefined ? undefined : LINK_KINDS[kind];
  if (spec === undefined || kind === undefined) return { sources: {} };
  if (spec.parent === 'required' && typeof value.link !== 'string') {
    entry.problem('NR_CONTRADICTION', `a ${kind} stands on another link: it needs "link"`, 'kind');
  }
  if (spec.parent === 'none' && typeof value.link === 'string') {
    entry.problem(
      'NR_CONTRADICTION',
      `a ${kind} stands on no other link`,
      'link',
      'dev' in spec.options ? `its underlay is "${kind}: {dev: ...}"` : undefined,
    );
  }
  for (const queues of ['numtxqueues', 'numrxqueues'] as const) {
    if (spec.byIoctl === true && value[queues] !== undefined)
      entry.problem('NR_CONTRADICTION', `how many queues a ${kind} has follows from its options`, queues);
  }
  if (spec.noLladdr === true && value.lladdr !== undefined) {
    entry.problem('NR_CONTRADICTION', `a ${kind} has no link-layer address of its own`, 'lladdr');
  }
  const written = value[kind] as Readonly<Record<string, Value>> | undefined;
  const resolved =
    kind === 'vrf' ? resolveVrfTable(entry, names) : kind === 'wireguard' ? resolveKeys(written, keys) : written;
  const section = innerEntry(entry, resolved ?? {}, kind);
  const { options, sources } = normalizeOptions(section, spec.options);
  if (spec.requiredUnless === undefined || options[spec.requiredUnless] !== true) {
    for (const name of spec.required ?? []) {
      if (!(name in (resolved ?? {})))
        entry.problem('NR_CONTRADICTION', `a ${kind} needs "${kind}: {${name}: ...}"`, 'kind');
    }
  }
  checkIdle(section, spec, options);
  return {
    ...(written !== undefined && { options }),
    sources: Object.fromEntries(Object.entries(sources).map(([name, source]) => [`options.${name}`, source])),
  };
};

/** Options that another one makes idle: the kernel would not show them, and every plan would want them again. */
const checkIdle = (
  section: Entry<Readonly<Record<string, Value>>>,
  { idleWith }: LinkKindSpec,
  options: Readonly<Record<string, Value>>,
): void => {
  if (idleWith === undefined || options[idleWith.flag] !== true) return;
  for (const name of idleWith.options) {
    if ((options[name] ?? null) === null) continue;
    const why = `${name} means nothing with ${idleWith.flag}`;
    section.problem('NR_CONTRADICTION', why, name, 'leave it out: what tunnels a packet says it for that packet');
  }
};

/** The one option that has names in iproute2's files. */
const resolveVrfTable = (
  entry: Entry<Link>,
  names: Surroundings['names'],
): Readonly<Record<string, Value>> | undefined => {
  const { vrf } = entry.value;
  if (vrf?.table === undefined) return undefined;
  const table = resolveName(innerEntry(entry, vrf, 'vrf'), 'table', names.tables, {
    file: 'rt_tables',
    max: 0xffffffff,
  });
  return { table: table ?? 0 };
};

const readPort = (entry: Entry<Link>): { port?: ModelLink['port']; sources: Body['sources'] } => {
  const sections = Object.keys(entry.value).filter((key) => PORT_SECTIONS.has(key));
  const [section, second] = sections;
  const spec = section === undefined ? undefined : PORT_SECTIONS.get(section);
  if (section === undefined || spec?.port === undefined) return { sources: {} };
  if (second !== undefined)
    entry.problem('NR_CONTRADICTION', `a link is a port of one master: ${section} or ${second}`, second);
  if (typeof entry.value.master !== 'string') {
    entry.problem(
      'NR_CONTRADICTION',
      `${section} needs "master": the ${spec.kind} that the link is a port of`,
      section,
    );
  }
  const written = entry.value[section as 'bridge_port'] as Readonly<Record<string, Value>>;
  const { options, sources } = normalizeOptions(innerEntry(entry, written, section), spec.port);
  return {
    port: { kind: spec.kind, options },
    sources: Object.fromEntries(Object.entries(sources).map(([name, source]) => [`port.${name}`, source])),
  };
};

const readAddresses = (entry: Entry<Link>, name: string, surroundings: Surroundings): readonly Declared<Address>[] =>
  (entry.value.addresses ?? []).flatMap((written, i) => {
    if (written === undefined) return []; // a gap: see fitEntry
    const place = entry.place.members?.get('addresses')?.items?.[i] ?? entry.place;
    const value: LinkAddress = typeof written === 'string' ? { address: written } : written;
    return normalizeAddress(createEntry(value, place, entry.file, entry.problems), name, surroundings) ?? [];
  });
