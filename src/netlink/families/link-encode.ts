import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import type { LinkStage, OpOf } from '../../model/op.ts';
import type { Value } from '../../model/value.ts';
import { EncodeError } from '../wire/codec-errors.ts';
import { indexOfLink, string } from '../wire/codecs.ts';
import { NLM_F, RTM } from '../wire/constants.ts';
import type { MessageWriter } from '../wire/writer.ts';
import { encodeVlanChange } from './bridge-vlan.ts';
import type { LinkNames } from './codec.ts';
import { IFF, writeIfinfomsg } from './ifinfomsg.ts';
import {
  IFLA_ALT_IFNAME,
  IFLA_IFNAME,
  IFLA_NET_NS_FD,
  IFLA_NEW_IFINDEX,
  IFLA_PROP_LIST,
  LINK_TABLE,
} from './link-attributes.ts';
import { writeAddrGenMode } from './link-conf.ts';
import { writeLinkInfo, writePortInfo } from './link-info.ts';
import type { OptionWrite } from './link-options.ts';
import { encodeVniChange } from './vxlan-vni.ts';

/** IFLA_NETKIT_PEER_INFO as well. */
const VETH_INFO_PEER = 1;

/** The switches of a link that travel as flags: [bit, whether the bit means the opposite]. */
const FLAG_FIELDS: Readonly<Record<string, readonly [bit: number, inverted: boolean]>> = {
  promisc: [IFF.PROMISC, false],
  allmulticast: [IFF.ALLMULTI, false],
  multicast: [IFF.MULTICAST, false],
  arp: [IFF.NOARP, true],
};

/** ifi_flags and ifi_change of those among `fields` that the link has a value for. */
const flagsOf = (link: Link, fields: readonly string[]): readonly [flags: number, change: number] => {
  let flags = 0;
  let change = 0;
  for (const [field, [bit, inverted]] of Object.entries(FLAG_FIELDS)) {
    const value = link[field as keyof Link];
    if (typeof value !== 'boolean' || !fields.includes(field)) continue;
    change |= bit;
    if (value !== inverted) flags |= bit;
  }
  return [flags, change];
};

const writeFields = (writer: MessageWriter, link: Link, fields: readonly string[], names: LinkNames): void => {
  for (const spec of LINK_TABLE.specs) {
    if (spec.field !== undefined && fields.includes(spec.field)) spec.encode(writer, link, names);
  }
};

const writeName = (writer: MessageWriter, type: number, name: string, names: LinkNames): void => {
  const at = writer.beginAttribute(type);
  string.write(writer, name, names);
  writer.endAttribute(at);
};

/** The namespace that a link, or the far end of a veth, is to stand in. */
const writeNamespace = (writer: MessageWriter, netns: string, names: LinkNames): void => {
  const fd = names.namespaceFd?.(netns);
  if (fd === undefined) throw new EncodeError(`network namespace ${netns} does not exist`);
  const at = writer.beginAttribute(IFLA_NET_NS_FD);
  writer.u32(fd);
  writer.endAttribute(at);
};

const writeIndex = (writer: MessageWriter, index: number): void => {
  const at = writer.beginAttribute(IFLA_NEW_IFINDEX);
  writer.u32(index);
  writer.endAttribute(at);
};

/** What the kernel takes for a new link (rtnl_create_link); it ignores the alias, and the rest comes by stages as well. */
const CREATED_FIELDS: readonly string[] = [
  'name',
  'link',
  'mtu',
  'lladdr',
  'txqlen',
  'group',
  'numtxqueues',
  'numrxqueues',
  'gso_max_segs',
  'gso_max_size',
  'gro_max_size',
  'gso_ipv4_max_size',
  'gro_ipv4_max_size',
];

/** The other end of a veth, an ifinfomsg and attributes of its own. `peerIndex` asks for an index; the kernel minds it only
 * where the link itself asks for one (drivers/net/veth.c). */
const writePeer = (writer: MessageWriter, { options, farEnd }: Link, names: LinkNames): void => {
  const peer = farEnd?.name ?? options?.peer;
  const index = farEnd === undefined ? options?.peerIndex : farEnd.index;
  if (typeof peer !== 'string') return;
  const at = writer.beginNest(VETH_INFO_PEER);
  writeIfinfomsg(writer, typeof index === 'number' ? index : 0);
  writeName(writer, IFLA_IFNAME, peer, names);
  if (farEnd !== undefined) writeNamespace(writer, farEnd.netns, names);
  writer.endAttribute(at);
};

