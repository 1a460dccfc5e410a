import { VLAN_OPTIONS, type VlanRange, vlanChange } from '../../model/link-kinds/bridge-vlans.ts';
import { sameValue, type Value } from '../../model/value.ts';
import { type AttributeNames, eachAttribute } from '../wire/attributes.ts';
import { DecodeError, EncodeError } from '../wire/codec-errors.ts';
import { AF, RTM } from '../wire/constants.ts';
import { optionCodec } from '../wire/option-codecs.ts';
import { readS32, readU16, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames, MessageView } from './codec.ts';
import { familyHeader } from './prefix.ts';

/** struct br_vlan_msg: u8 family, u8 reserved, u16 reserved, u32 index. */
export const BR_VLAN_MSG_LENGTH = 8;

/** include/uapi/linux/if_bridge.h: BRIDGE_VLANDB_*, BRIDGE_VLANDB_ENTRY_*, BRIDGE_VLANDB_TINFO_*. */
const VLANDB_ENTRY = 1;
const ENTRY = { INFO: 1, RANGE: 2, TUNNEL_INFO: 4 } as const;
const TINFO = { ID: 1, CMD: 2 } as const;

/** BRIDGE_VLAN_INFO_*. */
const INFO = { PVID: 0x2, UNTAGGED: 0x4, ONLY_OPTS: 0x80 } as const;

const OPTIONS = Object.entries(VLAN_OPTIONS).flatMap(([name, spec]) => {
  const codec = optionCodec(spec);
  return codec === undefined ? [] : [{ name, spec, codec }];
});
const OPTION_BY_TYPE = new Map(OPTIONS.map((option) => [option.spec.type, option]));

/** For paths. */
export const VLANDB_NAMES: readonly (AttributeNames | undefined)[] = [
  undefined,
  {
    name: 'BRIDGE_VLANDB_ENTRY',
    type: VLANDB_ENTRY,
    nested: {
      names: Object.assign(
        [
          undefined,
          { name: 'BRIDGE_VLANDB_ENTRY_INFO', type: ENTRY.INFO },
          { name: 'BRIDGE_VLANDB_ENTRY_RANGE', type: ENTRY.RANGE },
          undefined,
          { name: 'BRIDGE_VLANDB_ENTRY_TUNNEL_INFO', type: ENTRY.TUNNEL_INFO },
        ],
        Object.fromEntries(OPTIONS.map(({ spec }) => [spec.type, { name: spec.attr, type: spec.type }])),
      ),
    },
  },
];

const readEntry = (bytes: Uint8Array, start: number, end: number, names: LinkNames): VlanRange => {
  let info: readonly [flags: number, vid: number] | undefined;
  let last: number | undefined;
  let tunnel: number | undefined;
  const options: Record<string, Value> = {};
  eachAttribute(bytes, start, end, (type, from, to) => {
    const option = OPTION_BY_TYPE.get(type);
    if (type === ENTRY.INFO) {
      if (to - from < 4) throw new DecodeError('BRIDGE_VLANDB_ENTRY_INFO', 'too short', bytes, from, to);
      info = [readU16(bytes, from), readU16(bytes, from + 2)];
    } else if (type === ENTRY.RANGE) {
      if (to - from < 2) throw new DecodeError('BRIDGE_VLANDB_ENTRY_RANGE', 'too short', bytes, from, to);
      last = readU16(bytes, from);
    } else if (type === ENTRY.TUNNEL_INFO) {
      eachAttribute(bytes, from, to, (inner, at, stop) => {
        if (inner === TINFO.ID && stop - at >= 4) tunnel = readU32(bytes, at);
      });
    } else if (option !== undefined) {
      const { name, spec, codec } = option;
      if (!codec.accepts(to - from)) throw new DecodeError(spec.attr, `payload of ${to - from} bytes`, bytes, from, to);
      const value = codec.read(bytes, from, to, names);
      if (!sameValue(value, spec.default)) options[name] = value;
    }
  });
  if (info === undefined) throw new DecodeError('BRIDGE_VLANDB_ENTRY_INFO', 'missing', bytes, start, end);
  const [flags, first] = info;
  return {
    first,
    last: last ?? first,
    pvid: (flags & INFO.PVID) !== 0,
    untagged: (flags & INFO.UNTAGGED) !== 0,
    ...(tunnel === undefined ? {} : { tunnel }),
    options,
  };
};

