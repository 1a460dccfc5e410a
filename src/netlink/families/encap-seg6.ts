import { SEG6_ACTIONS, SEG6_MODES, type Seg6Encap, type Seg6LocalEncap } from '../../model/encap.ts';
import { formatAddress } from '../../model/ip.ts';
import { writeAddressText } from '../wire/address-text.ts';
import { attribute, defineTable, type RawHolder } from '../wire/attributes.ts';
import { EncodeError } from '../wire/codec-errors.ts';
import { address, type Codec, indexOfLink, u32 } from '../wire/codecs.ts';
import { readU8, readU32 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';

/** struct ipv6_sr_hdr without its segments: next header, length, type, segments left, last entry, flags, u16 tag. */
const SRH_LENGTH = 8;
const SEGMENT_LENGTH = 16;
/** IPV6_SRCRT_TYPE_4 */
const SRH_TYPE = 4;
const UNSPECIFIED = '::';

/**
 * Reads a segment routing header; segments stand in it in the reverse order of travel.
 * @returns undefined where it holds more than segments (flags, a tag, TLVs such as HMAC)
 */
const readHeader = (bytes: Uint8Array, start: number, end: number): string[] | undefined => {
  if (end - start < SRH_LENGTH) return undefined;
  const count = readU8(bytes, start + 4) + 1;
  const plain = readU8(bytes, start + 5) === 0 && readU8(bytes, start + 6) === 0 && readU8(bytes, start + 7) === 0;
  if (!plain || end - start !== SRH_LENGTH + count * SEGMENT_LENGTH) return undefined;
  if (readU8(bytes, start + 2) !== SRH_TYPE || readU8(bytes, start + 3) !== count - 1) return undefined;
  const segments: string[] = [];
  for (let at = end - SEGMENT_LENGTH; at >= start + SRH_LENGTH; at -= SEGMENT_LENGTH)
    segments.push(formatAddress(bytes, at, SEGMENT_LENGTH));
  return segments;
};

const writeHeader = (writer: MessageWriter, segments: readonly string[]): void => {
  writer.u8(0);
  // in units of 8 octets behind the first 8
  writer.u8((segments.length * SEGMENT_LENGTH) / 8);
  writer.u8(SRH_TYPE);
  writer.u8(segments.length - 1);
  writer.u8(segments.length - 1);
  writer.u8(0);
  writer.u16(0);
  for (const segment of segments.toReversed()) writeAddressText(writer, segment, segment.length);
};

/** What a nest of seg6 or seg6local says; `odd`: something in it has no place in the model. */
export interface Seg6Draft extends RawHolder {
  odd: boolean;
  mode: Seg6Encap['mode'] | undefined;
  action: Seg6LocalEncap['action'] | undefined;
  segs: readonly string[] | undefined;
  table: number | undefined;
  vrftable: number | undefined;
  nh4: string | undefined;
  nh6: string | undefined;
  oif: string | undefined;
}

interface Tunnel {
  readonly mode: Seg6Encap['mode'] | undefined;
  readonly segs: readonly string[] | undefined;
}

/** struct seg6_iptunnel_encap: int mode, then the header. Inline, its last segment is the packet's own destination. */
const tunnelCodec: Codec<Tunnel> = {
  accepts: (length) => length >= 4,
  read: (bytes, start, end) => {
    const mode = SEG6_MODES[readU32(bytes, start)];
    const segs = readHeader(bytes, start + 4, end);
    return { mode, segs: mode === 'inline' ? segs?.slice(0, -1) : segs };
  },
  write: (writer, { mode, segs = [] }) => {
    writer.u32(SEG6_MODES.indexOf(mode as Seg6Encap['mode']));
    writeHeader(writer, mode === 'inline' ? [...segs, UNSPECIFIED] : segs);
  },
};

/** SEG6_IPTUNNEL_*: include/uapi/linux/seg6_iptunnel.h. */
export const SEG6_TABLE = defineTable<Seg6Encap, Seg6Draft>([
  attribute(
    'SEG6_IPTUNNEL_SRH',
    1,
    tunnelCodec,
    ({ mode, segs }) => ({ mode, segs }),
    (draft, { mode, segs }) => {
      draft.mode = mode;
      draft.segs = segs;
      if (mode === undefined || segs === undefined || segs.length === 0) draft.odd = true;
    },
  ),
]);

const headerCodec: Codec<readonly string[] | undefined> = {
  accepts: (length) => length >= SRH_LENGTH,
  read: readHeader,
  write: (writer, segs) => writeHeader(writer, segs ?? []),
};

const actionOf = (action: Seg6LocalEncap['action']): number => {
  const index = SEG6_ACTIONS.indexOf(action);
  if (index < 0) throw new EncodeError(`${JSON.stringify(action)} is no action of seg6local`);
  return index + 1;
};

const linkCodec: Codec<string | undefined> = {
  accepts: u32.accepts,
  read: (bytes, start, _end, names) => names.nameOf(readU32(bytes, start)),
  write: (writer, dev, names) => {
    if (dev !== undefined) writer.u32(indexOfLink(names, dev));
  },
};

const tableAttribute = (name: string, type: number, field: 'table' | 'vrftable') =>
  attribute<Seg6LocalEncap, Seg6Draft, number>(
    name,
    type,
    u32,
    (encap) => encap[field],
    (draft, value) => {
      draft[field] = value;
    },
  );

const gatewayAttribute = (name: string, type: number, field: 'nh4' | 'nh6') =>
  attribute<Seg6LocalEncap, Seg6Draft, string>(
    name,
    type,
    address,
    (encap) => encap[field],
    (draft, value) => {
      draft[field] = value;
    },
  );

/** SEG6_LOCAL_*: include/uapi/linux/seg6_local.h. Counters, flavors and programs stay raw. */
export const SEG6_LOCAL_TABLE = defineTable<Seg6LocalEncap, Seg6Draft>([
  attribute(
    'SEG6_LOCAL_ACTION',
    1,
    u32,
    ({ action }) => actionOf(action),
    (draft, value) => {
      draft.action = SEG6_ACTIONS[value - 1];
      if (draft.action === undefined) draft.odd = true;
    },
  ),
  attribute(
    'SEG6_LOCAL_SRH',
    2,
    headerCodec,
    ({ segs }) => segs,
    (draft, segs) => {
      if (segs === undefined) draft.odd = true;
      else draft.segs = segs;
    },
  ),
  tableAttribute('SEG6_LOCAL_TABLE', 3, 'table'),
  gatewayAttribute('SEG6_LOCAL_NH4', 4, 'nh4'),
  gatewayAttribute('SEG6_LOCAL_NH6', 5, 'nh6'),
  attribute(
    'SEG6_LOCAL_OIF',
    7,
    linkCodec,
    (encap) => encap.oif,
    (draft, dev) => {
      if (dev === undefined) draft.odd = true;
      else draft.oif = dev;
    },
  ),
  tableAttribute('SEG6_LOCAL_VRFTABLE', 9, 'vrftable'),
]);