/**
 * Down, without a master. An index is asked for where the object has one: a link that comes back keeps it.
 */
const encodeCreate = (link: Link, writer: MessageWriter, names: LinkNames): void => {
  if (link.kind === undefined) throw new EncodeError(`link ${link.name}: hardware cannot be created`);
  // where IFLA_LINK is no parent it is nothing that one asks for
  const hasParent = LINK_KINDS[link.kind]?.parent !== 'none';
  const fields = hasParent ? CREATED_FIELDS : CREATED_FIELDS.filter((field) => field !== 'link');
  writer.begin(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL);
  writeIfinfomsg(writer, link.index, ...flagsOf(link, Object.keys(FLAG_FIELDS)));
  writeFields(writer, link, fields, names);
  if (link.netns !== undefined) writeNamespace(writer, link.netns, names);
  const { peerIndex: _, ...options } = link.options ?? {};
  writeLinkInfo(writer, link.kind, { options }, link.rawOptions, names, (data) => {
    if (LINK_KINDS[link.kind ?? '']?.pair === true) writePeer(data, link, names);
  });
  writer.end();
};

/** Names of the fields below `prefix`, without it: `options.` -> option names. */
const below = (prefix: string, fields: readonly string[]): readonly string[] =>
  fields.filter((field) => field.startsWith(prefix)).map((field) => field.slice(prefix.length));

/** One message adds or removes; which of the two follows from the names before and after. */
const writeAltnames = (op: OpOf<'link'>, writer: MessageWriter, index: number, names: LinkNames): void => {
  const before = op.before?.altnames ?? [];
  const after = op.object.altnames ?? [];
  const added = after.filter((name) => !before.includes(name));
  const removed = before.filter((name) => !after.includes(name));
  if ((added.length === 0) === (removed.length === 0)) {
    throw new EncodeError(`link ${op.object.name}: one message either adds alternative names or removes them`);
  }
  if (added.length > 0) writer.begin(RTM.NEWLINKPROP, NLM_F.CREATE | NLM_F.EXCL);
  else writer.begin(RTM.DELLINKPROP, 0);
  writeIfinfomsg(writer, index);
  const list = writer.beginNest(IFLA_PROP_LIST);
  for (const name of added.length > 0 ? added : removed) writeName(writer, IFLA_ALT_IFNAME, name, names);
  writer.endAttribute(list);
  writer.end();
};

/** A change by RTM_SETLINK: `body` writes what stands behind the ifinfomsg. */
const setLink = (
  writer: MessageWriter,
  index: number,
  flags: readonly [number, number],
  body: (writer: MessageWriter) => void = () => undefined,
): void => {
  writer.begin(RTM.SETLINK, 0);
  writeIfinfomsg(writer, index, ...flags);
  body(writer);
  writer.end();
};

/**
 * The same to the link of the operation, by its name where its index is not known: that spares a question, and no other link
 * can have got the index meanwhile (rtnetlink.c rtnl_dev_get).
 */
const setNamed = (
  name: string,
  writer: MessageWriter,
  names: LinkNames,
  flags: readonly [number, number],
  body: () => void = () => undefined,
): void => {
  const known = knownIndex(names, name);
  setLink(writer, known ?? 0, flags, () => {
    if (known === undefined) writeName(writer, IFLA_IFNAME, name, names);
    body();
  });
};

/** @returns undefined where the kernel had to be asked first */
const knownIndex = (names: LinkNames, name: string): number | undefined =>
  names.knowsIndexOf?.(name) === false ? undefined : indexOfLink(names, name);

/** A change of options: RTM_NEWLINK without NLM_F_CREATE, for RTM_SETLINK does not read IFLA_LINKINFO (do_setlink). */
const changeLink = (writer: MessageWriter, index: number, body: () => void): void => {
  writer.begin(RTM.NEWLINK, 0);
  writeIfinfomsg(writer, index);
  body();
  writer.end();
};

const NO_FLAGS = [0, 0] as const;

