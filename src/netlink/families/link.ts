import type { Link } from '../../model/link.ts';
import { LINK_KINDS } from '../../model/link-kinds/index.ts';
import { readAttributes } from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { AF, RTM, RTNLGRP } from '../wire/constants.ts';
import { readS32, readU8, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { FamilyCodec, LinkNames, MessageView } from './codec.ts';
import { IFF, IFINFOMSG_LENGTH } from './ifinfomsg.ts';
import { LINK_TABLE, type LinkDraft } from './link-attributes.ts';
import { encodeLink } from './link-encode.ts';
import { NO_LINK_INFO } from './link-info.ts';
import { familyHeader } from './prefix.ts';

const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;

/**
 * The parent, or what else IFLA_LINK means: the peer of a veth, or nothing new (a VXLAN's `dev`).
 *
 * An index counts in the namespace that IFLA_LINK_NETNSID names; where that is another one, or where the link is not known,
 * it stays a number.
 */
const readParent = (draft: LinkDraft, names: LinkNames): Pick<Link, 'link' | 'linkNetnsid' | 'linkIndex'> => {
  const { linkIndex, netnsid, info } = draft;
  if (linkIndex === undefined || linkIndex === 0) return { link: null };
  const name = netnsid === undefined ? names.nameOf(linkIndex) : undefined;
  if (name === undefined) {
    return { link: null, ...(netnsid === undefined ? {} : { linkNetnsid: netnsid }), linkIndex };
  }
  const standsOnIt = info?.kind === undefined || LINK_KINDS[info.kind]?.parent !== 'none';
  return { link: standsOnIt ? name : null };
};

const readOptionsOf = (draft: LinkDraft, names: LinkNames): Link['options'] => {
  const { kind, options } = draft.info ?? NO_LINK_INFO;
  if (kind === 'macsec') return withMacsecPort(options, draft.plain.lladdr);
  if (LINK_KINDS[kind ?? '']?.pair !== true) return options;
  // what the other end of a netkit has of the first one's options it has no say in
  const own = options.primary === false ? { primary: false } : options;
  if (draft.linkIndex === undefined || draft.netnsid !== undefined) return own;
  const peer = names.nameOf(draft.linkIndex);
  return peer === undefined ? own : { ...own, peer };
};

/** A channel identifier of macsec that begins with the link's own address is told by its port. */
const withMacsecPort = (options: Link['options'], lladdr: string | undefined): Link['options'] => {
  const { sci, ...others } = options ?? {};
  const own = lladdr?.replaceAll(':', '');
  if (typeof sci !== 'string' || own === undefined || !sci.startsWith(own)) return options;
  return { port: Number.parseInt(sci.slice(own.length), 16), ...others };
};

const decode = (message: MessageView, names: LinkNames): Link | undefined => {
  const at = familyHeader(message, 'ifinfomsg', IFINFOMSG_LENGTH);
  const bytes = message.bytes;
  // family AF_BRIDGE tells of a port, also when it leaves its bridge: the link itself goes on
  if (readU8(bytes, at) !== AF.UNSPEC) return undefined;
  const draft: LinkDraft = {
    raw: undefined,
    plain: {},
    linkIndex: undefined,
    masterIndex: 0,
    netnsid: undefined,
    info: undefined,
    af: undefined,
  };
  readAttributes(LINK_TABLE, bytes, at + IFINFOMSG_LENGTH, message.end, draft, names);
  const { name, lladdr, ...plain } = draft.plain;
  if (name === undefined) throw new DecodeError('IFLA_IFNAME', 'missing', bytes, at, message.end);
  const flags = readU32(bytes, at + 8);
  const info = draft.info ?? NO_LINK_INFO;
  return {
    name,
    index: readS32(bytes, at + 4),
    ...(info.kind === undefined ? {} : { kind: info.kind }),
    state: (flags & IFF.UP) !== 0 ? 'up' : 'down',
    ...(lladdr === undefined || lladdr === '' || LINK_KINDS[info.kind ?? '']?.noLladdr === true ? {} : { lladdr }),
    alias: '',
    altnames: [],
    ...plain,
    master: draft.masterIndex === 0 ? null : (names.nameOf(draft.masterIndex) ?? null),
    promisc: (flags & IFF.PROMISC) !== 0,
    allmulticast: (flags & IFF.ALLMULTI) !== 0,
    multicast: (flags & IFF.MULTICAST) !== 0,
    arp: (flags & IFF.NOARP) === 0,
    carrier: (flags & IFF.LOWER_UP) !== 0,
    ...readParent(draft, names),
    ...(draft.af?.addrgenmode === undefined ? {} : { addrgenmode: draft.af.addrgenmode }),
    ...(draft.af === undefined ? {} : { conf: draft.af.conf }),
    ...(info.kind === undefined ? {} : { options: readOptionsOf(draft, names) ?? {} }),
    ...(info.rawOptions.length === 0 ? {} : { rawOptions: info.rawOptions }),
    ...(info.port === undefined ? {} : { port: info.port }),
    ...(info.rawPort.length === 0 ? {} : { rawPort: info.rawPort }),
  };
};

/** Without the statistics of IPv6, a quarter of the dump; IFLA_STATS and IFLA_STATS64 come all the same. */
const dumpBody = (writer: MessageWriter): void => {
  writer.zeros(IFINFOMSG_LENGTH);
  const at = writer.beginAttribute(IFLA_EXT_MASK);
  writer.u32(RTEXT_FILTER_SKIP_STATS);
  writer.endAttribute(at);
};

/** Links. */
export const linkCodec: FamilyCodec<'link'> = {
  kind: 'link',
  newType: RTM.NEWLINK,
  deleteType: RTM.DELLINK,
  // options of VLANs, and VNIs, change without a message of the link
  others: new Map([
    [RTM.NEWVLAN, 'new'],
    [RTM.DELVLAN, 'new'],
    [RTM.NEWTUNNEL, 'new'],
    [RTM.DELTUNNEL, 'new'],
  ]),
  groups: [RTNLGRP.LINK, RTNLGRP.BRVLAN, RTNLGRP.TUNNEL],
  dumps: [{ type: RTM.GETLINK, body: dumpBody }],
  decode,
  encode: encodeLink,
};
