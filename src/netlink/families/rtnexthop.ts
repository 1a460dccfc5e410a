import { DecodeError } from '../wire/codec-errors.ts';
import { readS32, readU8, readU16 } from '../wire/reader.ts';
import type { MessageWriter } from '../wire/writer.ts';

/** struct rtnexthop: u16 len, u8 flags, u8 hops, s32 ifindex; attributes follow (include/uapi/linux/rtnetlink.h). */
const RTNEXTHOP_LENGTH = 8;

/** rtnh_flags and, for a single hop, rtm_flags. */
export const RTNH_F_DEAD = 1;
export const RTNH_F_ONLINK = 4;

/** One row of RTA_MULTIPATH; its attributes are in [start, end). */
export interface NexthopRow {
  readonly flags: number;
  /** rtnh_hops: weight - 1 */
  readonly hops: number;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the payload of RTA_MULTIPATH.
 * @throws {DecodeError}
 */
export const eachNexthopRow = (
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (row: NexthopRow) => void,
): void => {
  for (let at = start; at < end; ) {
    const length = end - at < RTNEXTHOP_LENGTH ? 0 : readU16(bytes, at);
    if (length < RTNEXTHOP_LENGTH || length > end - at) {
      throw new DecodeError('RTA_MULTIPATH', `hop of ${length} bytes, ${end - at} left`, bytes, at, end);
    }
    visit({
      flags: readU8(bytes, at + 2),
      hops: readU8(bytes, at + 3),
      index: readS32(bytes, at + 4),
      start: at + RTNEXTHOP_LENGTH,
      end: at + length,
    });
    at += (length + 3) & ~3;
  }
};

/** Writes one row of RTA_MULTIPATH. */
export const writeNexthopRow = (
  writer: MessageWriter,
  { flags, hops, index }: Pick<NexthopRow, 'flags' | 'hops' | 'index'>,
  writeRowAttributes: () => void,
): void => {
  const at = writer.length;
  writer.u16(0);
  writer.u8(flags);
  writer.u8(hops);
  writer.u32(index);
  writeRowAttributes();
  writer.patchU16(at, writer.length - at);
};