/**
 * Reads an RTM_NEWVLAN message of a dump: some of the VLANs of one port, or of one bridge.
 * @throws {DecodeError}
 */
export const readVlanMessage = (
  message: MessageView,
  names: LinkNames,
): { readonly index: number; readonly parts: readonly VlanRange[] } => {
  const at = familyHeader(message, 'br_vlan_msg', BR_VLAN_MSG_LENGTH);
  const parts: VlanRange[] = [];
  eachAttribute(message.bytes, at + BR_VLAN_MSG_LENGTH, message.end, (type, from, to) => {
    if (type === VLANDB_ENTRY) parts.push(readEntry(message.bytes, from, to, names));
  });
  return { index: readS32(message.bytes, at + 4), parts };
};

const writeHeader = (writer: MessageWriter, index: number): void => {
  writer.u32(AF.BRIDGE);
  writer.u32(index);
};

/**
 * Every VLAN of every port and bridge of the namespace. A kernel built without VLAN filtering refuses it like any request that
 * it does not know.
 */
export const VLAN_DUMP = { type: RTM.GETVLAN, body: (writer: MessageWriter): void => writeHeader(writer, 0) };

const writeAttribute = (writer: MessageWriter, type: number, payload: () => void): void => {
  const at = writer.beginAttribute(type);
  payload();
  writer.endAttribute(at);
};

/** The tunnel command is a message type: RTM_SETLINK maps, RTM_DELLINK takes the mapping away. */
const writeEntry = (
  writer: MessageWriter,
  { first, last, pvid, untagged, tunnel, options }: VlanRange,
  names: LinkNames,
  mode: 'whole' | 'unmap',
): void => {
  const flags = mode === 'unmap' ? INFO.ONLY_OPTS : (pvid ? INFO.PVID : 0) | (untagged ? INFO.UNTAGGED : 0);
  const entry = writer.beginNest(VLANDB_ENTRY);
  writeAttribute(writer, ENTRY.INFO, () => {
    writer.u16(flags);
    writer.u16(first);
  });
  if (last !== first) writeAttribute(writer, ENTRY.RANGE, () => writer.u16(last));
  if (mode === 'unmap' || tunnel !== undefined) {
    const info = writer.beginNest(ENTRY.TUNNEL_INFO);
    writeAttribute(writer, TINFO.CMD, () => writer.u32(mode === 'unmap' ? RTM.DELLINK : RTM.SETLINK));
    if (mode === 'whole') writeAttribute(writer, TINFO.ID, () => writer.u32(tunnel ?? 0));
    writer.endAttribute(info);
  }
  for (const { name, spec, codec } of OPTIONS) {
    const value = options[name];
    if (value !== undefined) writeAttribute(writer, spec.type, () => codec.write(writer, value, names));
  }
  writer.endAttribute(entry);
};

/**
 * Writes the message that brings VLANs from `before` to `after`: RTM_NEWVLAN for those that come or change, or RTM_DELVLAN for
 * those that go. RTM_SETLINK of family AF_BRIDGE, the older way, knows no options of VLANs and holds one list of 64 KiB.
 * @throws {EncodeError} where it would take both messages, or none
 */
export const encodeVlanChange = (
  writer: MessageWriter,
  index: number,
  { before, after }: { readonly before: Value | undefined; readonly after: Value | undefined },
  names: LinkNames,
): void => {
  const { unmapped, set, removed } = vlanChange(before, after);
  const comes = unmapped.length + set.length > 0;
  if (comes === removed.length > 0) throw new EncodeError('one message either sets VLANs or removes them');
  writer.begin(comes ? RTM.NEWVLAN : RTM.DELVLAN, 0);
  writeHeader(writer, index);
  for (const range of unmapped) writeEntry(writer, range, names, 'unmap');
  for (const range of comes ? set : removed) writeEntry(writer, range, names, 'whole');
  writer.end();
};
