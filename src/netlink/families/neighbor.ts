import { addressBits, type Family } from '../../model/ip.ts';
import type { Neighbor, NeighborEntry, ProxyEntry } from '../../model/neighbor.ts';
import type { OpOf } from '../../model/op.ts';
import {
  type AddressHolder,
  addressAttribute,
  attribute,
  defineTable,
  type RawHolder,
  readAttributes,
  writeAttributes,
  writeRaw,
} from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { address, indexOfLink, lladdr, u8 } from '../wire/codecs.ts';
import { AF, NLM_F, RTM, RTNLGRP } from '../wire/constants.ts';
import { readS32, readU8, readU16 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { FamilyCodec, LinkNames, MessageView } from './codec.ts';
import { decodeFdb, encodeFdb } from './fdb.ts';
import { decodeMdb, encodeMdb, MDB_DUMP } from './mdb.ts';
import { flagsExtSpec, NDA_IGNORED, NDMSG_LENGTH, NTF, NUD } from './ndmsg.ts';
import { familyHeader } from './prefix.ts';

interface EntryDraft extends RawHolder, AddressHolder {
  to: string | undefined;
  lladdr: string | undefined;
  protocol: number;
}

/** NDA_* of neighbors and proxies: include/uapi/linux/neighbour.h, in the order of writing. */
export const NEIGHBOR_TABLE = defineTable<NeighborEntry | ProxyEntry, EntryDraft>(
  [
    addressAttribute(
      'NDA_DST',
      1,
      address,
      (entry) => entry.to,
      (draft, value) => {
        draft.to = value;
      },
    ),
    attribute(
      'NDA_LLADDR',
      2,
      lladdr,
      (entry) => (entry.type === 'neighbor' ? entry.lladdr : undefined),
      (draft, value) => {
        if (value !== '') draft.lladdr = value;
      },
    ),
    // 0 is the kernel's default; an update must be able to take another one back
    attribute(
      'NDA_PROTOCOL',
      12,
      u8,
      (entry) => entry.protocol,
      (draft, value) => {
        draft.protocol = value;
      },
    ),
    flagsExtSpec(),
  ],
  NDA_IGNORED,
);

const stateOf = (nud: number): NeighborEntry['state'] =>
  (nud & NUD.PERMANENT) !== 0 ? 'permanent' : (nud & NUD.NOARP) !== 0 ? 'noarp' : 'dynamic';

const NUD_OF = {
  permanent: NUD.PERMANENT,
  noarp: NUD.NOARP,
  dynamic: NUD.REACHABLE,
} as const satisfies Record<NeighborEntry['state'], number>;

const decodeEntry = (
  message: MessageView,
  at: number,
  family: Family,
  names: LinkNames,
): NeighborEntry | ProxyEntry | undefined => {
  const bytes = message.bytes;
  const draft: EntryDraft = {
    raw: undefined,
    addressLength: addressBits(family) / 8,
    to: undefined,
    lladdr: undefined,
    protocol: 0,
  };
  readAttributes(NEIGHBOR_TABLE, bytes, at + NDMSG_LENGTH, message.end, draft, names);
  if (draft.to === undefined) throw new DecodeError('NDA_DST', 'missing', bytes, at, message.end);
  const index = readS32(bytes, at + 4);
  const flags = readU8(bytes, at + 10);
  const dev = index === 0 ? undefined : names.nameOf(index);
  if (dev === undefined && index !== 0) return undefined;
  const router = (flags & NTF.ROUTER) === 0 ? {} : { router: true };
  const raw = draft.raw === undefined ? {} : { raw: draft.raw };
  if ((flags & NTF.PROXY) !== 0) {
    const where = dev === undefined ? {} : { dev };
    return { type: 'proxy', family, ...where, to: draft.to, ...router, protocol: draft.protocol, ...raw };
  }
  if (dev === undefined) throw new DecodeError('ndmsg', 'neighbor without a link', bytes, at, message.end);
  return {
    type: 'neighbor',
    family,
    dev,
    to: draft.to,
    ...(draft.lladdr === undefined ? {} : { lladdr: draft.lladdr }),
    state: stateOf(readU16(bytes, at + 8)),
    ...router,
    ...((flags & NTF.EXT_LEARNED) === 0 ? {} : { extern_learn: true }),
    protocol: draft.protocol,
    ...raw,
  };
};

const decode = (message: MessageView, names: LinkNames): Neighbor | undefined => {
  // an event tells of one group
  if (message.type === RTM.NEWMDB || message.type === RTM.DELMDB) return decodeMdb(message, names)[0];
  const at = familyHeader(message, 'ndmsg', NDMSG_LENGTH);
  switch (readU8(message.bytes, at)) {
    case AF.INET:
      return decodeEntry(message, at, 'inet', names);
    case AF.INET6:
      return decodeEntry(message, at, 'inet6', names);
    case AF.BRIDGE:
      return decodeFdb(message, at, names);
    default:
      return undefined;
  }
};

const encodeEntry = (
  op: OpOf<'neighbor'>,
  entry: NeighborEntry | ProxyEntry,
  writer: MessageWriter,
  names: LinkNames,
): void => {
  const isProxy = entry.type === 'proxy';
  const isDelete = op.action === 'delete';
  const index = entry.dev === undefined ? 0 : indexOfLink(names, entry.dev);
  const flags = isDelete ? 0 : NLM_F.CREATE | (op.action === 'update' ? NLM_F.REPLACE : NLM_F.EXCL);
  writer.begin(isDelete ? RTM.DELNEIGH : RTM.NEWNEIGH, flags);
  writer.u32(entry.family === 'inet' ? AF.INET : AF.INET6);
  writer.u32(index);
  writer.u16(isProxy ? NUD.NONE : NUD_OF[entry.state]);
  writer.u8(
    (isProxy ? NTF.PROXY : 0) |
      (entry.router === true ? NTF.ROUTER : 0) |
      (!isProxy && entry.extern_learn === true ? NTF.EXT_LEARNED : 0),
  );
  writer.u8(0);
  writeAttributes(NEIGHBOR_TABLE, writer, entry, names);
  writeRaw(writer, entry.raw);
  writer.end();
};

const encode = (op: OpOf<'neighbor'>, writer: MessageWriter, names: LinkNames): void => {
  const entry = op.object;
  if (entry.type === 'fdb') encodeFdb(op, entry, writer, names);
  else if (entry.type === 'mdb') encodeMdb(op, entry, writer, names);
  else encodeEntry(op, entry, writer, names);
};

const dumpBody =
  (family: number, flags: number) =>
  (writer: MessageWriter): void => {
    writer.u8(family);
    writer.zeros(9);
    writer.u8(flags);
    writer.u8(0);
  };

/** Neighbors, proxies (which the kernel dumps only by themselves), forwarding and multicast databases. */
export const neighborCodec: FamilyCodec<'neighbor'> = {
  kind: 'neighbor',
  newType: RTM.NEWNEIGH,
  deleteType: RTM.DELNEIGH,
  others: new Map([
    [RTM.NEWMDB, 'new'],
    [RTM.DELMDB, 'delete'],
  ]),
  groups: [RTNLGRP.NEIGH, RTNLGRP.MDB],
  dumps: [
    { type: RTM.GETNEIGH, body: dumpBody(AF.UNSPEC, 0) },
    { type: RTM.GETNEIGH, body: dumpBody(AF.UNSPEC, NTF.PROXY) },
    { type: RTM.GETNEIGH, body: dumpBody(AF.BRIDGE, 0) },
    MDB_DUMP,
  ],
  decode,
  encode,
};
