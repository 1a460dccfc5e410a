import { familyOf } from '../../model/ip.ts';
import { type VniRange, vniChange } from '../../model/link-kinds/vxlan-vnis.ts';
import type { Value } from '../../model/value.ts';
import { type AttributeNames, eachAttribute } from '../wire/attributes.ts';
import { DecodeError, EncodeError } from '../wire/codec-errors.ts';
import { address } from '../wire/codecs.ts';
import { AF, RTM } from '../wire/constants.ts';
import { readS32, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';
import type { LinkNames, MessageView } from './codec.ts';
import { familyHeader } from './prefix.ts';

/** struct tunnel_msg: u8 family, u8 flags, u16 reserved, u32 index. */
export const TUNNEL_MSG_LENGTH = 8;

/** include/uapi/linux/if_link.h: VXLAN_VNIFILTER_*, VXLAN_VNIFILTER_ENTRY_*. */
const VNIFILTER_ENTRY = 1;
const ENTRY = { START: 1, END: 2, GROUP: 3, GROUP6: 4 } as const;

/** For paths. */
export const VNIFILTER_NAMES: readonly (AttributeNames | undefined)[] = [
  undefined,
  {
    name: 'VXLAN_VNIFILTER_ENTRY',
    type: VNIFILTER_ENTRY,
    nested: {
      names: [
        undefined,
        ...Object.entries(ENTRY).map(([name, type]) => ({ name: `VXLAN_VNIFILTER_ENTRY_${name}`, type })),
      ],
    },
  },
];

const readEntry = (bytes: Uint8Array, start: number, end: number, names: LinkNames): VniRange => {
  let first: number | undefined;
  let last: number | undefined;
  let group: string | undefined;
  eachAttribute(bytes, start, end, (type, from, to) => {
    if (type === ENTRY.START || type === ENTRY.END) {
      if (to - from < 4) throw new DecodeError('VXLAN_VNIFILTER_ENTRY', 'no VNI', bytes, from, to);
      if (type === ENTRY.START) first = readU32(bytes, from);
      else last = readU32(bytes, from);
    } else if (type === ENTRY.GROUP || type === ENTRY.GROUP6) {
      if (!address.accepts(to - from))
        throw new DecodeError('VXLAN_VNIFILTER_ENTRY_GROUP', 'no address', bytes, from, to);
      group = address.read(bytes, from, to, names);
    }
  });
  if (first === undefined) throw new DecodeError('VXLAN_VNIFILTER_ENTRY_START', 'missing', bytes, start, end);
  const isSet = group !== undefined && group !== '0.0.0.0' && group !== '::';
  return { first, last: last ?? first, ...(isSet && group !== undefined ? { group } : {}) };
};

/**
 * Reads an RTM_NEWTUNNEL message of a dump: some of the VNIs of one VXLAN.
 * @throws {DecodeError}
 */
export const readVniMessage = (
  message: MessageView,
  names: LinkNames,
): { readonly index: number; readonly parts: readonly VniRange[] } => {
  const at = familyHeader(message, 'tunnel_msg', TUNNEL_MSG_LENGTH);
  const parts: VniRange[] = [];
  eachAttribute(message.bytes, at + TUNNEL_MSG_LENGTH, message.end, (type, from, to) => {
    if (type === VNIFILTER_ENTRY) parts.push(readEntry(message.bytes, from, to, names));
  });
  return { index: readS32(message.bytes, at + 4), parts };
};

const writeHeader = (writer: MessageWriter, index: number): void => {
  writer.u32(AF.BRIDGE);
  writer.u32(index);
};

/** The VNIs of every VXLAN that has a filter. */
export const VNI_DUMP = { type: RTM.GETTUNNEL, body: (writer: MessageWriter): void => writeHeader(writer, 0) };

const writeEntry = (writer: MessageWriter, { first, last, group }: VniRange, names: LinkNames): void => {
  const entry = writer.beginNest(VNIFILTER_ENTRY);
  for (const [type, vni] of [[ENTRY.START, first] as const, ...(last === first ? [] : [[ENTRY.END, last] as const])]) {
    const at = writer.beginAttribute(type);
    writer.u32(vni);
    writer.endAttribute(at);
  }
  if (group !== undefined) {
    const at = writer.beginAttribute(familyOf(group) === 'inet' ? ENTRY.GROUP : ENTRY.GROUP6);
    address.write(writer, group, names);
    writer.endAttribute(at);
  }
  writer.endAttribute(entry);
};

/**
 * Writes the message that brings VNIs from `before` to `after`: RTM_NEWTUNNEL for those that come or change, or RTM_DELTUNNEL
 * for those that go.
 * @throws {EncodeError} where it would take both messages, or none
 */
export const encodeVniChange = (
  writer: MessageWriter,
  index: number,
  { before, after }: { readonly before: Value | undefined; readonly after: Value | undefined },
  names: LinkNames,
): void => {
  const { set, removed } = vniChange(before, after);
  if (set.length > 0 === removed.length > 0) throw new EncodeError('one message either sets VNIs or removes them');
  writer.begin(set.length > 0 ? RTM.NEWTUNNEL : RTM.DELTUNNEL, 0);
  writeHeader(writer, index);
  for (const range of set.length > 0 ? set : removed) writeEntry(writer, range, names);
  writer.end();
};
