import { familyOf } from '../../model/ip.ts';
import type { MdbEntry } from '../../model/neighbor.ts';
import type { OpOf } from '../../model/op.ts';
import { type AttributeNames, eachAttribute } from '../wire/attributes.ts';
import { DecodeError } from '../wire/codec-errors.ts';
import { address, indexOfLink, lladdr } from '../wire/codecs.ts';
import { AF, NLM_F, RTM } from '../wire/constants.ts';
import { readBe16, readS32, readU8, readU16 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import { type LinkNames, type MessageView, NO_NAMES } from './codec.ts';
import { familyHeader } from './prefix.ts';

/** struct br_port_msg: u8 family, padding, u32 index. */
export const BR_PORT_MSG_LENGTH = 8;

/** include/uapi/linux/if_bridge.h: the nests of a report, and the attributes of a request. */
const MDBA_MDB = 1;
const MDBA_MDB_ENTRY = 1;
const MDBA_MDB_ENTRY_INFO = 1;
const MDBA_MDB_EATTR_SOURCE = 4;
const MDBA_SET_ENTRY = 1;
const MDBA_SET_ENTRY_ATTRS = 2;
const MDBE_ATTR_SOURCE = 1;

/** struct br_mdb_entry: u32 index, u8 state, u8 flags, u16 vid, 16 bytes of address, be16 protocol, padding. */
const ENTRY = { index: 0, state: 4, vid: 6, address: 8, protocol: 24, length: 28 } as const;
const MDB_PERMANENT = 1;

/** ETH_P_*, by the form of the address; 0 = a MAC address. */
const PROTOCOL = { inet: 0x0800, inet6: 0x86dd } as const;

/** For paths. */
export const MDB_NAMES: readonly (AttributeNames | undefined)[] = [
  undefined,
  { name: 'MDBA_SET_ENTRY', type: MDBA_SET_ENTRY },
  {
    name: 'MDBA_SET_ENTRY_ATTRS',
    type: MDBA_SET_ENTRY_ATTRS,
    nested: { names: [undefined, { name: 'MDBE_ATTR_SOURCE', type: MDBE_ATTR_SOURCE }] },
  },
];

const readGroup = (bytes: Uint8Array, at: number): string => {
  const from = at + ENTRY.address;
  const protocol = readBe16(bytes, at + ENTRY.protocol);
  if (protocol === PROTOCOL.inet) return address.read(bytes, from, from + 4, NO_NAMES);
  if (protocol === PROTOCOL.inet6) return address.read(bytes, from, from + 16, NO_NAMES);
  return lladdr.read(bytes, from, from + 6, NO_NAMES);
};

const readInfo = (
  bytes: Uint8Array,
  start: number,
  end: number,
  dev: string,
  names: LinkNames,
): MdbEntry | undefined => {
  if (end - start < ENTRY.length) throw new DecodeError('MDBA_MDB_ENTRY_INFO', 'too short', bytes, start, end);
  const port = names.nameOf(readS32(bytes, start + ENTRY.index));
  if (port === undefined) return undefined;
  let src: string | undefined;
  eachAttribute(bytes, start + ENTRY.length, end, (type, from, to) => {
    if (type !== MDBA_MDB_EATTR_SOURCE) return;
    if (!address.accepts(to - from)) throw new DecodeError('MDBA_MDB_EATTR_SOURCE', 'no address', bytes, from, to);
    src = address.read(bytes, from, to, names);
  });
  const vid = readU16(bytes, start + ENTRY.vid);
  return {
    type: 'mdb',
    dev,
    port,
    group: readGroup(bytes, start),
    ...(vid === 0 ? {} : { vid }),
    ...(src === undefined ? {} : { src }),
    state: (readU8(bytes, start + ENTRY.state) & MDB_PERMANENT) === 0 ? 'temp' : 'permanent',
  };
};

/**
 * Reads a report of one bridge: a nest for each group, and in it an entry for each port that the group goes to.
 * @throws {DecodeError}
 */
export const decodeMdb = (message: MessageView, names: LinkNames): readonly MdbEntry[] => {
  const at = familyHeader(message, 'br_port_msg', BR_PORT_MSG_LENGTH);
  const { bytes } = message;
  const dev = names.nameOf(readS32(bytes, at + 4));
  const found: MdbEntry[] = [];
  // the header of a dump names no family
  if (dev === undefined) return found;
  eachAttribute(bytes, at + BR_PORT_MSG_LENGTH, message.end, (type, from, to) => {
    if (type !== MDBA_MDB) return;
    eachAttribute(bytes, from, to, (inner, innerFrom, innerTo) => {
      if (inner !== MDBA_MDB_ENTRY) return;
      eachAttribute(bytes, innerFrom, innerTo, (info, start, end) => {
        const entry = info === MDBA_MDB_ENTRY_INFO ? readInfo(bytes, start, end, dev, names) : undefined;
        if (entry !== undefined) found.push(entry);
      });
    });
  });
  return found;
};

/** Every group of every bridge. The reply has the type of the request. */
export const MDB_DUMP = {
  type: RTM.GETMDB,
  body: (writer: MessageWriter): void => {
    writer.u32(AF.BRIDGE);
    writer.u32(0);
  },
  many: { type: RTM.GETMDB, decode: decodeMdb },
};

const isMac = (group: string): boolean => /^..:..:..:..:..:..$/.test(group);

const writeGroup = (writer: MessageWriter, group: string, names: LinkNames): void => {
  const start = writer.length;
  const protocol = isMac(group) ? 0 : PROTOCOL[familyOf(group)];
  if (protocol === 0) lladdr.write(writer, group, names);
  else address.write(writer, group, names);
  writer.zeros(16 - (writer.length - start));
  writer.be16(protocol);
  writer.zeros(2);
};

/** @throws {EncodeError} */
export const encodeMdb = (op: OpOf<'neighbor'>, entry: MdbEntry, writer: MessageWriter, names: LinkNames): void => {
  const [dev, port] = [indexOfLink(names, entry.dev), indexOfLink(names, entry.port)];
  const isDelete = op.action === 'delete';
  writer.begin(isDelete ? RTM.DELMDB : RTM.NEWMDB, isDelete ? 0 : NLM_F.CREATE | NLM_F.EXCL);
  writer.u32(AF.BRIDGE);
  writer.u32(dev);
  const at = writer.beginAttribute(MDBA_SET_ENTRY);
  writer.u32(port);
  writer.u8(entry.state === 'permanent' ? MDB_PERMANENT : 0);
  writer.u8(0);
  writer.u16(entry.vid ?? 0);
  writeGroup(writer, entry.group, names);
  writer.endAttribute(at);
  if (entry.src !== undefined) {
    const attributes = writer.beginNest(MDBA_SET_ENTRY_ATTRS);
    const source = writer.beginAttribute(MDBE_ATTR_SOURCE);
    address.write(writer, entry.src, names);
    writer.endAttribute(source);
    writer.endAttribute(attributes);
  }
  writer.end();
};