/** Stages whose message may name the link instead. */
const NAMED_STAGES = {
  down: ({ object: { name } }, writer, names) => setNamed(name, writer, names, [0, IFF.UP]),
  up: ({ object: { name } }, writer, names) => setNamed(name, writer, names, [IFF.UP, IFF.UP]),
  base: ({ object, fields = [] }, writer, names) =>
    setNamed(object.name, writer, names, flagsOf(object, fields), () => writeFields(writer, object, fields, names)),
  addrgen: ({ object: { name, addrgenmode: mode } }, writer, names) => {
    if (mode === undefined) throw new EncodeError(`link ${name}: no addrgenmode to set`);
    setNamed(name, writer, names, NO_FLAGS, () => writeAddrGenMode(writer, mode));
  },
  master: ({ object }, writer, names) =>
    setNamed(object.name, writer, names, NO_FLAGS, () => writeFields(writer, object, ['master'], names)),
} as const satisfies Partial<Record<LinkStage, (op: OpOf<'link'>, writer: MessageWriter, names: LinkNames) => void>>;

type IndexedStage = Exclude<LinkStage, keyof typeof NAMED_STAGES>;

const isNamed = (stage: LinkStage): stage is keyof typeof NAMED_STAGES => stage in NAMED_STAGES;

/** The message of each other stage, to the link with `index`. */
const STAGES: Readonly<
  Record<IndexedStage, (op: OpOf<'link'>, writer: MessageWriter, index: number, names: LinkNames) => void>
> = {
  netns: ({ object, before }, writer, index, names) =>
    setLink(writer, index, NO_FLAGS, () => {
      writeNamespace(writer, object.netns ?? '', names);
      // one that comes back gets its old index (Linux 5.13 on; before that it keeps the one it has)
      if (before !== undefined && object.index !== before.index) writeIndex(writer, object.index);
    }),
  rename: (op, writer, index, names) =>
    setLink(writer, index, NO_FLAGS, () => writeName(writer, IFLA_IFNAME, op.object.name, names)),
  options: (op, writer, index, names) => {
    const { kind, options = {} } = op.object;
    if (kind === undefined) throw new EncodeError(`link ${op.object.name} has no kind, and so no options`);
    const write: OptionWrite = {
      options,
      only: below('options.', op.fields ?? []),
      whole: LINK_KINDS[kind]?.wholeChange === true,
      ...(op.before?.options === undefined ? {} : { before: op.before.options }),
    };
    changeLink(writer, index, () => writeLinkInfo(writer, kind, write, undefined, names));
  },
  port: (op, writer, index, names) => {
    const { port, rawPort } = op.object;
    if (port === undefined) throw new EncodeError(`link ${op.object.name} is no port`);
    const fields = op.fields ?? [];
    const write: OptionWrite = {
      options: port.options,
      only: below('port.', fields),
      ...(op.before?.port === undefined ? {} : { before: op.before.port.options }),
    };
    const raw = fields.includes('rawPort') ? rawPort : undefined;
    changeLink(writer, index, () => writePortInfo(writer, port.kind, write, raw, names));
  },
  vlans: (op, writer, index, names) => {
    const of = (link: Link | undefined): Value | undefined =>
      op.fields?.includes('port.vlans') === true ? link?.port?.options.vlans : link?.options?.vlans;
    encodeVlanChange(writer, index, { before: of(op.before), after: of(op.object) }, names);
  },
  vnis: (op, writer, index, names) => {
    const [before, after] = [op.before?.options?.vnis, op.object.options?.vnis];
    encodeVniChange(writer, index, { before, after }, names);
  },
  wireguard: ({ object }) => {
    throw new EncodeError(`link ${object.name}: generic netlink carries this, not rtnetlink`);
  },
  altnames: (op, writer, index, names) => writeAltnames(op, writer, index, names),
};

/**
 * Writes the one message of an operation on a link.
 * @throws {EncodeError} where a name, an option or a value cannot be put on the wire
 */
export const encodeLink = (op: OpOf<'link'>, writer: MessageWriter, names: LinkNames): void => {
  const link = op.object;
  if (op.action === 'create') {
    encodeCreate(link, writer, names);
    return;
  }
  if (op.action === 'delete') {
    const known = knownIndex(names, link.name);
    writer.begin(RTM.DELLINK, 0);
    writeIfinfomsg(writer, known ?? 0);
    if (known === undefined) writeName(writer, IFLA_IFNAME, link.name, names);
    writer.end();
    return;
  }
  if (op.stage === undefined) throw new EncodeError(`link ${link.name}: an update needs a stage`);
  if (isNamed(op.stage)) {
    NAMED_STAGES[op.stage](op, writer, names);
    return;
  }
  const name = op.stage === 'rename' ? (link.renamed_from ?? op.before?.name ?? link.name) : link.name;
  STAGES[op.stage](op, writer, indexOfLink(names, name), names);
};
